"""The channel for other systems: one signed HTTP POST for each message.

A receiver verifies `Offramp-Signature: v1=<hex>`, the HMAC-SHA256 under the shared secret of `<Offramp-Timestamp>.<body>`, compares the
timestamp with its own clock, and drops what it knows by `Idempotency-Key`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import time

import httpx

from activities.channels.message import ChannelDown, ChannelRefused, Message
from activities.settings import Settings

RETRYABLE = frozenset({408, 425, 429})
"""Answers below 500 by which a server asks for another attempt."""


class WebhookChannel:
    """Posts to the URL of the settings, within `webhook_timeout` seconds; follows no redirect, reads no answer's body."""

    def __init__(self, settings: Settings) -> None:
        if settings.webhook_url is None or settings.webhook_secret is None:
            raise ValueError("the channel webhook needs OFFRAMP_WEBHOOK_URL and OFFRAMP_WEBHOOK_SECRET")
        self._url = settings.webhook_url
        self._secret = settings.webhook_secret.get_secret_value().encode()
        self._timeout = settings.webhook_timeout
        self._trust = ssl.create_default_context()

    async def deliver(self, message: Message) -> str:
        """Post it. A second run posts the same `Idempotency-Key`; the timestamp, and so the signature, is new."""
        body = _body(message)
        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(verify=self._trust, timeout=self._timeout, follow_redirects=False) as client,
                client.stream("POST", self._url, content=body, headers=self._headers(message, body)) as answer,
            ):
                status = answer.status_code
        except (TimeoutError, httpx.TimeoutException):
            raise ChannelDown("webhook_timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise ChannelDown("webhook_unreachable") from None
        if 200 <= status < 300:
            return message.token
        code = f"webhook_{status}"
        raise ChannelDown(code) if status >= 500 or status in RETRYABLE else ChannelRefused(code)

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "offramp",
            "Idempotency-Key": message.token,
            "Offramp-Timestamp": timestamp,
            "Offramp-Signature": f"v1={signature(self._secret, timestamp=timestamp, body=body)}",
        }


def signature(secret: bytes, *, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `<timestamp>.<body>` in hexadecimal."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _body(message: Message) -> bytes:
    told = {
        # What the receiver calls the person; like mail's, it goes to the channel alone.
        "address": message.address,
        "case": message.stream,
        "key": message.key,
        "kind": message.kind,
        "language": message.language,
        "level": message.level,
        "link": message.link,
        "person": message.person,
        "subject": message.subject,
        "template": message.template,
        "text": message.text,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
