"""Progress of a dump in the terminal: nobody knows how long it will be, so it shows what is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from config.backups.database import Tell


@contextmanager
def telling() -> Iterator[Tell]:
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as progress:
        task = progress.add_task("Beginning")

        def tell(what: str, number: int) -> None:
            unit = f"{number:,} s" if what == "Loading" else f"{number / 1e6:,.1f} MB"
            progress.update(task, description=f"{what}: {unit}")

        yield tell
