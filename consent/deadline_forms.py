"""What officers fill in about deadlines."""

from django import forms


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: the person concerned can read it."},
    )


class HolidayForm(forms.Form):
    day = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose a day.", "invalid": "Write the day as 2026-12-25."},
    )
    name = forms.CharField(max_length=80, error_messages={"required": "Name it, as in “Christmas Day”."})
