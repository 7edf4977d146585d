"""Links: whether the person is in the program already, under another case.

Referrals that nobody sees together look harmless each (Southport: three referrals, the name misspelt on two, closed one by one; F2). So when a case is opened its
names are compared with those of every case before, inside the vault; only the opaque ids of cases come here. Each candidate is owed an answer by a person
other than whoever opened the case or reported the link: a machine suggests, people decide, with reasons. No closing is asked for or decided while one is
open. What is confirmed adds up, and whoever closed a linked case before does not approve the closing of this one. Confirming says that the person is the same and
nothing about them: silence leaves a link open, and takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId, StreamId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

LinkNumber = Annotated[int, Field(ge=1, description="number of the possible link in the case")]


class ReportLink(Command):
    """Report that the person may be the participant of another case, with reasons: what comparing names does not find."""

    type: Literal["report_link"] = "report_link"
    other: Annotated[StreamId, Field(description="the other case, by its whole id")]
    reasons: NoteRef


class ConfirmLink(Command):
    """Confirm that the participant of the other case is the same person, with reasons."""

    type: Literal["confirm_link"] = "confirm_link"
    link: LinkNumber
    reasons: NoteRef


class RejectLink(Command):
    """Reject a possible link: it is another person, with reasons."""

    type: Literal["reject_link"] = "reject_link"
    link: LinkNumber
    reasons: NoteRef


class PossibleLinkFound(Event):
    """The participant of the case `other` may be the same person. `by`: who opened this case, or reported it; `how`: whether names or a person found it."""

    type: Literal["possible_link_found"] = "possible_link_found"
    link: int
    other: StreamId
    how: Literal["names", "reported"]
    by: PersonId
    reasons: NoteRef | None = None


class LinkConfirmed(Event):
    """It is the same person. When the other case was closed and how (None: it is open), and by whom: its leads and those who voted for it."""

    type: Literal["link_confirmed"] = "link_confirmed"
    link: int
    other: StreamId
    by: PersonId
    reasons: NoteRef
    closed_at: Instant | None = None
    closed_how: Code | None = None
    closed_by: tuple[PersonId, ...] = ()


class LinkRejected(Event):
    """It is another person."""

    type: Literal["link_rejected"] = "link_rejected"
    link: int
    other: StreamId
    by: PersonId
    reasons: NoteRef


LinkCommand = ReportLink | ConfirmLink | RejectLink
LinkEvent = PossibleLinkFound | LinkConfirmed | LinkRejected


class Prior(Frozen):
    """What another case's ledger says of its end: when and how it was last closed (None: it is open), and by whom."""

    closed_at: Instant | None = None
    how: Code | None = None
    by: tuple[PersonId, ...] = ()


class Possible(Frozen):
    """A link that waits for an answer."""

    other: StreamId
    by: PersonId
    since: Instant


class State(Frozen):
    """Possible links by number; confirmed cases with what was known of their end then; how many links there were."""

    open: dict[int, Possible] = {}
    confirmed: dict[str, Prior] = {}
    number: int = 0

    @property
    def count(self) -> int:
        """How many cases of this person are known before this one and beside it."""
        return len(self.confirmed)


class Facts(Frozen):
    """This case, and what the ledgers of the cases in question say of their ends."""

    stream: StreamId
    priors: Mapping[str, Prior]


def found(state: State, others: Sequence[str], *, by: str) -> tuple[PossibleLinkFound, ...]:
    """The possible links that comparing names found when `by` opened the case."""
    return tuple(
        PossibleLinkFound(link=number, other=other, how="names", by=by)
        for number, other in enumerate(others, start=state.number + 1)
    )


