"""Every phase can be reached and left, somebody answers for it, and no phase lasts unseen."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.care import followed_up
from workflows.program.check.finding import Finding
from workflows.program.model import Phase, Program


def find(program: Program) -> Iterator[Finding]:
    """Dead ends, phases that nobody reaches, and phases in which silence would not be seen."""
    yield from _ways(program)
    yield from _reentries(program)
    for code, phase in program.phases.items():
        path = f"phases.{code}"
        yield from _transitions(code, phase, path)
        if phase.terminal:
            yield from _terminal(program, code, path)
        else:
            yield from _watched(program, code, path)
            yield from _lengths(phase, path)


def _ways(program: Program) -> Iterator[Finding]:
    onward = {
        code: {t.to for t in phase.transitions if t.to in program.phases} for code, phase in program.phases.items()
    }
    back: dict[str, set[str]] = {code: {c for c, ways in onward.items() if code in ways} for code in program.phases}
    terminal = {code for code, phase in program.phases.items() if phase.terminal}
    if program.first_phase in terminal:
        why = "a case begins in the first phase, and here it would be closed at once"
        yield Finding(f"phases.{program.first_phase}", "first_phase_terminal", why, "move the first phase to the top")
    if not terminal:
        yield Finding(
            "phases", "no_terminal_phase", "no case could ever be closed", "mark the last phase 'terminal: true'"
        )
    reached, leavable = _closure({program.first_phase}, onward), _closure(terminal, back)
    for code in program.phases:
        if code not in reached:
            why = "no way leads here from the first phase"
            yield Finding(
                f"phases.{code}", "unreachable_phase", why, f"give a phase a transition to {code}, or remove it"
            )
        if terminal and code not in leavable:
            why = "no way leads from here to a terminal phase: whoever enters can never leave the program"
            yield Finding(f"phases.{code}", "no_way_out", why, "give it a transition that leads on")


def _reentries(program: Program) -> Iterator[Finding]:
    """No door closes for good, and none that opens again leads around a gate."""
    closed = {code for code, phase in program.phases.items() if phase.terminal}
    left = closed | {t.to for _, t in program.gates() if t.kind == "exit"}
    for code, phase in program.phases.items():
        path = f"phases.{code}.reentry_to"
        if code in closed and not phase.reentry_to:
            why = "whoever is in need again after the closure could never come back: no door closes for good"
            yield Finding(f"phases.{code}", "no_way_back", why, f"name in 'reentry_to' at least {program.first_phase}")
        if phase.reentry_to and code not in left:
            why = "no exit leads here, so nobody who is here comes back from anywhere"
            yield Finding(
                path, "reentry_without_exit", why, "remove it; within the program phases change through gates"
            )
        for at, to in enumerate(phase.reentry_to):
            if to in left:
                why = f"{to} comes after an exit, and nobody comes back into what follows leaving"
                yield Finding(f"{path}[{at}]", "reentry_into_exit", why, "name a phase in which work goes on")


def _closure(start: set[str], ways: dict[str, set[str]]) -> set[str]:
    seen, new = set[str](), set(start)
    while new:
        seen |= new
        new = {to for code in new for to in ways[code]} - seen
    return seen


def _transitions(code: str, phase: Phase, path: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, transition in enumerate(phase.transitions):
        where = f"{path}.transitions[{at}]"
        if transition.to == code:
            yield Finding(
                f"{where}.to", "transition_to_itself", "moving to the phase one is in decides nothing", "remove it"
            )
        if transition.to in seen:
            why = f"another transition above leads to {transition.to} too, and only the first is ever used"
            yield Finding(where, "transition_twice", why, "merge the two gates into one")
        seen.add(transition.to)


def _terminal(program: Program, code: str, path: str) -> Iterator[Finding]:
    if program.phases[code].transitions:
        why = "a closed case goes nowhere by itself; whoever comes back does so by 'reentry_to'"
        yield Finding(f"{path}.transitions", "terminal_with_transitions", why, "remove them, or 'terminal'")
    paths = [f"contact.{code}"] if code in program.contact else []
    for owed in (*paths, *([f"care.follow_up.phases.{code}"] if followed_up(program.care, code) is not None else ())):
        why = "contact would be owed to a person whose case is closed"
        yield Finding(owed, "terminal_with_contact", why, "remove it; follow-ups belong into a phase before")


def _watched(program: Program, code: str, path: str) -> Iterator[Finding]:
    phase, contact = program.phases[code], program.contact.get(code)
    followed = followed_up(program.care, code)
    fixed = None if contact is None else contact.at
    scheduled = fixed is not None or followed is not None
    if contact is None and followed is None and phase.no_contact_because is None:
        why = "nobody would owe the person a check-in here, and nothing says that this is meant"
        yield Finding(path, "phase_without_contact", why, f"add contact.{code}, or say why in 'no_contact_because'")
    if fixed is not None and followed is not None:
        why = "check-ins at fixed terms and follow-ups ask the same twice, on two clocks"
        yield Finding(f"contact.{code}.at", "asked_twice", why, "keep one of the two")
    for where, terms in ((f"contact.{code}.at", fixed), (f"care.follow_up.phases.{code}", followed)):
        days = [] if terms is None else [term.nominal_days for term in terms]
        if terms is not None and (not days or days != sorted(set(days))):
            why = "they count from the entry into the phase, each later than the one before"
            yield Finding(where, "contact_not_ascending", why, "list at least one term, in ascending order")
    if phase.review_every is None and not scheduled:
        why = "nobody would review progress here: support peters out unseen"
        cure = "add 'review_every', check-ins 'at' fixed terms in 'contact', or follow-ups in 'care'"
        yield Finding(path, "phase_without_review", why, cure)
    if phase.expected is None:
        why = "no length is expected, so nobody is told that somebody is stuck here"
        # After the last follow-up of a schedule nothing at all would be owed any more.
        yield Finding(path, "phase_without_length", why, "add 'expected'", "error" if scheduled else "warning")
    if not phase.accountable:
        yield Finding(
            path, "nobody_accountable", "no role or agency answers for the phase", "name them in 'accountable'"
        )


def _lengths(phase: Phase, path: str) -> Iterator[Finding]:
    every, longest = phase.review_every, phase.longest_review_gap
    if every and longest and every.nominal_days > longest.nominal_days:
        why = f"reviews come every {every}, and at most {longest} may lie between two"
        yield Finding(f"{path}.review_every", "review_gap_too_long", why, f"review at least every {longest}")
    for at, transition in enumerate(phase.transitions):
        stay = transition.gate.minimum_stay
        if stay and phase.expected and stay.nominal_days > phase.expected.nominal_days:
            why = f"nobody may leave this way before {stay}, and {phase.expected} is called the usual length"
            where = f"{path}.transitions[{at}].gate.minimum_stay"
            yield Finding(where, "stay_longer_than_expected", why, "lengthen 'expected' or shorten the stay", "warning")
