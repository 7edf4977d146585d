"""How well a person who comes again is found: `python -m tests.benchmarks.linking` writes build/linking.json.

For each of so many made-up people in the program, and each way in which a name comes back changed, the changed identity is looked for among all: blocked by shared
codes as the database does, then compared. Told are, for each class, how often the person is among the possible links, and how many of the links are other people.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from activities.store.linking import MOST_LINKS, MOST_OPENED
from activities.store.names import ALIKE, Identity, codes, likeness
from tests.benchmarks.people import CLASSES, people

REPORT = Path("build/linking.json")


class Index:
    """What the database does, in memory: those that share most codes first."""

    def __init__(self, known: list[Identity]) -> None:
        self.known = known
        self._by_code: dict[str, list[int]] = defaultdict(list)
        for number, identity in enumerate(known):
            for code in codes(identity):
                self._by_code[code].append(number)

    def find(self, identity: Identity, *, alike: float) -> tuple[list[int], int]:
        """The numbers of those alike, most alike first, and how many were opened for it."""
        shared: dict[int, int] = defaultdict(int)
        for code in codes(identity):
            for number in self._by_code.get(code, ()):
                shared[number] += 1
        opened = sorted(shared, key=lambda number: -shared[number])[:MOST_OPENED]
        scored = [(likeness(identity, self.known[number]), number) for number in opened]
        return [number for score, number in sorted(scored, reverse=True) if score >= alike][:MOST_LINKS], len(opened)


def measure(*, count: int = 2000, sample: int = 200, alike: float = ALIKE, seed: int = 4) -> dict[str, Any]:
    """Recall, links and opened candidates by class, and how many links somebody gets who is new."""
    chance = random.Random(seed)
    everybody = people(count, chance)
    index = Index([one.identity for one in everybody])
    classes: dict[str, dict[str, Any]] = {}
    for name, changed in CLASSES.items():
        hits = links = opened = 0
        missed: dict[str, int] = defaultdict(int)
        for number in chance.sample(range(count), sample):
            found, looked = index.find(changed(everybody[number], chance), alike=alike)
            hits += number in found
            links += len(found)
            opened += looked
            missed[everybody[number].script] += number not in found
        classes[name] = {
            "recall": hits / sample, "precision": hits / links if links else 1.0, "links_per_opening": links / sample,
            "opened_per_opening": opened / sample, "missed_by_script": {script: n for script, n in missed.items() if n},
        }  # fmt: skip
    strangers = [len(index.find(one.identity, alike=alike)[0]) for one in people(sample, chance)]
    whole = sum(one["recall"] for one in classes.values()) / len(classes)
    per_opening = sum(one["links_per_opening"] for one in classes.values()) / len(classes)
    return {
        "people": count, "alike": alike, "recall": whole, "links_per_opening": per_opening,
        "links_of_a_stranger": sum(strangers) / sample, "classes": classes,
    }  # fmt: skip


if __name__ == "__main__":
    told = [measure(alike=float(alike)) for alike in sys.argv[1:]] or [measure()]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(told[-1], indent=2) + "\n", encoding="utf-8")
    for one in told:
        sys.stdout.write(json.dumps(one, indent=2) + "\n")
