"""Reading: who may open which sealed text of a case, and what for.

A case file that every colleague can browse betrays the person as surely as a leak, and people have a right to see who read about them (UK DPA 2018 s.62;
*Pankki S*, C-579/21). So a text is opened for a purpose of the definition, by a role that the purpose names, and only as long as
the reader stands in the relation to the case that it asks for; where no purpose is defined, nobody reads. Whoever decides reads what they decide
on, and no more. What stands of a case in codes is seen by whoever may read it for any purpose, and by nobody else who says who they are. Nothing here is a command: a reading changes no case. It is logged before the text is shown (`activities.store.vault`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from workflows.case import facts, network_form
from workflows.case.glance import opens_sealed
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.core.refusal import Refused
from workflows.program.keeping import Reading
from workflows.program.model import Program

_NOTE = "note:"


class Permit(NamedTuple):
    """What a reading may open: every text of the case (`only` is None), or those of events with these subjects, e.g. `review/3`; and of people close to
    the person all (`of_relatives` is None), or only of those who agreed that the person reads of them.
    """  # fmt: skip

    reader: str
    purpose: str
    only: frozenset[str] | None = None
    of_relatives: frozenset[int] | None = None

    def opens(self, event: Event) -> bool:
        """Whether the texts behind the event may be opened."""
        if self.of_relatives is not None and _of_a_relative(event) not in {None, *self.of_relatives}:
            return False
        if self.only is None:
            return True
        subjects = ((part, getattr(event, part, None)) for part in ("review", "act", "milestone"))
        return any(f"{part}/{value}" in self.only for part, value in subjects if value is not None)


def _of_a_relative(event: Event) -> int | None:
    """The relative whose own words stand behind the event; None for whatever the participant did or agreed themselves."""
    if isinstance(event, network_form.FamilyGoalAgreed):
        return None
    if isinstance(event, network_form.RelatedPersonAdded) and event.origin == "named_by_participant":
        return None
    relative: int | None = getattr(event, "relative", None)
    return relative


def permit(case: Case, program: Program, *, actor: Actor | None, purpose: str) -> Permit:
    """The reading that the program allows to `actor` (None: unknown to the staff directory) for the purpose.

    Raises:
        Refused: `unknown_person`, `record_erased`, `unknown_purpose`, `not_authorized`, `record_sealed`, `record_only`, `not_in_charge`,
            `no_access_asked`, `nothing_to_decide`.
    """
    if program.reading.get(purpose) is not None and program.reading[purpose].opens == "record":
        permit_record(case, program, actor=actor, purpose=purpose)
        raise Refused(
            "record_only",
            f"{purpose} opens no sealed texts, only what stands in codes",
            "look at the case with 'offramp case show' or 'offramp audit replay'",
        )
    return permit_record(case, program, actor=actor, purpose=purpose)


def permit_record(case: Case, program: Program, *, actor: Actor | None, purpose: str) -> Permit:
    """The same for what stands of the case in codes, which a purpose may open without its texts.

    Raises:
        Refused: as for `permit`, without `record_only`.
    """
    if actor is None:
        raise _unknown()
    return _related(case, program, actor, purpose=purpose, rule=_rule(case, program, actor, purpose))


def look(case: Case, program: Program | None, *, actor: Actor | None) -> str:
    """The first purpose for which `actor` (None: unknown to the staff directory) may read the case, and so may see what stands of it in codes.

    Also between the decision to erase a record and the end of its key: recipients are told then, and somebody watches that they are.

    Raises:
        Refused: `unknown_person`, `never_opened`, `not_authorized`, `record_sealed`, `not_in_charge`, `no_access_asked`, `nothing_to_decide`.
    """
    if actor is None:
        raise _unknown()
    if program is None:
        raise Refused(
            "never_opened",
            "the case was never opened, so that no program says who may look at it",
            "have whoever runs the system look at it",
        )
    held = [purpose for purpose, rule in program.reading.items() if actor.holds(rule.roles)]
    if not held:
        readers = dict.fromkeys(role for rule in program.reading.values() for role in rule.roles)
        raise Refused(
            "not_authorized",
            f"looking at a case needs one of: {', '.join(readers) or 'nobody may'}",
            "ask somebody who holds such a role",
        )
    _unsealed(case, program, actor)
    for purpose in held[:-1]:
        with suppress(Refused):
            return _related(case, program, actor, purpose=purpose, rule=program.reading[purpose]).purpose
    return _related(case, program, actor, purpose=held[-1], rule=program.reading[held[-1]]).purpose


def _related(case: Case, program: Program, actor: Actor, *, purpose: str, rule: Reading) -> Permit:
    """What the rule opens to somebody who stands so to the case."""
    if rule.only == "in_charge" and actor.person != case.custody.in_charge:
        raise Refused(
            "not_in_charge",
            f"{actor.person} neither leads this case nor stands in for its lead",
            "ask whoever is in charge ('offramp case show'), or read for a purpose of your own role",
        )
    if rule.only == "access_asked" and not case.access.open:
        raise Refused(
            "no_access_asked",
            "nobody has asked for access to this record",
            "record the person's request with request_access",
        )
    if rule.only == "access_asked":
        # What is read for them is handed to them, and a relative's own words are not theirs.
        agreed = frozenset(number for number, one in case.network.relatives.items() if "mention" in one.consents)
        return Permit(actor.person, purpose, of_relatives=agreed)
    if rule.only != "decides":
        return Permit(actor.person, purpose)
    subjects = frozenset(_decides(case, program, actor))
    if not subjects:
        raise Refused(
            "nothing_to_decide",
            f"nothing that {actor.person} may decide on is open in this case",
            "wait until a review, act or appeal is open before a panel on which you sit and took no part before",
        )
    return Permit(actor.person, purpose, subjects)


def _rule(case: Case, program: Program, actor: Actor, purpose: str) -> Reading:
    if case.retention.erased_at is not None:
        raise Refused("record_erased", "the erasure of this record was approved", "nothing: it may no longer be read")
    rule = program.reading.get(purpose)
    if rule is None:
        known = ", ".join(program.reading) or "none: nobody may read"
        raise Refused("unknown_purpose", f"the program knows no purpose {purpose} of reading", f"purposes: {known}")
    if not actor.holds(rule.roles):
        raise Refused(
            "not_authorized",
            f"reading for {purpose} needs one of: {', '.join(rule.roles)}",
            "ask somebody who holds such a role",
        )
    _unsealed(case, program, actor)
    return rule


def _unknown() -> Refused:
    return Refused(
        "unknown_person",
        "the reader is not in the staff directory, or no longer active",
        "have them imported with 'offramp staff import'",
    )


def _unsealed(case: Case, program: Program, actor: Actor) -> None:
    if case.retention.sealed_at is not None and not opens_sealed(program, actor):
        raise Refused(
            "record_sealed",
            "nobody reviewed in time whether this record is still necessary, so it is sealed",
            "ask the officer for data protection to review it with review_retention",
        )


def _decides(case: Case, program: Program, actor: Actor) -> Iterator[str]:
    """What is open before a panel on which the actor sits and may vote, and the milestones that it rests on."""
    for number, one in case.review.open.items():
        transition = program.transition(case.phase.phase or "", one.to)
        seats = tuple(seat.role for seat in program.reviews[one.panel].seats)
        if transition is None or not actor.holds(seats):
            continue
        took_part = facts.involved(case, program, transition, one.requested_by, barred=(*one.barred, *one.recused))
        if actor.person not in took_part:
            yield f"review/{number}"
            yield from (f"milestone/{code}" for code in transition.gate.milestones)
    rule = program.due_process
    if rule is None:
        return
    if actor.person in facts.involved_in_case(case):
        return
    if actor.holds(rule.decide_by):
        yield from (f"act/{number}" for number, act in case.adverse.open.items() if act.by != actor.person)
    if actor.holds(rule.appeal_by):
        acts = ((n, act.took_part, act.appealed_by) for n, act in case.appeal.open.items())
        reviews = ((n, one.took_part, one.filed_by) for n, one in case.objection.open.items())
        for what, open_ones in (("act", acts), ("review", reviews)):
            waiting = ((n, (*took_part, by)) for n, took_part, by in open_ones if by is not None)
            yield from (f"{what}/{number}" for number, took_part in waiting if actor.person not in took_part)


def require_whole(permitted: Permit) -> None:
    """Raise unless the permit opens the case as a whole, as it must where what is shown cannot be told apart by what it is about.

    Raises:
        Refused: `not_the_whole_case`.
    """
    if permitted.only is None and permitted.of_relatives is None:
        return
    raise Refused(
        "not_the_whole_case",
        f"reading for {permitted.purpose} opens only a part of the case to {permitted.reader}, and this shows all of it",
        "read the texts that you need with 'offramp case read', or ask whoever is in charge or supervises",
    )


def require_opened(permitted: Permit, note: str, events: Iterable[Event]) -> None:
    """Raise unless the permit opens the text; `events` are those that refer to it.

    Raises:
        Refused: `not_of_the_decision`, `belongs_to_a_relative`.
    """
    if any(permitted.opens(event) for event in events):
        return
    if permitted.of_relatives is not None:
        raise Refused(
            "belongs_to_a_relative",
            f"{note} is the word of somebody close to the person, who has not agreed that the person reads it",
            "leave it out of what is handed over, or ask them first and record it with give_relative_consent",
        )
    raise Refused(
        "not_of_the_decision",
        f"{note} is no part of what {permitted.reader} decides on",
        f"this purpose opens texts about: {', '.join(sorted(permitted.only or ()))}",
    )


def texts(events: Iterable[Event], permitted: Permit | None = None) -> Iterator[str]:
    """The references to sealed texts (`note:<uuid>`) in the events, each once and in order; with a permit, those that it opens."""
    found = (
        note
        for event in events
        if permitted is None or permitted.opens(event)
        for note in _references(event.model_dump())
    )
    yield from dict.fromkeys(found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(_NOTE):
            yield value
        return
    items: Iterable[Any] = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    )
    for item in items:
        yield from _references(item)
