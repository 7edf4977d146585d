"""Support: a plan of needs and of what answers them, each session attested by whoever provided it.

One meeting was held where panel and police believed in several, and mentoring was "allowed to peter out when it had hardly begun" (F1). So a
session counts only when a person of the provider attests it, never the case's own lead; a support without a session in its period
stalls, visibly, and is never withdrawn by silence, a change of phase, a setback or a complaint. Nothing ends before its successor has
begun, or before another person than the lead has reasoned the gap. Incentives are entitlements with a rule, never favors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import assert_never

from workflows.case import attested
from workflows.case.support_form import (
    AttestSession,
    BeginSupport,
    CloseNeed,
    CompleteSupport,
    EndSupport,
    EntitlementGranted,
    GrantEntitlement,
    IdentifyNeed,
    NeedClosed,
    NeedIdentified,
    PlanSupport,
    SessionAttested,
    SupportBegun,
    SupportCommand,
    SupportCompleted,
    SupportEnded,
    SupportEvent,
    SupportPlanned,
    SupportStalled,
)
from workflows.core.kinds import Actor, Code, Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import Care, SupportKind


class Support(Frozen):
    """A support in force: what was promised and by whom, when it is to begin or began, and which sessions were attested."""

    kind: Code
    provider: Code
    promised: int
    since: Instant
    starts: Instant
    begun: bool = False
    sessions: int = 0
    last: Instant | None = None


class State(Frozen):
    """Needs that wait and that were met, when one last came or lost what was given for it, supports in force by number, kinds that were delivered, sessions attested by kind, entitlements granted."""

    needs: tuple[Code, ...] = ()
    met: tuple[Code, ...] = ()
    changed: Instant | None = None
    active: dict[int, Support] = {}
    next_number: int = 1
    delivered: tuple[Code, ...] = ()
    held: dict[Code, int] = {}
    granted: tuple[Code, ...] = ()


class Facts(Frozen):
    """The program's catalogue (None: it offers none), who leads or led the case, and the needs that a completed referral served."""

    care: Care | None
    leads: frozenset[PersonId]
    referred: tuple[Code, ...] = ()

    def kinds(self) -> Mapping[str, SupportKind]:
        """The catalogue, empty where the program has none."""
        return {} if self.care is None else self.care.supports


def decide(
    state: State, command: SupportCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[SupportEvent, ...]:
    """Answer a command about needs and supports.

    Raises:
        Refused: `unknown_need`, `unknown_support_kind`, `need_open_already`, and as the functions below say.
    """
    match command:
        case IdentifyNeed():
            known = {} if facts.care is None else facts.care.needs
            if command.need not in known:
                raise Refused("unknown_need", f"the program knows no need {command.need}", f"known: {listed(known)}")
            if command.need in state.needs:
                raise Refused("need_open_already", f"the need {command.need} is on record", "plan what answers it")
            return (NeedIdentified(need=command.need, note=command.note),)
        case CloseNeed():
            return (_close_need(state, command, facts, actor),)
        case PlanSupport():
            if command.kind not in facts.kinds():
                raise Refused(
                    "unknown_support_kind",
                    f"the program offers no support {command.kind}",
                    f"it offers: {listed(facts.kinds())}",
                )
            promised, answers = command.model_dump(exclude={"type"}), facts.kinds()[command.kind].answers
            return (SupportPlanned(support=state.next_number, answers=answers, **promised),)
        case GrantEntitlement():
            return (_grant(state, command, facts),)
        case BeginSupport() | AttestSession() | CompleteSupport() | EndSupport():
            return (_on_support(state, command, facts, actor=actor, at=at),)
        case _:
            assert_never(command)


def _close_need(state: State, command: CloseNeed, facts: Facts, actor: Actor) -> NeedClosed:
    """Close a need.

    Raises:
        Refused: `no_such_need`, `need_unserved`, `not_independent`.
    """
    if command.need not in state.needs:
        raise Refused("no_such_need", f"no need {command.need} waits", f"these do: {listed(state.needs)}")
    answered = {*facts.referred, *(facts.kinds()[kind].answers for kind in state.delivered if kind in facts.kinds())}
    if command.how == "addressed" and command.need not in answered:
        raise Refused(
            "need_unserved",
            f"no support that answers {command.need} was delivered, and no referral for it completed",
            "complete such a support first, or close it as not_wanted or met_elsewhere",
        )
    if command.how != "addressed" and actor.person in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor.person} leads or led this case, and closes no need of it",
            "ask another person to judge it",
        )
    return NeedClosed(need=command.need, how=command.how, reasons=command.reasons, by=actor.person)


