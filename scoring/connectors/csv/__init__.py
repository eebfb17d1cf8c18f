"""A CSV file of interactions: who did what towards whom, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from scoring.connectors.csv.opening import opened
from scoring.connectors.door import KINDS, LEFT_OUT, Door
from scoring.connectors.refusals import FileRefused, RowRefused
from scoring.states import Act

COLUMNS = ("occurred_at", "actor", "kind", "target")
HOW = "A CSV in UTF-8 with four columns: when, who, what, towards whom. You say which is which on the next page."
FIELDS = (
    ("When", "to tell the week"),
    ("Who", "who did it"),
    ("What", "which kind of dealing it was; the words for it are kept with the receipt"),
    ("Towards whom", "who else took part"),
)
NEVER = ("All other columns",)
NOT_COUNTED = ""
PREVIEW_ROWS = 20
ROWS_SEARCHED_FOR_KINDS = 200_000
ROWS_A_STEP = 20_000
MOST_KINDS = 40

_GUESSED_COLUMNS = {
    "occurred_at": {"occurred_at", "at", "ts", "time", "timestamp", "date", "datetime", "created_at", "when"},
    "actor": {"actor_email", "actor", "from", "sender", "sender_email", "author", "user", "who"},
    "kind": {"kind", "type", "action", "event", "what"},
    "target": {"target_email", "target", "to", "recipient", "recipient_email", "whom"},
}
_GUESSED_ACTS = {
    Act.ANSWERED: {"answered", "answer", "reply", "replied", "message_to", "response", "commented"},
    Act.REVIEWED: {"reviewed", "review", "reviewed-by", "acked-by", "tested-by", "approved", "acked", "tested"},
    Act.MENTIONED: {"mentioned", "mention", "message_cc"},
    Act.REACTED: {"reacted", "reaction", "like", "liked", "thanked"},
}


@dataclass(frozen=True)
class Preview:
    """What stands at the top of the file, and what we would guess of it."""

    headers: list[str]
    rows: list[list[str]]
    kinds: list[str]
    columns: dict[str, str]
    acts: dict[str, str]


def inspect(path: Path) -> None:
    """Look whether this is a CSV of interactions at all.

    :raises FileRefused: empty, not UTF-8, too few or doubled headers, no rows
    """
    preview(path)


def preview(path: Path, *, kind: str | None = None) -> Preview:
    """Read the first rows and find the kinds that occur.

    :param kind: the header of the column of kinds; None guesses it
    :raises FileRefused: as `inspect`
    """
    with opened(path) as table:
        columns = {column: _guess(table.headers, names) for column, names in _GUESSED_COLUMNS.items()}
        columns["kind"] = kind if kind in table.headers else columns["kind"]
        place = table.place(columns["kind"]) if columns["kind"] else None
        rows, kinds = [], {}
        for number, row in enumerate(table):
            if number < PREVIEW_ROWS:
                rows.append(row)
            if place is not None and len(row) > place:
                kinds[row[place]] = guess_act(row[place])
            if number >= ROWS_SEARCHED_FOR_KINDS or len(kinds) > MOST_KINDS:
                break
        if not rows:
            raise FileRefused("The file has headers but no rows. Nothing was read.")
        return Preview(table.headers, rows, list(kinds), columns, kinds)


def are_kinds(values: list[str]) -> bool:
    """Whether a column can be one of kinds: few, and nobody's address. Kinds are kept with the receipt."""
    return len(values) <= MOST_KINDS and not any("@" in value for value in values)


def guess_act(kind: str) -> str:
    """The act that a kind of the file most likely means, or NOT_COUNTED."""
    return next((act.value for act, words in _GUESSED_ACTS.items() if kind.strip().lower() in words), NOT_COUNTED)


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:
    """Stream the file through the door; yields how much of it is done, in bytes.

    :param options: `columns`: COLUMNS → header; `acts`: kind as written → act, or NOT_COUNTED
    """
    acts = {kind: KINDS[Act(act)] for kind, act in options["acts"].items() if act}
    # The only loop here that runs millions of times: what it calls is looked up once.
    week_of, meet, rows = door.calendar.week, door.meet, door.rows
    with opened(path) as table:
        pick = itemgetter(*(table.place(options["columns"][column]) for column in COLUMNS))
        for number, row in enumerate(table):
            try:
                when, actor, kind, target = pick(row)
                week = week_of(when)
                kinds = acts.get(kind)
                rows[LEFT_OUT if kinds is None else meet(actor, kinds, target, week)] += 1
            except IndexError:
                if row:
                    door.refuse(f"line {table.line}", "The row has fewer columns than the header.")
            except RowRefused as refusal:
                door.refuse(f"line {table.line}", str(refusal))
            if not number % ROWS_A_STEP:
                yield table.bytes_read()


def _guess(headers: list[str], names: set[str]) -> str:
    return next((header for header in headers if header.strip().lower() in names), "")
