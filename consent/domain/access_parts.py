"""Consent's chapters of a person's own file: what they agreed to, who used their data, what the ledger says of them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from consent.audit.domain.bundles import NothingSealed, write_bundle
from consent.audit.domain.keys import public_keys
from consent.audit.models import Entry
from consent.audit.offline import verify
from consent.domain.access_file import IN_MEMORY, ROWS_A_STEP, AccessFile
from consent.domain.uses import newest_first, told
from consent.models import Choice, DataUsePerson, Grant

AGREEMENT = (
    "reference", "agreed_at", "purpose", "wording", "title", "text", "legal_basis", "source", "counts_from",
    "taken_back_at", "taken_back_reference",
)  # fmt: skip
OF_GRANT = (
    "choice__reference", "granted_at", "purpose_version__purpose", "purpose_version__version", "purpose_version__title",
    "purpose_version__text", "purpose_version__legal_basis", "source__name", "counts_from", "withdrawal__withdrawn_at",
    "withdrawal__choice__reference",
)  # fmt: skip
USE = ("at", "who", "for", "wording", "why", "got", "receipt")
ENTRY = ("number", "at", "event", "in_words", "by", "recorded_at", "payload")


def add_agreements(file: AccessFile) -> None:
    """Each yes in the very words that were agreed to, and each choice with its reference."""
    file.begin(
        "What you agreed to", "Each yes stands for itself, in the words that you were shown, until you took it back."
    )
    grants = Grant.objects.filter(person=file.person).order_by("granted_at", "pk").values_list(*OF_GRANT)
    file.add_rows("agreements", "Each yes, word for word.", AGREEMENT, grants.iterator(ROWS_A_STEP))
    choices = Choice.objects.filter(person=file.person).order_by("made_at", "pk")
    rows = ((c.reference, c.made_at, c.get_kind_display()) for c in choices.iterator(ROWS_A_STEP))
    file.add_rows("choices", "Each choice you confirmed.", ("reference", "made_at", "choice"), rows)


def add_uses(file: AccessFile) -> None:
    """Who looked, when, for what and why; refused attempts too, and the look that made this file."""
    file.begin(
        "Who used your data",
        "Nothing about your engagement can be read before the look is on record. These are all looks, the refused ones"
        " and the one that made this file included.",
    )
    rows = newest_first(DataUsePerson.objects.filter(person_id=file.person.pk)).iterator(ROWS_A_STEP)
    uses = (
        (u.at, u.who, u.purpose, u.version, u.reason, "nothing" if u.is_refused else "your data", u.use)
        for u in told(rows, reader=file.person.pk)
    )
    file.add_rows("uses", "Each use, newest first.", USE, uses)


def add_ledger(file: AccessFile) -> None:
    """The ledger's entries about the person, with what proves that none was changed since."""
    entries = Entry.objects.filter(about=file.person.pk, pk__lte=file.newest)
    keys = " ".join(f'--key "{key}"' for key in public_keys())
    file.begin(
        "What the ledger says of you",
        f"The ledger names people by an opaque id alone; yours is {file.person.pk}. It only grows, and the proof shows"
        " on any computer that these entries stand in it as they were sealed. Compare the key with one that you or"
        " your works council wrote down: a forger would bring along a key of their own.",
        steps=("pip install cryptography", f"python ledger/verify.py ledger/proof.zip {keys}") if keys else (),
    )
    file.add_rows("ledger/entries", "Each entry about you, oldest first.", ENTRY, _told_entries(entries))
    with SpooledTemporaryFile(IN_MEMORY) as bundle:
        try:
            write_bundle(entries, bundle, query=f"about:{file.person.pk}", at=file.at)
        except NothingSealed:
            return  # A company made this very minute.
        bundle.seek(0)
        file.add_stream("ledger/proof.zip", "The same entries with their proofs.", bundle)
    file.add("ledger/verify.py", "Checks the proofs, without Assent.", Path(verify.__file__).read_text("utf-8"))


def _told_entries(entries: Any) -> Iterator[tuple[Any, ...]]:
    for entry in entries.order_by("pk").iterator(ROWS_A_STEP):
        yield entry.pk, entry.at, entry.event, str(entry), entry.by, entry.recorded_at, entry.payload
