"""The words of follow-up: what is asked about the talks that are owed after an exit, and what is recorded of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.calendar import Term
from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId

FollowUpNumber = Annotated[int, Field(ge=1, description="number of the follow-up in the case")]
Channel = Annotated[Code, Field(description="how, from the definition's channels; never where")]


class AttemptFollowUp(Command):
    """Record that somebody tried to reach the person for a follow-up, over which channel and when; never where they may be."""

    type: Literal["attempt_follow_up"] = "attempt_follow_up"
    follow_up: FollowUpNumber
    channel: Channel
    observed_at: Annotated[Instant | None, Field(description="when it was tried, if not now")] = None


class RecordFollowUp(Command):
    """Record that a follow-up was held, with the person's own account of how they are. It may still come after it was declined or nobody was reached."""

    type: Literal["record_follow_up"] = "record_follow_up"
    follow_up: FollowUpNumber
    channel: Channel
    account: Annotated[NoteRef, Field(description="how the person is, in their own words")]
    observed_at: Annotated[Instant | None, Field(description="when it was held, if not now")] = None


class DeclineFollowUp(Command):
    """Record that the person does not want a follow-up, or none any more; it is held against nobody, and the door stays open."""

    type: Literal["decline_follow_up"] = "decline_follow_up"
    follow_up: FollowUpNumber
    channel: Annotated[Code, Field(description="how they said so, from the definition's channels")]
    words: Annotated[NoteRef, Field(description="the person's own words")]
    later_ones_too: Annotated[bool, Field(description="they want none of the later ones either")] = False


class JudgeUnreached(Command):
    """Judge, as another person than the lead and whoever tried, that enough was done to reach the person for a follow-up that is due."""

    type: Literal["judge_unreached"] = "judge_unreached"
    follow_up: FollowUpNumber
    reasons: NoteRef


class Attempt(Frozen):
    """One attempt to reach the person: who tried, over which channel, when."""

    channel: Code
    by: PersonId
    observed_at: Instant


class FollowUpsBegan(Event):
    """The phase after an exit began: from `first` on, a follow-up is owed at each of these terms after it."""

    type: Literal["follow_ups_began"] = "follow_ups_began"
    phase: Code
    first: int
    terms: tuple[Term, ...]


class FollowUpAttempted(Event):
    """Somebody tried to reach the person, for the `attempt`-th time for this follow-up."""

    type: Literal["follow_up_attempted"] = "follow_up_attempted"
    follow_up: int
    attempt: int
    channel: Code
    by: PersonId
    observed_at: Instant


class FollowUpRecorded(Event):
    """The follow-up was held. `late_contact`: after it had been declined, or nobody had been reached; that stays on record too."""

    type: Literal["follow_up_recorded"] = "follow_up_recorded"
    follow_up: int
    channel: Code
    account: NoteRef
    by: PersonId
    observed_at: Instant
    late_contact: bool = False


class FollowUpDeclined(Event):
    """The person does not want it."""

    type: Literal["follow_up_declined"] = "follow_up_declined"
    follow_up: int
    channel: Code
    words: NoteRef


class FollowUpUnreached(Event):
    """Nobody could be reached in these attempts, as another person judges. It is not done, and never counts as done."""

    type: Literal["follow_up_unreached"] = "follow_up_unreached"
    follow_up: int
    attempts: tuple[Attempt, ...]
    reasons: NoteRef
    by: PersonId


class FollowUpsEnded(Event):
    """The case left the phase: what was still to come of its follow-ups is not owed any more."""

    type: Literal["follow_ups_ended"] = "follow_ups_ended"
    follow_ups: tuple[int, ...]


FollowUpCommand = AttemptFollowUp | RecordFollowUp | DeclineFollowUp | JudgeUnreached
FollowUpEvent = (
    FollowUpsBegan | FollowUpAttempted | FollowUpRecorded | FollowUpDeclined | FollowUpUnreached | FollowUpsEnded
)
