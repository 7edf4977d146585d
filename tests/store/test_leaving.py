"""Caseloads, certificates and people who leave, on the real store: what the door counts, and what an import does not leave behind (F6)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from activities.record import Recorder
from activities.store import staff
from activities.store.due import count_orphans
from activities.store.keys import KeyRing
from activities.store.leaving import orphans
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.staff import StaffRecord
from tests.case.examples import MONDAY, note, person
from tests.case.examples import staff as made_up
from tests.store.test_read_model import LEAD, PROGRAM, REASONS, SUPERVISOR, Desk, recorder
from workflows.core.kinds import NO_EXPIRY

__all__ = ["recorder"]
NEXT = person("lead_practitioner", 2)
LIMIT = PROGRAM.roles["lead_practitioner"].caseload or 0
NOW = datetime.now(UTC)


def appointed(who: str, **changes: object) -> StaffRecord:
    """The appointment of one of the made-up staff, as it was imported but for what is changed."""
    known = made_up(PROGRAM)[who]
    fields = {"person": who, "roles": known.roles, "organization": known.organization, "valid_from": MONDAY}
    return StaffRecord.model_validate({**fields, "certificates": known.certificates, **changes})


async def imported(pool: Pool, keyring: KeyRing, *records: StaffRecord) -> staff.Imported:
    async with pool.connection() as connection:
        return await staff.import_staff(connection, keyring, records)


async def opened(recorder: Recorder, lead: str = LEAD, **more: object) -> Desk:
    desk = Desk(recorder)
    await desk.do(
        SUPERVISOR, "open_case", program=PROGRAM.program, version=PROGRAM.version, lead=lead, support_level="high", eligibility=note(),
        **more,
    )  # fmt: skip
    return desk


def refusals(answers: Sequence[Desk | BaseException]) -> list[str]:
    return ["caseload_full" for one in answers if isinstance(one, AssertionError) and "caseload_full" in str(one)]


async def test_of_two_openings_at_once_one_is_one_too_many(recorder: Recorder) -> None:
    """The count of cases and the case that is taken are one step: however many are opened at the same time, nobody is given more than their limit."""
    for _ in range(LIMIT - 1):
        await opened(recorder)
    answers = await asyncio.gather(*(opened(recorder) for _ in range(4)), return_exceptions=True)

    assert refusals(answers) == ["caseload_full"] * 3


async def test_whoever_stands_in_has_the_case_too(recorder: Recorder) -> None:
    """A case counts for its lead and for the deputy while the lead is absent, and no longer once it is closed or another's."""
    desk = await opened(recorder)
    until = (desk.at + timedelta(days=20)).isoformat()
    await desk.do(LEAD, "begin_absence", until=until, deputy=NEXT, agreed=note())
    for _ in range(LIMIT - 1):
        await opened(recorder, NEXT)
    with pytest.raises(AssertionError, match="caseload_full"):
        await opened(recorder, NEXT)
    await desk.do(LEAD, "end_absence")

    await opened(recorder, NEXT)
    with pytest.raises(AssertionError, match="caseload_full"):
        await opened(recorder, NEXT)
    await opened(recorder, NEXT, over_caseload=note(3))


async def test_certificates_and_ends_are_looked_up_at_the_door(
    recorder: Recorder, pool: Pool, keyring: KeyRing
) -> None:
    """What the directory says of whoever takes a case, as of that instant, is what the case keeps: the last days, and until when they are here."""
    days = {"trauma_informed_care": date(2026, 6, 30), "cultural_humility": NO_EXPIRY}
    end = MONDAY + timedelta(days=300)
    await imported(pool, keyring, appointed(NEXT, certificates=days, valid_until=end))
    desk = await opened(recorder, NEXT)
    standing = desk.case.custody.standing
    assert standing is not None
    assert standing.leaves == end
    assert standing.certified_until == datetime(2026, 6, 30, 22, tzinfo=UTC)

    followed = appointed(NEXT, valid_from=end, valid_until=end + timedelta(days=100))
    await imported(pool, keyring, followed)
    await desk.do(SUPERVISOR, "confirm_lead", person=NEXT)
    assert desk.case.custody.standing is not None
    assert desk.case.custody.standing.leaves == end + timedelta(days=100)