def _grant(state: State, command: GrantEntitlement, facts: Facts) -> EntitlementGranted:
    """Grant an entitlement whose rule holds.

    Raises:
        Refused: `unknown_entitlement`, `entitlement_granted`, `entitlement_not_due`.
    """
    known = {} if facts.care is None else facts.care.entitlements
    rule = known.get(command.entitlement)
    if rule is None:
        raise Refused(
            "unknown_entitlement", f"the program knows no entitlement {command.entitlement}", f"known: {listed(known)}"
        )
    if command.entitlement in state.granted:
        raise Refused("entitlement_granted", f"{command.entitlement} is granted already", "nothing to do: it is theirs")
    held = state.held.get(rule.support, 0)
    if held < rule.sessions:
        raise Refused(
            "entitlement_not_due",
            f"it is due from {rule.sessions} attested sessions of {rule.support} on, and {held} are attested",
            "grant it once they are: it is no favor, and the rule is the same for all",
        )
    return EntitlementGranted(entitlement=command.entitlement)


def _on_support(
    state: State, command: BeginSupport | AttestSession | CompleteSupport | EndSupport, facts: Facts, *, actor: Actor, at: datetime
) -> SupportEvent:  # fmt: skip
    """Answer a command about a support in force.

    Raises:
        Refused: `no_such_support`, `support_begun`, `support_not_begun`, `sessions_missing`, and as `_attest` and `_end` say.
    """
    support = state.active.get(command.support)
    if support is None:
        raise Refused(
            "no_such_support", f"no support {command.support} is in force", f"in force: {listed(state.active)}"
        )
    if isinstance(command, EndSupport):
        return _end(state, command, facts, actor)
    if isinstance(command, BeginSupport):
        if support.begun:
            raise Refused("support_begun", f"support {command.support} has begun", "nothing to do")
        return SupportBegun(support=command.support)
    if not support.begun:
        raise Refused(
            "support_not_begun", f"support {command.support} has not begun", "record with begin_support that it has"
        )
    if isinstance(command, AttestSession):
        return _attest(support, command, facts, actor=actor, at=at)
    if support.sessions < support.promised:
        raise Refused(
            "sessions_missing",
            f"sessions {support.sessions}/{support.promised} of support {command.support} are attested",
            "have the provider attest the others with attest_session",
        )
    return SupportCompleted(support=command.support, sessions=support.sessions)


def _attest(support: Support, command: AttestSession, facts: Facts, *, actor: Actor, at: datetime) -> SessionAttested:
    """Attest a session.

    Raises:
        Refused: `not_independent`, and as `attested` says.
    """
    held = command.observed_at or at
    kind = facts.kinds().get(support.kind)
    if actor.person in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor.person} leads or led this case, and attests nothing in it",
            "have the person who held the session attest it",
        )
    roles = None if kind is None else kind.attest_by
    attested.require_by_provider(actor, support.provider, roles, what=f"sessions of support {command.support} are")
    attested.require_in_order(held, since=support.last or support.since, at=at)
    return SessionAttested(
        support=command.support, session=support.sessions + 1, by=actor.person, observed_at=held, note=command.note
    )


def _end(state: State, command: EndSupport, facts: Facts, actor: Actor) -> SupportEnded:
    """End a support without a silent gap.

    Raises:
        Refused: `successor_not_begun`, `gap_not_reasoned`, `not_independent`.
    """
    support, kinds = state.active[command.support], facts.kinds()
    if command.successor is not None:
        after = state.active.get(command.successor)
        answers = {kinds[one.kind].answers for one in (support, after) if one is not None and one.kind in kinds}
        if command.successor == command.support or after is None or not after.begun or len(answers) != 1:
            raise Refused(
                "successor_not_begun",
                f"support {command.successor} has not begun, or answers another need",
                "begin the successor first: nothing ends before that",
            )
    elif command.gap is None:
        raise Refused(
            "gap_not_reasoned",
            "nothing goes on in its place, and nobody says why",
            "name the successor, or have another person than the lead give reasons as gap",
        )
    elif actor.person in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor.person} leads or led this case, and decides on no gap in it",
            "ask another person to decide on the gap",
        )
    return SupportEnded(
        support=command.support, sessions=support.sessions, successor=command.successor, gap=command.gap, by=actor.person
    )  # fmt: skip


