"""A source as its people see it: what is read, what never, and one button to take their yes back."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from consent.models import OpenGrant, Source
from consent.views.mine import MineView
from scoring.domain.imports import connector_for
from scoring.domain.source_figures import figures_of
from scoring.views.sources import service_of


class MySource(MineView):
    """The same page as the steward's, from the other side."""

    def get(self, request, source):
        source = get_object_or_404(Source.objects.select_related("inbox"), pk=source)
        granted = OpenGrant.objects.for_scoring().filter(person=request.user, source=source)
        context = {
            "source": source,
            "connector": connector_for(source),
            "service": service_of(source),
            "figures": figures_of(source, at=timezone.now()),
            "counts_from": granted.values_list("counts_from", flat=True).first(),
        }
        return render(request, "mine/source.html", context)
