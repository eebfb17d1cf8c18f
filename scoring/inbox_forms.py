"""Setting up an inbox, its secret, and what its service calls people."""

from django import forms

from scoring.states import InboxService

MOST_LIST_BYTES = 5 * 1024 * 1024


class SecretForm(forms.Form):
    secret = forms.CharField(
        label="The service’s own secret",
        required=False,
        min_length=8,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="For Slack and Zulip, which make their own. Leave it empty for the others: they take one from here.",
        error_messages={"min_length": "A secret of fewer than eight characters can be guessed. Paste the whole of it."},
    )


class InboxForm(SecretForm):
    service = forms.ChoiceField(
        choices=InboxService, label="Which service sends", error_messages={"required": "Choose the service."}
    )
    field_order = ("service", "secret")


class HandlesForm(forms.Form):
    file = forms.FileField(
        label="Who is who",
        help_text="A CSV with two columns: what the service calls somebody, and their e-mail address. It takes the"
        " place of the one before. Only people who granted this source are kept.",
        error_messages={"required": "Choose the file."},
    )

    def clean_file(self) -> list[str]:
        file = self.cleaned_data["file"]
        if file.size > MOST_LIST_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Leave out other columns.")
        try:
            return str(file.read().decode("utf-8-sig")).splitlines()
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is no text in UTF-8. Save it as “CSV UTF-8”.") from None
