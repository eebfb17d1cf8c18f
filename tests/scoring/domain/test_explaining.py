"""What is said about a score follows from the very model: sums and differences are exact, for any counts."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scoring.domain import reference
from scoring.domain.explaining import Basis, Counted, rests_on, shares, steps_between, without_pauses, without_source
from scoring.domain.model_numbers import Numbers

MONDAY = date(2026, 11, 16)
SLACK, MAIL = UUID(int=1), UUID(int=2)
NUMBERS = Numbers(
    30, 3, {1: (20, 40), 2: (15, 40), 3: (20, 27), 4: (10, 27), 5: (5, 40), 6: (10, 40), 7: (5, 54), 8: (15, 54)}
)
OTHER = Numbers(60, 3, {1: (60, 20), 3: (40, 27)})
COUNTS = st.lists(
    st.builds(
        lambda weeks, kind, source, colleagues: Counted(
            MONDAY - timedelta(weeks=weeks), kind, source, {SLACK: "Slack", MAIL: "Mail"}[source], colleagues
        ),
        st.integers(0, 30), st.integers(1, 8), st.sampled_from([SLACK, MAIL]), st.integers(1, 30),
    ),
    max_size=40,
)  # fmt: skip
MODELS = st.sampled_from([NUMBERS.as_reference(), OTHER.as_reference()])
PAUSES = st.lists(
    st.builds(lambda back, days: reference.Pause(MONDAY - timedelta(days=back), MONDAY - timedelta(days=back - days)),
              st.integers(1, 200), st.integers(1, 30)),
    max_size=1,
)  # fmt: skip


def scored(basis):
    """What a run would have stored."""
    parts = basis.parts()
    return SimpleNamespace(
        kinds=list(parts), points=list(parts.values()), value=sum(parts.values()), run=SimpleNamespace(week=basis.as_of)
    )


@given(COUNTS, PAUSES, MODELS, MODELS, st.integers(1, 20), st.integers(-500, 500))
def test_steps_add_up_to_the_difference_whatever_happened_between(counts, pauses, old, new, weeks, set_right):
    before = scored(Basis(tuple(counts), tuple(pauses), old, MONDAY - timedelta(weeks=weeks)))
    if before.points:  # since then somebody left a number out, or had it set right
        before.points[0] += set_right
        before.value += set_right
    basis = Basis(tuple(counts), tuple(pauses), new, MONDAY)
    after = scored(basis)
    steps = steps_between(before, after, basis, old)
    assert sum(step.moved for step in steps) == after.value - before.value


@given(COUNTS, PAUSES, st.integers(1, 20))
def test_without_anything_set_right_nothing_is_called_so(counts, pauses, weeks):
    model = NUMBERS.as_reference()
    before = scored(Basis(tuple(counts), tuple(pauses), model, MONDAY - timedelta(weeks=weeks)))
    basis = Basis(tuple(counts), tuple(pauses), model, MONDAY)
    steps = steps_between(before, scored(basis), basis, model)
    assert {(step.set_right, step.other_model) for step in steps} <= {(0, 0)}


@given(COUNTS, PAUSES)
def test_leaving_a_source_out_gives_what_the_counts_of_the_others_give(counts, pauses):
    model = NUMBERS.as_reference()
    basis = Basis(tuple(counts), tuple(pauses), model, MONDAY)
    others = Basis(tuple(c for c in counts if c.source != SLACK), tuple(pauses), model, MONDAY)
    assert without_source(basis, SLACK).value == others.value()


@given(COUNTS, PAUSES)
def test_shares_hold_every_colleague_that_still_weighs(counts, pauses):
    basis = Basis(tuple(counts), tuple(pauses), NUMBERS.as_reference(), MONDAY)
    by_kind = {kind: sum(share.weighed for share in of_kind) for kind, of_kind in shares(basis).items()}
    told = reference.score(
        [reference.Count(c.kind, c.week, c.colleagues) for c in counts], pauses, NUMBERS.as_reference(), MONDAY
    )
    assert not told or by_kind == {part.kind: part.colleagues for part in told}


def test_pause_costs_nothing_and_its_absence_would_have():
    last_counted = MONDAY - timedelta(weeks=3)
    counts = (Counted(last_counted, 1, SLACK, "Slack", 10),)
    pause = reference.Pause(last_counted + timedelta(days=7), None)
    then = Basis(counts, (), NUMBERS.as_reference(), last_counted)
    now = Basis(counts, (pause,), NUMBERS.as_reference(), MONDAY)
    assert now.value() == then.value()
    assert without_pauses(now).change < 0


def test_it_is_told_when_most_rests_on_one_week():
    counts = (Counted(MONDAY, 1, SLACK, "Slack", 9), Counted(MONDAY, 2, MAIL, "Mail", 1))
    assert rests_on(Basis(counts, (), NUMBERS.as_reference(), MONDAY)) == (MONDAY, 100, "Slack", 90)