async def test_nobody_leaves_open_cases_behind(recorder: Recorder, pool: Pool, keyring: KeyRing) -> None:
    """An import that ends, or brings forward, the time in which somebody may lead their cases is refused whole, naming the cases and what is owed there."""
    desk = await opened(recorder)
    ends = (appointed(LEAD, valid_until=NOW), appointed(LEAD, valid_until=NOW + timedelta(days=90)), appointed(LEAD, roles=("supervisor",), valid_from=NOW))  # fmt: skip
    for gone in ends:
        with pytest.raises(StoreRefused) as refused:
            await imported(pool, keyring, gone)
        assert desk.case.stream in refused.value.what
        assert "consent_request/1" in refused.value.what
        assert "--hand-over-to" in refused.value.cure
    async with pool.connection() as connection:
        known = await staff.actor(connection, LEAD, NOW + timedelta(days=900))
        assert known is not None
        assert known.until is None


async def test_a_deputy_does_not_leave_what_they_stand_in_for(recorder: Recorder, pool: Pool, keyring: KeyRing) -> None:
    """Whoever stands in is asked for as the lead is, and lets go of it as soon as somebody else leads."""
    desk = await opened(recorder)
    until = (desk.at + timedelta(days=20)).isoformat()
    await desk.do(LEAD, "begin_absence", until=until, deputy=NEXT, agreed=note())
    with pytest.raises(StoreRefused):
        await imported(pool, keyring, appointed(NEXT, valid_until=NOW))
    await desk.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 3), **REASONS)
    for who in (NEXT, LEAD):
        done = await imported(pool, keyring, appointed(who, valid_until=NOW))
        assert done.ended == 1


async def test_an_end_that_is_put_off_or_was_known_is_no_leaving(
    recorder: Recorder, pool: Pool, keyring: KeyRing
) -> None:
    """A contract that is renewed for a time, or left as it was, leaves nothing behind; a colleague's end does not either."""
    end = NOW + timedelta(days=30)
    await imported(pool, keyring, appointed(NEXT, valid_until=end))
    await opened(recorder, NEXT)

    assert (await imported(pool, keyring, appointed(NEXT, valid_until=end))).unchanged == 1
    assert (await imported(pool, keyring, appointed(NEXT, valid_until=end + timedelta(days=30)))).ended == 1
    assert (await imported(pool, keyring, appointed(LEAD, valid_until=NOW))).ended == 1


async def test_orphans_are_listed_and_counted(recorder: Recorder, pool: Pool, keyring: KeyRing) -> None:
    """What is owed by somebody who is not here, or by a role that nobody holds, is listed as of any instant; while everybody is here there is none."""
    end = NOW + timedelta(days=30)
    await imported(pool, keyring, appointed(NEXT, valid_until=end))
    desk = await opened(recorder, NEXT)
    async with pool.connection() as connection:
        here, later = await orphans(connection, at=NOW), await orphans(connection, at=end)
        counted = await count_orphans(connection)

    assert (here, counted) == ([], 0)
    assert {(one.stream, one.holder) for one in later} == {(desk.case.stream, NEXT)}
    mine = {key for key, one in desk.case.obligations.items() if one.holder == NEXT}
    assert {one.key for one in later} == mine


async def test_at_the_instant_of_leaving_the_read_model_says_who_owes(
    recorder: Recorder, pool: Pool, keyring: KeyRing
) -> None:
    """In the entry in which a lead is gone, every row of what they owed is the supervisors', so that as of that instant nothing is an orphan."""
    end = MONDAY + timedelta(days=10)
    await imported(pool, keyring, appointed(NEXT, valid_until=end))
    desk = await opened(recorder, NEXT)
    await desk.do(NEXT, "give_consent", scope="participation", form_version="v1", language="en", explained_by=NEXT)
    await desk.wait(10)
    async with pool.connection() as connection:
        left = await orphans(connection, at=end)

    assert desk.at == end
    assert left == []
    assert desk.case.custody.in_charge is None
