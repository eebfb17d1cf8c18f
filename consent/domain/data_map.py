"""The data map: what every table of a company holds about people, read from the models themselves (design §5)."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from accounts.library_privacy import LIBRARIES
from accounts.models import Person


@dataclass(frozen=True)
class DataKind:
    """One kind of data: a table, and what its model declares of it in `class Privacy`."""

    model: type[models.Model]
    holds: str
    about: str | None
    personal: tuple[str, ...]
    pseudonymous: tuple[str, ...]
    neutral: tuple[str, ...]
    keeps_for: timedelta | None
    on_erasure: str
    kept_because: str
    is_gated: bool
    ages_by: str
    kept_by: str
    kept_while_named_in: tuple[str, ...]
    withheld: dict[str, str]

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)  # noqa: SLF001

    @property
    def name(self) -> str:
        return str(self.model._meta.verbose_name_plural)  # noqa: SLF001

    @property
    def weeks(self) -> int:
        return self.keeps_for.days // 7 if self.keeps_for else 0

    @property
    def is_about_people(self) -> bool:
        return bool(self.personal or self.pseudonymous)


@cache
def data_map() -> tuple[DataKind, ...]:
    """Every table of a company, by name."""
    names = set(settings.TENANT_APPS)
    found = [model for app in apps.get_app_configs() if app.name in names for model in app.get_models()]
    return tuple(sorted((_kind(model) for model in found), key=lambda kind: kind.table))


def _kind(model: type[models.Model]) -> DataKind:
    declared: Any = LIBRARIES.get(model._meta.label) or model.Privacy  # type: ignore[attr-defined]  # noqa: SLF001
    return DataKind(
        model=model,
        holds=declared.holds,
        about=declared.about,
        personal=declared.personal,
        pseudonymous=declared.pseudonymous,
        neutral=declared.neutral,
        keeps_for=declared.keeps_for,
        on_erasure=declared.on_erasure,
        kept_because=getattr(declared, "kept_because", ""),
        is_gated=getattr(declared, "gated", False),
        ages_by=getattr(declared, "ages_by", ""),
        kept_by=getattr(declared, "kept_by", ""),
        kept_while_named_in=getattr(declared, "kept_while_named_in", ()),
        withheld=getattr(declared, "withheld", {}),
    )


def rows_about(person: Person) -> dict[str, int]:
    """Count what each table holds about one person. Gated tables need a use about them."""
    return {
        kind.table: kind.model._default_manager.filter(**{kind.about: person.pk}).count()  # noqa: SLF001
        for kind in data_map()
        if kind.about
    }


def rows_in_all() -> dict[str, int | None]:
    """Count the rows of each table about people; None where so few people take part that a number could tell on one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gate_row_counts()")
        gated: dict[str, int | None] = json.loads(cursor.fetchone()[0])
    others = {k.table: k.model._default_manager.count() for k in data_map() if k.is_about_people and not k.is_gated}  # noqa: SLF001
    return others | gated
