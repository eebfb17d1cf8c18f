"""Shapes of decisions and of what can be proposed."""

from dataclasses import asdict

from django import forms

from accounts import rules
from accounts.models import Person
from accounts.states import Role
from consent.domain.matters import PeopleExport, PolicyChange, Wording
from consent.models import ApprovalPolicy, PurposeVersion

EXPORTED = "Week counts, scores, choices, and who used these data"


class ReasonForm(forms.Form):
    digest = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why",
        help_text="The author and everyone who decides reads it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why: the author can mend only what they know of."},
    )


class MatterForm(forms.Form):
    """Base of forms that begin with what is in force and end as its next version."""

    def __init__(self, *args, current, initial=None, **kwargs):
        self.current = current
        super().__init__(*args, initial=initial or asdict(current), **kwargs)

    def clean(self):
        before = {name: value for name, value in asdict(self.current).items() if name in self.fields}
        if not self.errors and self.cleaned_data == before:
            raise forms.ValidationError("Nothing differs from what is in force. Change something, then propose it.")
        return self.cleaned_data

    def matter(self):
        return type(self.current)(**asdict(self.current) | self.cleaned_data | {"version": self.current.version + 1})


class WordingForm(MatterForm):
    title = forms.CharField(label="Title", max_length=120, error_messages={"required": "Write its title."})
    text = forms.CharField(
        label="What people read",
        help_text="Word for word what they say yes to. Who said yes to the old words is asked again.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write what people read."},
    )
    legal_basis = forms.CharField(
        label="Legal basis",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write on what legal basis."},
    )
    assessment = forms.CharField(
        label="Why that basis holds",
        help_text="The assessment that an authority would ask for.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write why that basis holds."},
    )
    minimum_age = forms.IntegerField(label="Minimum age", min_value=18, max_value=99)
    keeps_for_days = forms.IntegerField(label="Kept for, in days", min_value=1, max_value=3650)

    @classmethod
    def on(cls, purpose: str, *args, **kwargs):
        return cls(*args, current=Wording.of(PurposeVersion.objects.current().get(purpose=purpose)), **kwargs)


class PeopleExportForm(forms.Form):
    """Whom an export is about, and why; what it holds is the same for all."""

    people = forms.CharField(
        label="About whom",
        help_text="Their e-mail addresses, one on each line.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Name at least one person by their e-mail address."},
    )
    reason = forms.CharField(
        label="Why",
        help_text="Whoever decides reads it, and the people concerned read it under “Who used my data”.",
        max_length=200,
        error_messages={"required": "Say why: the people concerned will read it."},
    )

    def clean_people(self):
        addresses = {line.strip().lower() for line in self.cleaned_data["people"].splitlines() if line.strip()}
        found = dict(Person.objects.filter(email__in=addresses).values_list("email", "pk"))
        if unknown := sorted(addresses - set(found)):
            raise forms.ValidationError(f"Nobody here has the address {unknown[0]}. Correct it, or leave it out.")
        return sorted(str(person) for person in found.values())

    def matter(self):
        return PeopleExport(**self.cleaned_data, what=EXPORTED)


class PolicyForm(MatterForm):
    approvals_needed = forms.IntegerField(
        label="How many must approve",
        help_text="Two at the least. Besides the author, and besides whom it is about.",
        min_value=2,
        max_value=9,
        error_messages={"min_value": "Never fewer than two decide."},
    )
    decided_by = forms.MultipleChoiceField(
        label="Who may decide",
        choices=[(role.value, role.label) for role in Role if role in rules.GIVEN_BY_APPROVAL],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Somebody has to decide. Tick at least one role."},
    )
    expiry_hours = forms.IntegerField(label="To be decided within, in hours", min_value=1, max_value=720)
    execution_hours = forms.IntegerField(
        label="To take effect within, in hours", help_text="Counted from then on.", min_value=1, max_value=720
    )

    @classmethod
    def on(cls, kind: str, *args, **kwargs):
        return cls(*args, current=PolicyChange.of(ApprovalPolicy.objects.get(kind=kind, is_current=True)), **kwargs)

    def clean_decided_by(self):
        return sorted(self.cleaned_data["decided_by"])
