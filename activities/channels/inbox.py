"""The default channel: the person's inbox in Offramp's own database. It works on a machine without any mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from activities.channels.message import Message
from activities.store import inbox

if TYPE_CHECKING:
    from activities.store.pool import Pool


class InboxChannel:
    """Puts the message's codes into table `inbox`; whoever reads it there reads it in the language of that hour."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def deliver(self, message: Message) -> str:
        """Put it there. A second run finds it there already and changes nothing (unique by stream, key, person)."""
        params: dict[str, str | int] = {"kind": message.kind, "about": message.about, "level": message.level}
        async with self._pool.connection() as conn:
            await inbox.put(
                conn,
                stream=message.stream,
                key=message.key,
                person=message.person,
                template=message.template,
                params=params,
                link=message.link,
            )
        return message.token
