"""The Merkle tree of RFC 6962, kept as tiles of 256 hashes (c2sp.org/tlog-tiles). Pure: no database here.

A tile is named by its level and number: at level 0 stand the leaves' hashes, and each hash of a higher level is the
root over one full tile of the level below. Whoever can read tiles can compute every root and every proof.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

WIDTH = 256  # hashes in a full tile
HEIGHT = 8  # levels of the tree in one tile: 2 ** 8 = 256

# tile(level, number) gives its hashes, from 1 to 256 of them.
TileReader = Callable[[int, int], Sequence[bytes]]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Compute MTH over subtree roots of equal height (RFC 6962, section 2.1), a whole row at a time."""
    if not hashes:
        return sha256(b"").digest()
    row = list(hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) - len(row) % 2 :]
    return row[0]


def split(size: int) -> int:
    """Return the largest power of two below `size`: where RFC 6962 divides a tree."""
    return 1 << (size - 1).bit_length() - 1


def root(tile: TileReader, start: int, stop: int) -> bytes:
    """Compute MTH(D[start:stop]) of a range that is a subtree of the log: `start` fits the range's own split."""
    size = stop - start
    if size == 0:
        return root_of([])
    if size & (size - 1):
        middle = start + split(size)
        return node_hash(root(tile, start, middle), root(tile, middle, stop))
    level = (size.bit_length() - 1) // HEIGHT
    first, width = start >> HEIGHT * level, size >> HEIGHT * level
    hashes = tile(level, first // WIDTH)[first % WIDTH : first % WIDTH + width]
    return root_of(hashes)


def inclusion_proof(tile: TileReader, index: int, size: int) -> list[bytes]:
    """Compute PATH(index, D[size]) of RFC 6962, section 2.1.1: the leaf's sibling first.

    :raises OutsideTree: there is no such leaf
    """
    if not 0 <= index < size:
        raise OutsideTree(f"there is no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + split(stop - start)
        if index < middle:
            proof.append(root(tile, middle, stop))
            stop = middle
        else:
            proof.append(root(tile, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(tile: TileReader, old: int, size: int) -> list[bytes]:
    """Compute PROOF(old, D[size]) of RFC 6962, section 2.1.2: the first `old` leaves still begin the tree.

    :raises OutsideTree: the old tree is larger than this one
    """
    if not 0 <= old <= size:
        raise OutsideTree(f"a tree of {size} cannot contain one of {old}")
    if old in {0, size}:
        return []
    proof: list[bytes] = []
    start, stop, is_known = 0, size, True
    while old != stop:
        middle = start + split(stop - start)
        if old <= middle:
            proof.append(root(tile, middle, stop))
            stop = middle
        else:
            proof.append(root(tile, start, middle))
            start, is_known = middle, False
    return ([] if is_known else [root(tile, start, stop)]) + proof[::-1]


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Name a tile as c2sp.org/tlog-tiles does: `tile/0/x001/234.p/17`."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


class Edge:
    """The right edge of a growing tree: the hashes of the unfinished tile at each level."""

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()):
        self.size = size
        self.rows = [list(row) for row in rows]

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; return (level, index, hash) for each tile it has filled: nodes of the level above."""
        self.size += 1
        return self._put(0, leaf)

    def _put(self, level: int, value: bytes) -> list[tuple[int, int, bytes]]:
        if level == len(self.rows):
            self.rows.append([])
        row = self.rows[level]
        row.append(value)
        if len(row) < WIDTH:
            return []
        filled = root_of(row)
        row.clear()
        index = (self.size >> HEIGHT * (level + 1)) - 1
        return [(level + 1, index, filled), *self._put(level + 1, filled)]

    def root(self) -> bytes:
        """Compute the root of the whole tree, from its full subtrees, smallest first."""
        found = b""
        for row in self.rows:
            for subtree in _subtrees(row):
                found = node_hash(subtree, found) if found else subtree
        return found or root_of([])


def _subtrees(row: list[bytes]) -> list[bytes]:
    """The full binary subtrees of an unfinished row, from the right, smallest first."""
    roots, stop = [], len(row)
    while stop:
        width = stop & -stop
        roots.append(root_of(row[stop - width : stop]))
        stop -= width
    return roots


class OutsideTree(ValueError):
    """A proof was asked for something that the tree does not hold."""
