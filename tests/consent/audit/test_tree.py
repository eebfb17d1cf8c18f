"""The tree against the published vectors of Certificate Transparency, an independent implementation, and itself."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from consent.audit.domain.tree import (
    HEIGHT,
    WIDTH,
    Edge,
    OutsideTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
    tile_path,
)

# The eight inputs and roots of google/certificate-transparency's merkle_tree_test (RFC 6962).
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tiles_of(leaves: list[bytes]):
    """A reader of tiles over a list, made the slow and obvious way."""

    def tile(level: int, number: int) -> list[bytes]:
        span = WIDTH**level
        whole = len(leaves) // span
        return [
            root_of(leaves[i * span : (i + 1) * span]) for i in range(number * WIDTH, min((number + 1) * WIDTH, whole))
        ]

    return tile


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(index.to_bytes(4, "big")) for index in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_root_is_that_of_the_published_vectors(size):
    assert root_of([leaf_hash(entry) for entry in INPUTS[:size]]).hex() == ROOTS[size - 1]


def test_root_of_nothing_is_the_hash_of_nothing():
    assert Edge().root() == root_of([]) == sha256(b"").digest()


@given(st.integers(1, 1400))
def test_growing_edge_leads_to_the_same_root(size):
    leaves, edge = leaves_of(size), Edge()
    for leaf in leaves:
        edge.append(leaf)
    assert edge.root() == root_of(leaves) == root(tiles_of(leaves), 0, size)


def test_filled_tiles_are_handed_up():
    edge = Edge()
    filled = [node for leaf in leaves_of(2 * WIDTH + 3) for node in edge.append(leaf)]
    tile = tiles_of(leaves_of(2 * WIDTH + 3))
    assert filled == [(1, 0, tile(1, 0)[0]), (1, 1, tile(1, 0)[1])]


def test_third_level_begins_where_the_second_is_full():
    edge = Edge()
    filled = [node for leaf in leaves_of(WIDTH**2) for node in edge.append(leaf)]
    assert [(level, index) for level, index, _ in filled[-2:]] == [(1, WIDTH - 1), (2, 0)]
    assert len(edge.rows) == 3
    assert edge.root() == root_of(leaves_of(WIDTH**2))


# ── Against pymerkle ────────────────────────────────────────────────────────────────────
def oracle(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for index in range(size):
        tree.append_entry(index.to_bytes(4, "big"))
    return tree


@given(st.integers(1, 600).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_inclusion_proof_is_the_oracle_s(sized):
    size, index = sized
    expected = oracle(size).prove_inclusion(index + 1).serialize()["path"]
    ours = inclusion_proof(tiles_of(leaves_of(size)), index, size)
    assert {hashed.hex() for hashed in ours} == set(expected) - {leaves_of(size)[index].hex()}


@given(st.integers(1, 600).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_a_tree_s_past_can_be_proven_from_its_tiles(sized):
    size, old = sized
    leaves = leaves_of(size)
    assert root(tiles_of(leaves), 0, old) == root_of(leaves[:old]) == oracle(old).get_root()


def test_proof_of_what_is_not_there_is_refused():
    with pytest.raises(OutsideTree):
        inclusion_proof(tiles_of(leaves_of(3)), 3, 3)
    with pytest.raises(OutsideTree):
        consistency_proof(tiles_of(leaves_of(3)), 4, 3)


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [(0, 256, "000"), (999, 256, "999"), (1234067, 256, "x001/x234/067"), (273, 112, "273.p/112")],
)
def test_tiles_are_named_as_the_standard_names_them(number, width, path):
    assert tile_path(0, number, width) == f"tile/0/{path}"


def test_height_fits_width():
    assert 2**HEIGHT == WIDTH
