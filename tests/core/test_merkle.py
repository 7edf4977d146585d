"""The tree is the one of RFC 9162: its reference roots, and proofs that prove what is true and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.core.merkle import (
    EMPTY,
    consistency,
    edge,
    grown,
    inclusion,
    leaf_hash,
    needed,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root,
)

# The eight leaves and the roots of the reference implementation of RFC 6962, which RFC 9162 keeps.
DATA = [
    bytes.fromhex(d)
    for d in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
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
]  # fmt: skip


class Tree:
    """A tree in memory that grows leaf by leaf, as the store's does."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.nodes: dict[tuple[int, int], bytes] = {}
        for size, leaf in enumerate(leaves):
            self.nodes.update(dict(grown(size, [leaf], self.read)))

    def read(self, level: int, index: int) -> bytes:
        """A stored hash."""
        return self.nodes[level, index]


def by_definition(leaves: list[bytes]) -> bytes:
    """The root, as the RFC's recursive definition says it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


def made(size: int) -> Tree:
    """A tree of `size` leaves."""
    return Tree([leaf_hash(str(number).encode()) for number in range(size)])


def test_the_roots_are_those_of_the_reference() -> None:
    """For each prefix of the reference leaves, the root is the published one; without leaves it is the hash of nothing."""
    tree = Tree([leaf_hash(data) for data in DATA])

    assert [root(size, tree.read).hex() for size in range(1, 9)] == ROOTS
    assert root(0, tree.read) == EMPTY == sha256(b"").digest()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 100])
def test_growing_at_once_and_leaf_by_leaf_are_one(size: int) -> None:
    """However many leaves are added at once, the stored hashes and the root are the definition's; growing reads the edge alone."""
    tree = made(size)
    for first in {0, 1, size // 2, size - 1}:
        read: set[tuple[int, int]] = set()

        def noted(level: int, index: int, read: set[tuple[int, int]] = read) -> bytes:
            read.add((level, index))
            return tree.read(level, index)

        fresh = dict(grown(first, tree.leaves[first:], noted))

        assert fresh.items() <= tree.nodes.items()
        assert read <= set(edge(first))
    assert root(size, tree.read) == by_definition(tree.leaves)


def test_every_leaf_of_every_tree_is_proved_and_no_other() -> None:
    """In all trees of up to 33 leaves each leaf is proved at its place, and at no other place, size or hash."""
    tree = made(33)
    for size in range(1, 34):
        top = root(size, tree.read)
        for index in range(size):
            path = inclusion(index, size, tree.read)
            leaf = tree.leaves[index]

            assert proves_inclusion(leaf, index, size=size, path=path, of=top)
            assert not any(
                proves_inclusion(leaf, other, size=size, path=path, of=top) for other in range(size) if other != index
            )
            assert not proves_inclusion(leaf_hash(b"another"), index, size=size, path=path, of=top)
            assert not proves_inclusion(leaf, index, size=size, path=(*path, leaf), of=top)
            assert not proves_inclusion(leaf, index, size=size + 40, path=path, of=top)


def test_every_older_tree_is_proved_to_be_the_beginning() -> None:
    """Between all sizes of up to 33 leaves the older tree is proved to be the newer one's beginning."""
    tree = made(33)
    roots = {size: root(size, tree.read) for size in range(34)}
    for newer in range(34):
        for older in range(newer + 1):
            path = consistency(older, newer, tree.read)

            assert proves_consistency((older, roots[older]), (newer, roots[newer]), path)


@given(st.integers(2, 40), st.data())
def test_a_rewritten_tree_is_not_proved(size: int, data: st.DataObject) -> None:
    """Where any leaf of the older tree was changed, no proof made from the new tree convinces whoever holds the older root."""
    older = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, older - 1))
    honest = made(size)
    forged = Tree([leaf_hash(b"forged") if n == changed else leaf for n, leaf in enumerate(honest.leaves)])
    path = consistency(older, size, forged.read)

    assert not proves_consistency((older, root(older, honest.read)), (size, root(size, forged.read)), path)


@given(st.integers(2, 40), st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    """A proof of which one hash was changed, left out or doubled is no proof."""
    tree = made(size)
    older = data.draw(st.integers(1, size - 1))
    path = list(consistency(older, size, tree.read))
    where = data.draw(st.integers(0, len(path) - 1))
    trees = (older, root(older, tree.read)), (size, root(size, tree.read))
    for forged in (
        [*path[:where], sha256(path[where]).digest(), *path[where + 1 :]],
        [*path[:where], *path[where + 1 :]],
        [*path[:where], path[where], *path[where:]],
    ):
        assert not proves_consistency(*trees, forged)


def test_a_store_knows_beforehand_what_a_proof_reads() -> None:
    """The nodes that `needed` names are exactly those that the proof reads, and all of them are stored."""
    tree = made(21)
    asked = needed(lambda read: inclusion(4, 21, read)) | needed(lambda read: consistency(6, 21, read))

    assert asked <= tree.nodes.keys()
    assert asked
