"""What is behind a score, what moved it since any earlier week, and what it would be otherwise. None of it is kept."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from consent.domain.access_file import AccessFile
from consent.models import OpenGrant
from consent.views.mine import OwnDataView
from scoring.domain import explaining
from scoring.domain.access import add_score
from scoring.domain.model_numbers import Numbers
from scoring.models import ModelVersion, Pause, Score
from scoring.states import Kind
from scoring.views.telling import tell_otherwise, tell_shares, tell_steps


class ScoreView(OwnDataView):
    """Base of the pages about the last score; whoever has none is told so on the score's page."""

    def get(self, request, **which):
        score = Score.objects.filter(person=request.user).select_related("run").order_by("-run_id").first()
        if not (score and score.kinds):
            return redirect("mine:score")
        return self.show(request, score, explaining.basis_of(request.user, score), **which)


class Behind(ScoreView):
    """Weeks and sources behind each part, what changed since a week that the person names, what would change it."""

    reason = "Looking at what is behind the score"

    def show(self, request, score, basis):
        week, of_week, source, of_source = explaining.rests_on(basis)
        earlier = _earlier(request.user, score)
        before = _chosen(earlier, request.GET.get("since", ""))
        context = {
            "score": score,
            "value": tell_otherwise(explaining.Otherwise(score.value, None)).value,
            "kinds": tell_shares(explaining.shares(basis)),
            "rests_on": {"week": week, "of_week": of_week, "source": source, "of_source": of_source},
            "earlier": earlier,
            "since": _since(score, before, basis) if before else None,
            "otherwise": _otherwise(basis),
            "pause": _pause(request.user, basis),
            "is_stale": basis.value() != score.value,
        }
        return render(request, "mine/score_behind.html", context)


class Without(ScoreView):
    """The score with a source and without it, before anybody decides anything."""

    reason = "Looking at the score without a source"

    def show(self, request, score, basis, source):  # noqa: ARG002 - the basis says it all
        grant = OpenGrant.objects.filter(person=request.user, source=source).select_related("source").first()
        if grant is None:
            raise Http404
        context = {
            "source": grant.source,
            "now": tell_otherwise(explaining.Otherwise(basis.value(), None)).value,
            "without": tell_otherwise(explaining.without_source(basis, source)),
        }
        return render(request, "mine/score_without.html", context)


class Check(OwnDataView):
    """Counts, model and program at once, in one small zip: whoever runs it gets the very same score."""

    reason = "Downloading the score to work it out again"

    def get(self, request):
        file, at = BytesIO(), timezone.now()
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            add_score(AccessFile(archive, person=request.user, newest=0, at=at, tell=lambda *_: None))
        disposition = 'attachment; filename="my-score.zip"'
        return HttpResponse(
            file.getvalue(), content_type="application/zip", headers={"Content-Disposition": disposition}
        )


def _earlier(person, score):
    """The last score of each earlier week that had one."""
    scores = Score.objects.filter(person=person, run__week__lt=score.run.week).exclude(kinds=[]).select_related("run")
    return sorted(scores.order_by("run__week", "-run_id").distinct("run__week"), key=lambda s: s.run.week, reverse=True)


def _chosen(earlier, since):
    """The score of the week that was asked for; where nothing sensible was, the one before."""
    try:
        week = parse_date(since)
    except ValueError:
        week = None
    return next((score for score in earlier if score.run.week == week), earlier[0] if earlier else None)


def _since(score, before, basis):
    same = before.run.model_id == score.run.model_id
    model = basis.model if same else _model(before.run.model_id)
    return tell_steps(before, score, explaining.steps_between(before, score, basis, model))


def _model(pk):
    return Numbers.of(ModelVersion.objects.prefetch_related("terms").get(pk=pk)).as_reference()


def _otherwise(basis):
    """Each source left out, each of the last four weeks left out, one more colleague each week of each kind."""
    sources = {count.source: count.source_name for count in basis.counts}
    weeks = sorted({count.week for count in basis.counts}, reverse=True)[:4]
    without = [
        (f"Without {name}", explaining.without_source(basis, source), source) for source, name in sources.items()
    ]
    weekly = [(f"Without the week of {week:%-d %B}", explaining.without_weeks(basis, [week]), None) for week in weeks]
    more = [
        (f"With one more each week among the {Kind(kind).label}", explaining.with_one_more(basis, kind), None)
        for kind in sorted(basis.parts())
    ]
    return [(says, tell_otherwise(found), source) for says, found, source in (*without, *weekly, *more)]


def _pause(person, basis):
    """Since when it goes on, or None for one that is over; and what it kept. None for whoever never paused."""
    if not basis.pauses:
        return None
    since = Pause.objects.filter(person=person, ended_on=None).values_list("started_on", flat=True).first()
    return {"since": since, "without": tell_otherwise(explaining.without_pauses(basis))}
