"""Setting up a source, and telling us what the columns and kinds of a CSV mean."""

from typing import Any

from django import forms

from consent.states import SourceKind
from scoring.connectors import csv as csv_connector
from scoring.states import Act

COLUMN_LABELS = {
    "occurred_at": "When it happened",
    "actor": "Who did it (e-mail address)",
    "kind": "What they did",
    "target": "Towards whom (e-mail address)",
}


class SourceForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        help_text="As people here call it, such as “Team chat”.",
        error_messages={"required": "Give the source the name that people here know."},
    )
    kind = forms.ChoiceField(choices=SourceKind, widget=forms.RadioSelect, label="Which kind of file comes from it")
    description = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What is read from it",
        help_text="People read this before they say yes. Say what is in it and what is read, in plain words.",
        error_messages={"required": "Say in plain words what is read: nobody can say yes to a name alone."},
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label="The file",
        help_text="It is deleted as soon as it has been read.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file that you exported."},
    )


class SlackUploadForm(UploadForm):
    addresses = forms.FileField(
        required=False,
        label="Slack ids and e-mail addresses (optional)",
        help_text="Only for exports without addresses: a CSV with two columns, the Slack id and the e-mail address.",
    )


def upload_form_for(kind: str) -> type[UploadForm]:
    return SlackUploadForm if kind == SourceKind.SLACK else UploadForm


class MappingForm(forms.Form):
    """Made for one file: a choice of header for each column, a choice of act for each kind that occurs."""

    def __init__(self, *args: Any, preview: csv_connector.Preview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        headers = [("", "Choose a column"), *((header, header) for header in preview.headers)]
        for column, label in COLUMN_LABELS.items():
            self.fields[column] = forms.ChoiceField(
                choices=headers,
                label=label,
                initial=preview.columns[column],
                error_messages={"required": f"Choose the column for “{label}”."},
            )
        self.fields["kinds_of"] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=preview.columns["kind"]
        )
        self.are_kinds = csv_connector.are_kinds(preview.kinds)
        kinds = preview.kinds if self.are_kinds else []
        self.kinds = {f"kind_{number}": kind for number, kind in enumerate(kinds)}
        acts = [(csv_connector.NOT_COUNTED, "Leave out"), *((act.value, act.label.capitalize()) for act in Act)]
        for field, kind in self.kinds.items():
            self.fields[field] = forms.ChoiceField(
                choices=acts, required=False, label=f"“{kind[:60]}”", initial=preview.acts[kind]
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [cleaned.get(column) for column in COLUMN_LABELS]
        if None not in chosen and len(set(chosen)) < len(chosen):
            self.add_error(None, "Two of the four share a column. Give each its own.")
        if not self.are_kinds:
            self.add_error("kind", "This column holds too many different values, or addresses. Choose another.")
        elif self.kinds and not any(cleaned.get(field) for field in self.kinds):
            self.add_error(None, "Every kind is left out, so nothing would be counted. Say what at least one means.")
        return cleaned

    @property
    def asked_of_another_column(self) -> bool:
        """Whether the kinds that were answered for are not those of the column that is now chosen."""
        return bool(self.data.get("kind")) and self.data.get("kinds_of") != self.data.get("kind")

    @property
    def options(self) -> dict[str, Any]:
        """What the connector needs to know."""
        return {
            "columns": {column: self.cleaned_data[column] for column in COLUMN_LABELS},
            "acts": {kind: self.cleaned_data[field] for field, kind in self.kinds.items()},
        }
