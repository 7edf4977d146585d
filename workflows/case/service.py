"""Service: what must be told to the participant, and the proof that it was.

Participants are no users of the system, and a notice that nobody can prove to have served was not given: people were often told neither
why they were referred nor what came of it (field guide §3). So why they are here is the first notice of each case, and each notice to the person is owed by the lead, with a ladder, until
somebody records when, how and in which language it was served, with proof. What a notice sets going (the time to be heard, the time to
appeal) counts from that instant, never from the decision; while it is owed, nothing that depends on it goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

OPENING = 0
"""Number of the first notice, which is owed to whoever a case is opened for: why they are here."""
How = Literal["in_person", "by_hand", "by_post", "by_messenger", "through_counsel", "read_aloud"]


class RecordService(Command):
    """Record that a notice was served on the participant: how, in which language, and the proof; an interpreter if it took one."""

    type: Literal["record_service"] = "record_service"
    notice: Annotated[int, Field(ge=0, description="number of the notice to the person; 0 is that of the opening")]
    how: How
    language: Annotated[Code, Field(description="language in which the person was told, e.g. de")]
    proof: NoteRef
    interpreter: Annotated[bool, Field(description="the person was told through an interpreter")] = False


class ParticipantNoticeOwed(Event):
    """The person is to be told: `about` says of what (a code of the templates), `subject` which one; `reasons` and `language` where they are known,
    and from when on, where the law lets it wait.
    """  # fmt: skip

    type: Literal["participant_notice_owed"] = "participant_notice_owed"
    notice: int
    about: Code
    subject: str
    reasons: NoteRef | None = None
    language: Code | None = None
    tell_from: Instant | None = None
    delay_reasons: NoteRef | None = None


class ParticipantNoticeServed(Event):
    """The person was told, with proof."""

    type: Literal["participant_notice_served"] = "participant_notice_served"
    notice: int
    about: Code
    subject: str
    how: How
    language: Code
    interpreter: bool = False
    proof: NoteRef
    by: PersonId


ServiceEvent = ParticipantNoticeOwed | ParticipantNoticeServed


class Unserved(Frozen):
    """A notice that the person has not got yet: since when it is owed, and the language that it takes, if one was set."""

    about: Code
    subject: str
    since: Instant
    language: Code | None = None


class State(Frozen):
    """Notices owed to the person by number, and the number of the next one. What was served is history and stands in the ledger."""

    owed: dict[int, Unserved] = {}
    next_number: int = 1


def owe(state: State, told: Collection[tuple[str, str]]) -> tuple[ParticipantNoticeOwed, ...]:
    """The notices that the person is owed from now on: (what about, which one) each."""
    return tuple(
        ParticipantNoticeOwed(notice=number, about=about, subject=subject)
        for number, (about, subject) in enumerate(told, start=state.next_number)
    )


def decide(state: State, command: RecordService, *, actor: str) -> tuple[ParticipantNoticeServed, ...]:
    """Record a service.

    Raises:
        Refused: `no_such_service`, `other_language`.
    """
    owed = state.owed.get(command.notice)
    if owed is None:
        known = listed(f"{number} ({one.about})" for number, one in state.owed.items())
        raise Refused(
            "no_such_service", f"no notice {command.notice} is owed to the person", f"notices that are owed: {known}"
        )
    if owed.language is not None and command.language != owed.language and not command.interpreter:
        raise Refused(
            "other_language",
            f"the person is to be told in {owed.language}",
            f"tell them in {owed.language}, or through an interpreter, and record it so",
        )
    fields = command.model_dump(exclude={"type"})
    return (ParticipantNoticeServed(about=owed.about, subject=owed.subject, by=actor, **fields),)


def unserved(state: State, about: str, subject: str) -> bool:
    """Whether the person has still to be told of this."""
    return any(one.about == about and one.subject == subject for one in state.owed.values())


def evolve(state: State, event: ServiceEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case ParticipantNoticeOwed():
            since = max(event.tell_from or at, at)
            owed = Unserved(about=event.about, subject=event.subject, since=since, language=event.language)
            return state.model_copy(
                update={"owed": {**state.owed, event.notice: owed}, "next_number": event.notice + 1}
            )
        case ParticipantNoticeServed():
            return state.model_copy(update={"owed": {n: o for n, o in state.owed.items() if n != event.notice}})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """The service of each notice; it goes on after the case is closed."""
    for number, one in state.owed.items():
        yield Owed(key=f"notice_service/{number}", kind="notice_service", since=one.since)


def settles(event: ServiceEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, ParticipantNoticeServed):
        return tuple(key for key in keys if key == f"notice_service/{event.notice}")
    return ()
