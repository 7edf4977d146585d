"""The codec server opens a payload for whoever may read its case for that purpose, now, and for nobody else; and never before that is on record."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs
from temporalio.api.common.v1 import Payload

from activities.codec import ENCODING, KEY_ID, Form, sealed
from activities.record import Recorder
from activities.store import erasure, staff
from activities.store.erasure_journal import Journal
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.stream_key import StreamKey
from activities.store.vault import Access, accesses
from starter.codec import decode, serve
from starter.codec.token import Token
from tests.case.examples import person
from tests.starter.codec_rig import UI, body, codec_server, codes, headers, token, told
from tests.store.examples import new_stream
from tests.store.test_erasure import approve, closed, settle
from tests.store.test_read_model import CHAIR, LEAD, SUPERVISOR, Desk, recorder

__all__ = ["recorder"]
OFFICER = person("data_protection_officer")


@pytest.fixture
async def server(pool: Pool, keyring: KeyRing) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a codec server on the test's database."""
    async with codec_server(pool, keyring) as where, httpx.AsyncClient(base_url=where, timeout=30) as client:
        yield client


@pytest.fixture
async def desk(recorder: Recorder) -> Desk:
    """A case that was opened."""
    desk = Desk(recorder)
    await desk.open()
    return desk


async def payloads(pool: Pool, keyring: KeyRing, stream: str, *values: object) -> list[Form]:
    """These values as Temporal holds them of that case."""
    async with pool.connection() as connection:
        key = await keyring.stream_key(connection, stream)
    return [_sealed(value, key) for value in values]


def _sealed(value: object, key: StreamKey) -> Form:
    made = sealed(Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode()), key)
    return Form(dict(made.metadata), made.data)


async def logged(pool: Pool, stream: str) -> list[Access]:
    """What the access log says of the case."""
    async with pool.connection() as connection:
        return await accesses(connection, stream)


async def asked(server: httpx.AsyncClient, bearer: str, forms: Sequence[Form]) -> httpx.Response:
    """The answer to a request for these payloads."""
    return await server.post("/decode", content=body(*forms), headers=headers(bearer))


async def test_who_may_read_the_case_reads_and_it_stands_on_record(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing
) -> None:
    """Whoever is in charge, whoever supervises, and the officer who reviews the record: what they see is logged once for a reading, with its purpose."""
    forms = await payloads(pool, keyring, desk.case.stream, {"type": "open_case"}, "two")
    readers = ((LEAD, "case_work"), (SUPERVISOR, "supervision"), (OFFICER, "retention_review"))
    for who, purpose in readers:
        bearer = token(keyring, who, purpose)
        for _ in range(3):
            answer = await asked(server, bearer, forms)

            assert (answer.status_code, told(answer.content)) == (200, [{"type": "open_case"}, "two"])
            assert answer.headers["cache-control"] == "no-store"
    found = await logged(pool, desk.case.stream)

    assert [(one.note, one.reader, one.purpose) for one in found] == [(None, *one) for one in readers]


@pytest.mark.parametrize(
    ("who", "purpose", "code"),
    [
        (person("lead_practitioner", 2), "case_work", "not_in_charge"),
        (person("police_liaison"), "supervision", "not_authorized"),
        (SUPERVISOR, "case_work", "not_authorized"),
        (SUPERVISOR, "curiosity", "unknown_purpose"),
        (CHAIR, "decision", "nothing_to_decide"),
        (OFFICER, "access_request", "no_access_asked"),
        ("nobody.1", "supervision", "unknown_person"),
    ],
)
async def test_who_may_not_read_the_case_gets_a_reason_and_nothing_is_logged(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing, who: str, purpose: str, code: str
) -> None:
    """The rule is that of reading texts, asked at each decode."""
    forms = await payloads(pool, keyring, desk.case.stream, "secret")

    answer = await asked(server, token(keyring, who, purpose), forms)

    assert (answer.status_code, codes([answer.content])) == (403, [code])
    assert await logged(pool, desk.case.stream) == []


async def test_who_may_read_a_part_does_not_see_the_whole(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing
) -> None:
    """A member of the panel reads what they decide on, by text, and not all that Temporal holds of the case."""
    await desk.ask()
    forms = await payloads(pool, keyring, desk.case.stream, "secret")

    answer = await asked(server, token(keyring, CHAIR, "decision"), forms)

    assert (answer.status_code, codes([answer.content])) == (403, ["not_the_whole_case"])


