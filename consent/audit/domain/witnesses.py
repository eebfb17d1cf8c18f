"""Who witnesses the ledger from outside: taken on and let go by an officer, on the record."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from consent.audit.domain import keys, notes, outgoing
from consent.audit.domain.recording import Actor, record
from consent.audit.errors import LedgerError
from consent.audit.events import WitnessAdded, WitnessRemoved
from consent.audit.models import Cosignature, Witness

# The name goes into entries that nobody can erase: no room for an e-mail address, and none for spaces.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")


@transaction.atomic
def add_witness(vkey: str, *, by: Actor, at: datetime, address: str = "") -> tuple[Witness, str]:
    """Take on a witness by its key. With an address it is asked by us; without, its tool comes with a token.

    :returns: the witness, and the token, which is kept nowhere and shown this once; empty where there is an address
    :raises UnfitWitness: this is no witness's key, or it is one already
    :raises UnfitAddress: the address may not be asked
    """
    key = fit_key(vkey)
    token = "" if address else secrets.token_urlsafe(32)
    witness = Witness.objects.create(
        name=key.name,
        vkey=str(key),
        address=outgoing.fit_address(address) if address else "",
        token_digest=_digest(token) if token else None,
        added_at=at,
        added_by=by.id,
    )
    record(WitnessAdded(witness.name, witness.vkey), by=by, at=at)
    return witness, token


@transaction.atomic
def remove_witness(witness: Witness, *, by: Actor, at: datetime) -> None:
    """Let a witness go. What it signed stays, and so does an alarm that it raised."""
    if Witness.objects.at_work().filter(pk=witness.pk).update(removed_at=at):
        record(WitnessRemoved(witness.name), by=by, at=at)


def fit_key(vkey: str) -> notes.Key:
    """Read the key of somebody who could witness this ledger.

    :raises UnfitWitness: the text says what is wrong with it
    """
    try:
        key = notes.Key.read(vkey)
    except notes.NotANote as error:
        raise UnfitWitness(f"{error} Copy the whole line that the witness shows.") from None
    if key.kind != notes.WITNESS:
        raise UnfitWitness("This key signs logs. A witness has one that cosigns: `witness.py init` makes it.")
    if not NAME.fullmatch(key.name):
        raise UnfitWitness(
            "A witness is named like an address, as in witness.example/audit: the name stays in the ledger for ever, "
            "so it may be nobody’s mail address. Make its key anew under such a name."
        )
    if key.public in {ours.public for ours in keys.public_keys()}:
        raise UnfitWitness("The ledger cannot witness itself: this is its own key.")
    if Witness.objects.at_work().filter(vkey=str(key)).exists():
        raise UnfitWitness("This key witnesses the ledger already.")
    return key


def witness_with(token: str) -> Witness | None:
    """Find whose tool holds this token."""
    return Witness.objects.at_work().filter(token_digest=_digest(token)).first()


def witnesses() -> QuerySet[Witness]:
    """Those at work, in the order in which they came, each with the size and the instant it signed last."""
    last = Cosignature.objects.filter(witness=OuterRef("pk")).order_by("-size")[:1]
    return (
        Witness.objects.at_work()
        .annotate(last_size=Subquery(last.values("size")), last_signed_at=Subquery(last.values("signed_at")))
        .order_by("pk")
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


class UnfitWitness(LedgerError):
    """Somebody who cannot witness the ledger. The text says why."""
