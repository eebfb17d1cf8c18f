"""The proof bundle: a pruned copy of the tree (c2sp.org/tlog-tiles) around the exported entries, for `verify.py`.

`entries.tsv` holds each entry's place and exactly the bytes that were sealed; `indexes.txt` the places that must be
there; `tile/…` what leads from them to the root; `checkpoint` the signed root; `earlier/…` checkpoints of which this
ledger is the continuation. The manifest, signed by the ledger's key, names every file with its digest.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import rfc8785
from django.db.models import Max, OuterRef, QuerySet, Subquery

from consent.audit.domain import keys
from consent.audit.domain.proofs import with_cosignatures
from consent.audit.domain.sealing import canonical, instant
from consent.audit.domain.tiles import Tiles
from consent.audit.domain.tree import HEIGHT, WIDTH, tile_path
from consent.audit.models import Checkpoint, Cosignature, Entry, Leaf

Progress = Callable[[int], None]

CHUNK = 2_000
REACHES_BACK = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=365))
README = """\
This is an export of the ledger {origin}, made on {at}.

  python verify.py {{this file}} --key "{key}"

proves, on any machine with Python 3.11 and the package `cryptography`, that each entry in entries.tsv stands in the
ledger as it was sealed. Download verify.py from the ledger's page, or take the one you keep. Compare the key with the
one you wrote down when you first saw it: a forger brings along a key of their own.

entries.tsv   the place of each entry in the ledger, a tab, and the entry as it was sealed (JSON)
indexes.txt   the places of the entries that must be in this export
checkpoint    the ledger's size and root, signed
earlier/      checkpoints of which this ledger is the continuation
tile/         the hashes that lead from the entries to the root (c2sp.org/tlog-tiles)
manifest      the digest of each file, signed
"""


def write_bundle(
    entries: QuerySet[Entry],
    file: IO[bytes],
    *,
    query: str,
    at: datetime,
    progress: Progress | None = None,
) -> int:
    """Write the proof bundle of these entries; return how many are in it. What is not sealed yet stays out.

    :param query: the search that chose the entries, in its own words; named in the manifest
    :param progress: called now and then with the number of entries written
    :raises NothingSealed: the ledger has no checkpoint yet
    """
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if checkpoint is None:
        raise NothingSealed("Nothing is sealed yet. The first entries will be within 10 seconds.")
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        bundle = _Bundle(archive)
        chosen = bundle.add_lines("entries.tsv", _places(entries, checkpoint.size), progress)
        bundle.add("indexes.txt", "".join(f"{line}\n" for line in _ranges(chosen)).encode())
        bundle.add("checkpoint", with_cosignatures(checkpoint).encode())
        earlier = _earlier(checkpoint, at)
        for before in earlier:
            bundle.add(f"earlier/{before.size}", with_cosignatures(before).encode())
        tiles = Tiles(checkpoint.size)
        for level, number in sorted(_needed(chosen, [checkpoint.size, *(before.size for before in earlier)])):
            width = tiles.width(level, number)
            bundle.add(tile_path(level, number, width), b"".join(tiles.fetch(level, number)))
        _conclude(bundle, checkpoint, {"query": query, "entries": len(chosen), "made_at": instant(at)}, at)
    return len(chosen)


class _Bundle:
    """A zip in the making, and the digest of each file in it."""

    def __init__(self, archive: ZipFile):
        self.archive = archive
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self.archive.writestr(_member(name), content)
        self.digests[name] = sha256(content).hexdigest()

    def add_lines(self, name: str, entries: Iterable[tuple[int, bytes]], progress: Progress | None) -> list[int]:
        """Write a line for each entry as it comes; return their places."""
        digest, places = sha256(), []
        with self.archive.open(_member(name), "w", force_zip64=True) as file:
            for index, entry in entries:
                line = b"%d\t%b\n" % (index, entry)
                digest.update(line)
                file.write(line)
                places.append(index)
                if progress and len(places) % CHUNK == 0:
                    progress(len(places))
        self.digests[name] = digest.hexdigest()
        return places


def _member(name: str) -> ZipInfo:
    """A file without a date: the same export is the same zip."""
    member = ZipInfo(name)
    member.compress_type = ZIP_DEFLATED
    return member


def _places(entries: QuerySet[Entry], size: int) -> Iterator[tuple[int, bytes]]:
    place = Leaf.objects.filter(entry_id=OuterRef("pk")).values("index")[:1]
    sealed = entries.order_by().annotate(place=Subquery(place)).filter(place__lt=size).order_by("place")
    for entry in sealed.iterator(CHUNK):
        yield entry.place, canonical(entry)


def _ranges(places: list[int]) -> Iterator[str]:
    """`7` for one place, `7-12` for several in a row."""
    start = 0
    for i in range(1, len(places) + 1):
        if i == len(places) or places[i] != places[i - 1] + 1:
            yield f"{places[start]}" if i - start == 1 else f"{places[start]}-{places[i - 1]}"
            start = i


def _needed(places: list[int], sizes: list[int]) -> set[tuple[int, int]]:
    """The tiles that lead from these places to the root, and those from which the roots at these sizes are computed."""
    needed = {(0, index // WIDTH) for index in places}
    for size in sizes:
        levels = range(-(-size.bit_length() // HEIGHT))
        needed |= {(level, (size >> HEIGHT * level) // WIDTH) for level in levels if (size >> HEIGHT * level) % WIDTH}
    top = -(-sizes[0].bit_length() // HEIGHT)
    for level in range(top - 1):
        needed |= {(level + 1, number // WIDTH) for at, number in needed if at == level}
    return {(level, number) for level, number in needed if (sizes[0] >> HEIGHT * level) > number * WIDTH}


def _earlier(checkpoint: Checkpoint, at: datetime) -> list[Checkpoint]:
    """Those that somebody may have kept: of a day, a week, a month and a year ago, and those witnessed last."""
    before = Checkpoint.objects.filter(size__lt=checkpoint.size).order_by("-size")
    ago = [before.filter(sealed_at__lte=at - reach).first() for reach in REACHES_BACK]
    witnessed = Cosignature.objects.values("witness").annotate(size=Max("size")).values("size")
    found = {one.size: one for one in [*ago, *before.filter(size__in=witnessed)] if one}
    return [found[size] for size in sorted(found)]


def _conclude(bundle: _Bundle, checkpoint: Checkpoint, said: dict[str, Any], at: datetime) -> None:
    signing = keys.signing_keys(at=at)
    origin, vkeys = signing[-1].name, [str(keys.public_key(key)) for key in signing]
    bundle.add("README.txt", README.format(origin=origin, at=f"{at:%d %B %Y}", key=vkeys[-1]).encode())
    content = rfc8785.dumps({**said, "size": checkpoint.size, "keys": vkeys, "files": bundle.digests}).decode()
    # Its first line is the ledger's name and more, so that no manifest can be taken for a checkpoint.
    bundle.archive.writestr(_member("manifest"), keys.sign(f"{origin}/export\n{content}\n", signing))


class NothingSealed(ValueError):
    """There is no checkpoint that an export could be proven against."""
