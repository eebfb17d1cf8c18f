"""Shapes of a model: eight kinds with a weight and a half-way point each, or a file of them."""

from typing import Any

from django import forms

from scoring.domain.model_numbers import HALF_LIFE_BOUNDS, HALFWAY_BOUNDS, MINIMUM_BOUNDS, Numbers, faults
from scoring.states import Kind

LARGEST_FILE = 64 * 1024


class ModelForm(forms.Form):
    """A kind without weight earns nothing. What would be no model is said, and can be kept as a draft all the same."""

    name = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Give it a name that says what it is about."}
    )
    half_life_days = forms.IntegerField(
        label="Half-life", min_value=HALF_LIFE_BOUNDS[0], max_value=HALF_LIFE_BOUNDS[1],
        help_text="Active days after which a week weighs half.",
    )  # fmt: skip
    minimum_colleagues = forms.IntegerField(
        label="Least evidence", min_value=MINIMUM_BOUNDS[0], max_value=MINIMUM_BOUNDS[1],
        help_text="Weighed colleagues below which there is no score.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever decides reads it.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            self.fields[f"weight_{kind}"] = _number(f"Points for {kind.label}", 0, 100)
            self.fields[f"halfway_{kind}"] = _number(f"Half-way point for {kind.label}", *HALFWAY_BOUNDS)

    @classmethod
    def beginning_with(cls, numbers: Numbers, *, name: str, reason: str) -> "ModelForm":
        terms = {kind: numbers.terms.get(kind, (0, 40)) for kind in Kind}
        initial = {
            "name": name,
            "reason": reason,
            "half_life_days": numbers.half_life_days,
            "minimum_colleagues": numbers.minimum_colleagues,
            **{f"weight_{kind}": weight for kind, (weight, _) in terms.items()},
            **{f"halfway_{kind}": halfway for kind, (_, halfway) in terms.items()},
        }
        return cls(initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for fault in faults(self.numbers):
                self.add_error(None, fault)
        return cleaned

    @property
    def numbers(self) -> Numbers:
        told = self.cleaned_data
        terms = {
            int(kind): (told[f"weight_{kind}"], told[f"halfway_{kind}"]) for kind in Kind if told[f"weight_{kind}"]
        }
        return Numbers(told["half_life_days"], told["minimum_colleagues"], terms)

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(kind.label, self[f"weight_{kind}"], self[f"halfway_{kind}"]) for kind in Kind]


class ModelFileForm(forms.Form):
    file = forms.FileField(
        label="The file",
        help_text="YAML, as it is downloaded here. It becomes a draft.",
        error_messages={"required": "Choose the file."},
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 64 kB. A model takes about twenty lines.")
        try:
            return str(file.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is no text in UTF-8.") from None


def _number(label: str, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, widget=forms.NumberInput(attrs={"class": "short"})
    )
