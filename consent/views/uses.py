"""Who used my data: every use about its reader, refused attempts included, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.shortcuts import render

from accounts.models import Person
from consent.forms import UsesForm
from consent.models import DataUsePerson
from consent.views.mine import OwnDataView

USES_A_PAGE = 25


@dataclass(frozen=True)
class Told:
    """One use, as its page tells it."""

    use: UUID
    at: datetime
    who: str
    purpose: str
    version: int
    reason: str
    is_refused: bool


class Uses(OwnDataView):
    """Newest first. One's own looks are left out unless asked for: they would hide the others."""

    reason = "Opening the page of uses"

    def get(self, request):
        uses = DataUsePerson.objects.filter(person_id=request.user.pk)
        form = UsesForm(request.GET, own_looks=uses.filter(use__by=request.user.pk).count())
        form.is_valid()
        page = Paginator(_newest(_wanted(uses, request.user, form.cleaned_data)), USES_A_PAGE).get_page(
            request.GET.get("page")
        )
        context = {"form": form, "page": page, "uses": _told(list(page), request.user)}
        return render(request, "mine/uses.html", context)


def _wanted(uses, reader, chosen):
    if not chosen.get("own"):
        uses = uses.exclude(use__by=reader.pk)
    if chosen.get("refused"):
        uses = uses.filter(is_allowed=False)
    if purpose := chosen.get("purpose"):
        uses = uses.filter(use__purpose_version__purpose=purpose)
    return uses


def _newest(uses):
    return uses.order_by("-use__opened_at").values_list(
        "use_id", "use__opened_at", "use__by", "use__purpose_version__title", "use__purpose_version__version",
        "use__reason", "is_allowed",
    )  # fmt: skip


def _told(rows, reader):
    names = dict(Person.objects.filter(pk__in={by for _, _, by, *_ in rows}).values_list("pk", "name"))
    return [
        Told(use, at, _who(by, reader, names), purpose, version, reason, not is_allowed)
        for use, at, by, purpose, version, reason, is_allowed in rows
    ]


def _who(by, reader, names):
    if by is None:
        return "The machine"
    return "You" if by == reader.pk else names.get(by, "Somebody who has left")
