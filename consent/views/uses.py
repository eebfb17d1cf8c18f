"""Who used my data: every use about its reader, refused attempts included, in sentences."""

from django.core.paginator import Paginator
from django.shortcuts import render

from consent.domain.uses import newest_first, told
from consent.forms import UsesForm
from consent.models import DataUsePerson
from consent.views.mine import OwnDataView

USES_A_PAGE = 25


class Uses(OwnDataView):
    """Newest first. One's own looks are left out unless asked for: they would hide the others."""

    reason = "Opening the page of uses"

    def get(self, request):
        uses = DataUsePerson.objects.filter(person_id=request.user.pk)
        form = UsesForm(request.GET, own_looks=uses.filter(use__by=request.user.pk).count())
        form.is_valid()
        page = Paginator(newest_first(_wanted(uses, request.user, form.cleaned_data)), USES_A_PAGE).get_page(
            request.GET.get("page")
        )
        context = {"form": form, "page": page, "uses": list(told(page, reader=request.user.pk))}
        return render(request, "mine/uses.html", context)


def _wanted(uses, reader, chosen):
    if not chosen.get("own"):
        uses = uses.exclude(use__by=reader.pk)
    if chosen.get("refused"):
        uses = uses.filter(is_allowed=False)
    if purpose := chosen.get("purpose"):
        uses = uses.filter(use__purpose_version__purpose=purpose)
    return uses
