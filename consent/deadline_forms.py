"""What officers fill in about deadlines."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from accounts.models import Person
from consent.domain.matters import Closing, Hold

MOST_DAYS_TO_A_REVIEW = 365


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


class ReviewDay(forms.DateField):
    """A day by which a hold is reviewed: from tomorrow to a year from now."""

    widget = forms.DateInput(attrs={"type": "date"})
    default_error_messages = {"required": "Choose a day.", "invalid": "Write the day as 2026-12-25."}

    def clean(self, value):
        day, today = super().clean(value), timezone.localdate()
        if not today < day <= today + timedelta(days=MOST_DAYS_TO_A_REVIEW):
            raise forms.ValidationError("A hold is reviewed within a year: choose a day from tomorrow on.")
        return day


class HoldForm(forms.Form):
    """A legal hold on what is kept of one person."""

    person = forms.EmailField(
        label="Whose data",
        help_text="Their e-mail address here.",
        error_messages={"required": "Write the person’s e-mail address.", "invalid": "Write a whole e-mail address."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what has to be kept, and what for."},
    )
    authority = forms.CharField(
        label="On whose authority",
        help_text="Court and file number, law or authority.",
        max_length=200,
        error_messages={"required": "Name the court, the law or the authority."},
    )
    review_on = ReviewDay(label="To be reviewed by")
    silent_because = forms.CharField(
        label="Why the person must not be told",
        help_text="Leave it empty, and they are told by mail and on their own pages.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_person(self):
        found = Person.objects.filter(email=self.cleaned_data["person"].lower()).first()
        if found is None:
            raise forms.ValidationError("Nobody here has this address.")
        return str(found.pk)

    def matter(self):
        answers = self.cleaned_data | {"review_on": self.cleaned_data["review_on"].isoformat()}
        return Hold(**answers)


class ReviewForm(forms.Form):
    review_on = ReviewDay(label="Next review by")
    reason = forms.CharField(
        label="Why it still has to stand", max_length=1000, error_messages={"required": "Say why it has to stand."}
    )


class LiftForm(forms.Form):
    reason = forms.CharField(
        label="Why it can go",
        max_length=1000,
        error_messages={"required": "Say why: what it kept is destroyed for good."},
    )


class ClosingForm(forms.Form):
    name = forms.CharField(
        label="The company’s name",
        help_text="As it stands at the top of this page, so that nobody closes it by mistake.",
        max_length=120,
        error_messages={"required": "Write the company’s name."},
    )
    reason = forms.CharField(label="Why", max_length=500, error_messages={"required": "Say why it closes."})

    def matter(self):
        return Closing(**self.cleaned_data)
