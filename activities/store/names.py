"""Names: what is compared when two people may be one, in any alphabet, with misspellings, swapped and missing parts.

Pure: names in, phonetic codes or a likeness out. Letters are brought into ASCII by `anyascii`; a code is what is left of a part once vowels are dropped and
consonants that are mistaken for each other are one (as in Soundex, but with the first letter in a class too: Jusuf, Yusuf and يوسف share a code).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import permutations
from typing import NamedTuple

import jellyfish
from anyascii import anyascii
from rapidfuzz.distance import OSA, JaroWinkler

ALIKE = 0.84
"""Least likeness that is put before a person; chosen by `python -m tests.benchmarks.linking` (recall against candidates for each opening)."""
_ARTICLE = re.compile(r"(?<!\w)\u0627\u0644(?=\w{2})")
_NOT_A_LETTER = re.compile(r"[^a-z]+")
_REPEATED = re.compile(r"(.)\1+")
_CLASSES = str.maketrans({
    **dict.fromkeys("bpfvw", "1"), **dict.fromkeys("cgkqxjszh", "2"), **dict.fromkeys("dt", "3"),
    "l": "4", "m": "5", "n": "5", "r": "6", **dict.fromkeys("aeiouy", ""),
})  # fmt: skip
_ALWAYS_DROPPED = str.maketrans("", "", "h")
_PARTICLES = frozenset({"al", "el", "von", "van", "der", "de", "den", "da", "di", "bin", "ibn", "abu"})
_MOST_PARTS = 6


class Identity(NamedTuple):
    """Names under which a person is known (the given one first), and the birth date as far as it is known: a date, a year, or None."""

    names: tuple[str, ...]
    born: date | int | None = None


def parts(name: str) -> tuple[str, ...]:
    """The parts of a name in ASCII lower case, particles left out."""
    found = [
        part
        for part in _NOT_A_LETTER.split(anyascii(_ARTICLE.sub("", name)).lower().replace("'", "").replace("`", ""))
        if part
    ]
    kept = [part for part in found if part not in _PARTICLES and len(part) > 1]
    return tuple((kept or found)[:_MOST_PARTS])


def skeleton(part: str) -> str:
    """The consonants of a part, as classes, repetitions once."""
    plain = part.translate(_ALWAYS_DROPPED).translate(_CLASSES)
    return _once(plain)


def _once(letters: str) -> str:
    return _REPEATED.sub(r"\1", letters)


def codes(identity: Identity) -> frozenset[str]:
    """What an identity is found by: of each part of each name its skeleton, the skeletons with one consonant left out, and NYSIIS."""
    return frozenset(code for name in identity.names for part in parts(name) for code in _codes(part))


def _codes(part: str) -> Iterator[str]:
    bones = skeleton(part)
    yield f"s{bones or part[:2]}"
    if len(bones) > 2:
        for place in range(len(bones)):
            yield "s" + _once(bones[:place] + bones[place + 1 :])
    yield f"n{jellyfish.nysiis(part)}"


def likeness(one: Identity, other: Identity) -> float:
    """How alike two identities are, from 0 to 1: the best pair of their names, moved by what their birth dates say."""
    pairs = ((parts(mine), parts(theirs)) for mine in one.names for theirs in other.names)
    best = max((_names(*pair) for pair in pairs), default=0.0)
    return max(0.0, min(1.0, best + _births(one.born, other.born)))


def _names(one: Sequence[str], other: Sequence[str]) -> float:
    """The best way to lay the parts of the shorter name beside those of the longer, whatever their order; a single part proves little."""
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=len)
    table = [[_part(mine, theirs) for theirs in long] for mine in short]
    best = max(_mean(table[row][column] for row, column in enumerate(order)) for order in permutations(range(len(long)), len(short)))  # fmt: skip
    joined = _part("".join(one), "".join(other))
    return max(best - 0.02 * (len(long) - len(short)) - (0.12 if len(short) == 1 and len(long) > 1 else 0.0), joined)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    # The least alike part weighs as much again: one part in common is common.
    return (sum(found) + min(found)) / (len(found) + 1)


def _part(one: str, other: str) -> float:
    spelled = max(JaroWinkler.similarity(one, other), OSA.normalized_similarity(one, other))
    bones, others = skeleton(one), skeleton(other)
    heard = 0.93 if bones == others and len(bones) > 1 else OSA.normalized_similarity(bones, others) * 0.85
    return max(spelled if bones or others else spelled * 0.9, heard)


def _births(one: date | int | None, other: date | int | None) -> float:
    """What two birth dates add: an equal one speaks for it, a mistyped one hardly against it, a quite different one clearly."""
    if one is None or other is None:
        return 0.0
    if isinstance(one, int) or isinstance(other, int):
        apart = abs((one if isinstance(one, int) else one.year) - (other if isinstance(other, int) else other.year))
        return 0.02 if apart == 0 else -0.01 if apart == 1 else -0.12
    if one == other:
        return 0.08
    swapped = (one.year, one.day, one.month) == (other.year, other.month, other.day)
    wrong = OSA.distance(f"{one:%Y%m%d}", f"{other:%Y%m%d}")
    if swapped or wrong == 1:
        return 0.04
    return -0.02 if wrong == 2 else -0.15
