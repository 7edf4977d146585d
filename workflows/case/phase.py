"""Phases: where the case stands, and how it moves.

A case moves only forward here, only through a gate whose every condition holds, and only on a panel's approval (due process; F8: exit is not an end
but the beginning of aftercare). Time alone never moves a case: overstaying a phase, or a review of progress that nobody holds, is made visible
and escalates, and changes nothing for the participant. A closed case can be opened again as a new episode; no door closes for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Command, Digest, Event, Frozen, Instant, NoteRef, PersonId, VersionTag
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.keeping import AgeGroup
from workflows.program.model import Gate, Phase, SupportLevel

Move = Literal["open", "advance", "exit", "step_back", "exit_for_cause", "re_entry"]


class OpenCase(Command):
    """Open a participant's case in a published version of a program, with a lead practitioner and the reasons for eligibility."""

    type: Literal["open_case"] = "open_case"
    program: Code
    version: VersionTag
    lead: PersonId
    support_level: SupportLevel
    eligibility: NoteRef
    identity: Annotated[
        NoteRef | None, Field(description="the person's names, sealed for finding cases of the same person")
    ] = None
    age: Annotated[
        AgeGroup, Field(description="whether the participant is a child: then consent takes a guardian's")
    ] = "adult"
    referral: Annotated[
        NoteRef | None,
        Field(
            description="why the person was referred, in words for them; if left out, they are told the reasons for eligibility"
        ),
    ] = None
    language: Annotated[Code | None, Field(description="language in which the person is to be told, e.g. de")] = None
    tell_from: Annotated[Instant | None, Field(description="tell the person of the referral's reasons only from then on, at most as late as the definition allows")] = None  # fmt: skip
    delay_reasons: Annotated[NoteRef | None, Field(description="why the person is told only from then on")] = None
    comes_of_age: Annotated[Instant | None, Field(description="of a child, when the person comes of age")] = None
    over_caseload: Annotated[
        NoteRef | None, Field(description="why the lead is given more cases than their limit; a supervisor's decision")
    ] = None

    def people(self) -> tuple[str, ...]:
        """The lead practitioner."""
        return (self.lead,)


class ReviewProgress(Command):
    """Record a review of progress within the phase: what was weighed and in which direction things move."""

    type: Literal["review_progress"] = "review_progress"
    direction: Literal["forward", "steady", "backward"]
    summary: NoteRef


class Reenter(Command):
    """Take a person back who wishes it, after an exit or the closure: a new episode of the same case, on a fresh consent to take part."""

    type: Literal["reenter"] = "reenter"
    to: Annotated[Code, Field(description="phase in which they go on; they were in it before")]
    wish: Annotated[NoteRef, Field(description="that they wish it, in their own words")]
    lead: PersonId
    support_level: SupportLevel
    form_version: Annotated[Code, Field(description="form on which they consented to take part")]
    language: Annotated[Code, Field(description="language in which it was explained")]
    explained_by: PersonId
    interpreter: Annotated[PersonId | None, Field(description="who interpreted, by id, if somebody did")] = None
    guardian: Annotated[NoteRef | None, Field(description="the consent of a parent or guardian")] = None
    capacity_judged_by: Annotated[PersonId | None, Field(description="who judged that they can decide this")] = None
    over_caseload: Annotated[
        NoteRef | None, Field(description="why the lead is given more cases than their limit; a supervisor's decision")
    ] = None

    def people(self) -> tuple[str, ...]:
        """The lead, who explained the consent, and who judged the capacity to decide."""
        return (self.lead, self.explained_by, *([self.capacity_judged_by] if self.capacity_judged_by else []))


class CaseOpened(Event):
    """The case exists, under this version of this program, whose content has this hash."""

    type: Literal["case_opened"] = "case_opened"
    program: Code
    version: VersionTag
    sha256: Digest
    eligibility: NoteRef
    age: AgeGroup = "adult"


class PhaseEntered(Event):
    """The case entered a phase; `review` is the review that approved it, `act` the adverse act that did it (both None on opening)."""

    type: Literal["phase_entered"] = "phase_entered"
    phase: Code
    former: Code | None = None
    kind: Move
    review: int | None = None
    act: int | None = None
    episode: int = 1


class ProgressReviewed(Event):
    """Progress was reviewed."""

    type: Literal["progress_reviewed"] = "progress_reviewed"
    phase: Code
    direction: Literal["forward", "steady", "backward"]
    summary: NoteRef


class CaseClosed(Event):
    """The case is closed: its last phase is reached."""

    type: Literal["case_closed"] = "case_closed"
    phase: Code
    episode: int = 1


class CaseReentered(Event):
    """The person is back: an episode of the same case begins. `closed`: the case was closed, and is open again."""

    type: Literal["case_reentered"] = "case_reentered"
    episode: int
    former: Code
    closed: bool
    wish: NoteRef


PhaseEvent = CaseOpened | PhaseEntered | ProgressReviewed | CaseClosed | CaseReentered


class State(Frozen):
    """The phase and since when; when the case was opened and closed; the last review of progress; how many there were; the episode and
    since when it lasts, and the phases in which the case ever was.
    """  # fmt: skip

    opened_at: Instant | None = None
    phase: Code | None = None
    entered_at: Instant | None = None
    reviewed_at: Instant | None = None
    reviews: int = 0
    closed_at: Instant | None = None
    age: AgeGroup = "adult"
    episode: int = 1
    begun_at: Instant | None = None
    seen: tuple[Code, ...] = ()


