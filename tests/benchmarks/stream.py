"""A long stream as practice would write it: mostly contacts kept, some missed with all that follows, milestones, reviews and refusals.

Every entry is decided by the product's own rules at the program's own instants and appended as `record` does it, without Temporal between.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from psycopg import AsyncRawCursor

from activities.store import ledger
from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool, transaction
from tests.benchmarks.rig import CONSENT, LEAD, SUPERVISOR, opening
from workflows import wire
from workflows.case.case import Context, answer, next_wake
from workflows.case.state import Case, advance, dump_events
from workflows.core.entry import Entry, seal
from workflows.core.kinds import CLOCK, ENGINE, NO_EXPIRY, Actor
from workflows.program.load import program_sha256
from workflows.program.model import Program

SEED = 20260101
BEGUN = datetime(2026, 1, 12, 9, tzinfo=UTC)
IN_ONE_TRANSACTION = 500
MEAN_DAYS_BETWEEN_ACTS = 1
_STAFF = {
    one.person: one
    for one in (
        Actor(
            person=LEAD, roles=("lead_practitioner",), organization="city",
            certificates=dict.fromkeys(("trauma_informed_care", "cultural_humility"), NO_EXPIRY),
        ),
        Actor(person=SUPERVISOR, roles=("supervisor",), organization="city"),
        *(Actor(person=f"member{n}", roles=("panel_member",), organization="police" if n else "health") for n in range(3)),
        Actor(person=CLOCK), Actor(person=ENGINE),
    )
}  # fmt: skip
# Out of a hundred things that people do in a case: how many are of each kind.
_DONE = {"check_in": 72, "claim": 6, "decide_claim": 6, "level": 3, "progress": 8, "review": 3, "mistake": 2}
_MILESTONES = {
    "needs_profile": ("practitioner_assessment", "participant_view"),
    "safety_plan": ("practitioner_assessment", "advocate_statement"),
}
Command = tuple[str, dict[str, Any]]
"""Who sends it, and the command."""


class Decided(NamedTuple):
    """One answer as the rules gave it, for no stream yet: its type, when, whose command it answers, and its events as a body holds them."""

    type: str
    at: datetime
    actor: str
    body: bytes


class _Practice:
    """Says what happens next in the case: what fell due, a delivery that reports back, or something that a person does."""

    def __init__(self, program: Program, seed: int = SEED) -> None:
        self._random = Random(seed)
        self._program = program
        self.at = BEGUN

    def next(self, case: Case) -> Command:
        if not case.opened:
            return SUPERVISOR, opening(self._program)
        if not case.consent.given:
            return LEAD, CONSENT
        if case.notice.pending:
            delivery = {"key": next(iter(case.notice.pending)), "outcome": "delivered", "channel": "inbox"}
            return ENGINE, {"type": "record_delivery", "delivery": {**delivery, "proof": f"inbox:{self._uuid()}"}}
        acts_at = self.at + timedelta(days=self._random.expovariate(1 / MEAN_DAYS_BETWEEN_ACTS))
        wake = next_wake(case)
        if wake is not None and wake <= acts_at:
            self.at = max(wake, self.at)
            return CLOCK, {"type": "elapsed"}
        self.at = acts_at
        (kind,) = self._random.choices(list(_DONE), list(_DONE.values()))
        return self._act(kind, case)

    def _act(self, kind: str, case: Case) -> Command:
        milestone = self._random.choice(list(_MILESTONES))
        match kind:
            case "claim":
                return LEAD, {"type": "claim_milestone", "milestone": milestone, "evidence": self._evidence(milestone)}
            case "decide_claim":
                decision = self._random.choice(["verify_milestone", "verify_milestone", "return_claim"])
                return SUPERVISOR, {"type": decision, "milestone": milestone, "reasons": self._note()}
            case "level":
                level = self._random.choice(["high", "high", "medium"])
                words = {"reasons": self._note(), "agreed": self._note()}
                return LEAD, {"type": "set_support_level", "level": level, "direction": "same", **words}
            case "progress":
                return LEAD, {"type": "review_progress", "reasons": self._note()}
            case "review" if case.review.open:
                number = next(iter(case.review.open))
                voter = f"member{self._random.randrange(3)}"
                return voter, {"type": "reject_review", "review": number, "reasons": self._note()}
            case "review":
                view = {"participant_view": self._note()}
                return LEAD, {"type": "request_review", "to": "closed", "reasons": self._note(), **view}
            case "mistake":
                return LEAD, {"type": "excuse_check_in", "reasons": self._note()}
            case _:
                channel = self._random.choice(["in_person", "call", "message", "visit"])
                return LEAD, {"type": "keep_check_in", "channel": channel, "note": self._note()}

    def _evidence(self, milestone: str) -> list[dict[str, Any]]:
        observed = (self.at - timedelta(days=2)).isoformat()
        return [
            {"kind": kind, "source": f"source_{number}", "observed_at": observed, "note": self._note()}
            for number, kind in enumerate(_MILESTONES[milestone], start=1)
        ]

    def _note(self) -> str:
        return f"note:{self._uuid()}"

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def decided(program: Program, *, entries: int, seed: int) -> list[Decided]:
    """So many answers of one case, decided by the rules; another seed tells another story."""
    case, practice = Case(stream=wire.new_case_stream()), _Practice(program, seed)
    found: list[Decided] = []
    while len(found) < entries:
        actor, command = practice.next(case)
        events = answer(case, command, _context(practice, actor, program))
        if events:
            found.append(Decided(command["type"], practice.at, actor, dump_events(events)))
            case = advance(case, position=len(found), head=case.head, events=events, at=practice.at)
    return found


def _context(practice: _Practice, actor: str, program: Program) -> Context:
    return Context(at=practice.at, actor=_STAFF[actor], staff=_STAFF, program=program, sha256=program_sha256(program))


async def write(pool: Pool, keyring: KeyRing, program: Program, *, entries: int) -> str:
    """Write a stream of so many entries; its id."""
    case, practice = Case(stream=wire.new_case_stream()), _Practice(program)
    while case.position < entries:
        async with transaction(pool) as connection:
            case = await _append(connection, keyring, case, practice=practice, program=program, until=entries)
    return case.stream


async def _append(
    connection: Connection, keyring: KeyRing, case: Case, *, practice: _Practice, program: Program, until: int
) -> Case:
    row = await (await AsyncRawCursor(connection).execute(b"SELECT clock_timestamp()")).fetchone()
    assert row is not None
    key = await keyring.stream_key(connection, case.stream, create=True)
    for _ in range(min(IN_ONE_TRANSACTION, until - case.position)):
        actor, command = practice.next(case)
        events = answer(case, command, _context(practice, actor, program))
        if not events:
            continue
        position = case.position + 1
        entry = seal(
            Entry(
                stream=case.stream, position=position, command_id=str(uuid4()), type=command["type"], at=practice.at,
                recorded_at=row[0], actor=actor, prev=bytes.fromhex(case.head), hash=b"",
                body=key.seal(dump_events(events), position=position),
            )
        )  # fmt: skip
        case = advance(case, position=position, head=entry.hash.hex(), events=events, at=practice.at)
        await ledger.append(connection, entry)
    return case


def composition(types: Iterable[str]) -> dict[str, float]:
    """Share of each stored type, largest first."""
    counted: dict[str, int] = {}
    for kind in types:
        counted[kind] = counted.get(kind, 0) + 1
    whole = sum(counted.values())
    return {kind: round(count / whole, 3) for kind, count in sorted(counted.items(), key=lambda pair: -pair[1])}
