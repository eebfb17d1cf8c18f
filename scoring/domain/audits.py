"""Bias audits: how often each group lies above the median, and how that compares (NYC LL 144, four-fifths rule)."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.domain.data_uses import data_use
from consent.states import PurposeKey
from scoring import events
from scoring.domain.audit_files import Answers
from scoring.models import BiasAudit

FOUR_FIFTHS = 0.8
MAKE = "SELECT scoring_audit_model(%s, %s, %s)"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
REFUSALS = {
    "audit_of_five_or_more": "Fewer than five people have a score and said yes to figures about groups, so nothing"
    " could be told without telling on somebody.",
    "audit_once_a_week": "This model was audited for this week already. Another audit of the same scores would tell"
    " what one answer changes. The next one can be made when the next week is scored.",
    "audit_attributes_few": "An audit takes one to four columns beside the address.",
    "audit_categories_few": "A column has too many different texts. Put them into fewer groups.",
}  # fmt: skip


class NotAudited(DomainError):
    """There is no audit, and the sentence says why."""


def audit_model(answers: Answers, *, by: Person, at: datetime) -> tuple[BiasAudit, int]:
    """Audit the model in effect over everybody who said yes to figures about groups. The answers are kept nowhere.

    :returns: the audit, and how many addresses nobody here has
    :raises NotAudited: too few people, or it was done for this week
    """
    ids = dict(Person.objects.filter(email__in=answers.by_address).values_list("email", "pk"))
    known = [(ids[address], texts) for address, texts in answers.by_address.items() if address in ids]
    described = [text for _, texts in known for text in texts]
    with transaction.atomic():
        made = _make([list(answers.attributes), [person for person, _ in known], described], by=by, at=at)
        audit = BiasAudit.objects.select_related("model").get(pk=made)
        record(events.ModelAudited(audit.model.number, audit.week.isoformat()), by=by, at=at)
    return audit, len(answers.by_address) - len(known)


def _make(values: list[Any], *, by: Person, at: datetime) -> int:
    reason = "Auditing the model for bias, in figures about groups"
    try:
        with (
            data_use(PurposeKey.TEAM_FIGURES, by=by, about=None, reason=reason, at=at),
            connection.cursor() as cursor,
        ):
            cursor.execute(MAKE, values)
            return int(cursor.fetchone()[0])
    except IntegrityError as refusal:
        name = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", None)
        if name not in REFUSALS:
            raise
        # Not `from refusal`: an error of PostgreSQL may quote what was passed to it.
        raise NotAudited(REFUSALS[name]) from None


@transaction.atomic
def publish(audit: BiasAudit, *, by: Person, at: datetime) -> None:
    """Show an audit to anybody, on the company's public page. It stays published."""
    written = BiasAudit.objects.filter(pk=audit.pk, published_at=None).update(published_at=at, published_by=by.pk)
    if not written:
        raise NotAudited("It is published already.")
    record(events.AuditPublished(audit.model.number, audit.week.isoformat()), by=by, at=at)


@dataclass(frozen=True)
class Row:
    """One group. `rate`: its share above the median; `ratio`: that over the highest rate in the table."""

    names: tuple[str, ...]
    people: int
    rate: float
    ratio: float | None

    @property
    def is_below(self) -> bool:
        return self.ratio is not None and self.ratio < FOUR_FIFTHS


@dataclass(frozen=True)
class Table:
    """All groups by one attribute, or by two. `unknown` is None where it must not be shown, or for two attributes."""

    name: str
    rows: tuple[Row, ...]
    hidden: int
    unknown: int | None
    is_pair: bool


def tables(audit: BiasAudit) -> list[Table]:
    """Every table of an audit, single attributes first."""
    figures = audit.figures
    return [_table(told, is_pair=False) for told in figures["attributes"]] + [
        _table(told, is_pair=True) for told in figures["pairs"]
    ]


def _table(told: dict[str, Any], *, is_pair: bool) -> Table:
    rates = [group["above"] / group["people"] for group in told["groups"]]
    best = max(rates, default=0)
    rows = (
        Row(tuple(group["names"]), group["people"], rate, rate / best if best else None)
        for group, rate in zip(told["groups"], rates, strict=True)
    )
    return Table(told["name"], tuple(rows), int(told["hidden"]), told.get("unknown"), is_pair)


def as_csv(audit: BiasAudit) -> str:
    """All tables as one file; a text that a spreadsheet would run is kept from running."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["model", "week", "audited", "table", "group", "people", "scoring_rate", "impact_ratio"])
    when = (audit.model.number, audit.week, audit.audited_at.date())
    figures = audit.figures
    writer.writerow([*when, "all", "everybody", figures["people"], f"{figures['above'] / figures['people']:.4f}", ""])
    for table in tables(audit):
        for row in table.rows:
            ratio = "" if row.ratio is None else f"{row.ratio:.4f}"
            told = [_tame(table.name), _tame(", ".join(row.names)), row.people, f"{row.rate:.4f}", ratio]
            writer.writerow([*when, *told])
        if not table.is_pair:
            unknown = "not shown" if table.unknown is None else table.unknown
            writer.writerow([*when, _tame(table.name), "unknown", unknown, "", ""])
    return file.getvalue()


def _tame(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
