"""Those who witness the ledger from outside, and their alarms, as officers see them."""

from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.errors import DomainError
from accounts.states import Permission
from accounts.views.base import PermissionView
from consent import audit
from consent.audit.domain.alarms import open_alarms, resolve_alarm
from consent.audit.domain.keys import public_keys
from consent.audit.domain.witnesses import add_witness, remove_witness, witnesses
from consent.audit.errors import LedgerError
from consent.audit.models import Alarm, Witness
from consent.witness_forms import ResolveForm, WitnessForm

TOOL = Path(audit.__path__[0]) / "offline" / "witness.py"


class WitnessView(PermissionView):
    permission = Permission.MANAGE_WITNESSES

    def answer(self, request, *args, **kwargs):
        try:
            return super().answer(request, *args, **kwargs)
        except LedgerError as error:
            raise DomainError(str(error)) from error

    def page(self, request, *, form=None, resolving=None, status=200):
        """The page of witnesses, where a form about the alarm `resolving` may have come back."""
        alarms = [(alarm, form if alarm.pk == resolving else _form_for(alarm)) for alarm in open_alarms()]
        context = {
            "alarms": alarms,
            "witnesses": witnesses(),
            "vkeys": [str(key) for key in public_keys()],
            "ledger_url": request.build_absolute_uri("/ledger/"),
            "form": form,
        }
        return render(request, "compliance/witnesses.html", context, status=status)


class Witnesses(WitnessView):
    def get(self, request):
        return self.page(request)


class AddWitness(WitnessView):
    """A tool's token is shown in the answer, this once: nothing here keeps it."""

    def get(self, request):
        return render(request, "compliance/witness_new.html", {"form": WitnessForm()})

    def post(self, request):
        form = WitnessForm(request.POST)
        if not form.is_valid():
            return render(request, "compliance/witness_new.html", {"form": form}, status=422)
        witness, token = add_witness(**form.cleaned_data, by=request.user, at=timezone.now())
        if not token:
            messages.success(request, f"{witness} is asked from now on, once a minute.")
            return redirect("compliance:witnesses")
        context = {
            "witness": witness,
            "token": token,
            "vkeys": [str(key) for key in public_keys()],
            "ledger_url": request.build_absolute_uri("/ledger/"),
        }
        return render(request, "compliance/witness_added.html", context)


class RemoveWitness(WitnessView):
    def post(self, request, pk):
        witness = get_object_or_404(Witness.objects.at_work(), pk=pk)
        remove_witness(witness, by=request.user, at=timezone.now())
        messages.success(request, f"{witness} no longer witnesses the ledger.")
        return redirect("compliance:witnesses")


class ResolveAlarm(WitnessView):
    def post(self, request, pk):
        alarm = get_object_or_404(Alarm.objects.select_related("witness"), pk=pk)
        form = _form_for(alarm, request.POST)
        if not form.is_valid():
            return self.page(request, form=form, resolving=alarm.pk, status=422)
        resolve_alarm(alarm, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
        messages.success(request, "The alarm is resolved, on the record. Unless another stands, reading goes on.")
        return redirect("compliance:witnesses")


class Tool(WitnessView):
    """The witness tool, to be carried to a machine that the database's keepers cannot reach."""

    def get(self, _request):
        headers = {"Content-Disposition": f'attachment; filename="{TOOL.name}"'}
        return HttpResponse(TOOL.read_bytes(), content_type="text/x-python; charset=utf-8", headers=headers)


def _form_for(alarm, posted=None):
    """Several may stand on one page: each has ids of its own."""
    return ResolveForm(posted, auto_id=f"id_alarm_{alarm.pk}_%s")