def decide(state: State, command: LinkCommand, facts: Facts, *, actor: str) -> tuple[LinkEvent, ...]:
    """Answer a command about links.

    Raises:
        Refused: `linked_to_itself`, `already_linked`, `no_such_link`, `opened_it_themselves`.
    """
    if isinstance(command, ReportLink):
        return (_report(state, command, facts, actor),)
    possible = state.open.get(command.link)
    if possible is None:
        known = listed(state.open)
        raise Refused("no_such_link", f"no possible link {command.link} waits for an answer", f"open links: {known}")
    if actor == possible.by:
        raise Refused(
            "opened_it_themselves",
            f"{actor} opened this case, or reported the link",
            "ask another person who may answer possible links to look at both cases",
        )
    told = {"link": command.link, "other": possible.other, "by": actor, "reasons": command.reasons}
    if isinstance(command, RejectLink):
        return (LinkRejected.model_validate(told),)
    prior = facts.priors.get(possible.other, Prior())
    end = {"closed_at": prior.closed_at, "closed_how": prior.how, "closed_by": prior.by}
    return (LinkConfirmed.model_validate({**told, **end}),)


def _report(state: State, command: ReportLink, facts: Facts, actor: str) -> PossibleLinkFound:
    if command.other == facts.stream:
        raise Refused("linked_to_itself", "a case is not linked to itself", "name the other case ('offramp case list')")
    if command.other in state.confirmed or any(one.other == command.other for one in state.open.values()):
        raise Refused(
            "already_linked",
            f"{command.other} is linked, or waits for an answer",
            "nothing to do, or answer it with confirm_link or reject_link while it is open",
        )
    return PossibleLinkFound(
        link=state.number + 1, other=command.other, how="reported", by=actor, reasons=command.reasons
    )


def require_resolved(state: State) -> None:
    """Check that no possible link waits for an answer, before a case is closed or a closing is put to a panel.

    Raises:
        Refused: `link_unresolved`.
    """
    if state.open:
        links = ", ".join(f"{number} ({one.other})" for number, one in state.open.items())
        raise Refused(
            "link_unresolved",
            f"possible links wait for an answer: {links}",
            "look at both cases and answer with confirm_link or reject_link, as another person than whoever opened the case",
        )


def require_new_eyes(state: State, facts: Facts, *, actor: str) -> None:
    """Check that whoever approves the closing did not close a linked case before.

    Raises:
        Refused: `closed_it_before`.
    """
    for other in state.confirmed:
        if actor in closers(state, facts.priors, other):
            raise Refused(
                "closed_it_before",
                f"{actor} led or closed {other}, a case of the same person",
                "ask a member of the panel who took no part in the cases before; stepping back is recuse_from_review",
            )


def closers(state: State, priors: Mapping[str, Prior], other: str) -> frozenset[str]:
    """Who closed the linked case, as known when it was confirmed and as its ledger says now."""
    return frozenset((*state.confirmed.get(other, Prior()).by, *priors.get(other, Prior()).by))


def evolve(state: State, event: LinkEvent, at: Instant) -> State:
    """The state after the event."""
    match event:
        case PossibleLinkFound():
            possible = Possible(other=event.other, by=event.by, since=at)
            return state.model_copy(update={"open": {**state.open, event.link: possible}, "number": event.link})
        case LinkConfirmed():
            prior = Prior(closed_at=event.closed_at, how=event.closed_how, by=event.closed_by)
            return state.model_copy(
                update={"open": _without(state, event.link), "confirmed": {**state.confirmed, event.other: prior}}
            )
        case LinkRejected():
            return state.model_copy(update={"open": _without(state, event.link)})
        case _:
            assert_never(event)


def _without(state: State, link: int) -> dict[int, Possible]:
    return {number: one for number, one in state.open.items() if number != link}


def owes(state: State) -> Iterator[Owed]:
    """An answer to each possible link."""
    for number, one in state.open.items():
        yield Owed(key=f"possible_link/{number}", kind="possible_link", since=one.since)


def settles(event: LinkEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, PossibleLinkFound):
        return ()
    return tuple(key for key in keys if key == f"possible_link/{event.link}")
