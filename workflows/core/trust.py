"""Whom one trusts about the log: its key, its witnesses, and how many of them must have cosigned (C2SP tlog-policy).

    log <key> [<url>]
    witness <name> <key> [<url>]
    group <name> all|any|<number> <member>...
    quorum <name>|none

A group or the quorum names only what stands above it, and a name is member of one group at most: a witness counts once.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

_NOBODY = "none"
_MOST_LINES = 500
_MOST_LETTERS = 64 * 1024
_MOST_DIGITS = 3


class BadPolicy(ValueError):  # noqa: N818 - named for what a reader sees
    """What was read is no policy; the message names the line."""


class WitnessLine(NamedTuple):
    """A witness: its name in the policy, its key as published, and where it is asked (empty: it is not)."""

    name: str
    key: str
    url: str


class Group(NamedTuple):
    """Members of which at least `least` must have cosigned."""

    least: int
    members: tuple[str, ...]


class Policy(NamedTuple):
    """The keys of the log, its witnesses in the order of the file, the groups, and the name whose consent counts."""

    logs: tuple[str, ...]
    witnesses: tuple[WitnessLine, ...]
    groups: dict[str, Group]
    quorum: str

    def met(self, cosigned: Collection[str]) -> bool:
        """Whether the witnesses with these names are enough; never where no quorum is demanded, since then nobody bears witness."""
        held = {name for name in cosigned if name not in self.groups}
        # Each group names only what stands above it: one pass in the order of the file, however deep they nest.
        for name, group in self.groups.items():
            if sum(member in held for member in group.members) >= group.least:
                held.add(name)
        return self.quorum != _NOBODY and self.quorum in held


NOBODY = Policy((), (), {}, _NOBODY)
"""The policy of whoever knows no witness."""


def parse_policy(text: str) -> Policy:
    """The policy in `text`.

    Raises:
        BadPolicy: a line is not one of the four, names what does not stand above it, or there is not exactly one quorum.
    """
    reader = _Reader()
    lines = text.split("\n", _MOST_LINES)
    if len(lines) > _MOST_LINES or len(text) > _MOST_LETTERS:
        raise BadPolicy(f"a policy has at most {_MOST_LINES} lines and {_MOST_LETTERS} letters")
    for number, line in enumerate(lines, start=1):
        words = line.replace("\t", " ").split()
        if words and not words[0].startswith("#"):
            try:
                reader.take(words)
            except BadPolicy as bad:
                raise BadPolicy(f"line {number}: {bad}") from None
    if reader.quorum is None:
        raise BadPolicy("a policy has one line: quorum NAME, or quorum none")
    return Policy(tuple(reader.logs), tuple(reader.witnesses), reader.groups, reader.quorum)


class _Reader:
    """What was read so far."""

    def __init__(self) -> None:
        self.logs: list[str] = []
        self.witnesses: list[WitnessLine] = []
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", key] | ["log", key, _]:
                self._fresh_key(key)
                self.logs.append(key)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._fresh_name(name)
                self._fresh_key(key)
                self.witnesses.append(WitnessLine(name, key, "".join(url)))
            case ["group", name, least, *members] if members:
                self._fresh_name(name)
                self.groups[name] = Group(_least(least, len(members)), self._joined(members))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise BadPolicy("there is a quorum already")
                if name != _NOBODY and name not in self._names():
                    raise BadPolicy(f"{name} does not stand above")
                self.quorum = name
            case _:
                raise BadPolicy("a line reads: log KEY [URL], witness NAME KEY [URL], group NAME all|any|NUMBER NAMES, or quorum NAME")  # fmt: skip

    def _names(self) -> set[str]:
        return {one.name for one in self.witnesses} | self.groups.keys()

    def _fresh_name(self, name: str) -> None:
        if name == _NOBODY or name in self._names():
            raise BadPolicy(f"the name {name} is taken")

    def _fresh_key(self, key: str) -> None:
        # The same key under another name is the same witness.
        bare = key.rpartition("+")[2]
        if bare in {known.rpartition("+")[2] for known in (*self.logs, *(one.key for one in self.witnesses))}:
            raise BadPolicy("this key stands above already")

    def _joined(self, members: list[str]) -> tuple[str, ...]:
        for member in members:
            if member not in self._names():
                raise BadPolicy(f"{member} does not stand above")
            if member in self._members:
                raise BadPolicy(f"{member} is in a group already, and counts once")
            self._members.add(member)
        return tuple(members)


def _least(word: str, members: int) -> int:
    if word in {"all", "any"}:
        return members if word == "all" else 1
    if not word.isascii() or not word.isdigit() or len(word) > _MOST_DIGITS or not 1 <= int(word) <= members:
        raise BadPolicy(f"a group takes all, any, or a number from 1 to {members}")
    return int(word)
