"""Naming the one to whom a score is shown, and until when."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Person, Team, TeamMember
from accounts.tenants.context import current_time_zone
from consent.models.share import MOST_DAYS

USUAL_DAYS = 14


class ShareForm(forms.Form):
    to = forms.ChoiceField(
        label="Whom",
        error_messages={"required": "Choose a colleague or a team.", "invalid_choice": "Choose one from the list."},
    )  # fmt: skip
    until = forms.DateField(
        label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"At most {MOST_DAYS} days. You can take it back at any moment before.",
        error_messages={"required": "Choose a day.", "invalid": "Write the day as 2026-12-31."},
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + timedelta(days=USUAL_DAYS)
        people = Person.objects.filter(is_active=True).exclude(pk=person.pk).order_by("name")
        team = Team.objects.filter(pk__in=TeamMember.objects.filter(person=person).values("team"))
        others = Team.objects.exclude(pk__in=team).order_by("name")
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", "Choose somebody"),
            ("A colleague", [(f"person:{pk}", name) for pk, name in people.values_list("pk", "name")]),
            ("Everybody in a team", [(f"team:{each.pk}", each.name) for each in [*team, *others]]),
        ]

    def clean(self) -> dict[str, Any]:
        """Look up who it is; the day ends where the company is."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("to"):
            kind, _, pk = told["to"].partition(":")
            told["to"] = (Person if kind == "person" else Team).objects.get(pk=pk)
        if told.get("until"):
            told["until"] = datetime.combine(told["until"] + timedelta(days=1), time(), tzinfo=current_time_zone())
        return told