class Facts(Frozen):
    """What a gate asks of the other rooms: milestones that stand verified, and consent scopes in force."""

    verified: frozenset[str]
    consented: frozenset[str]


class Unmet(Frozen):
    """A condition of a gate that does not hold; `until` is set where time alone holds it: a minimum stay, or a refusal in effect."""

    condition: Literal[
        "consent", "milestone", "minimum_stay", "refusal", "possible_link", "sessions", "need", "referrer_feedback",
        "follow_up", "assessment", "concern",
    ]  # fmt: skip
    subject: str
    until: Instant | None = None


def decide(state: State, command: ReviewProgress) -> tuple[PhaseEvent, ...]:
    """Record a review of progress.

    Raises:
        Refused: `phase_not_entered`.
    """
    if state.phase is None:
        raise Refused("phase_not_entered", "the case has not entered a phase", "open the case first")
    return (ProgressReviewed(phase=state.phase, direction=command.direction, summary=command.summary),)


def reenter(state: State, command: Reenter, phases: Mapping[str, Phase]) -> CaseReentered:
    """A new episode, in a phase in which the case was before: nobody comes back around a gate.

    Raises:
        Refused: `no_such_reentry`, `not_reached_before`.
    """
    here = state.phase or ""
    ways = phases[here].reentry_to
    if command.to not in ways:
        listed = ", ".join(ways) or "none, since nobody left from here"
        raise Refused("no_such_reentry", f"nobody comes back from {here} into {command.to}", f"ways: {listed}")
    if command.to not in state.seen:
        listed = ", ".join(to for to in ways if to in state.seen) or "none of those that the program names"
        raise Refused(
            "not_reached_before",
            f"the case was never in {command.to}, and its gate stands before it",
            f"come back into a phase in which it was: {listed}",
        )
    closed = state.closed_at is not None
    return CaseReentered(episode=state.episode + 1, former=here, closed=closed, wish=command.wish)


def enter(
    state: State, *, to: str, kind: Move, review: int | None = None, act: int | None = None, phases: Mapping[str, Phase]
) -> tuple[PhaseEvent, ...]:
    """The events of entering a phase; the last phase closes the case."""
    episode = state.episode
    entered = PhaseEntered(phase=to, former=state.phase, kind=kind, review=review, act=act, episode=episode)
    return (entered, CaseClosed(phase=to, episode=episode)) if phases[to].terminal else (entered,)


def unmet(state: State, gate: Gate, *, facts: Facts, calendar: Calendar, at: datetime) -> tuple[Unmet, ...]:
    """The gate's conditions that do not hold at `at`, apart from the panel's approval itself."""
    found = [Unmet(condition="consent", subject=scope) for scope in gate.consent if scope not in facts.consented]
    found += [Unmet(condition="milestone", subject=code) for code in gate.milestones if code not in facts.verified]
    if gate.minimum_stay is not None and state.entered_at is not None:
        until = calendar.after(state.entered_at, gate.minimum_stay).at
        if at < until:
            found.append(Unmet(condition="minimum_stay", subject=str(gate.minimum_stay), until=until))
    return tuple(found)


def evolve(state: State, event: PhaseEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case CaseOpened():
            return state.model_copy(update={"opened_at": at, "begun_at": at, "age": event.age})
        case PhaseEntered():
            seen = state.seen if event.phase in state.seen else (*state.seen, event.phase)
            return state.model_copy(update={"phase": event.phase, "entered_at": at, "reviewed_at": None, "seen": seen})
        case CaseReentered():
            return state.model_copy(update={"episode": event.episode, "begun_at": at, "closed_at": None})
        case ProgressReviewed():
            return state.model_copy(update={"reviewed_at": at, "reviews": state.reviews + 1})
        case CaseClosed():
            return state.model_copy(update={"closed_at": at})
        case _:
            assert_never(event)


def owes(state: State, phases: Mapping[str, Phase]) -> Iterator[Owed]:
    """Reviews of progress while the phase lasts, and a look at it once it has lasted longer than expected."""
    if state.phase is None or state.entered_at is None or state.closed_at is not None:
        return
    phase = phases[state.phase]
    if phase.review_every is not None:
        since = state.reviewed_at or state.entered_at
        yield Owed(
            key=f"progress_review/{state.phase}/{state.reviews + 1}",
            kind="progress_review",
            since=since,
            term=phase.review_every,
        )
    if phase.expected is not None:
        yield Owed(
            key=f"phase_overstay/{state.phase}", kind="phase_overstay", since=state.entered_at, term=phase.expected
        )


def settles(event: PhaseEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills; moving on ends a phase's obligations without meeting them."""
    match event:
        case ProgressReviewed():
            return tuple(key for key in keys if key.startswith(f"progress_review/{event.phase}/"))
        case PhaseEntered():
            return tuple(key for key in keys if key == f"phase_overstay/{event.former}")
        case CaseOpened() | CaseClosed() | CaseReentered():
            return ()
        case _:
            assert_never(event)
