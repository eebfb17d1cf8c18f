"""What a person ticks before they take part, where everything begins unticked; and what officers search for."""

from dataclasses import asdict
from itertools import groupby
from typing import Any

from django import forms
from django.core import signing

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.events import REGISTRY
from consent.domain.choices import Wish
from consent.domain.ledger_formats import FORMATS
from consent.domain.ledger_query import MOST_CHARACTERS, Days, Query, QueryNotUnderstood, Term, days_of, parse
from consent.models import PurposeVersion, Source
from consent.states import MOST_WEEKS_BACK, PurposeKey

STALE = "The wording of a purpose has changed since this page was shown. Read it again, then choose."
GONE = "A source you chose is no longer in use. Look at the list again, then choose."
WEEKS_BACK = (
    (0, "From this week on"),
    (4, "From 4 weeks back"),
    (13, "From 13 weeks back"),
    (MOST_WEEKS_BACK, f"From {MOST_WEEKS_BACK} weeks back"),
)
REACHES = {
    "0": "Nothing older is counted.",
    "4": "About a month.",
    "13": "About a quarter.",
    str(MOST_WEEKS_BACK): "Half a year: as far back as we ever go.",
}
# Long enough to read everything twice, short enough that a link left behind is of no use.
ANSWERS_KEPT_FOR = 60 * 60


