"""Handing over the open cases of whoever leaves, one by one, by the door that everybody uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session

if TYPE_CHECKING:
    from activities.store.staff import StaffRecord
    from workflows.core.receipt import Receipt


async def hand_over(session: Session, records: Sequence[StaffRecord], *, to: str, reasons: str | None) -> list[Receipt]:
    """Assign each open case that an import of `records` would leave behind to `to`; the receipts.

    Raises:
        click.UsageError: no reasons are given, or nobody acts.
        RefusedAnswer: a case may not be given to them; those before it are theirs.
        LedgerUnavailable: no answer was to be had.
    """
    from activities.store.staff import left_behind
    from activities.store.vault import seal_note
    from starter.client import Client

    actor = session.actor()
    if reasons is None or not reasons.strip():
        raise click.UsageError(
            "--hand-over-to needs --reasons-text or --reasons-file: why these cases are handed over."
        )
    receipts = []
    async with session.store() as store, Client.connect(session.settings()) as client:
        left = await left_behind(store.connection, store.keyring, records)
        for stream in dict.fromkeys(one.stream for one in left):
            async with store.connection.transaction():
                note = await seal_note(store.connection, store.keyring, stream=stream, text=reasons, author=actor)
            command = {"type": "assign_lead", "person": to, "reasons": note}
            receipts.append(await client.submit(stream, actor=actor, command=command))
    return receipts
