"""The read model: what live maintenance wrote is what a rebuild from the ledger writes, and what the case itself says."""

from datetime import timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.record import Recorder, RecordOrder
from activities.store import programs, queries, read_model, staff
from activities.store.fold import fold
from activities.store.keys import KeyRing
from activities.store.ledger import head
from activities.store.pool import Pool
from activities.store.staff import StaffRecord
from tests.case.examples import MONDAY, ROOT, enough_evidence, judged, note, person, shipped
from tests.case.examples import staff as made_up
from tests.store.examples import new_stream
from workflows.case.case import next_wake
from workflows.case.state import Case, take
from workflows.core.envelope import Envelope, Recorded
from workflows.core.kinds import CLOCK, ENGINE

PROGRAM = shipped("disengagement")
SUPERVISOR, LEAD, CHAIR, COMMUNITY = (
    person(role) for role in ("supervisor", "lead_practitioner", "panel_chair", "community_member")
)
TABLES = {"case_overview": "stream", "obligation": "stream, key, position", "review": "stream, id"}
REASONS = {"reasons": note()}


class Desk:
    """Records commands to one case as the workflow does, on a real ledger."""

    def __init__(self, recorder: Recorder) -> None:
        self._record = recorder.record
        self._numbers = count(1)
        self.case = Case(stream=new_stream())
        self.at = MONDAY

    async def send(self, actor: str, command: str, **fields: Any) -> Recorded:
        """Record a command at the desk's instant."""
        envelope = Envelope(command_id=f"c{next(self._numbers)}", actor=actor, command={"type": command, **fields})
        recorded = await ActivityEnvironment().run(self._record, RecordOrder.about(self.case, envelope, self.at))
        self.case = take(self.case, recorded.entries)
        return recorded

    async def do(self, actor: str, command: str, **fields: Any) -> Recorded:
        """Record a command that is to be accepted."""
        recorded = await self.send(actor, command, **fields)
        assert recorded.refusal is None, recorded.refusal
        return recorded

    async def wait(self, days: float) -> None:
        """Let time pass, the clock acting whenever something is due."""
        until = self.at + timedelta(days=days)
        while (wake := next_wake(self.case)) is not None and wake <= until:
            self.at = max(self.at, wake)
            await self.do(CLOCK, "elapsed")
        self.at = until

    async def open(self) -> None:
        """Open the case, with consent."""
        version = {"program": PROGRAM.program, "version": PROGRAM.version}
        await self.do(SUPERVISOR, "open_case", **version, lead=LEAD, support_level="high", eligibility=note())
        await self.do(LEAD, "give_consent", scope="participation", form_version="v1", language="en", explained_by=LEAD)

    async def reach(self, milestone: str) -> None:
        """Claim and verify a milestone."""
        evidence = enough_evidence(PROGRAM, milestone, self.at)
        await self.do(LEAD, "claim_milestone", milestone=milestone, evidence=evidence)
        await self.do(SUPERVISOR, "verify_milestone", milestone=milestone, **REASONS)

    async def ask(self) -> int:
        """Ask the panel for the move to stabilization; the review's number."""
        for milestone in ("needs_profile", "safety_plan"):
            await self.reach(milestone)
        await self.do(LEAD, "record_assessment", trigger="entry", **judged(shipped("disengagement")))
        number = self.case.review.next_number
        await self.do(LEAD, "request_review", to="stabilization", participant_view=note(2), **REASONS)
        return number


@pytest.fixture
async def recorder(pool: Pool, keyring: KeyRing) -> Recorder:
    """A recorder over a database in which the program is published and its staff work."""
    records = [
        StaffRecord(
            person=one.person,
            roles=one.roles,
            organization=one.organization,
            valid_from=MONDAY,
            certificates=one.certificates,
        )
        for one in made_up(PROGRAM).values()
    ]
    text = (ROOT / "programs" / "disengagement.yaml").read_text(encoding="utf-8")
    async with pool.connection() as connection:
        await programs.publish(connection, PROGRAM, text)
        await staff.import_staff(connection, keyring, records)
    return Recorder(pool, keyring)


async def varied(recorder: Recorder) -> list[Desk]:
    """Three streams in which much happened: one moved on and fell silent, one was rejected, one was never opened."""
    moved, rejected, refused = Desk(recorder), Desk(recorder), Desk(recorder)
    await refused.send(LEAD, "open_case", program="disengagement", version="2026.2", lead=LEAD)
    await moved.open()
    await moved.wait(3)
    recorded = await moved.do(LEAD, "keep_check_in", channel="in_person")
    await moved.wait(25)
    number = await moved.ask()
    recorded = await moved.send(SUPERVISOR, "approve_review", review=number, **REASONS)
    assert recorded.refusal is not None
    for member in (CHAIR, COMMUNITY, person("panel_member", 1), person("panel_member", 2)):
        await moved.do(member, "approve_review", review=number, **REASONS)
    delivered = {"key": next(iter(moved.case.notice.pending)), "outcome": "delivered", "channel": "inbox"}
    await moved.do(ENGINE, "record_delivery", delivery=delivered)
    failed = {"key": next(iter(moved.case.notice.pending)), "outcome": "failed", "channel": "smtp", "reason": "down"}
    await moved.do(ENGINE, "record_delivery", delivery=failed)
    await moved.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), **REASONS)
    await moved.wait(60)
    await rejected.open()
    await rejected.wait(5)
    number = await rejected.ask()
    await rejected.do(CHAIR, "approve_review", review=number, **REASONS)
    await rejected.do(CHAIR, "recuse_from_review", review=number, **REASONS)
    for member in (person("panel_chair", 2), COMMUNITY, person("panel_member", 1), person("panel_member", 2)):
        await rejected.do(member, "reject_review", review=number, **REASONS)
    await rejected.do(LEAD, "request_review", to="stabilization", participant_view=note(2), **REASONS)
    await rejected.do(SUPERVISOR, "set_support_level", level="low", direction="less", agreed=note(2), **REASONS)
    return [moved, rejected, refused]