def evolve(state: State, event: SupportEvent, at: datetime) -> State:
    """The state after the event; an event about a support that is not in force changes nothing."""
    match event:
        case NeedIdentified():
            needs, met = (*state.needs, event.need), tuple(need for need in state.met if need != event.need)
            return state.model_copy(update={"needs": tuple(dict.fromkeys(needs)), "met": met, "changed": at})
        case NeedClosed():
            needs = tuple(need for need in state.needs if need != event.need)
            met = state.met if event.how == "not_wanted" else tuple(dict.fromkeys((*state.met, event.need)))
            return state.model_copy(update={"needs": needs, "met": met})
        case SupportPlanned():
            planned = Support(kind=event.kind, provider=event.provider, promised=event.sessions, since=at, starts=event.starts)  # fmt: skip
            return state.model_copy(update={"active": {**state.active, event.support: planned}, "next_number": event.support + 1})  # fmt: skip
        case EntitlementGranted():
            return state.model_copy(update={"granted": (*state.granted, event.entitlement)})
        case SupportStalled():
            return state
        case SupportBegun() | SessionAttested() | SupportCompleted() | SupportEnded():
            support = state.active.get(event.support)
            return state if support is None else state.model_copy(update=_changed(state, support, event, at))
        case _:
            assert_never(event)


def _changed(
    state: State, support: Support, event: SupportBegun | SessionAttested | SupportCompleted | SupportEnded, at: datetime
) -> dict[str, object]:  # fmt: skip
    if isinstance(event, SupportBegun):
        return {"active": {**state.active, event.support: support.model_copy(update={"begun": True, "since": at})}}
    if isinstance(event, SessionAttested):
        held = {**state.held, support.kind: state.held.get(support.kind, 0) + 1}
        after = support.model_copy(update={"sessions": event.session, "last": event.observed_at})
        return {"active": {**state.active, event.support: after}, "held": held, "changed": at}
    rest = {number: one for number, one in state.active.items() if number != event.support}
    if isinstance(event, SupportEnded):
        return {"active": rest, "changed": at}
    return {"active": rest, "changed": at, "delivered": tuple(dict.fromkeys((*state.delivered, support.kind)))}


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """The beginning of each planned support, and the next session of each that has begun until all promised ones are attested."""
    for number, support in state.active.items():
        kind = facts.kinds().get(support.kind)
        if not support.begun:
            yield Owed(key=f"support_start/{number}", kind="support_start", since=support.since, until=support.starts)
        elif kind is not None and support.sessions < support.promised:
            key, since = f"support_session/{number}/{support.sessions + 1}", support.last or support.since
            yield Owed(key=key, kind="support_session", since=since, term=kind.session_every)


def undelivered(state: State) -> Iterator[str]:
    """What is not delivered yet, as `sessions attested/promised of support N`; that nothing ever was, where nothing is in force."""
    for number, support in state.active.items():
        yield f"{support.sessions}/{support.promised} of support {number}"
    if not state.active and not state.delivered:
        yield "none of any support"


def fall_silent(state: State, key: str) -> tuple[SupportStalled, ...]:
    """What the room adds when no session was attested in its period: the support stalls, and goes on."""
    return tuple(
        SupportStalled(support=number, sessions=support.sessions)
        for number, support in state.active.items()
        if key == f"support_session/{number}/{support.sessions + 1}"
    )


def settles(event: SupportEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case SupportBegun():
            met = f"support_start/{event.support}"
        case SessionAttested():
            met = f"support_session/{event.support}/{event.session}"
        case SupportPlanned():
            met = f"need_answer/{event.answers}"
        case NeedClosed():
            met = f"need_answer/{event.need}"
        case _:
            return ()
    return tuple(key for key in keys if key == met)
