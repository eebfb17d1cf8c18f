"""Letting a run through, and the bounds beyond which one is held back."""

from decimal import Decimal

from django import forms


class LetThroughForm(forms.Form):
    reason = forms.CharField(
        label="Why it is right as it is", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: it stays beside the run, for whoever looks at it later."},
    )  # fmt: skip


class BoundsForm(forms.Form):
    stability = forms.DecimalField(
        label="Stability index of scores, at most", min_value=Decimal("0.01"), max_value=1, decimal_places=2,
        help_text="0 is no change at all. Above 0.1 counts as some, above 0.25 as a marked shift.",
    )  # fmt: skip
    without = forms.DecimalField(
        label="Change of the share without enough to go by, at most", min_value=Decimal("0.01"),
        max_value=Decimal("0.5"), decimal_places=2, help_text="0.30 is thirty in a hundred people.",
    )  # fmt: skip
    volume_least = forms.DecimalField(
        label="What a source brings, at least", min_value=Decimal("0.01"), max_value=Decimal("0.99"), decimal_places=2,
        help_text="The newest week over the mean of the four before. 0.20 is a fifth of it.",
    )  # fmt: skip
    volume_most = forms.DecimalField(
        label="What a source brings, at most", min_value=Decimal("1.1"), max_value=20, decimal_places=1,
        help_text="5 is five times as much as before.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: it stays beside the bounds."},
    )  # fmt: skip