def rows(owner: psycopg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: owner.execute(f"SELECT * FROM {table} ORDER BY {order}".encode()).fetchall()  # noqa: S608 - names above
        for table, order in TABLES.items()
    }


async def test_a_rebuild_gives_the_rows_of_live_maintenance(
    recorder: Recorder, pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """Rebuilding from the ledger alone yields, row for row, what was kept while the commands were recorded."""
    await varied(recorder)
    live = rows(owner)
    told: list[tuple[int, int]] = []
    for table in TABLES:
        owner.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - names above
    done = await read_model.rebuild(pool, keyring, progress=lambda now, total: told.append((now, total)))

    assert [len(live["case_overview"]), len(live["review"]), len(live["obligation"]) > 10] == [2, 3, True]
    assert rows(owner) == live
    assert told[-1] == (done.entries, done.entries)
    assert (done.streams, done.broken) == (3, ())
    await read_model.rebuild(pool, KeyRing(keyring.program_key))
    assert rows(owner) == live


async def test_the_rows_say_what_the_case_says(recorder: Recorder, pool: Pool, keyring: KeyRing) -> None:
    """For every stream the stored row, the row of the folded case, and its open obligations agree."""
    for desk in await varied(recorder):
        async with pool.connection() as connection:
            folded = await fold(connection, keyring, desk.case.stream)
            last = await head(connection, desk.case.stream)
            row = await queries.case_row(connection, desk.case.stream)
            owed = await queries.obligations(connection, desk.case.stream)
        assert last is not None
        open_ones = {
            key: (one.due, one.climbed, one.silent, one.next_at, one.holder) for key, one in folded.obligations.items()
        }

        assert folded == desk.case
        assert row == read_model.overview(desk.case, last)
        assert {one.key: (one.due, one.climbed, one.silent, one.next_at, one.holder) for one in owed} == open_ones


async def test_a_review_shows_its_votes_and_its_end(recorder: Recorder, pool: Pool) -> None:
    """A review's row shows who asked, the votes that count, who stepped back, and how it ended."""
    moved, rejected, _ = await varied(recorder)
    async with pool.connection() as connection:
        (approved,) = await queries.reviews(connection, open_only=False, stream=moved.case.stream)
        first, second = await queries.reviews(connection, open_only=False, stream=rejected.case.stream)
        waiting = await queries.reviews(connection)

    assert (approved.state, approved.to_phase, approved.requested_by) == ("approved", "stabilization", LEAD)
    assert {vote.person: vote.choice for vote in approved.votes} == dict.fromkeys(
        (CHAIR, COMMUNITY, person("panel_member", 1), person("panel_member", 2)), "approve"
    )
    assert (first.state, first.recused, [vote.person for vote in first.votes].count(CHAIR)) == ("rejected", (CHAIR,), 0)
    assert first.due is not None
    assert (second.state, second.votes, second.decided_at) == ("open", (), None)
    assert waiting == [second]


async def test_a_queue_shows_what_a_person_owes(recorder: Recorder, pool: Pool) -> None:
    """A queue holds what a person holds and what falls to their roles, by due date, and nothing that is met."""
    desk = Desk(recorder)
    await desk.open()
    async with pool.connection() as connection:
        everything = await queries.owed(connection)
        mine = await queries.owed(connection, person=LEAD, roles=("lead_practitioner",))
        others = await queries.owed(connection, person=person("lead_practitioner", 3), roles=("lead_practitioner",))
        soon = await queries.owed(connection, until=everything[0].due)
        led = await queries.caseload(connection, lead=LEAD)

    assert [one.key for one in everything] == sorted(
        desk.case.obligations, key=lambda k: (desk.case.obligations[k].due, k)
    )
    assert {one.key for one in mine} == {k for k, one in desk.case.obligations.items() if one.holder == LEAD}
    assert others == []
    assert soon[0] == everything[0]
    assert [row.stream for row in led] == [desk.case.stream]


async def test_a_rebuild_goes_on_past_a_broken_stream(
    recorder: Recorder, pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """A rebuild never folds an entry that was tampered with: that stream keeps the rows it had and is named, and every other one is made anew."""
    desks = [Desk(recorder) for _ in range(3)]
    for desk in desks:
        await desk.open()
    before = rows(owner)
    sealed, _, changed = sorted(desk.case.stream for desk in desks)
    tampered = "UPDATE entry SET at = at + interval '1 day' WHERE position = 2 AND stream = %s"
    owner.execute("ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
    owner.execute(tampered.encode(), (changed,))
    owner.execute(
        "UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE stream = %s) WHERE stream = %s", (changed, sealed)
    )
    owner.execute("UPDATE case_overview SET lead = 'nobody'")
    done = await read_model.rebuild(pool, KeyRing(keyring.program_key))
    after = rows(owner)

    assert [one.stream for one in done.broken] == [sealed, changed]
    assert "cannot be opened" in done.broken[0].what
    assert done.broken[1].what.startswith("position 2: ")
    assert (done.streams, done.entries) == (1, 2)
    leads = {row[0]: row[6] for row in after["case_overview"]}
    assert [stream for stream, lead in leads.items() if lead == "nobody"] == [sealed, changed]
    assert after["obligation"] == before["obligation"]
