"""The program key in a key service, on a real server process that speaks its protocol: what it wraps, what it refuses, and what is told when it is gone."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import psycopg
import pytest
from types_boto3_kms import KMSClient

from activities.key_service import ServiceKey
from activities.store.keys import KeyDamaged, KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.store.rotation import rotate, wrappings
from starter.stack import Ports
from tests.conftest import Database
from tests.store.conftest import owner, pool
from tests.store.examples import BODY, Writer

__all__ = ["owner", "pool"]

REGION, SECRET, WAIT_SECONDS = "eu-central-1", bytes(range(32)), 60
FILE = ProgramKey(b"\5" * 32)


class Service:
    """A key service of this test's own: a process that can be ended, and what its administrator may do."""

    def __init__(self, port: int) -> None:
        self.port, self.endpoint = port, f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.admin: KMSClient = boto3.client("kms", region_name=REGION, endpoint_url=self.endpoint)

    def await_ready(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2):
                    return
            except OSError:
                assert time.monotonic() < deadline, "the key service did not come up"
                assert self.process.poll() is None, "the key service ended"
                time.sleep(0.1)

    def new_key(self) -> str:
        """A new key; its ARN."""
        return self.admin.create_key()["KeyMetadata"]["Arn"]

    def stop(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running() -> Iterator[Service]:
    """A key service for as long as the block lasts."""
    service = Service(Ports.free().postgres)
    try:
        service.await_ready()
        yield service
    finally:
        service.admin.close()
        service.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Made-up credentials, and none of this machine's own."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "synthetic", "AWS_SECRET_ACCESS_KEY": "synthetic", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.fixture
def service(credentials: None) -> Iterator[Service]:
    """A key service."""
    with running() as one:
        yield one


@pytest.fixture
async def owners(database: Database) -> AsyncIterator[Pool]:
    """A pool of the owner's role."""
    opened = await open_pool(database.dsn_owner, size=1)
    yield opened
    await opened.close()


async def test_what_is_wrapped_opens_for_its_own_stream_alone(service: Service) -> None:
    """A key comes back for the stream it was wrapped for; for another, with another key or changed it is refused as damaged."""
    first, second = (ServiceKey(service.new_key(), endpoint=service.endpoint) for _ in range(2))
    wrapped = await first.wrap(SECRET, context="case/one")
    changed = wrapped[:-1] + bytes((wrapped[-1] ^ 1,))

    assert SECRET not in wrapped
    assert await first.unwrap(wrapped, context="case/one") == SECRET
    for what, context in ((wrapped, "case/two"), (changed, "case/one"), (b"", "case/one")):
        with pytest.raises(KeyDamaged, match="cannot be opened with the program key"):
            await first.unwrap(what, context=context)
    # The service says no more than that it does not open these.
    for key, what in ((second, wrapped), (first, bytes(100))):
        with pytest.raises(StoreRefused):
            await key.unwrap(what, context="case/one")


class Answering(BaseHTTPRequestHandler):
    """Answers as the service's documentation says that it refuses, which the emulator leaves out."""

    status, code = 400, ""

    def do_POST(self) -> None:
        """Refuse."""
        body = json.dumps({"__type": self.code, "message": "refused"}).encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("code", "status", "cure"),
    [
        ("DisabledException", 400, "Enable it again"),
        ("KMSInvalidStateException", 400, "Cancel its deletion"),
        ("AccessDeniedException", 400, "kms:Decrypt"),
        ("ThrottlingException", 400, "Try again"),
        ("KMSInternalException", 500, "Try again"),
    ],
)
async def test_what_the_service_refuses_is_told_with_its_cure(code: str, status: int, cure: str) -> None:
    """A key that was disabled, is to be deleted or may not be used is told as that, and never taken for a damaged one."""
    handler = type("Refusing", (Answering,), {"code": code, "status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        key = ServiceKey(f"arn:aws:kms:{REGION}:123456789012:key/1", endpoint=f"http://127.0.0.1:{server.server_port}")
        try:
            for use in (key.unwrap(b"wrapped", context="case/one"), key.wrap(SECRET, context="case/one")):
                with pytest.raises(StoreRefused, match=rf"does not use the program key .*\({code}\)") as refused:
                    await use
                assert not isinstance(refused.value, KeyDamaged)
                assert cure in refused.value.cure
        finally:
            server.shutdown()
            thread.join()


async def test_a_key_that_is_not_there_is_told(service: Service) -> None:
    """An ARN that the service does not know is told with the setting that holds it."""
    key = ServiceKey(f"arn:aws:kms:{REGION}:123456789012:key/00000000-0000-4000-8000-000000000000", endpoint=service.endpoint)  # fmt: skip
    with pytest.raises(StoreRefused, match="NotFoundException") as refused:
        await key.wrap(SECRET, context="case/one")

    assert "OFFRAMP_KMS_KEY_ID" in refused.value.cure


async def test_a_service_that_is_down_leaves_nothing_half_done(
    service: Service, pool: Pool, owners: Pool, owner: psycopg.Connection
) -> None:
    """While the service is down, cases whose keys this process holds go on, others are refused clearly, and nothing is written; a rotation is refused whole."""
    key = ServiceKey(service.new_key(), endpoint=service.endpoint)
    keyring = KeyRing(key)
    known, other = Writer(pool, keyring), Writer(pool, keyring)
    await known.write("c1")
    await known.write("c2")
    service.stop()
    with pytest.raises(StoreRefused, match="cannot be reached") as refused:
        await other.write("c1")
    async with owners.connection() as connection:
        with pytest.raises(StoreRefused, match="cannot be reached"):
            await rotate(
                connection, KeyRing(FILE, retired=[ServiceKey(key.key_id, endpoint=service.endpoint)]), person="ada"
            )
        rows = await wrappings(connection, keyring)
    # No command asks the service for a key that this process opened before.
    await known.write("c3")

    assert "OFFRAMP_KMS_ENDPOINT" in refused.value.cure
    assert [(one.key_id, one.keys) for one in rows] == [(key.key_id, 1)]
    assert owner.execute("SELECT count(*), count(DISTINCT stream) FROM entry").fetchall() == [(3, 1)]


async def test_a_program_moves_into_a_key_service_and_out_again(
    service: Service, pool: Pool, owners: Pool, owner: psycopg.Connection
) -> None:
    """From a file to the service and to another file: each time the new key alone opens everything, and the entries stay the bytes they were."""
    kms, last = ServiceKey(service.new_key(), endpoint=service.endpoint), ProgramKey(b"\6" * 32)
    writers = [Writer(pool, KeyRing(FILE)) for _ in range(12)]
    for writer in writers:
        await writer.write("c1")
    before = owner.execute("SELECT stream, body, hash FROM entry ORDER BY stream").fetchall()
    for now, then in ((kms, FILE), (last, kms)):
        async with owners.connection() as connection:
            done = await rotate(connection, KeyRing(now, retired=[then]), person="ada")
        assert (done.rewrapped, done.damaged) == (len(writers), ())
        alone = KeyRing(now)
        async with pool.connection() as connection:
            for stream, body, _ in before:
                key = await alone.stream_key(connection, stream)
                assert key.open(body, position=1) == BODY
            with pytest.raises(StoreRefused, match="and given is"):
                await KeyRing(then).stream_key(connection, before[0][0])

    assert owner.execute("SELECT stream, body, hash FROM entry ORDER BY stream").fetchall() == before


async def test_another_key_in_its_place_is_found_whatever_the_service_says(
    service: Service, pool: Pool, owner: psycopg.Connection
) -> None:
    """A key that the service itself wrapped for the stream is refused if the stream was begun with another: the commitment is checked."""
    kms = ServiceKey(service.new_key(), endpoint=service.endpoint)
    writer = Writer(pool, KeyRing(kms))
    await writer.write("c1")
    other = await kms.wrap(SECRET, context=writer.stream)
    owner.execute("UPDATE key SET wrapped = %s WHERE stream = %s", (other, writer.stream))
    async with pool.connection() as connection:
        with pytest.raises(KeyDamaged, match="not the one it was begun with"):
            await KeyRing(kms).stream_key(connection, writer.stream)


@pytest.mark.parametrize("name", ["alias/offramp", f"arn:aws:kms:{REGION}:123456789012:alias/offramp", "", "key"])
def test_an_alias_is_no_name_of_a_key(name: str) -> None:
    """What could be led to another key later is refused as a name, with the form of one that cannot."""
    with pytest.raises(StoreRefused, match="is not the name") as refused:
        ServiceKey(name)

    assert "arn:aws:kms:" in refused.value.cure


def test_without_the_library_it_says_what_to_install() -> None:
    """Where the extra is not installed, nothing else fails, and a key in a service is refused with the command that installs it."""
    arn = f"arn:aws:kms:{REGION}:123456789012:key/1"
    script = (
        "import sys; sys.modules['boto3'] = None\n"
        "from activities.keyring import open_keyring\n"
        "from activities.key_service import ServiceKey\n"
        "from activities.store.refused import StoreRefused\n"
        "try:\n"
        f"    ServiceKey({arn!r})\n"
        "except StoreRefused as refused:\n"
        "    print(refused)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "a program key in a key service needs the library boto3, which is not installed. Run: pip install 'offramp[aws]'\n"  # fmt: skip
