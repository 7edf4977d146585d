"""The channel for mail: one plain-text message, over STARTTLS or TLS, to one address."""

from __future__ import annotations

import asyncio
import re
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime

import aiosmtplib

from activities.channels.message import ChannelDown, ChannelRefused, Message
from activities.settings import Settings

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
"""A plain address of ASCII letters. Anything else (a display name, a list, a line break) could address somebody else."""


class SmtpChannel:
    """Sends mail by the server of the settings; each message on a connection of its own, within `smtp_timeout` seconds."""

    def __init__(self, settings: Settings) -> None:
        if settings.smtp_host is None or settings.smtp_from is None:
            raise ValueError("the channel smtp needs OFFRAMP_SMTP_HOST and OFFRAMP_SMTP_FROM")
        self._settings = settings
        self._sender = settings.smtp_from
        self._domain = settings.smtp_from.rpartition("@")[2] or "localhost"
        self._trust = ssl.create_default_context(cafile=settings.smtp_ca_file)

    async def deliver(self, message: Message) -> str:
        """Send it. A second run sends the same Message-ID, by which mail systems drop a duplicate."""
        mail = self._compose(message)
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                await self._send(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refusal.code for refusal in error.recipients]
            raise _answer(max(codes, default=450), "recipient") from None
        except aiosmtplib.SMTPDataError as error:
            raise _answer(error.code, "message") from None
        except aiosmtplib.SMTPResponseException as error:
            # Greeting, login, or sender refused: a matter of configuration, which an operator can put right while it is retried.
            raise ChannelDown(f"smtp_{error.code}") from None
        except ssl.SSLError:
            raise ChannelDown("smtp_tls") from None
        except TimeoutError:
            raise ChannelDown("smtp_timeout") from None
        except (aiosmtplib.SMTPException, OSError):
            raise ChannelDown("smtp_unreachable") from None
        return message.token

    def _compose(self, message: Message) -> EmailMessage:
        if message.address is None or _ADDRESS.fullmatch(message.address) is None:
            raise ChannelRefused("bad_address")
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = message.address
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = localtime()
        mail["Message-ID"] = f"<{message.token}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        # First the content: setting it clears every header that begins with "Content-".
        mail.set_content(message.text)
        mail["Content-Language"] = message.language
        return mail

    async def _send(self, mail: EmailMessage) -> None:
        told = self._settings
        await aiosmtplib.send(
            mail,
            hostname=told.smtp_host,
            port=told.smtp_port,
            username=told.smtp_user,
            password=told.smtp_password.get_secret_value() if told.smtp_password else None,
            use_tls=told.smtp_tls,
            start_tls=told.smtp_starttls and not told.smtp_tls,
            tls_context=self._trust if told.smtp_starttls or told.smtp_tls else None,
            timeout=told.smtp_timeout,
            # Never this machine's name: a mail server has no use for it, and finding it may block.
            local_hostname=self._domain,
        )


def _answer(code: int, what: str) -> ChannelDown | ChannelRefused:
    return ChannelRefused(f"smtp_{what}_{code}") if code >= 500 else ChannelDown(f"smtp_{what}_{code}")
