"""What an officer fills in: for whom a letter asks, and who outside holds data."""

from django import forms

from consent.domain.erasing import people_with_address
from consent.models import Processor


class LetterForm(forms.Form):
    address = forms.EmailField(
        label="E-mail address of the person",
        help_text="As this company knows it. Looking them up is on record, and told to them on their page.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the address.", "invalid": "Write an address such as ada@acme.com."},
    )
    letter = forms.CharField(
        label="How and when the letter came, and how you know that it is from them",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It is deleted with the rest.",
        error_messages={"required": "Say how they asked: nobody is erased on anybody’s word but their own."},
    )

    def clean_address(self):
        found = people_with_address(self.cleaned_data["address"])
        if not found:
            raise forms.ValidationError(
                "Nobody here has this address. Ask them which one they used; who was erased before is not found."
            )
        self.person = found[0]
        return self.cleaned_data["address"]


class ProcessorForm(forms.ModelForm):
    class Meta:
        model = Processor
        fields = ("name", "gets", "window_days")
        labels = {
            "name": "Who",
            "gets": "What of people’s data they get",
            "window_days": "Days until they have forgotten it",
        }
