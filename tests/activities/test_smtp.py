"""The channel for mail, against a real server on loopback."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from activities.channels.message import ChannelDown, ChannelRefused
from activities.channels.smtp import SmtpChannel
from tests.activities.examples import message, settings


class Mailbox:
    """What a mail server does with a message: keeps it, or answers as it is told."""

    def __init__(self, *, recipient: str = "250 OK", data: str = "250 OK", hold: asyncio.Event | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self._recipient, self._data, self.hold = recipient, data, hold

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self._recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the server's name for it
        if self.hold is not None:
            await self.hold.wait()
        self.recipients += envelope.rcpt_tos
        content = envelope.content
        mail = email.message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
        self.mails.append(mail)
        return self._data


@asynccontextmanager
async def serving(mailbox: Mailbox, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, hostname="loopback", **options), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        if mailbox.hold is not None:
            mailbox.hold.set()
        server.close()
        await server.wait_closed()


def channel(tmp_path: Path, port: int, **values: object) -> SmtpChannel:
    given = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_from": "offramp@program.example",
        "smtp_starttls": False,
        **values,
    }
    return SmtpChannel(settings(tmp_path, **given))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, signed by itself: the file to trust, and the server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path, key_path = tmp_path / "cert.pem", tmp_path / "key.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return path, context


async def test_a_notice_arrives_as_plain_mail(tmp_path: Path) -> None:
    """The person gets one mail that says what is asked, in their language, and that nobody awaits an answer."""
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        proof = await channel(tmp_path, port).deliver(message(language="de"))
    mail = mailbox.mails[0]

    assert mailbox.recipients == ["nadia.k@staff.example"]
    assert (mail["Subject"], mail["Content-Language"], mail["Auto-Submitted"]) == (
        "Fall 0b4e6f2c: bald fällig",
        "de",
        "auto-generated",
    )
    assert mail.get_content().replace("\r\n", "\n") == message(language="de").text
    assert mail["Message-ID"] == f"<{proof}@program.example>"


async def test_a_repetition_carries_the_same_message_id(tmp_path: Path) -> None:
    """A receiver can drop the duplicate of a notice, and tells it from the next notice and from another person's."""
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        mail = channel(tmp_path, port)
        for one in (message(), message(), message(key="7/2"), message(person="omar.d")):
            await mail.deliver(one)
    ids = [mail["Message-ID"] for mail in mailbox.mails]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("mailbox", "error", "code"),
    [
        (Mailbox(recipient="550 no such mailbox"), ChannelRefused, "smtp_recipient_550"),
        (Mailbox(recipient="451 try later"), ChannelDown, "smtp_recipient_451"),
        (Mailbox(data="554 refused"), ChannelRefused, "smtp_message_554"),
        (Mailbox(data="452 full"), ChannelDown, "smtp_message_452"),
    ],
)
async def test_a_servers_answer_decides_whether_it_is_tried_again(
    tmp_path: Path, mailbox: Mailbox, error: type[Exception], code: str
) -> None:
    """5xx is final, 4xx is tried again, and neither tells more than its number."""
    async with serving(mailbox) as port:
        with pytest.raises(error) as caught:
            await channel(tmp_path, port).deliver(message())

    assert str(caught.value) == code
    assert caught.value.__suppress_context__


async def test_a_server_that_is_away_is_down(tmp_path: Path) -> None:
    """A mail server that does not answer is a channel that is down."""
    async with serving(Mailbox()) as port:
        gone = port

    with pytest.raises(ChannelDown, match=r"^smtp_unreachable$"):
        await channel(tmp_path, gone).deliver(message())


async def test_a_slow_server_is_given_up_in_time(tmp_path: Path) -> None:
    """A mail server that never finishes holds an attempt no longer than the settings say."""
    async with serving(Mailbox(hold=asyncio.Event())) as port:
        with pytest.raises(ChannelDown, match=r"^smtp_timeout$"):
            await channel(tmp_path, port, smtp_timeout=0.3).deliver(message())


@pytest.mark.parametrize(
    "address",
    [
        "nadia@staff.example\r\nBcc: everybody@else.example",
        "nadia@staff.example, eve@else.example",
        "Nadia <n@staff.example>",
        "nadia",
        "",
        None,
    ],
)
async def test_an_address_that_could_reach_somebody_else_is_refused(tmp_path: Path, address: str | None) -> None:
    """No line break, list or display name in an address ever meets a mail server."""
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        with pytest.raises(ChannelRefused, match=r"^bad_address$"):
            await channel(tmp_path, port).deliver(message(address=address))

    assert mailbox.mails == []


async def test_mail_travels_over_starttls_with_a_login(
    tmp_path: Path, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    """With STARTTLS demanded, the login and the mail travel over a verified connection."""
    trusted, context = certificate
    logins: list[tuple[bytes, bytes]] = []

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        logins.append((data.login, data.password))
        right = data.password == b"right"
        # Not handled: the server answers 535 itself.
        return AuthResult(success=right, handled=right)

    mailbox = Mailbox()
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    login = {"smtp_starttls": True, "smtp_ca_file": trusted, "smtp_user": "offramp"}
    async with serving(mailbox, **options) as port:
        await channel(tmp_path, port, **login, smtp_password="right").deliver(message())
        with pytest.raises(ChannelDown, match=r"^smtp_535$"):
            await channel(tmp_path, port, **login, smtp_password="wrong").deliver(message())

    assert len(mailbox.mails) == 1
    assert logins[0] == (b"offramp", b"right")


async def test_an_unknown_certificate_is_not_trusted(tmp_path: Path, certificate: tuple[Path, ssl.SSLContext]) -> None:
    """A server that cannot prove who it is gets no mail."""
    mailbox = Mailbox()
    async with serving(mailbox, tls_context=certificate[1]) as port:
        with pytest.raises(ChannelDown):
            await channel(tmp_path, port, smtp_starttls=True).deliver(message())

    assert mailbox.mails == []


async def test_a_server_without_starttls_gets_no_mail(tmp_path: Path) -> None:
    """Where STARTTLS is demanded, nothing is ever sent in the clear instead."""
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        with pytest.raises(ChannelDown):
            await channel(tmp_path, port, smtp_starttls=True).deliver(message())

    assert mailbox.mails == []
