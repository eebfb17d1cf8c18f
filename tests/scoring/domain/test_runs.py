"""Runs: the SQL agrees with the plain-Python score, scores whom it should, and changes nobody else's."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.audit.models import Entry
from consent.domain.choices import Wish, leave, monday_of, take_part
from consent.domain.data_uses import own_view
from consent.models import OpenGrant
from scoring.domain import reference
from scoring.domain.exclusions import exclude
from scoring.domain.pauses import pause, resume
from scoring.domain.runs import last_full_week, run_scores
from scoring.domain.staleness import mark_stale
from scoring.models import Exclusion, ModelVersion, Pause, Run, Score, WeekCount
from scoring.states import RunScope
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory


def participant(now, sources=1, weeks_back=26):
    person = PersonFactory()
    wish = Wish((scoring_wording().pk,), tuple(SourceFactory().pk for _ in range(sources)), weeks_back, is_of_age=True)
    take_part(person, wish=wish, at=now - timedelta(hours=1))
    return person, list(OpenGrant.objects.filter(person=person))


def model_as_data() -> reference.Model:
    model = ModelVersion.objects.get(is_current=True)
    terms = {term.kind: (term.weight, term.halfway) for term in model.terms.all()}
    return reference.Model(terms, tuple(model.decay), model.minimum_colleagues)


def parts_of(score) -> list[reference.Part]:
    return [reference.Part(*part) for part in zip(score.kinds, score.points, score.colleagues, strict=True)]


weeks_ago = st.integers(0, 25)
stored = st.dictionaries(st.tuples(st.integers(0, 1), st.integers(1, 8), weeks_ago), st.integers(1, 400), max_size=25)
pauses = st.lists(st.integers(0, 190), min_size=0, max_size=6, unique=True).map(sorted)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=stored, excluded=st.sets(st.integers(0, 24), max_size=4), pauses=pauses, is_open=st.booleans())
def test_sql_and_plain_python_agree_to_the_last_digit(in_acme, now, stored, excluded, pauses, is_open):
    person, grants = participant(now, sources=2)
    others_score = participant(now)[0]
    keys = sorted(stored)
    left_out = [keys[i] for i in excluded if i < len(keys)]
    for source, kind, week in keys:
        fields = {
            "person": person,
            "grant": grants[source],
            "kind": kind,
            "week": last_full_week(now) - timedelta(weeks=week),
        }
        everyones(WeekCount).create(**fields, colleagues=stored[source, kind, week])
        if (source, kind, week) in left_out:
            everyones(Exclusion).create(**fields, excluded_at=now)
    spans = _spans(now, pauses, is_open=is_open)
    everyones(Pause).bulk_create(Pause(person=person, started_on=begin, ended_on=end) for begin, end in spans)
    run_scores(by=None, at=now, scope=RunScope.FULL)
    expected = reference.score(
        [
            reference.Count(kind, last_full_week(now) - timedelta(weeks=week), stored[source, kind, week])
            for source, kind, week in keys
            if (source, kind, week) not in left_out
        ],
        [reference.Pause(*span) for span in spans],
        model_as_data(),
        last_full_week(now),
    )
    assert parts_of(newest(person)) == expected
    assert newest(others_score).kinds == []


def _spans(now, days_ago, *, is_open):
    """Pauses that do not overlap, out of an even number of days; the last may go on."""
    days = [now.date() - timedelta(days=n) for n in reversed(days_ago)]
    spans = list(zip(days[::2], days[1::2], strict=False))
    return [*spans, (days[-1], None)] if is_open and len(days) % 2 else spans


@pytest.fixture
def scored(in_acme, now):
    person, (grant,) = participant(now)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week=last_full_week(now), colleagues=40)
    return person


def scored_in(run) -> set:
    return set(everyones(Score).filter(run=run).values_list("person", flat=True))


def newest(person) -> Score:
    return everyones(Score).filter(person=person).latest("run_id")


def test_forty_colleagues_in_the_last_full_week_earn_half_of_the_twenty_points(scored, now):
    run_scores(by=None, at=now)
    assert (newest(scored).value, parts_of(newest(scored))) == (1000, [reference.Part(1, 1000, 40_000_000)])


def test_week_that_is_going_on_does_not_count_yet(scored, now):
    everyones(WeekCount).create(
        person=scored, grant=OpenGrant.objects.get(person=scored), kind=1, week=monday_of(now), colleagues=40
    )
    run_scores(by=None, at=now)
    assert newest(scored).value == 1000


def test_first_run_of_a_week_is_for_everyone_and_the_next_for_those_who_changed(scored, now):
    other, _ = participant(now)
    first, second = run_scores(by=None, at=now), run_scores(by=None, at=now)
    with own_view(scored, reason="Trying", at=now):
        mark_stale(scored)
    third, next_week = run_scores(by=None, at=now), run_scores(by=None, at=now + timedelta(weeks=1))
    assert [run.scope for run in (first, second, third, next_week)] == ["full", "changed", "changed", "full"]
    assert [scored_in(run) for run in (first, second, third, next_week)] == [
        {scored.pk, other.pk}, set(), {scored.pk}, {scored.pk, other.pk},
    ]  # fmt: skip


def test_person_without_enough_gets_a_row_without_parts(scored, now):
    everyones(WeekCount).filter(person=scored).update(colleagues=2)
    run = run_scores(by=None, at=now)
    assert (newest(scored).value, newest(scored).kinds, run.people) == (0, [], 0)


def test_person_who_left_is_not_scored(scored, now):
    leave(scored, at=now)
    run_scores(by=None, at=now)
    assert not everyones(Score).exists()


def test_person_who_never_granted_is_not_scored(scored, bob, now):
    run_scores(by=None, at=now)
    assert not everyones(Score).filter(person=bob).exists()


def test_leaving_changes_nobody_elses_score(scored, now):
    leaver, (grant,) = participant(now)
    everyones(WeekCount).create(person=leaver, grant=grant, kind=1, week=last_full_week(now), colleagues=9)
    run_scores(by=None, at=now)
    before = newest(scored)
    leave(leaver, at=now)
    run_scores(by=None, at=now + timedelta(minutes=1), scope=None)
    assert parts_of(newest(scored)) == parts_of(before)


def test_excluded_week_does_not_count(scored, now):
    everyones(WeekCount).filter(person=scored).update(colleagues=60)
    exclude(scored, week=last_full_week(now), at=now)
    run_scores(by=None, at=now)
    assert newest(scored).kinds == []


def test_pause_keeps_the_score_where_it_was(scored, now):
    run_scores(by=None, at=now)
    pause(scored, at=now - timedelta(days=2))
    run_scores(by=None, at=now + timedelta(weeks=6))
    resume(scored, at=now + timedelta(weeks=6))
    scores = everyones(Score).filter(person=scored).order_by("run_id").values_list("value", flat=True)
    assert len(set(scores)) == 1


def test_run_is_in_the_ledger_without_a_number_of_people(scored, now):
    run_scores(by=None, at=now)
    assert Entry.objects.latest("id").payload == {
        "run": Run.objects.get().pk, "scope": "full", "model": 1, "week": "2026-11-09",
    }  # fmt: skip
