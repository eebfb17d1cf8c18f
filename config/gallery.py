"""Every component beside the lines that make it: the page that shows what pages are made of.

The examples in `templates/ui/examples/` are the only ones: the tests render the same files.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone

GROUPS = {
    "Page": ("page_heading", "back_link", "seen_by", "moment", "last_day", "icon", "tabs", "pagination"),
    "Acts": ("button", "post_button", "equal_pair"),
    "Surfaces": ("card", "notice", "confirmation", "empty_state", "disclosure"),
    "Forms": ("field", "choices", "choice_list", "summary_list"),
    "Facts": ("status", "key_figure", "data_table", "timeline", "progress"),
    "Charts": ("waterfall", "waterfall_change", "trend", "weekly_bars"),
}


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="The invitation goes here.")
    team = forms.ChoiceField(choices=[("", "Choose a team"), ("care", "Customer care")])
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    steward = forms.BooleanField(label="May manage sources", required=False)


class ConsentForm(forms.Form):
    sources = forms.MultipleChoiceField(
        label="Which sources may count?",
        help_text="All are off until you choose.",
        choices=[("slack", "Slack"), ("viva", "Viva Engage")],
        widget=forms.CheckboxSelectMultiple,
    )
    descriptions = {
        "slack": "Whom you answered and who answered you in public channels. Never what was said.",
        "viva": "The same from Viva Engage communities.",
    }


@dataclass(frozen=True)
class Example:
    name: str
    title: str
    sentence: str
    source: str
    shown: str


def gallery(request):
    context = example_context()
    groups = [(title, [_example(name, context, request) for name in names]) for title, names in GROUPS.items()]
    return render(request, "gallery.html", {"groups": groups})


def _example(name, context, request):
    template = get_template(f"ui/examples/{name}.html")
    comment, _, source = template.template.source.partition("\n")
    title, _, sentence = comment.strip("{# }").partition(". ")
    return Example(name, title, sentence, source.strip(), template.render(context, request))


def example_context():
    """What the examples talk about, made up."""
    today = date(2026, 11, 23)
    mondays = [today - timedelta(weeks=weeks) for weeks in range(11, -1, -1)]
    scores = ["18.2", "21.0", "22.4", "22.1", "27.9", "30.3", "-", "29.8", "33.5", "36.0", "39.3", "41.7"]
    return {
        "now": timezone.now(),
        "page": Paginator(range(60), 20).page(2),
        "form": InvitationForm({"email": "alice"}),
        "consent_form": ConsentForm(auto_id="consent_%s"),
        "score": Decimal("41.70"),
        "reasons": [
            (
                "Answers you gave",
                Decimal("18.42"),
                "Half of the 30 points come at about six colleagues a week.",
            ),
            ("Answers you got", Decimal("11.16"), "Eight colleagues a week."),
            ("Work you reviewed", Decimal("12.12"), "Three colleagues a week."),
            ("Reactions", Decimal(0), "Not counted: you left this source out."),
        ],
        "changes": [
            ("Answers you gave", Decimal("3.1")),
            ("Answers you got", Decimal("-1.2")),
            ("Reviews", Decimal("0.5")),
        ],
        "history": [
            (day, None if score == "-" else Decimal(score)) for day, score in zip(mondays, scores, strict=True)
        ],
        "weeks": [
            (f"{day:%G-W%V}", count)
            for day, count in zip(mondays, (3, 5, 4, 7, 6, 9, None, 2, 6, 8, 11, 9), strict=True)
        ],
    }
