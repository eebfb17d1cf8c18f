"""Having the ledger witnessed: a witness hears what the ledger is now, and signs only what leads on from what it knows.

Tools come by themselves and show what they remember (`present`); servers are asked by us (`submit`), as c2sp.org/
tlog-witness says. Either way a ledger behind, or beside, what a witness remembers was restored or rewritten.
"""

import logging
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consent.audit.domain import keys, notes, outgoing, tree
from consent.audit.domain.alarms import raise_alarm
from consent.audit.domain.tiles import Tiles
from consent.audit.errors import LedgerError
from consent.audit.models import Alarm, Checkpoint, Cosignature, Witness

logger = logging.getLogger(__name__)

CONFLICT, UNPROVEN = 409, 422  # what a witness answers: another size is known to it; the proof leads elsewhere
SIZE = "text/x.tlog.size"
FAST_CLOCK = timedelta(hours=1)  # a signature from later than this was not made by a clock


@dataclass(frozen=True)
class Asked:
    """An add-checkpoint request as it was sent, and its answer."""

    checkpoint: Checkpoint
    old: int
    answer: outgoing.Answer

    @property
    def size_there(self) -> int | None:
        """The size that the witness says it knows, where it says one."""
        said = self.answer.body.strip()
        is_size = self.answer.status == CONFLICT and self.answer.kind == SIZE and len(said) < 20
        return int(said) if is_size and said.isascii() and said.isdecimal() else None


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def request_from(old: int, checkpoint: Checkpoint) -> str:
    """Write the body of add-checkpoint: the old size, the proof that the ledger leads on from there, the checkpoint.

    :raises OutsideTree: the checkpoint is smaller than that
    """
    proof = tree.consistency_proof(Tiles(checkpoint.size), old, checkpoint.size)
    lines = [f"old {old}", *(b64encode(hashed).decode() for hashed in proof)]
    return "\n".join(lines) + "\n\n" + checkpoint.note


def request_for(witness: Witness) -> str | None:
    """The request for the newest checkpoint, from where this witness signed last; None before anything is sealed."""
    checkpoint = newest_checkpoint()
    if checkpoint is None:
        return None
    return request_from(min(_last_signed(witness), checkpoint.size), checkpoint)


def present(witness: Witness, note: str, *, at: datetime) -> str:
    """Hear what a tool remembers, and hand it what it may sign next.

    :param note: the last checkpoint that it cosigned; empty when it begins
    :raises LedgerDiffers: the ledger does not lead on from there; the alarm is raised
    :raises UnfitNote: this is no checkpoint of this ledger
    :raises NothingSealed: there is nothing to sign yet
    """
    alarm = compare(witness, note, at=at)
    _was_reached(witness, at)
    if alarm:
        raise LedgerDiffers(alarm)
    checkpoint = newest_checkpoint()
    if checkpoint is None:
        raise NothingSealed("Nothing is sealed yet. Ask again in a minute.")
    return request_from(_remembered(witness, note).size if note else 0, checkpoint)


def compare(witness: Witness, note: str, *, at: datetime) -> Alarm | None:
    """Look whether the ledger leads on from what a witness remembers; raise the alarm where it does not.

    :raises UnfitNote: this is no checkpoint of this ledger
    """
    if not note:
        return None
    there = _remembered(witness, note)
    if _leads_on_from(there):
        return None
    return raise_alarm(witness, note=note, remembers=there.text(), size_there=there.size, at=at)


def keep_cosignature(witness: Witness, lines: str, *, size: int, at: datetime) -> Cosignature:
    """Verify a witness's signature under the checkpoint of this size and keep it; those of others are ignored.

    :raises UnfitNote: the witness has not signed this checkpoint
    """
    checkpoint = Checkpoint.objects.filter(size=size).first()
    if checkpoint is None:
        raise UnfitNote(f"There is no checkpoint of {size} entries here.")
    text, _ = notes.read(checkpoint.note)
    signature = _signature_of(witness, text, lines)
    signed_at = _time_of(signature, at)
    key = notes.Key.read(witness.vkey)
    line = notes.signature_line(key.name, key.id + signature)
    kept, _ = Cosignature.objects.get_or_create(
        witness=witness, size=size, defaults={"line": line, "signed_at": signed_at}
    )
    return kept


def submit(witness: Witness, *, at: datetime) -> Cosignature | None:
    """Ask a witness server to sign the newest checkpoint, from where it stands; None before anything is sealed.

    :raises LedgerDiffers: it knows a ledger that this one does not lead on from; the alarm is raised
    :raises WitnessFailed: it answered what no witness answers
    :raises OSError: it could not be reached
    """
    checkpoint = newest_checkpoint()
    if checkpoint is None:
        return None
    asked = _ask(witness, checkpoint, min(_last_signed(witness), checkpoint.size))
    if asked.size_there is not None and asked.size_there <= checkpoint.size:
        asked = _ask(witness, checkpoint, asked.size_there)
    _was_reached(witness, at)
    if alarm := _alarm_of(witness, asked, at):
        raise LedgerDiffers(alarm)
    if asked.answer.status != 200:
        raise WitnessFailed(f"It answered {asked.answer.status} instead of a signature.")
    return keep_cosignature(witness, asked.answer.body, size=checkpoint.size, at=at)


