"""What an officer fills in about witnesses of the ledger."""

from django import forms

from consent.audit.domain.outgoing import fit_address
from consent.audit.domain.witnesses import fit_key
from consent.audit.errors import LedgerError


class WitnessForm(forms.Form):
    vkey = forms.CharField(
        max_length=400,
        label="The witness’s key",
        help_text="The line that the tool prints when it makes its key, or that the operator of a witness server "
        "publishes: a name, an id and the key. The name stays in the ledger for ever, so it may not be a person’s.",
        error_messages={"required": "Paste the key: nobody can witness without one."},
    )
    address = forms.CharField(
        max_length=400,
        required=False,
        label="Address, for a witness server alone",
        help_text="Leave it empty for the tool, which comes by itself. A server is asked by us, once a minute.",
    )

    def clean_vkey(self):
        return str(_fit(fit_key, self.cleaned_data["vkey"]))

    def clean_address(self):
        address = self.cleaned_data["address"]
        return _fit(fit_address, address) if address else ""


class ResolveForm(forms.Form):
    reason = forms.CharField(
        min_length=10,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        label="What happened, and what you did about it",
        help_text="The ledger keeps a seal of these words, with your name; the words themselves can be erased.",
        error_messages={"required": "Say what happened: reading goes on because of these words alone."},
    )


def _fit(check, text):
    try:
        return check(text)
    except LedgerError as error:
        raise forms.ValidationError(str(error)) from None
