"""Shapes of what people type: an invitation, joining, a company."""

import zoneinfo

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.validators import RegexValidator
from django.http.request import validate_host

from accounts import rules
from accounts.domain.companies import Order
from accounts.domain.roles import roles_here, waits_for_approval
from accounts.models import Invitation, Person
from accounts.states import Role
from accounts.tenants.states import RESERVED_SCHEMAS

# A label of a host name, so no underscore; the schema's name is made of it, so it begins with a letter.
SHORT_NAME = RegexValidator(
    r"\A[a-z][a-z0-9-]{1,28}[a-z0-9]\Z",
    "Use 3 to 30 small letters, digits and hyphens, with a letter first and no hyphen last.",
)
HOST = RegexValidator(
    r"\A(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z",
    "Write a host name such as assent.example.com, without https:// and without a path.",
)


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the address to invite.",
            "invalid": "Write an address such as ada@acme.com.",
        },
    )
    roles = forms.TypedMultipleChoiceField(
        label="Roles",
        help_text="Everyone may take part and see their own score. A role adds to that, and can be given later.",
        coerce=Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        given = [role for role in roles_here() if not waits_for_approval(role)]
        self.fields["roles"].choices = [(role.value, role.label) for role in given]

    def descriptions(self) -> dict[str, str]:
        """What each role adds, for its card."""
        return {role.value: ". ".join(sorted(rules.ROLE_PERMISSIONS[role])) + "." for role in roles_here()}


class JoinForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        help_text="As your colleagues know it.",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Write your name."},
    )
    password = forms.CharField(
        label="Choose a password",
        help_text=" ".join(password_validators_help_texts()),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )

    comes_back = forms.BooleanField(
        label="I was erased here once, and want to come back",
        help_text="You begin afresh: nothing of what was is there any more.",
        required=False,
    )

    def __init__(self, *args, invitation: Invitation, was_erased: bool = False, **kwargs):
        self.invitation = invitation
        super().__init__(*args, **kwargs)
        # Asked of nobody else: who was erased is known only once they come.
        if not was_erased and "comes_back" not in self.data:
            del self.fields["comes_back"]

    def clean(self):
        joining = Person(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        try:
            validate_password(self.cleaned_data.get("password", ""), user=joining)
        except forms.ValidationError as weakness:
            if "password" in self.cleaned_data:
                self.add_error("password", weakness)
        return self.cleaned_data


class CompanyForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Write the company’s name."})
    short_name = forms.CharField(
        label="Short name",
        help_text="Small letters, digits and hyphens. Names its schema and its address, and cannot be changed.",
        validators=[SHORT_NAME],
        error_messages={"required": "Choose a short name."},
    )
    host = forms.CharField(label="Address", required=False, validators=[HOST])
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Its weeks and nights begin by this clock.", initial="UTC"
    )
    owner_email = forms.EmailField(
        label="First owner’s e-mail address",
        help_text="Gets the first invitation. Owners let everyone else in; you cannot.",
        error_messages={
            "required": "Write the first owner’s address: without an owner nobody can let people in.",
            "invalid": "Write an address such as ada@acme.com.",
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
        self.fields["host"].help_text = f"Leave it empty for <short name>.{settings.PLATFORM_HOST}."

    def clean_short_name(self):
        short_name = self.cleaned_data["short_name"]
        if _schema_of(short_name) in RESERVED_SCHEMAS or short_name.startswith("pg-"):
            raise forms.ValidationError("This name is kept for the machine. Choose another.")
        return short_name

    def clean_host(self):
        host = self.cleaned_data["host"]
        if host and not validate_host(host, settings.ALLOWED_HOSTS):
            raise forms.ValidationError(f"Nothing here answers to {host} yet. Add it to ALLOWED_HOSTS, then try again.")
        return host

    def order(self) -> Order:
        given = self.cleaned_data
        return Order(
            name=given["name"],
            schema=_schema_of(given["short_name"]),
            host=given["host"] or f"{given['short_name']}.{settings.PLATFORM_HOST}",
            time_zone=given["time_zone"],
            owner_email=given["owner_email"],
        )


def _schema_of(short_name: str) -> str:
    return short_name.replace("-", "_")


class OwnerForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address of the new owner",
        error_messages={"required": "Write the address.", "invalid": "Write an address such as ada@acme.com."},
    )


class TeamForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        label="Name of a new team",
        error_messages={"required": "Give the team the name that people know."},
    )


class MembersForm(forms.Form):
    people = forms.CharField(
        label="Put people in",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text="Their e-mail addresses, one on each line. Who is in another team leaves that one.",
        error_messages={"required": "Write at least one address."},
    )

    def clean_people(self) -> list[Person]:
        wanted = {line.strip().lower() for line in self.cleaned_data["people"].splitlines() if line.strip()}
        found = list(Person.objects.filter(email__in=wanted))
        if unknown := sorted(wanted - {person.email for person in found}):
            raise forms.ValidationError(
                f"Nobody here has the address {unknown[0][:80]}. Correct it, or invite them first."
            )
        return found
