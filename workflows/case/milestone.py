"""Milestones: what stands verified, on whose word, and since when.

A milestone is claimed by one person and verified by another, on independent kinds of source and fresh observations; self-report, pledges and attendance
alone prove nothing (F4 performance as progress; "false compliance" and loyalty pledges in the inquiries). New facts contradict a verification
without rewriting it: it stood until then. A verification that has grown old is asked for again; nothing granted is withdrawn, and
one that is renewed in time stands until the new claim is decided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case.evidence import Evidence, check, independent_sources
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed, Pause, stretch
from workflows.core.refusal import Refused
from workflows.program.model import EvidenceKind, Milestone

Status = Literal["claimed", "verified", "returned", "contradicted", "expired"]


class ClaimMilestone(Command):
    """Claim that a milestone is reached, or still is, with all the evidence. A later claim replaces one not yet verified."""

    type: Literal["claim_milestone"] = "claim_milestone"
    milestone: Code
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, max_length=20)]


class VerifyMilestone(Command):
    """Verify a claim, as another person than whoever claimed it, with reasons."""

    type: Literal["verify_milestone"] = "verify_milestone"
    milestone: Code
    reasons: NoteRef
    claim: Annotated[
        int | None, Field(description="number of the claim that was examined; refused if another replaced it")
    ] = None


class ReturnClaim(Command):
    """Return a claim that the evidence does not carry, with reasons; it may be claimed again."""

    type: Literal["return_claim"] = "return_claim"
    milestone: Code
    reasons: NoteRef


class ContradictMilestone(Command):
    """Record new facts that contradict a milestone. The verification stood until now and stays on record."""

    type: Literal["contradict_milestone"] = "contradict_milestone"
    milestone: Code
    facts: NoteRef
    observed_at: Instant


class MilestoneClaimed(Event):
    """A claim with its evidence waits for verification."""

    type: Literal["milestone_claimed"] = "milestone_claimed"
    milestone: Code
    claim: int
    claimant: PersonId
    evidence: tuple[Evidence, ...]
    independent_sources: int


class MilestoneVerified(Event):
    """The claim is verified."""

    type: Literal["milestone_verified"] = "milestone_verified"
    milestone: Code
    claim: int
    verifier: PersonId
    reasons: NoteRef


class MilestoneReturned(Event):
    """The claim was returned to whoever made it."""

    type: Literal["milestone_returned"] = "milestone_returned"
    milestone: Code
    claim: int
    reasons: NoteRef


class MilestoneContradicted(Event):
    """New facts speak against it; what was verified before stays on record as what was known then."""

    type: Literal["milestone_contradicted"] = "milestone_contradicted"
    milestone: Code
    claim: int
    facts: NoteRef
    observed_at: Instant


class MilestoneExpired(Event):
    """The verification is too old to open a gate that is still to be passed."""

    type: Literal["milestone_expired"] = "milestone_expired"
    milestone: Code
    claim: int


MilestoneCommand = ClaimMilestone | VerifyMilestone | ReturnClaim | ContradictMilestone
MilestoneEvent = MilestoneClaimed | MilestoneVerified | MilestoneReturned | MilestoneContradicted | MilestoneExpired


class Verification(Frozen):
    """A claim that was verified: when, and by whom it was claimed and verified."""

    claim: int
    at: Instant
    claimant: PersonId
    verifier: PersonId


class Standing(Frozen):
    """Where a milestone stands: its newest claim, since when it stands so, and the last verification unless it was contradicted."""

    status: Status
    claim: int
    since: Instant
    claimant: PersonId
    verification: Verification | None = None


class State(Frozen):
    """Milestone → standing; a milestone that was never claimed is absent."""

    standing: dict[str, Standing] = {}


class Facts(Frozen):
    """The program's milestones, kinds of evidence and calendar."""

    milestones: Mapping[str, Milestone]
    evidence_kinds: Mapping[str, EvidenceKind]
    calendar: Calendar