async def test_whoever_left_reads_no_more_at_once(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing
) -> None:
    """A token is no right: the next decode after an appointment ended is refused, within the same reading."""
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "secret"), token(keyring, SUPERVISOR)
    assert (await asked(server, bearer, forms)).status_code == 200
    async with pool.connection() as connection:
        listed = next(one for one in await staff.list_staff(connection) if one.person == SUPERVISOR)
        left = {**listed._asdict(), "valid_until": datetime.now(UTC) - timedelta(seconds=1)}
        await staff.import_staff(connection, keyring, [staff.StaffRecord(**left)])

    answer = await asked(server, bearer, forms)

    assert (answer.status_code, codes([answer.content])) == (403, ["unknown_person"])


async def test_each_case_is_judged_by_itself(
    server: httpx.AsyncClient, desk: Desk, recorder: Recorder, pool: Pool, keyring: KeyRing
) -> None:
    """Of two cases in one request the one that is theirs opens for a lead, and the other comes back sealed, unlogged; what was never sealed, as it came."""
    other = Desk(recorder)
    await other.open()
    await other.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), reasons="note:" + "0" * 8 + "-0000" * 3 + "-" + "0" * 12)  # fmt: skip
    mine = await payloads(pool, keyring, desk.case.stream, "mine")
    theirs = await payloads(pool, keyring, other.case.stream, "theirs")
    plain = Form({"encoding": b"json/plain"}, b'"plain"')

    answer = await asked(server, token(keyring, LEAD, "case_work"), [*theirs, *mine, plain, *theirs])

    assert (answer.status_code, told(answer.content)) == (200, ["sealed", "mine", "plain", "sealed"])
    assert json.loads(answer.content)["payloads"][0] == json.loads(body(*theirs))["payloads"][0]
    assert [len(await logged(pool, one.case.stream)) for one in (desk, other)] == [1, 0]


