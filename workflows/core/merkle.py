"""The Merkle tree of RFC 9162 (section 2.1): one hash that fixes every leaf, and short proofs that a leaf, or an older tree, is in it.

A tree is read through `read(level, index)`: the hash of the perfect subtree of 2^level leaves that begins at leaf index * 2^level. Such hashes
never change once they exist, so they can be stored as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""Level and index of a perfect subtree."""
Read = Callable[[int, int], bytes]
EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""
MOST_HASHES = 63
"""Hashes in a proof at most: enough for any tree whose size fits in 63 bits."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def grown(size: int, leaves: Sequence[bytes], read: Read) -> Iterator[tuple[Node, bytes]]:
    """Every perfect subtree that comes to be when `leaves` (their hashes) are added to a tree of `size` leaves, the leaves included."""
    fresh: dict[Node, bytes] = {}
    for index, leaf in enumerate(leaves, start=size):
        level, hashed = 0, leaf
        fresh[0, index] = leaf
        yield (0, index), leaf
        while index >> level & 1:
            left = level, (index >> level) - 1
            hashed = node_hash(fresh[left] if left in fresh else read(*left), hashed)
            level += 1
            fresh[level, index >> level] = hashed
            yield (level, index >> level), hashed


def edge(size: int) -> list[Node]:
    """The perfect subtrees that a tree of `size` leaves consists of, from left to right: all that growing it, or its root, asks for."""
    nodes, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            nodes.append((level, begin >> level))
            begin += 1 << level
    return nodes


def root(size: int, read: Read) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return EMPTY if size == 0 else _over(0, size, read)


def _over(begin: int, end: int, read: Read) -> bytes:
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, begin >> level)
    middle = begin + _split(size)
    return node_hash(_over(begin, middle, read), _over(middle, end, read))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """The proof that leaf `index` is in the tree of `size` leaves: the hashes beside its way to the root, from below."""
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    return tuple(_over(first, last, read) for first, last in reversed(path))


def consistency(older: int, newer: int, read: Read) -> tuple[bytes, ...]:
    """The proof that the tree of `older` leaves is the beginning of the one of `newer` leaves; empty where there is nothing to prove."""
    if older in {0, newer}:
        return ()
    path, begin, end, whole = [], 0, newer, True
    while end != older:
        middle = begin + _split(end - begin)
        if older <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append((begin, end))
    return tuple(_over(first, last, read) for first, last in reversed(path))


def needed(prove: Callable[[Read], object]) -> set[Node]:
    """The nodes that a proof reads, so that a store can fetch them at once."""
    asked: set[Node] = set()

    def note(level: int, index: int) -> bytes:
        asked.add((level, index))
        return b""

    prove(note)
    return asked


def proves_inclusion(leaf: bytes, index: int, *, size: int, path: Sequence[bytes], of: bytes) -> bool:
    """Whether `path` proves that the leaf with this hash is leaf `index` of the tree of `size` leaves whose root is `of` (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, hashed = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            hashed = node_hash(beside, hashed)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hashed = node_hash(hashed, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and hashed == of


def proves_consistency(older: tuple[int, bytes], newer: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the older tree (size, root) is the beginning of the newer one (2.1.4.2)."""
    (small, old_root), (large, new_root) = older, newer
    if small == large:
        return old_root == new_root and not path
    if small == 0:
        return old_root == EMPTY and not path
    if small > large or not path:
        return False
    first, last, rest = small - 1, large - 1, list(path)
    while first & 1:
        first, last = first >> 1, last >> 1
    # An older tree that is one perfect subtree is itself the first hash of the way.
    old = new = old_root if small & (small - 1) == 0 else rest.pop(0)
    for beside in rest:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, new_root)