def decide(
    state: State, command: MilestoneCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[MilestoneEvent, ...]:
    """Answer a milestone command.

    Raises:
        Refused: `unknown_milestone`, `unknown_evidence_kind`, `observed_in_future`, `stale`, `insufficient_independence`, `already_verified`,
            `not_entitled_to_claim`, `nothing_to_verify`, `claim_changed`, `not_independent`, `not_entitled_to_verify`, `nothing_to_contradict`.
    """
    if command.milestone not in facts.milestones:
        raise Refused(
            "unknown_milestone",
            f"the program has no milestone {command.milestone}",
            f"use one of: {', '.join(sorted(facts.milestones))}",
        )
    standing = state.standing.get(command.milestone)
    match command:
        case ClaimMilestone():
            return _claim(standing, command, facts, actor=actor, at=at)
        case VerifyMilestone():
            claimed = _claimed(standing, command.milestone)
            _same_claim(claimed, command)
            _may_judge(claimed, facts.milestones[command.milestone], actor)
            return (MilestoneVerified(milestone=command.milestone, claim=claimed.claim, verifier=actor.person, reasons=command.reasons),)  # fmt: skip
        case ReturnClaim():
            claimed = _claimed(standing, command.milestone)
            _may_judge(claimed, facts.milestones[command.milestone], actor)
            return (MilestoneReturned(milestone=command.milestone, claim=claimed.claim, reasons=command.reasons),)
        case ContradictMilestone():
            return _contradict(standing, command, at)
        case _:
            assert_never(command)


def _claim(
    standing: Standing | None, command: ClaimMilestone, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[MilestoneEvent, ...]:
    rule = facts.milestones[command.milestone]
    if standing is not None and standing.status == "verified" and rule.valid_for is None:
        raise Refused(
            "already_verified",
            f"{command.milestone} stands verified, and does not grow old",
            "nothing to do; claim it again with claim_milestone if contradict_milestone speaks against it",
        )
    if not actor.holds(rule.claim_by):
        raise Refused(
            "not_entitled_to_claim", f"this milestone is claimed by {', '.join(rule.claim_by)}", "ask one of them"
        )
    check(command.evidence, rule, kinds=facts.evidence_kinds, calendar=facts.calendar, at=at)
    sources = independent_sources(command.evidence, rule, facts.evidence_kinds)
    if sources < rule.independent_sources:
        counting = [kind for kind in rule.evidence if facts.evidence_kinds[kind].counts]
        raise Refused(
            "insufficient_independence",
            f"{command.milestone} needs {rule.independent_sources} independent kinds of source, and the evidence has {sources}",
            f"add evidence of other kinds of source; these count: {', '.join(counting)}",
        )
    number = 1 if standing is None else standing.claim + 1
    return (MilestoneClaimed(milestone=command.milestone, claim=number, claimant=actor.person, evidence=command.evidence, independent_sources=sources),)  # fmt: skip


def _claimed(standing: Standing | None, milestone: str) -> Standing:
    if standing is None or standing.status != "claimed":
        raise Refused(
            "nothing_to_verify",
            f"no claim of {milestone} waits for verification",
            "claim it first with claim_milestone",
        )
    return standing


def _same_claim(claimed: Standing, command: VerifyMilestone) -> None:
    if command.claim is not None and command.claim != claimed.claim:
        raise Refused(
            "claim_changed",
            f"claim {command.claim} of {command.milestone} was replaced by claim {claimed.claim}",
            "examine the newer claim and verify that",
        )


def _may_judge(claimed: Standing, rule: Milestone, actor: Actor) -> None:
    roles = ", ".join(rule.verify_by)
    if actor.person == claimed.claimant:
        raise Refused(
            "not_independent",
            f"{actor.person} made this claim",
            f"ask another person who holds {roles}: nobody decides on their own work",
        )
    if not actor.holds(rule.verify_by):
        raise Refused("not_entitled_to_verify", f"this milestone is verified by {roles}", "ask one of them")


def _contradict(standing: Standing | None, command: ContradictMilestone, at: datetime) -> tuple[MilestoneEvent, ...]:
    if standing is None or standing.status not in {"claimed", "verified"}:
        raise Refused("nothing_to_contradict", f"{command.milestone} is neither claimed nor verified", "nothing to do")
    if command.observed_at > at:
        raise Refused(
            "observed_in_future", "the facts are dated after now", "give the instant at which they were observed"
        )
    return (MilestoneContradicted(milestone=command.milestone, claim=standing.claim, facts=command.facts, observed_at=command.observed_at),)  # fmt: skip


def evolve(state: State, event: MilestoneEvent, at: datetime) -> State:
    """The state after the event; an event about a milestone that was never claimed changes nothing."""
    known = state.standing.get(event.milestone)
    after: Standing | None
    match event:
        case MilestoneClaimed():
            stands = known.verification if known is not None and known.status in {"verified", "claimed"} else None
            after = Standing(
                status="claimed", claim=event.claim, since=at, claimant=event.claimant, verification=stands
            )
        case MilestoneVerified():
            after = None if known is None else _verified(known, event, at)
        case MilestoneReturned():
            after = None if known is None else _returned(known, at)
        case MilestoneContradicted():
            after = _moved(known, "contradicted", at, verification=None)
        case MilestoneExpired():
            after = _moved(known, "expired", at)
        case _:
            assert_never(event)
    return state if after is None else state.model_copy(update={"standing": {**state.standing, event.milestone: after}})


def _moved(known: Standing | None, status: Status, at: datetime, **changes: object) -> Standing | None:
    return None if known is None else known.model_copy(update={"status": status, "since": at, **changes})


def _verified(known: Standing, event: MilestoneVerified, at: datetime) -> Standing | None:
    done = Verification(claim=event.claim, at=at, claimant=known.claimant, verifier=event.verifier)
    return _moved(known, "verified", at, verification=done)


def _returned(known: Standing, at: datetime) -> Standing | None:
    """A renewal that is returned leaves the verification before it as it was."""
    stands = known.verification
    return _moved(known, "returned", at) if stands is None else _moved(known, "verified", stands.at)


def holds(
    standing: Standing, rule: Milestone, *, calendar: Calendar, at: datetime, pauses: Sequence[Pause] = ()
) -> bool:
    """Whether the milestone counts for a gate at `at`: verified, not contradicted since, and not grown old by then (in `pauses` nothing ages)."""
    stands = standing.verification
    if stands is None or standing.status not in {"verified", "claimed"}:
        return False
    if rule.valid_for is None:
        return True
    old = stretch(calendar.after(stands.at, rule.valid_for), since=stands.at, pauses=pauses, calendar=calendar)
    return old.at > at


def owes(state: State, *, milestones: Mapping[str, Milestone], needed: Collection[str]) -> Iterator[Owed]:
    """A verification for each claim; a renewal for each verification that a gate of the present phase needs and that will age.

    Args:
        state: this room's state.
        milestones: the program's milestones.
        needed: milestones of the gates of the present phase.
    """
    for code, standing in state.standing.items():
        if standing.status == "claimed":
            yield Owed(
                key=f"milestone_verification/{code}/{standing.claim}",
                kind="milestone_verification",
                since=standing.since,
            )
        elif standing.verification is not None and code in needed:
            verification, valid_for = standing.verification, milestones[code].valid_for
            if valid_for is not None:
                yield Owed(
                    key=f"milestone_renewal/{code}/{verification.claim}",
                    kind="milestone_renewal",
                    since=verification.at,
                    term=valid_for,
                )


def fall_silent(state: State, key: str) -> tuple[MilestoneEvent, ...]:
    """What the room adds when an obligation's due instant passes: a verification that has grown old no longer opens a gate."""
    kind, _, rest = key.partition("/")
    code, _, claim = rest.rpartition("/")
    standing = state.standing.get(code)
    if kind != "milestone_renewal" or standing is None or standing.status != "verified":
        return ()
    stands = standing.verification
    return (MilestoneExpired(milestone=code, claim=stands.claim),) if stands and str(stands.claim) == claim else ()


def settles(event: MilestoneEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: a decision on a claim, or a new claim where an old one aged."""
    if isinstance(event, MilestoneVerified | MilestoneReturned):
        return tuple(key for key in keys if key == f"milestone_verification/{event.milestone}/{event.claim}")
    if isinstance(event, MilestoneClaimed):
        return tuple(key for key in keys if key.startswith(f"milestone_renewal/{event.milestone}/"))
    return ()
