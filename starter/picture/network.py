"""The people and agencies around a case, before they are drawn: who stands where, in which role, and how close; codes, titles and roles, never a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from starter.audit.words import Words, counted
from workflows.case import care_facts
from workflows.case.network import Relative, in_force, trusted
from workflows.case.state import Case
from workflows.program.model import Program

Tie = Literal["charge", "touch", "half", "apart"]
"""How close somebody stands: what it says is in the legend of the picture."""
LEGEND: dict[str, str] = {
    "charge": "in charge of the case", "touch": "in touch: agreed on both sides, at work, or going on",
    "half": "partly: one side alone agreed, not begun yet, or told something", "apart": "apart: no part in the case, or nothing answers it yet",
    "own": "has support of their own, which is theirs alone",
}  # fmt: skip
_HASH_SHOWN = 12


class Around(NamedTuple):
    """Somebody or something around the person; `own` says that they have support of their own."""

    title: str
    notes: tuple[str, ...]
    tie: Tie
    own: bool = False


class Group(NamedTuple):
    """Those of one kind; `empty` says in words that there is nobody."""

    title: str
    members: tuple[Around, ...]
    empty: str


class Network(NamedTuple):
    """The whole map: what it is of, what it was drawn from, where the person stands, and the groups around them."""

    title: str
    caption: str
    person: str
    phase: str
    groups: tuple[Group, ...]


def network(case: Case, program: Program, at: datetime, *, for_participant: bool = False) -> Network:
    """The map of a case as of `at`.

    Args:
        case: the case.
        program: its program.
        at: the instant as of which consents count.
        for_participant: leave out what relatives have not agreed that the participant reads of.
    """
    words = Words(program)
    phase = case.phase.phase or program.first_phase
    left_out = (
        " What people close have not agreed to show the person is left out."
        if for_participant
        else " For staff alone: it shows people of whom the person may not know."
    )
    return Network(
        title=f"{case.stream}: who is around the person",
        caption=(
            f"{program.title}, {program.version}, {words.when(at)}. Drawn from the ledger up to position {case.position}, hash {case.head[:_HASH_SHOWN]}. "
            f"Roles and numbers; names stand sealed in the vault.{left_out}"
        ),
        person="The person",
        phase=words.name("phase", phase),
        groups=(
            Group("People close", tuple(_close(case, words, at, for_participant=for_participant)), "nobody is on record"),
            Group("Supports", tuple(_supports(case, program, words)), "none is planned, and no need waits"),
            Group("Staff", tuple(_staff(case, program, words, for_participant=for_participant)), "nobody"),
            Group("Partners", tuple(_partners(case, program, words)), "none answers for this phase"),
        ),
    )  # fmt: skip


def _close(case: Case, words: Words, at: datetime, *, for_participant: bool) -> Iterator[Around]:
    """The related persons by number: what contact about the person rests on, and what they have for themselves."""
    assert words.program is not None
    known = care_facts.network_facts(case, words.program, {}, at)
    callable_now, answer = trusted(case.network, known, at)
    for number, one in case.network.relatives.items():
        open_to_them = not for_participant or "mention" in one.consents
        if one.came_themselves and not open_to_them:
            continue
        agreed = (known.permitted, in_force(one, "contact", at))
        tie: Tie = "touch" if all(agreed) else "half" if any(agreed) else "apart"
        notes = [_contact(agreed)]
        notes += ["may be called if a check-in is missed"] if answer == "may" and number in callable_now else []
        notes += [
            f"family goal {goal}{'' if tie == 'touch' else ', which rests'}"
            for goal, held in case.network.goals.items()
            if held.relative == number
        ]
        own = _own(case, words, number) if open_to_them else []
        waits = _waits(case, number) if open_to_them else []
        came = ["came themselves; the person may not know"] if one.came_themselves and not for_participant else []
        yield Around(f"{_kind(one, words)} (no. {number})", (*notes, *own, *waits, *came), tie, own=bool(own))


def _kind(one: Relative, words: Words) -> str:
    return f"{words.name('kin', one.kind)}{', a child' if one.age == 'child' else ''}"


def _contact(agreed: tuple[bool, bool]) -> str:
    match agreed:
        case (True, True):
            return "contact: both agreed"
        case (True, False):
            return "contact: they have not agreed"
        case (False, True):
            return "contact: the person has not agreed"
        case _:
            return "contact: neither has agreed"


def _own(case: Case, words: Words, number: int) -> list[str]:
    held = [one for one in case.relative_support.active.values() if one.relative == number]
    return [f"for themselves: {words.name('kin_support', one.kind)}, {counted(one.sessions, 'session', 'sessions')}" for one in held]  # fmt: skip


def _waits(case: Case, number: int) -> list[str]:
    waiting = any(one.relative == number for one in case.relative_support.requests.values())
    return ["asked for support, and waits for an offer"] if waiting else []


def _supports(case: Case, program: Program, words: Words) -> Iterator[Around]:
    """The supports in force, and the needs that none of them answers."""
    for number, one in case.support.active.items():
        held = f"by {one.provider.replace('_', ' ')}, {one.sessions} of {one.promised} sessions attested"
        begun = (held,) if one.begun else (f"by {one.provider.replace('_', ' ')}", f"is to begin on {words.day(one.starts)}")  # fmt: skip
        yield Around(f"{words.name('support', one.kind)} (no. {number})", begun, "touch" if one.begun else "half")
    answered = care_facts.answered(case, program)
    for need in case.support.needs:
        if need not in answered:
            yield Around(words.name("need", need), ("a need that no support answers yet",), "apart")


def _staff(case: Case, program: Program, words: Words, *, for_participant: bool) -> Iterator[Around]:
    """The roles that act in the present phase: who leads, who answers for it, who decides on the ways on, who owes something now."""
    present = program.phases[case.phase.phase or program.first_phase]
    roles: dict[str, list[str]] = {program.lead_role: ["leads the case"]}
    if case.custody.in_charge != case.custody.lead:
        roles[program.lead_role].append("is absent; a deputy stands in")
    for role in present.accountable:
        if role in program.roles and role != program.lead_role:
            roles.setdefault(role, []).append("answers for this phase")
    for panel in dict.fromkeys(transition.gate.review for transition in present.transitions):
        for seat in program.reviews[panel].seats:
            roles.setdefault(seat.role, []).append(f"sits on: {words.name('panel', panel)}")
    # How much is owed would hint at relatives of whom the person does not know.
    owners = [] if for_participant else [one.owner for one in case.obligations.values()]
    for role in dict.fromkeys(owners):
        roles.setdefault(role, []).append(f"owes {counted(owners.count(role), 'thing', 'things')} now")
    for role in sorted(roles, key=[program.lead_role, *program.roles].index):
        yield Around(words.name("role", role), tuple(roles[role]), "charge" if role == program.lead_role else "touch")


def _partners(case: Case, program: Program, words: Words) -> Iterator[Around]:
    """The partners that work on the case or were told something, and those that answer for the phase without a part in it."""
    present = program.phases[case.phase.phase or program.first_phase]
    answering = [code for code in present.accountable if code in program.partners]
    told = [made.partner for made in case.disclosure.made.values() if made.tell_from is None]
    for code in dict.fromkeys((*case.partner.joined, *told, *answering)):
        joined = code in case.partner.joined
        notes = ["works on the case"] if joined else []
        notes += ["answers for this phase"] if code in answering and not joined else []
        notes += ["the person agreed to sharing"] if f"share:{code}" in case.consent.given else []
        notes += [f"was told something {counted(told.count(code), 'time', 'times')}"] if code in told else []
        tie: Tie = "touch" if joined else "half" if code in told else "apart"
        yield Around(words.name("partner", code), tuple(notes), tie)