async def test_what_is_of_no_case_stays_sealed(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """A header, sealed under the key for all, is said of no case: nobody can be entitled to it, and it is no error either."""
    form = Form({"encoding": ENCODING, KEY_ID: b""}, bytes(80))

    answer = await asked(server, token(keyring, SUPERVISOR), [form])

    assert (answer.status_code, answer.content) == (200, body(form))


async def test_what_does_not_open_says_so(
    server: httpx.AsyncClient, desk: Desk, recorder: Recorder, pool: Pool, keyring: KeyRing
) -> None:
    """A payload that was changed, is another case's under this one's name, or names what is no case, says that it is unreadable; the others open."""
    other = Desk(recorder)
    await other.open()
    (good,) = await payloads(pool, keyring, desk.case.stream, "good")
    (moved,) = await payloads(pool, keyring, other.case.stream, "moved")
    changed = Form(good.metadata, good.data[:-1] + bytes([good.data[-1] ^ 1]))
    renamed = Form(good.metadata, moved.data)
    strange = [Form({**good.metadata, KEY_ID: name}, good.data) for name in (b"case/\x00", b"../../x", b"\xff", b"x" * 9_000)]  # fmt: skip
    short = [Form(good.metadata, data) for data in (b"", bytes(31), bytes(48))]

    answer = await asked(server, token(keyring, SUPERVISOR), [changed, renamed, good, *strange, *short])

    assert answer.status_code == 200
    unreadable = "(unreadable: changed, or not of this case)"
    assert told(answer.content) == [unreadable, unreadable, "good", *[unreadable] * 7]


async def test_a_case_that_nobody_knows_is_refused(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """What names a case that is not in the ledger opens for nobody."""
    form = Form({"encoding": ENCODING, KEY_ID: new_stream().encode()}, bytes(80))

    answer = await asked(server, token(keyring, SUPERVISOR), [form])

    assert (answer.status_code, codes([answer.content])) == (403, ["not_opened"])


async def test_an_erased_record_is_a_tombstone(
    server: httpx.AsyncClient, recorder: Recorder, pool: Pool, keyring: KeyRing, tmp_path: Path
) -> None:
    """From the decision on, even while the key is still needed, nothing of it opens for anybody, and staff are told since when; strangers nothing."""
    desk = await closed(recorder)
    forms = await payloads(pool, keyring, desk.case.stream, "secret")
    officer = token(keyring, OFFICER, "retention_review")
    assert told((await asked(server, officer, forms)).content) == ["secret"]
    await approve(desk)
    gone = f"(erased by decision of two people on {desk.at:%Y-%m-%d})"

    assert told((await asked(server, officer, forms)).content) == [gone]
    await settle(desk)
    assert await erasure.carry_out(pool, keyring, Journal(tmp_path / "erasures.jsonl"))
    assert told((await asked(server, officer, forms)).content) == [gone]
    stranger = await asked(server, token(keyring, "nobody.1"), forms)
    assert (stranger.status_code, codes([stranger.content])) == (403, ["unknown_person"])
    assert len(await logged(pool, desk.case.stream)) == 1


async def test_no_key_outlives_a_request(desk: Desk, pool: Pool, keyring: KeyRing) -> None:
    """A key that is destroyed elsewhere is not still held by the server: it asks for it each time, and lets it go."""
    forms, own = await payloads(pool, keyring, desk.case.stream, "secret"), KeyRing(keyring.program_key)
    asks = Token(SUPERVISOR, "supervision", datetime.now(UTC) + timedelta(hours=1))

    found = await decode.Decoder(pool, own).decode(forms, asks)

    assert (found.opened, found.forms[0].data, own._cache) == (1, b'"secret"', {})


async def test_what_cannot_be_logged_is_not_shown(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """While the access log cannot be written nothing is decoded, and once it can, it is, and stands there."""
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "secret"), token(keyring, SUPERVISOR)
    owner.execute("REVOKE INSERT ON access_log FROM offramp_app")
    for _ in range(2):
        answer = await asked(server, bearer, forms)
        assert (answer.status_code, codes([answer.content])) == (503, ["log_unavailable"])
    owner.execute("GRANT INSERT ON access_log TO offramp_app")

    assert (await asked(server, bearer, forms)).status_code == 200
    assert len(await logged(pool, desk.case.stream)) == 1


async def test_a_log_that_hangs_shows_nothing(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Somebody holds the log locked: the request ends in bounded time without a byte of content, and the server goes on."""
    monkeypatch.setattr(serve, "ANSWER_SECONDS", 1.0)
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "secret"), token(keyring, SUPERVISOR)
    with owner.transaction():
        owner.execute("LOCK TABLE access_log IN ACCESS EXCLUSIVE MODE")
        answer = await asked(server, bearer, forms)
        assert (answer.status_code, codes([answer.content])) == (503, ["too_late"])

    assert told((await asked(server, bearer, forms)).content) == ["secret"]


async def test_many_ask_at_once(server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing) -> None:
    """As the UI does, for each payload by itself: every one is answered, and it is one reading. Of a flood what finds no room is told so."""
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "x"), token(keyring, SUPERVISOR)
    found = await asyncio.gather(*(asked(server, bearer, forms) for _ in range(40)))
    assert {one.status_code for one in found} == {200}
    assert len(await logged(pool, desk.case.stream)) == 1

    where = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=server.base_url, limits=where, timeout=60) as flood:
        flooded = await asyncio.gather(*(asked(flood, bearer, forms) for _ in range(300)), return_exceptions=True)
    statuses = {one.status_code for one in flooded if isinstance(one, httpx.Response)}
    assert statuses <= {200, 503}
    assert (await asked(server, bearer, forms)).status_code == 200


async def test_a_reading_ends(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks again after a minute, or with a new token, is logged again."""
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "x"), token(keyring, SUPERVISOR)
    await asked(server, bearer, forms)
    await asked(server, token(keyring, SUPERVISOR, ago=timedelta(minutes=5)), forms)
    assert len(await logged(pool, desk.case.stream)) == 2
    monkeypatch.setattr(decode, "READING_SECONDS", 0.0)
    await asked(server, bearer, forms)

    assert len(await logged(pool, desk.case.stream)) == 3


async def test_too_many_cases_are_refused(server: httpx.AsyncClient, keyring: KeyRing) -> None:
    """A request that would have whole caseloads folded is refused whole."""
    forms = [Form({"encoding": ENCODING, KEY_ID: new_stream().encode()}, b"") for _ in range(21)]

    answer = await asked(server, token(keyring, SUPERVISOR), forms)

    assert (answer.status_code, codes([answer.content])) == (413, ["too_many_cases"])


async def test_nothing_of_a_case_or_a_person_is_told_in_the_log(
    server: httpx.AsyncClient, desk: Desk, pool: Pool, keyring: KeyRing
) -> None:
    """A line for each answer, with its code and how many payloads opened, and neither who asked, nor with what, nor what came of it."""
    forms, bearer = await payloads(pool, keyring, desk.case.stream, "qxzcanary"), token(keyring, SUPERVISOR)
    with capture_logs() as lines:
        await asked(server, bearer, forms)
        await server.post("/decode", content=b"qxzcanary", headers=headers(bearer, Origin=UI))
        await server.get("/qxzcanary?qxzcanary")
    said = str(lines)

    assert [one["event"] for one in lines] == ["answered"] * 3
    assert "malformed" in {one.get("code") for one in lines}
    assert not any(word in said for word in ("qxzcanary", SUPERVISOR, bearer, desk.case.stream))
