"""The bias audit: the same rates and ratios as fairlearn's, nobody in a figure of fewer than five, and nothing kept."""

import json
import random
from datetime import date
from itertools import combinations

import pandas as pd
import psycopg
import pytest
from django.db import connection
from fairlearn.metrics import MetricFrame, selection_rate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.domain.choices import Wish, take_part
from consent.models import DataUse, DataUsePerson, OpenGrant, PurposeVersion
from scoring.domain.audit_files import Answers
from scoring.domain.audits import NotAudited, as_csv, audit_model, publish, tables
from scoring.domain.runs import run_scores
from scoring.models import BiasAudit, Score, WeekCount
from tests import postgres
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

WEEK = date(2026, 11, 9)
SEX, RACE = ("Women", "Men"), ("Blue", "Green", "Red")


@pytest.fixture
def crowd(in_acme, now):
    """Makes so many people who take part in scoring and figures; their scores all differ."""
    source = SourceFactory()
    wordings = tuple(
        PurposeVersion.objects.current().filter(purpose__in=["scoring", "team_figures"]).values_list("pk", flat=True)
    )

    def make(number):
        people = [PersonFactory() for _ in range(number)]
        for place, person in enumerate(people):
            take_part(person, wish=Wish(wordings, (source.pk,), 26, is_of_age=True), at=now)
            grant = OpenGrant.objects.get(person=person, purpose="scoring")
            everyones(WeekCount).create(person=person, grant=grant, kind=1, week=WEEK, colleagues=10 + place)
        run_scores(by=None, at=now)
        return people

    return make


def answers(people, *columns, attributes=("Sex", "Race")):
    texts = zip(*columns, strict=True)
    by_address = {person.email: tuple(told) for person, told in zip(people, texts, strict=True)}
    return Answers(attributes[: len(columns)], by_address, 0)


def shown(audit):
    return {(t.name, *row.names): (row.people, round(row.rate, 9), row.ratio) for t in tables(audit) for row in t.rows}


@pytest.mark.parametrize("seed", range(6))
def test_rates_and_ratios_are_those_of_fairlearn(crowd, steward, now, seed):
    chance = random.Random(seed)
    people = crowd(60)
    sex = chance.choices(SEX, weights=(2, 1), k=60)
    race = chance.choices(RACE, k=60)
    audit, _ = audit_model(answers(people, sex, race), by=steward, at=now)
    value = {s.person_id: s.value for s in everyones(Score).all()}
    table = pd.DataFrame({"Sex": sex, "Race": race, "value": [value[p.pk] for p in people]})
    above = table["value"] > table["value"].median()
    ours = shown(audit)
    assert len(ours) >= len({*sex, *race})
    for names in (["Sex"], ["Race"], ["Sex", "Race"]):
        frame = MetricFrame(
            metrics={"rate": selection_rate}, y_true=above, y_pred=above, sensitive_features=table[names]
        ).by_group["rate"]
        told = {key[1:]: row for key, row in ours.items() if key[0] == " and ".join(names)}
        oracle = {(group if isinstance(group, tuple) else (group,)): rate for group, rate in frame.items()}
        assert {group: rate for group, (_, rate, _) in told.items()} == {g: pytest.approx(oracle[g]) for g in told}
        best = max((oracle[group] for group in told), default=None)
        assert {group: ratio for group, (_, _, ratio) in told.items()} == {
            g: pytest.approx(oracle[g] / best) for g in told
        }


def test_nobody_is_in_a_group_of_fewer_than_five(crowd, steward, now):
    people = crowd(20)
    sex = ["Men"] * 9 + ["Women"] * 8 + ["Other"] * 3
    audit, _ = audit_model(answers(people, sex), by=steward, at=now)
    [table] = tables(audit)
    assert [(row.names, row.people) for row in table.rows] == [(("Men",), 9)]
    assert (table.hidden, table.unknown) == (2, 0)
    assert "Other" not in json.dumps(audit.figures)


def test_who_is_hidden_by_one_attribute_is_hidden_by_two(crowd, steward, now):
    people = crowd(20)
    sex = ["Men"] * 9 + ["Women"] * 8 + ["Other"] * 3
    audit, _ = audit_model(answers(people, sex, ["Red"] * 20), by=steward, at=now)
    assert "Women" not in json.dumps(audit.figures)


