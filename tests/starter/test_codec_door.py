"""The codec server's door: whatever comes is answered within bounds, and a browser hands over nothing but to the UI's own page."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.codec import Form
from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import Pool
from starter.codec import form, serve
from tests.case.examples import person
from tests.starter.codec_rig import UI, body, codec_server, codes, headers, token, told
from workflows.core.refusal import Refused

SUPERVISOR = person("supervisor")
PLAIN = Form({"encoding": b"json/plain"}, b'"plain"')
ELSEWHERE = "http://127.0.0.1:9999"


@pytest.fixture
async def server(pool: Pool, keyring: KeyRing) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a codec server on an empty database."""
    async with codec_server(pool, keyring) as where, httpx.AsyncClient(base_url=where, timeout=30) as client:
        yield client


async def works(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """The server answers a good request."""
    answer = await server.post("/decode", content=body(PLAIN), headers=headers(token(keyring, SUPERVISOR)))
    assert (answer.status_code, told(answer.content)) == (200, ["plain"])


BAD = (
    b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b'{"payloads":{}}', b'{"payloads":[1]}', b'{"payloads":[],"payloads":[]}',
    b'{"payloads":[],"more":1}', b'{"payloads":[{"data":"%%%"}]}', b'{"payloads":[{"data":5}]}', b'{"payloads":[{"data":"AA"}]}',
    b'{"payloads":[{"metadata":[]}]}', b'{"payloads":[{"metadata":{"a":null}}]}', b'{"payloads":[{"metadata":{"\\ud800":""}}]}',
    b'{"payloads":[{"metadata":{"a":"","a":""}}]}', b'{"payloads":[{"external":""}]}', b'{"payloads":[NaN]}',
    b"[" * 100_000, b'{"payloads":' + b"[" * 100_000, b'{"payloads":[' + b"9" * 100_000 + b"]}",
    json.dumps({"payloads": [{"metadata": {str(one): "" for one in range(17)}}]}).encode(),
)  # fmt: skip


async def test_a_bad_body_is_told_so(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """No JSON, another shape, one thing twice, no base64, nested without end: an answer with a cure, and the next request is served."""
    bearer = headers(token(keyring, SUPERVISOR))
    found = [await server.post("/decode", content=one, headers=bearer) for one in BAD]

    assert {one.status_code for one in found} == {400}
    assert set(codes([one.content for one in found])) == {"malformed"}
    await works(server, keyring)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.binary(max_size=9).map(lambda one: one.hex()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["payloads", "metadata", "data", "encoding"]), inner),
    max_leaves=12,
)  # fmt: skip


@given(bad=st.binary(max_size=200) | _VALUES.map(lambda one: json.dumps(one).encode()))
def test_any_body_is_payloads_or_refused(bad: bytes) -> None:
    """Whatever the bytes, they are read as payloads, which are written back as they were, or refused."""
    try:
        found = form.parse(bad)
    except Refused:
        return
    assert form.parse(form.written(found)) == found


