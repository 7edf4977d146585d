"""A rendered notice for one person, and what every channel promises about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Message:
    """A notice, rendered for one person. It carries codes and references, never content of the case.

    `address` is the person's address on the channel, in the clear; it stands in no representation and goes nowhere but to the channel.
    """

    stream: str
    key: str
    person: str
    address: str | None = field(repr=False)
    language: str
    template: str
    kind: str
    about: str
    level: int
    subject: str
    text: str
    link: str

    @property
    def token(self) -> str:
        """32 hexadecimal digits, the same for the same notice and person however often it is tried; it tells nothing about either."""
        return token(stream=self.stream, key=self.key, person=self.person)


def token(*, stream: str, key: str, person: str) -> str:
    """The token of a message, from what makes it unique; see `Message.token`."""
    return hashlib.sha256("\n".join((stream, key, person)).encode()).hexdigest()[:32]


class ChannelDown(Exception):  # noqa: N818 - the state of a channel
    """The channel cannot take messages now; the same message may be tried again. `code` says why, in one word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ChannelRefused(Exception):  # noqa: N818 - the answer of a channel
    """The channel will never take this message for this person. `code` says why, in one word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Channel(Protocol):
    """A way to reach a person."""

    async def deliver(self, message: Message) -> str:
        """Deliver, and return a proof: the channel's own id of the message, without address or content.

        A second run with the same stream, key and person must not reach the person twice where the channel can tell, and carries
        the same id everywhere else, so that the receiver can.

        Raises:
            ChannelDown: try again later.
            ChannelRefused: never for this message.
        """
        ...
