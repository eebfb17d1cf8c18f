"""My data card: what is kept of its reader, table by table, and for what it is read. Generated from the data map."""

from dataclasses import dataclass

from django.shortcuts import render

from consent.domain.data_map import DataKind, data_map, rows_about
from consent.domain.holds import told_holds
from consent.models import Obligation, PurposeVersion
from consent.states import ObligationKind
from consent.views.mine import OwnDataView


@dataclass(frozen=True)
class Line:
    kind: DataKind
    number: int
    purposes: list[PurposeVersion]  # those that need a yes


class MyData(OwnDataView):
    reason = "Opening the data card"

    def get(self, request):
        numbers, purposes = rows_about(request.user), list(PurposeVersion.objects.current().order_by("title"))
        granted = [purpose for purpose in purposes if purpose.needs_grant]
        lines = [
            Line(kind, numbers[kind.table], [p for p in granted if kind.table in {*p.tables, *p.works_on}])
            for kind in data_map()
            if kind.about
        ]
        context = {
            "engagement": sorted((line for line in lines if line.kind.is_gated), key=lambda line: -line.number),
            "rights": [purpose for purpose in purposes if not purpose.needs_grant],
            "holds": told_holds(request.user.pk),
            "promises": _promises_to(request.user),
            "identity": [line for line in lines if not line.kind.is_gated],
        }
        return render(request, "mine/data.html", context)


def _promises_to(person):
    promises = Obligation.objects.unmet().filter(person=person.pk).order_by("due_at").select_related("extension")
    return [promise for promise in promises if promise.kind != ObligationKind.HOLD_REVIEW]  # holds are told above
