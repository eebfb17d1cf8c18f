"""Being erased, as the person themself sees it: what goes, whether they are sure, and done."""

from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from consent.domain.data_map import data_map, rows_about
from consent.domain.erasing import promised, request_erasure
from consent.domain.leaving_behind import what_follows
from consent.models import Processor
from consent.states import PurposeKey
from consent.views.mine import MineView, OwnDataView


class EraseMe(OwnDataView):
    """Exactly what goes, what is kept and why, and the one honest date."""

    reason = "Looking at what erasing deletes"
    purpose = PurposeKey.ERASURE  # it works while nothing else about people is read

    def get(self, request):
        numbers, now = rows_about(request.user), timezone.now()
        lines = [(kind, numbers[kind.table]) for kind in data_map() if numbers.get(kind.table)]
        due, last = promised(at=now)
        context = {
            "goes": [line for line in lines if line[0].on_erasure != "keep"],
            "kept": [line for line in lines if line[0].on_erasure == "keep"],
            "due": due,
            "last": last,
            "processors": Processor.objects.order_by("name"),
            "follows": what_follows(request.user),
        }
        return render(request, "mine/erase.html", context)


class EraseCheck(MineView):
    """One page to stop at. Both ways from it are equal."""

    def get(self, request):
        return render(request, "mine/erase_check.html", {"last": promised(at=timezone.now())[1]})


class EraseNow(MineView):
    def post(self, request):
        asked = request_erasure(request.user, by=request.user, at=timezone.now())
        logout(request)
        return redirect(reverse("gone:left", args=[asked.token]))
