"""Whatever is lost, nothing is lost silently: it is put back exactly, or named as missing under two people's signature."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import get_args

import pytest

from starter.stack import Stack
from tests.recovery.disaster import Outcome, disaster
from tests.recovery.rig import Escrowed, Kind

RUNS = int(os.environ.get("OFFRAMP_RECOVERY_RUNS", "1"))
"""Disasters of each kind; the figures of a release are of fifty."""
FIRST = int(os.environ.get("OFFRAMP_RECOVERY_SEED", "1"))
KINDS: tuple[Kind, ...] = get_args(Kind)
ESCROWS: tuple[Escrowed, ...] = ("whole", "whole", "torn", "gone")
PATIENCE_SECONDS = 240


@pytest.mark.long
@pytest.mark.timeout(PATIENCE_SECONDS + 60)
@pytest.mark.parametrize("number", range(RUNS))
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_silently(losing: Stack, tmp_path: Path, kind: Kind, number: int) -> None:
    """The ledger, Temporal, both, or the keys are put back to older moments: every receipt's entry is there once, or named; cases run and go on."""
    seed = FIRST + 1000 * KINDS.index(kind) + number
    escrow = ESCROWS[number % len(ESCROWS)]
    outcome = asyncio.run(asyncio.wait_for(disaster(losing, tmp_path, seed, kind, escrow), PATIENCE_SECONDS))
    _count(outcome)

    assert outcome.wrong == [], f"seed {seed}"
    if escrow == "whole" and kind != "both":
        assert outcome.exact, f"seed {seed}"


def _count(outcome: Outcome) -> None:
    """A line for whoever adds the runs up, where they asked for it."""
    if path := os.environ.get("OFFRAMP_RECOVERY_FIGURES"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{outcome}\n")
