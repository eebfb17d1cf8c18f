"""Sightings of colleagues, in a temporary table of this session: they die with the import, or with its connection."""

from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from django.db import connection

_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
# Enough to sort some five million sightings without a file on disk.
MEMORY = "256MB"


class Seen:
    """Fill it with `take`, then `count`: `pg_temp.counted` holds numbers alone. Nothing is left after the block.

    One COPY stays open over many chunks, so that PostgreSQL takes them in while the next are made; `rest` ends it,
    to free the connection for anything else.
    """

    def __init__(self) -> None:
        self._copying = ExitStack()
        self._copy: Any = None

    def __enter__(self) -> Self:
        self._drop()
        _execute("CREATE TEMPORARY TABLE seen (slot bigint, colleague bigint)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._copying.__exit__(kind, error, trace)
        self._drop()

    def take(self, sightings: Iterable[bytes]) -> None:
        if self._copy is None:
            cursor = self._copying.enter_context(connection.cursor())
            self._copy = self._copying.enter_context(cursor.copy("COPY pg_temp.seen FROM STDIN (FORMAT binary)"))
            self._copy.write(_BEGIN)
        self._copy.write(b"".join(sightings))

    def rest(self) -> None:
        if self._copy is not None:
            self._copy.write(_END)
            self._copy = None
            self._copying.close()

    def count(self) -> None:
        """Count different colleagues, and forget them."""
        self.rest()
        _execute(f"SET work_mem = '{MEMORY}'; SET jit = off")
        _execute(
            """
            CREATE TEMPORARY TABLE counted AS
            SELECT slot >> 21 AS grant_id, (slot >> 17 & 15)::smallint AS kind,
                   date '0001-01-01' + 7 * (slot & 131071)::int AS week, colleagues
            FROM (SELECT slot, count(DISTINCT colleague)::int AS colleagues FROM seen GROUP BY slot) AS by_slot;
            DROP TABLE pg_temp.seen
            """
        )

    def _drop(self) -> None:
        _execute("DROP TABLE IF EXISTS pg_temp.seen, pg_temp.counted; RESET work_mem; RESET jit")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