def test_unknown_are_counted(crowd, steward, now):
    people = crowd(20)
    told = answers(people[:13], ["Men"] * 6 + ["Women"] * 5 + ["", ""])
    told.by_address["stranger@acme.example"] = ("Men",)
    audit, strangers = audit_model(told, by=steward, at=now)
    assert (tables(audit)[0].unknown, strangers, audit.figures["people"]) == (9, 1, 20)


def test_same_week_is_audited_once(crowd, steward, now):
    people = crowd(12)
    audit_model(answers(people, ["Men"] * 12), by=steward, at=now)
    with pytest.raises(NotAudited, match="audited for this week already"):
        audit_model(answers(people, ["Men"] * 11 + ["Women"]), by=steward, at=now)


def test_fewer_than_five_are_not_audited(crowd, steward, now):
    with pytest.raises(NotAudited, match="Fewer than five"):
        audit_model(answers(crowd(4), ["Men"] * 4), by=steward, at=now)


def test_audit_is_a_recorded_use_of_everybody(crowd, steward, now):
    audit_model(answers(crowd(6), ["Men"] * 6), by=steward, at=now)
    use = DataUse.objects.only("reason", "purpose_version").get(by=steward.pk)
    assert use.reason == "Auditing the model for bias, in figures about groups"
    assert everyones(DataUsePerson).filter(use_id=use.pk, is_allowed=True).count() == 6


def test_what_people_are_is_kept_nowhere(crowd, steward, now):
    """Every column of every table is looked through for a group too small to be shown."""
    people = crowd(12)
    sex = ["Men"] * 9 + ["Zyxwvutian"] * 3
    audit_model(answers(people, sex), by=steward, at=now)
    assert _tables_with("Zyxwvutian") == []
    assert _tables_with(steward.email) == ["acme.accounts_person"]
    [table] = tables(BiasAudit.objects.get())
    assert table.rows == ()


def _tables_with(text):
    """By the server's own administrator, whom no policy keeps from anything."""
    with psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"]) as server:
        names = server.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm') AND n.nspname IN ('acme', 'public')"
        ).fetchall()
        having = "SELECT 1 FROM {} t WHERE position(%s IN t::text) > 0 LIMIT 1"
        return [name for (name,) in names if server.execute(having.format(name), [text]).fetchone()]


def test_file_holds_no_formula(crowd, steward, now):
    audit, _ = audit_model(answers(crowd(6), ["=1+1"] * 6), by=steward, at=now)
    assert "'=1+1" in as_csv(audit)
    assert "unknown,0" in as_csv(audit)


def test_publishing_is_once_and_recorded(crowd, steward, now):
    audit, _ = audit_model(answers(crowd(6), ["Men"] * 6), by=steward, at=now)
    publish(audit, by=steward, at=now)
    with pytest.raises(NotAudited, match="published already"):
        publish(audit, by=steward, at=now)


@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_nothing_small_is_shown_or_can_be_subtracted(in_acme, rows):
    """Rows and columns of a table whose totals are known."""
    width, numbers = len(rows[0]), [n for row in rows for n in row]
    lines = [place // width for place in range(len(numbers))] + [100 + place % width for place in range(len(numbers))]
    cells = [*range(1, len(numbers) + 1)] * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT scoring_hide_small(%s, %s, %s, %s)", [numbers, [False] * len(numbers), lines, cells])
        [hidden] = cursor.fetchone()
    assert [n for n, is_hidden in zip(numbers, hidden, strict=True) if 0 < n < 5 and not is_hidden] == []
    for line in set(lines):
        members = [cell - 1 for at, cell in zip(lines, cells, strict=True) if at == line]
        kept_back = [numbers[i] for i in members if hidden[i]]
        assert not kept_back or len(kept_back) == len(members) or (len(kept_back) > 1 and sum(kept_back) >= 5)


def test_pairs_are_all_there(crowd, steward, now):
    columns = [["x"] * 8] * 4
    audit, _ = audit_model(answers(crowd(8), *columns, attributes=tuple("ABCD")), by=steward, at=now)
    assert [t.name for t in tables(audit) if t.is_pair] == [f"{a} and {b}" for a, b in combinations("ABCD", 2)]
