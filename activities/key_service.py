"""The program key in AWS KMS (or whatever speaks its protocol): it never leaves the service, which logs each use of it.

The stream is the encryption context, so that a wrapped key opens for its own stream alone. KMS does not promise that a ciphertext opens to one
secret only, hence the commitment that the key ring checks after each opening. The library is an extra of its own: `pip install offramp[aws]`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from activities.store.program_key import not_opened
from activities.store.refused import StoreRefused

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

ARN = re.compile(r"^arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+$")
"""A key's own name. An alias is none: it can be led to another key, which would not open what the first one wrapped."""
_SECONDS = 2
_TRIES = 2
_CONTEXT = "stream"
_NOT_ITS_OWN = {"InvalidCiphertextException", "IncorrectKeyException"}
_CURES = {
    "DisabledException": "Enable it again in the key service.",
    "KMSInvalidStateException": "Cancel its deletion, or enable it again, in the key service.",
    "NotFoundException": "Correct OFFRAMP_KMS_KEY_ID (or OFFRAMP_RETIRED_KMS_KEY_IDS): the key service knows no such key.",
    "AccessDeniedException": "Allow this process kms:Encrypt and kms:Decrypt on it.",
}
_T = TypeVar("_T")


class ServiceKey:
    """A program key that a key service holds.

    Args:
        arn: its name, `arn:aws:kms:REGION:ACCOUNT:key/ID`.
        endpoint: where the service answers, if not at its usual address.

    Raises:
        StoreRefused: the name is no key's own, or the library for it is not installed.
    """

    def __init__(self, arn: str, *, endpoint: str | None = None) -> None:
        match = ARN.match(arn)
        if match is None:
            raise StoreRefused(
                f"{arn!r} is not the name of a key in a key service",
                "Give its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID; an alias could be led to another key.",
            )
        self._arn = arn
        self._client = _client(match["region"], endpoint)

    def __repr__(self) -> str:
        """By its name."""
        return f"ServiceKey({self._arn})"

    @property
    def key_id(self) -> str:
        """Its ARN."""
        return self._arn

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """`secret`, encrypted by the service for `context`.

        Raises:
            StoreRefused: the service does not answer, or does not do it.
        """
        answer = await self._ask(
            lambda: self._client.encrypt(KeyId=self._arn, Plaintext=secret, EncryptionContext={_CONTEXT: context}),
            context,
        )
        return answer["CiphertextBlob"]

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """The secret again.

        Raises:
            KeyDamaged: it was wrapped with another key or for another context, or was changed.
            StoreRefused: the service does not answer, or does not do it.
        """
        if not wrapped:
            raise not_opened(context, self._arn)
        answer = await self._ask(
            lambda: self._client.decrypt(
                KeyId=self._arn, CiphertextBlob=wrapped, EncryptionContext={_CONTEXT: context}
            ),
            context,
        )
        return answer["Plaintext"]

    async def _ask(self, call: Callable[[], _T], context: str) -> _T:
        """Ask in a thread: the library waits for the answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return await asyncio.to_thread(call)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in _NOT_ITS_OWN:
                raise not_opened(context, self._arn) from error
            cure = _CURES.get(code, "Try again; if it stays, look at the key service's own log.")
            raise StoreRefused(f"the key service does not use the program key {self._arn} ({code})", cure) from error
        except BotoCoreError as error:
            what = f"the key service of {self._arn} cannot be reached ({type(error).__name__})"
            cure = "See that it runs and that this process has credentials for it (OFFRAMP_KMS_ENDPOINT, AWS_*), then try again."
            raise StoreRefused(what, cure) from error


def _client(region: str, endpoint: str | None) -> KMSClient:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise StoreRefused(
            "a program key in a key service needs the library boto3, which is not installed",
            "Run: pip install 'offramp[aws]'",
        ) from error
    settings: Any = Config(
        connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": _TRIES, "mode": "standard"}
    )
    return boto3.client("kms", region_name=region, endpoint_url=endpoint, config=settings)
