"""Synthetic streams, entries and people for the store's tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from activities.store import ledger
from activities.store.keys import KeyRing
from activities.store.pool import Pool, transaction
from workflows.core.entry import GENESIS, Entry, seal

NEW_YEAR = datetime(2026, 1, 1, 9, tzinfo=UTC)
BODY = b'[{"type":"check_in_kept","number":1,"channel":"visit"}]'


def new_stream() -> str:
    """A fresh stream id."""
    return f"case/{uuid4()}"


@dataclass
class Writer:
    """Writes plausible entries to one stream, as the recorder does."""

    pool: Pool
    keyring: KeyRing
    stream: str = field(default_factory=new_stream)

    async def write(self, command_id: str, **changes: object) -> Entry:
        """Append the next entry, with `changes` made to it before it is sealed."""
        async with transaction(self.pool) as connection:
            key = await self.keyring.stream_key(connection, self.stream, create=True)
            head = await ledger.head(connection, self.stream)
            opened = await ledger.open_stream(
                connection, stream=self.stream, position=0, command_id=command_id, people=(), at=NEW_YEAR
            )
            position = 1 if head is None else head.position + 1
            body = key.seal(BODY, position=position)
            prev = GENESIS if head is None else head.hash
            entry = Entry(
                self.stream, position, command_id, "keep_check_in", NEW_YEAR, opened.now, "p.lead", body, prev, b""
            )
            entry = seal(entry._replace(**changes))  # type: ignore[arg-type]  # a test names the column it changes
            await ledger.append(connection, entry)
        return entry