class TakePartForm(forms.Form):
    """Wordings are posted by their row, so that a yes is for exactly the words that were shown."""

    purpose_versions = forms.ModelMultipleChoiceField(
        PurposeVersion.objects.none(),
        label="What your data may be used for",
        help_text="Each is a yes of its own. The first is the score itself; the others build on it.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least the first purpose, or stay out.",
            "invalid_choice": STALE,
            "invalid_pk_value": STALE,
        },
    )
    sources = forms.ModelMultipleChoiceField(
        Source.objects.none(),
        label="Where it may come from",
        help_text="A source you leave out lowers nothing: its part of the score just is not there.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one source, or stay out.",
            "invalid_choice": GONE,
            "invalid_pk_value": GONE,
        },
    )
    weeks_back = forms.TypedChoiceField(
        label="From when on it counts",
        choices=WEEKS_BACK,
        coerce=int,
        initial=0,
        widget=forms.RadioSelect,
        error_messages={"required": "Say from when on your weeks count."},
    )
    is_of_age = forms.BooleanField(
        label="I am 18 or older",
        help_text="Nobody younger is scored. We do not ask for your date of birth.",
        error_messages={"required": "Confirm that you are 18 or older. Nobody younger is scored."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose_versions"].queryset = PurposeVersion.objects.offered().order_by("pk")
        self.fields["sources"].queryset = Source.objects.in_use().order_by("name")

    def clean_purpose_versions(self):
        versions = self.cleaned_data["purpose_versions"]
        if PurposeKey.SCORING not in {version.purpose for version in versions}:
            raise forms.ValidationError(
                "Tick the first purpose: the others are about a score, and there is none without it."
            )
        return versions

    @property
    def descriptions(self) -> dict[str, dict[str, str]]:
        """For each field of cards, the sentence under each choice."""
        return {
            "purpose_versions": {str(version.pk): version.text for version in self.fields["purpose_versions"].queryset},
            "sources": {str(source.pk): source.description for source in self.fields["sources"].queryset},
            "weeks_back": REACHES,
        }

    @property
    def reach(self) -> str:
        """How far back the person wants to be counted, in words."""
        return dict(WEEKS_BACK)[self.cleaned_data["weeks_back"]]

    def wish(self) -> Wish:
        answers = self.cleaned_data
        return Wish(
            purpose_versions=tuple(version.pk for version in answers["purpose_versions"]),
            sources=tuple(str(source.pk) for source in answers["sources"]),
            weeks_back=answers["weeks_back"],
            is_of_age=answers["is_of_age"],
        )


def seal_answers(person: Person, wish: Wish) -> str:
    """Carry the answers to the next page, signed for this person.

    Plain parameters would let anybody send a colleague a link on which everything is ticked already.
    """
    return signing.dumps(asdict(wish), salt=_salt(person))


def unseal_answers(person: Person, sealed: str) -> Wish:
    """Read them back.

    :raises AnswersGone: they are older than an hour, somebody else's, or not ours
    """
    try:
        answers = signing.loads(sealed, salt=_salt(person), max_age=ANSWERS_KEPT_FOR)
    except signing.BadSignature as error:
        raise AnswersGone(
            "What you ticked is kept for one hour, and that is over. Nothing was agreed to. Choose again."
        ) from error
    return Wish(**answers)


def _salt(person: Person) -> str:
    return f"take-part:{person.pk}"


class AnswersGone(DomainError):
    """The answers of an earlier page cannot be read any more."""


class UsesForm(forms.Form):
    """Which uses of one's own data to show. Nothing is required: what is unknown filters nothing."""

    purpose = forms.ChoiceField(required=False, label="For what")
    own = forms.BooleanField(required=False)
    refused = forms.BooleanField(required=False, label="Only what was refused")

    def __init__(self, *args: Any, own_looks: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = PurposeVersion.objects.current().order_by("title").values_list("purpose", "title")
        self.fields["purpose"].choices = [("", "Everything"), *titles]
        self.fields["own"].label = f"Your own looks too ({own_looks:,})"


class LedgerForm(forms.Form):
    """The search box. An empty one finds everything; “optional” beside it would puzzle."""

    use_required_attribute = False
    q = forms.CharField(
        label="Search the ledger",
        max_length=MOST_CHARACTERS,
        widget=forms.SearchInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )


DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FiltersForm(forms.Form):
    """Fields that write a query. What they leave as it was stays in the query word for word."""

    q = forms.CharField(required=False, widget=forms.HiddenInput)
    event = forms.ChoiceField(required=False, label="Kind of entry")
    by = forms.CharField(required=False, label="Who acted", help_text="A name, an e-mail address, or “machine”.")
    about = forms.CharField(required=False, label="About whom", help_text="A name or an e-mail address.")
    # Texts, not dates: what is no date goes into the query, where its refusal says what to write instead.
    first = forms.CharField(required=False, label="From", widget=DAY)
    last = forms.CharField(required=False, label="To", widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].choices = [("", "All kinds"), *_kinds_by_app()]

    @classmethod
    def of(cls, query: Query) -> "FiltersForm":
        """The fields filled with what a query says, as far as they can say it."""
        return cls(initial={"q": str(query)} | _shown(query))

    def query(self) -> Query:
        """The query with what was changed here written into it; a query that cannot be read is written anew."""
        try:
            query = parse(self.cleaned_data["q"])
        except QueryNotUnderstood:
            query = Query()
        shown, wanted = _written(_shown(query)), _written(self.cleaned_data)
        for key in ("event", "by", "about", "at"):
            if shown[key] != wanted[key]:
                query = query.with_value(key, wanted[key])
        return query


class SaveSearchForm(forms.Form):
    """A name for a search, and whether the other officers see it too."""

    q = forms.CharField(required=False, max_length=MOST_CHARACTERS, widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=80, label="Name of this search", error_messages={"required": "Give the search a name."}
    )
    is_shared = forms.BooleanField(required=False, label="Other officers see it too")


def _kinds_by_app() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every kind of entry under the room that writes it: “Consent: Grant made”."""
    rooms = groupby(sorted(REGISTRY), key=lambda name: name.partition(".")[0])
    return [
        (room.capitalize(), [(name, name.partition(".")[2].replace("_", " ").capitalize()) for name in names])
        for room, names in rooms
    ]


def _shown(query: Query) -> dict[str, Any]:
    """What the fields can show of a query: a key that stands there once."""
    at, event = query.value_of("at"), query.value_of("event").lower()
    days = days_of(Term(at, "at")) if at else Days(None, None)
    return {
        "event": next((name for name, kind in REGISTRY.items() if event in (name, kind.__name__.lower())), ""),
        "by": query.value_of("by"),
        "about": query.value_of("about"),
        "first": days.first,
        "last": days.last,
    }


def _written(values: dict[str, Any]) -> dict[str, str]:
    """The fields as values of terms."""
    first, last = (str(values[end] or "") for end in ("first", "last"))
    at = first if first == last else f"{first}..{last}"
    return {key: values[key] for key in ("event", "by", "about")} | {"at": at}


class ExportForm(forms.Form):
    """What to export, and as what."""

    q = forms.CharField(
        required=False,
        label="Which entries",
        max_length=MOST_CHARACTERS,
        help_text="A query, as on the ledger’s page. Leave it empty for every entry there is.",
    )
    format = forms.ChoiceField(
        label="As which kind of file",
        choices=[(name, kind.label) for name, kind in FORMATS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a kind of file.", "invalid_choice": "Choose one of these kinds of file."},
    )
    descriptions = {name: kind.description for name, kind in FORMATS.items()}
