"""What is recorded before anybody is scored; switching scoring on and off."""

from typing import Any

from django import forms

from accounts.models import Person
from scoring.domain.live import NOTICE_DAYS
from scoring.states import Preparation

HINTS = {
    Preparation.NOTICE: "What everybody reads: what is counted, where, what for, what never, and from when.",
    Preparation.CONSULTATION: "Who was heard, when, and what came of it. If there are no representatives, say so.",
    Preparation.LAWFUL_BASIS: "Which basis, why it holds, what it was weighed against, and who wrote it.",
    Preparation.OVERSEER: "What they look at, how often, and that they may switch it off.",
}


class PreparationForm(forms.Form):
    text = forms.CharField(
        label="In words that everybody understands",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Write it down: everybody reads it."},
    )

    def __init__(self, *args: Any, kind: Preparation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = HINTS[kind]
        if kind == Preparation.OVERSEER:
            self.fields["overseer"] = forms.ModelChoiceField(
                Person.objects.filter(is_active=True).order_by("name"),
                label="Who",
                empty_label="Choose somebody",
                error_messages={"required": "Name somebody who works here."},
            )
            self.order_fields(["overseer", "text"])


class GoLiveForm(forms.Form):
    notice_days = forms.IntegerField(
        label="Working days since the notice", initial=NOTICE_DAYS, min_value=0, max_value=365,
        help_text="Ten are usual, and some laws want them. Whoever decides reads this number.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: whoever decides reads it."},
    )  # fmt: skip


class OffForm(forms.Form):
    reason = forms.CharField(
        label="Why", max_length=500, help_text="Everybody reads it beside their score.",
        error_messages={"required": "Say why in a sentence: everybody reads it."},
    )  # fmt: skip
