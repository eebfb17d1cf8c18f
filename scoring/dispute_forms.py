"""Saying that a number is wrong, answering it, and not accepting the answer."""

from collections.abc import Sequence
from typing import Any

from django import forms

from scoring.domain.disputes import DisputedCount, Number
from scoring.states import DisputeOutcome

NUMBERS_SHOWN = 60
MOST_COLLEAGUES = 100_000


class DisputeForm(forms.Form):
    text = forms.CharField(
        label="What is wrong",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In your own words. One steward reads it, and nobody else.",
        error_messages={"required": "Say what is wrong, so that somebody can look into it."},
    )
    is_left_out = forms.BooleanField(
        label="Leave it out of my score meanwhile",
        required=False,
        help_text="From the next score on, whatever the answer. You can count it again whenever you like.",
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label="Why the answer does not settle it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In your own words. Another steward reads it, with your first words and the answer.",
        error_messages={"required": "Say what is still wrong, so that somebody else can look into it."},
    )


class AnswerForm(forms.Form):
    """The answer, and beside each number that is wrong the right one. An empty field leaves its number as it is."""

    outcome = forms.ChoiceField(
        label="Your answer",
        choices=((DisputeOutcome.UPHELD, "It is wrong"), (DisputeOutcome.DISMISSED, "It stays as it is")),
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is wrong or stays as it is."},
    )
    answer = forms.CharField(
        label="Why, and what you did about it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The person reads it, word for word.",
        error_messages={"required": "Give a reason: the person reads it."},
    )
    takes_all_out = forms.BooleanField(
        label="Take all of these numbers out",
        required=False,
        help_text="None of them is anybody’s: each becomes 0, and a later file does not bring it back.",
    )

    def __init__(self, *args: Any, counts: Sequence[DisputedCount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counts = counts
        for count in counts[:NUMBERS_SHOWN]:
            self.fields[_name(count)] = forms.IntegerField(
                label=f"Right number for {count.label}, week of {count.week:%d %B %Y}, {count.source}",
                required=False,
                min_value=0,
                max_value=MOST_COLLEAGUES,
                widget=forms.NumberInput(attrs={"class": "short"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == DisputeOutcome.DISMISSED and self.right:
            self.add_error("outcome", "Numbers are set right below, so it is wrong. Say so, or empty their fields.")
        return cleaned

    @property
    def rows(self) -> list[tuple[DisputedCount, forms.BoundField]]:
        return [(count, self[_name(count)]) for count in self.counts[:NUMBERS_SHOWN]]

    @property
    def right(self) -> dict[Number, int]:
        """What each number that is wrong should be."""
        if self.cleaned_data.get("takes_all_out"):
            return {count.key: 0 for count in self.counts if count.colleagues}
        told = {count: self.cleaned_data.get(_name(count)) for count in self.counts[:NUMBERS_SHOWN]}
        return {count.key: number for count, number in told.items() if number is not None}


def _name(count: DisputedCount) -> str:
    return f"right_{count.grant}_{count.kind}_{count.week}"
