"""Reading the tree of the current company, tile by tile, as it stood at a size."""

import re
from collections.abc import Sequence

from consent.audit.domain.tree import HEIGHT, WIDTH, tile_path
from consent.audit.models import Leaf, Node

# As large as a tree can grow in a bigint; `tile_path` says whether it is written as it should be.
TILE = re.compile(r"tile/([0-7])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tiles:
    """The tiles of the tree when it held `size` leaves; each is fetched once. Call it as a `tree.TileReader`."""

    def __init__(self, size: int):
        self.size = size
        self._known: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._known:
            self._known[level, number] = self.fetch(level, number)
        return self._known[level, number]

    def width(self, level: int, number: int) -> int:
        """How many hashes this tile has at this size; 0 when there is none."""
        return max(0, min(WIDTH, (self.size >> HEIGHT * level) - number * WIDTH))

    def edge(self) -> list[list[bytes]]:
        """The unfinished tiles at the right, from the leaves up: what a growing tree goes on from."""
        levels = range(-(-self.size.bit_length() // HEIGHT))
        return [list(self(level, (self.size >> HEIGHT * level) // WIDTH)) for level in levels]

    def fetch(self, level: int, number: int) -> list[bytes]:
        """Read a tile without keeping it."""
        first = number * WIDTH
        rows = Leaf.objects.all() if level == 0 else Node.objects.filter(level=level)
        within = rows.filter(index__gte=first, index__lt=first + self.width(level, number)).order_by("index")
        return [bytes(hashed) for hashed in within.values_list("hash", flat=True)]


def tile_at(path: str, size: int) -> Sequence[bytes]:
    """The hashes of the tile of this name (c2sp.org/tlog-tiles) in a tree of this size; empty where there is none."""
    found = TILE.fullmatch(path)
    if not found:
        return []
    level, number, width = int(found[1]), int(re.sub(r"[x/]", "", found[2])), int(found[3] or WIDTH)
    tiles = Tiles(size)
    if tile_path(level, number, width) != path or tiles.width(level, number) < width:
        return []
    return tiles(level, number)[:width]