def submit_to_all(*, at: datetime) -> None:
    """Ask every witness that has an address. What fails with one is kept beside its name and holds up no other."""
    for witness in Witness.objects.asked_by_us().order_by("pk"):
        try:
            submit(witness, at=at)
        except (OSError, ValueError) as error:  # nobody there, no sense in it, or a refusal of ours
            logger.warning("The witness %s did not sign: %s", witness.name, error)
            Witness.objects.filter(pk=witness.pk).update(trouble=str(error)[:400])


def _ask(witness: Witness, checkpoint: Checkpoint, old: int) -> Asked:
    answer = outgoing.post(f"{witness.address}/add-checkpoint", request_from(old, checkpoint))
    return Asked(checkpoint, old, answer)


def _alarm_of(witness: Witness, asked: Asked, at: datetime) -> Alarm | None:
    """The alarm that an answer calls for: more than we hold, the same size with another root, a proof that fails."""
    there = asked.size_there
    now_here = newest_checkpoint() or asked.checkpoint
    # Somebody else of ours may have shown it a newer checkpoint meanwhile: then it is we who are late.
    is_ahead = there is not None and there > now_here.size
    is_beside = asked.answer.status == UNPROVEN or (there == asked.old == asked.checkpoint.size)
    if not (is_ahead or is_beside):
        return None
    says = f"It answered {asked.answer.status} and knows {asked.old if there is None else there} entries; "
    says += f"here its last signature is under {_last_signed(witness)}.\n"
    return raise_alarm(witness, note=says, remembers=says, size_there=asked.old if there is None else there, at=at)


def _leads_on_from(there: notes.Checkpoint) -> bool:
    here = newest_checkpoint()
    if here is None or there.size > here.size:
        return there.size == 0
    return tree.root(Tiles(there.size), 0, there.size) == there.root


def _remembered(witness: Witness, note: str) -> notes.Checkpoint:
    """Read the checkpoint that a witness shows. Our key has signed it or, should that key be lost here, its own."""
    ours = keys.public_keys()
    try:
        there = notes.Checkpoint.read(notes.read(note)[0])
        signers = notes.signers(note, [*ours, notes.Key.read(witness.vkey)])
    except (notes.NotANote, notes.BadSignature) as error:
        raise UnfitNote(str(error)) from None
    if not signers or (ours and there.origin != ours[0].name):
        raise UnfitNote("This is no checkpoint of this ledger: another one’s name or key stands under it.")
    return there


def _signature_of(witness: Witness, text: str, lines: str) -> bytes:
    key = notes.Key.read(witness.vkey)
    try:
        _, signatures = notes.read(f"{text}\n{lines}")
    except notes.NotANote as error:
        raise UnfitNote(str(error)) from None
    for name, key_id, signature in signatures:
        if (name, key_id) == (key.name, key.id) and key.signs(text, signature):
            return signature
    raise UnfitNote(f"{witness.name} has not signed this checkpoint with the key it was taken on with.")


def _time_of(signature: bytes, at: datetime) -> datetime:
    """When a cosignature says it was made: its first eight bytes."""
    seconds = int.from_bytes(signature[:8], "big")
    if seconds > (at + FAST_CLOCK).timestamp():
        raise UnfitNote("The signature is from the future. Set the witness’s clock.")
    return datetime.fromtimestamp(seconds, UTC)


def _last_signed(witness: Witness) -> int:
    last = witness.cosignatures.order_by("-size").values_list("size", flat=True).first()
    return last or 0


def _was_reached(witness: Witness, at: datetime) -> None:
    Witness.objects.filter(pk=witness.pk).update(reached_at=at, trouble="")


class UnfitNote(LedgerError):
    """What a witness sent is not about this ledger, or not signed by it."""


class NothingSealed(LedgerError):
    """The ledger is empty."""


class WitnessFailed(LedgerError):
    """A witness answered outside of the protocol."""


class LedgerDiffers(LedgerError):
    """A witness remembers what this ledger does not lead on from."""

    def __init__(self, alarm: Alarm):
        self.alarm = alarm
        what_now = (
            "Reading about people is stopped until a compliance officer resolves the alarm."
            if alarm.resolved_at is None
            else "An officer has resolved this. The witness begins anew once its owner accepts that, or is removed."
        )
        super().__init__(
            f"The witness knows a ledger of {alarm.size_there:,} entries. This one, of {alarm.size_here:,} when the"
            f" alarm was raised, does not lead on from it: it was restored or rewritten. {what_now}"
        )
