"""Serial closure (F2, Southport): three referrals of one person, misspelt twice, on the real store."""

from __future__ import annotations

from datetime import date

import psycopg

from activities.record import Recorder
from activities.store.keys import KeyRing
from activities.store.linking import Sealing, seal_identity
from activities.store.names import Identity
from activities.store.pool import Pool
from tests.case.examples import note, person
from tests.store.test_read_model import CHAIR, COMMUNITY, LEAD, PROGRAM, REASONS, SUPERVISOR, Desk, recorder

__all__ = ["recorder"]
NAMES = (
    Identity(("Axelius Exampelby",), date(2006, 8, 7)),
    Identity(("Axelius Exampleby",), date(2006, 7, 8)),
    Identity(("Exampelbi Axellius",), 2006),
)
JUDGE, VIEW = person("supervisor", 2), {"participant_view": note(2)}


async def referral(recorder: Recorder, pool: Pool, keyring: KeyRing, identity: Identity) -> Desk:
    """A case opened for a person of that name, as the command line does it: the names are sealed first."""
    desk = Desk(recorder)
    whose = Sealing(desk.case.stream, SUPERVISOR, "c1")
    async with pool.connection() as connection, connection.transaction():
        reference = await seal_identity(connection, keyring, identity, whose)
    await desk.do(
        SUPERVISOR, "open_case", program=PROGRAM.program, version=PROGRAM.version, lead=LEAD, support_level="low",
        eligibility=note(), identity=reference,
    )  # fmt: skip
    await desk.do(LEAD, "give_consent", scope="participation", form_version="v1", language="en", explained_by=LEAD)
    return desk


async def close(desk: Desk, *voters: str) -> None:
    """Close the case by its panel."""
    number = desk.case.review.next_number
    await desk.do(LEAD, "request_review", to="closed", **VIEW, **REASONS)
    for voter in voters:
        await desk.do(voter, "approve_review", review=number, **REASONS)


async def test_three_referrals_are_seen_together(
    recorder: Recorder, pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """Each referral finds those before; no closing passes over an open link; what was confirmed adds up; and whoever closed before does not close again."""
    members = tuple(person("panel_member", number) for number in range(1, 5))
    first = await referral(recorder, pool, keyring, NAMES[0])
    await close(first, CHAIR, COMMUNITY, *members[:2])
    second = await referral(recorder, pool, keyring, NAMES[1])
    third = await referral(recorder, pool, keyring, NAMES[2])

    assert first.case.closed
    assert [one.other for one in second.case.link.open.values()] == [first.case.stream]
    assert {one.other for one in third.case.link.open.values()} == {first.case.stream, second.case.stream}
    refused = await third.send(LEAD, "request_review", to="closed", **VIEW, **REASONS)
    assert refused.refusal is not None
    assert refused.refusal.code == "link_unresolved"
    for number in (1, 2):
        await third.do(JUDGE, "confirm_link", link=number, **REASONS)
    ends = third.case.link.confirmed
    assert third.case.link.count == 2
    assert ends[first.case.stream].closed_at == first.case.phase.closed_at
    assert {LEAD, CHAIR, COMMUNITY, *members[:2]} == set(ends[first.case.stream].by)
    assert ends[second.case.stream].closed_at is None
    await third.do(LEAD, "request_review", to="closed", **VIEW, **REASONS)
    again = await third.send(CHAIR, "approve_review", review=1, **REASONS)
    assert again.refusal is not None
    assert again.refusal.code == "closed_it_before"
    rows = "".join(row[0] for row in owner.execute("SELECT e::text FROM entry e UNION ALL SELECT n::text FROM name_index n UNION ALL SELECT v::text FROM vault v").fetchall())  # fmt: skip
    assert [name for name in ("xampel", "Axel") if name in rows or name.encode().hex() in rows] == []