async def test_what_is_too_much_is_not_read(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """More payloads than a history has at once, a body of more than 4 MiB, one without a length, or with two."""
    bearer = headers(token(keyring, SUPERVISOR))
    many = await server.post("/decode", content=body(*[PLAIN] * 2_001), headers=bearer)
    huge = await server.post("/decode", content=bytes(4 * 1024 * 1024 + 1), headers=bearer)
    endless = await server.post("/decode", content=_chunks(), headers=bearer)

    assert [many.status_code, huge.status_code, endless.status_code] == [413, 413, 413]
    assert codes([many.content, huge.content, endless.content]) == ["too_many_payloads", "too_long", "too_long"]
    await works(server, keyring)


async def _chunks() -> AsyncIterator[bytes]:
    yield body(PLAIN)


OTHER = (
    ("GET", "/", 404, "unknown_path"),
    ("GET", "/decode", 405, "unknown_method"),
    ("POST", "/decode/", 404, "unknown_path"),
    ("POST", "/decode/..", 404, "unknown_path"),
    ("POST", "/../../../etc/passwd", 404, "unknown_path"),
    ("POST", "/%2e%2e/decode%00", 404, "unknown_path"),
    ("POST", "/" + "a" * 9_000, 404, "unknown_path"),
    ("POST", "/encode", 403, "not_encoded"),
    ("OPTIONS", "/", 404, "unknown_path"),
    ("PUT", "/decode", 501, "bad_request"),
)
"""A method and a path, the status and the code of what is answered."""


async def test_other_paths_and_methods_are_told_so(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """Nothing is served from a path, and nothing is sealed here: a command goes through the door."""
    for method, path, status, code in OTHER:
        answer = await server.request(method, path, content=b"{}", headers=headers(token(keyring, SUPERVISOR)))

        assert (path, answer.status_code, codes([answer.content])) == (path, status, [code])


UNFIT: tuple[tuple[str, str | None, int, str], ...] = (
    ("Authorization", "", 401, "token_unusable"),
    ("Authorization", "Basic x", 401, "token_unusable"),
    ("Authorization", "Bearer " + "x" * 5_000, 401, "token_unusable"),
    ("Authorization", None, 401, "token_missing"),
    ("X-Namespace", "another", 403, "other_namespace"),
    ("X-Namespace", None, 400, "namespace_missing"),
    ("Content-Type", "text/plain", 415, "not_json"),
    ("Origin", ELSEWHERE, 403, "other_origin"),
    ("Origin", "null", 403, "other_origin"),
    ("Origin", UI + ".evil.example", 403, "other_origin"),
)
"""A header, what it is changed to, the status and the code of what is answered."""


async def test_headers_must_fit(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """No token, no good token, another namespace, no JSON, another page: nothing is decoded, and no other page may read the answer."""
    for name, value, status, code in UNFIT:
        given = headers(token(keyring, SUPERVISOR)) | ({} if value is None else {name: value})
        sent = {one: text for one, text in given.items() if (one, value) != (name, None)}
        answer = await server.post("/decode", content=body(PLAIN), headers=sent)

        assert (name, answer.status_code, codes([answer.content])) == (name, status, [code])
        assert "access-control-allow-origin" not in answer.headers
        assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_a_browser_may_ask_for_the_uis_page_alone(server: httpx.AsyncClient) -> None:
    """Before a page's request a browser asks: the UI's origin is allowed, with its cookie, and no other."""
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    ours = await server.options("/decode", headers={**wanted, "Origin": UI})
    other = await server.options("/decode", headers={**wanted, "Origin": ELSEWHERE})

    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (204, UI)
    assert ours.headers["access-control-allow-credentials"] == "true"
    assert "x-namespace" in ours.headers["access-control-allow-headers"].lower()
    assert (other.status_code, "access-control-allow-origin" in other.headers) == (403, False)


async def test_a_cookie_counts_with_the_uis_origin_alone(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """Signed in at the server's own page, the browser's cookie opens for the UI's page; not for another, not for a request without JSON, not without an origin."""
    own = str(server.base_url).rstrip("/")
    page = await server.get("/login")
    done = await server.post("/login", data={"token": token(keyring, SUPERVISOR)}, headers={"Origin": own})
    cookie = done.headers["set-cookie"]
    kept = {"Cookie": cookie.partition(";")[0]}

    assert (page.status_code, done.status_code, SUPERVISOR in done.text) == (200, 200, True)
    assert all(one in cookie for one in ("; HttpOnly", "; SameSite=Strict", "; Path=/decode", "; Max-Age=35"))
    assert all("default-src 'none'" in one.headers["content-security-policy"] for one in (page, done))
    server.cookies.clear()
    asked = [
        await server.post("/decode", content=body(PLAIN), headers={**headers(), **kept, **more})
        for more in ({"Origin": UI}, {"Origin": ELSEWHERE}, {}, {"Origin": UI, "Content-Type": "text/plain"}, {"Origin": UI, "Cookie": "offramp_codec=x"})
    ]  # fmt: skip
    assert (asked[0].status_code, asked[0].headers["access-control-allow-origin"]) == (200, UI)
    assert codes([one.content for one in asked[1:]]) == ["other_origin", "origin_missing", "not_json", "token_unusable"]


async def test_no_other_page_signs_a_browser_in_or_out(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """The forms count from the server's own page alone, with a good token; and signing out takes the cookie."""
    own = str(server.base_url).rstrip("/")
    good, evil = {"token": token(keyring, SUPERVISOR)}, "<script>qxz</script>"
    answers = [
        await server.post("/login", data=good, headers={"Origin": UI}),
        await server.post("/login", data=good),
        await server.post("/logout", headers={"Origin": ELSEWHERE}),
        await server.post("/login", data={"token": evil}, headers={"Origin": own}),
        await server.post("/login", content=b"\xff", headers={"Origin": own, "Content-Type": "application/x-www-form-urlencoded"}),
    ]  # fmt: skip
    left = await server.post("/logout", headers={"Origin": own})

    assert codes([one.content for one in answers]) == [*["other_origin"] * 3, *["token_unusable"] * 2]
    assert not any("qxz" in one.text or "set-cookie" in one.headers for one in answers)
    assert "Max-Age=0" in left.headers["set-cookie"]


async def raw(
    server: httpx.AsyncClient, *sent: bytes, pause: float = 0.0, among: asyncio.Barrier | None = None
) -> bytes:
    """What comes back on a connection on which these bytes are sent, with pauses between, and only once so many are open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.base_url.port)
    try:
        if among is not None:
            await among.wait()
        for one in sent:
            writer.write(one)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b"cut off"
    finally:
        writer.close()


async def test_old_and_broken_http_is_answered(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """HTTP/1.0 is served; what is no HTTP gets an answer that repeats nothing of it, and a client that leaves harms nobody."""
    given = "".join(f"{name}: {value}\r\n" for name, value in headers(token(keyring, SUPERVISOR)).items())
    asked = body(PLAIN)
    old = await raw(server, f"POST /decode HTTP/1.0\r\n{given}Content-Length: {len(asked)}\r\n\r\n".encode() + asked)
    twice = await raw(
        server, f"POST /decode HTTP/1.1\r\n{given}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    )
    broken = [
        await raw(server, one)
        for one in (b"qxz\r\n\r\n", b"qxz qxz qxz\r\n\r\n", b"\x16\x03\x01\x00\xff" * 9 + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                    b"GET /" + b"a" * 70_000 + b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n")
    ]  # fmt: skip
    _, writer = await asyncio.open_connection("127.0.0.1", server.base_url.port)
    writer.write(f"POST /decode HTTP/1.1\r\n{given}Content-Length: 99\r\n\r\n{{".encode())
    writer.close()

    assert old.startswith(b"HTTP/1.1 200 ")
    assert old.endswith(form.written([PLAIN]))
    assert twice.startswith(b"HTTP/1.1 413 ")
    assert all(b"bad_request" in one and b"qxz" not in one for one in broken)
    await works(server, keyring)


BEGUN = (b"", b"POST /decode HTTP/1.1\r\n", b"POST /decode HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n")
"""How slow clients begin: with nothing, in the headers, in the body."""


async def test_who_trickles_is_cut_off(
    server: httpx.AsyncClient, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a byte comes, a connection ends after its time; and while as many as there is room for do so, others are told to wait, and then served."""
    monkeypatch.setattr(serve, "CONNECTION_SECONDS", 1.5)
    begin, open_ones = asyncio.get_running_loop().time(), asyncio.Barrier(serve.MOST_CONNECTIONS + 1)
    slow = [
        asyncio.create_task(raw(server, BEGUN[one % 3], *[b"x"] * 40, pause=0.1, among=open_ones))
        for one in range(serve.MOST_CONNECTIONS)
    ]
    await open_ones.wait()
    refused = await raw(server, b"")
    await asyncio.gather(*slow)

    assert refused.startswith(b"HTTP/1.1 503 ")
    assert asyncio.get_running_loop().time() - begin < 15
    await works(server, keyring)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine's own, and its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
    subprocess.run([*command, *names], check=True, capture_output=True)
    return certificate, key


async def test_over_tls_the_cookie_is_secure(pool: Pool, keyring: KeyRing, tmp_path: Path) -> None:
    """With a certificate it answers by TLS alone; a client that begins no handshake stops nobody, and the cookie never travels in the clear."""
    certificate, key = await asyncio.to_thread(self_signed, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with codec_server(pool, keyring, tls=context) as where, httpx.AsyncClient(base_url=where, verify=trusting) as server:  # fmt: skip
        silent = [await asyncio.open_connection("127.0.0.1", server.base_url.port) for _ in range(5)]
        await works(server, keyring)
        done = await server.post("/login", data={"token": token(keyring, SUPERVISOR)}, headers={"Origin": where})
        for _, writer in silent:
            writer.close()

    assert done.status_code == 200
    assert done.headers["set-cookie"].endswith("; SameSite=Strict; Secure")


async def test_a_token_of_another_program_key_counts_for_nothing(server: httpx.AsyncClient) -> None:
    """Whoever can issue tokens elsewhere cannot issue them here."""
    forged = token(KeyRing(ProgramKey(bytes(32))), SUPERVISOR)

    answer = await server.post("/decode", content=body(PLAIN), headers=headers(forged))

    assert (answer.status_code, codes([answer.content])) == (401, ["token_unusable"])
