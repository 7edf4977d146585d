"""Instruments hold domains and judgements in words, assessments come by a schedule, and no case is closed over a concern."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.core.calendar import Term
from workflows.program.care import Care, Instrument
from workflows.program.check.finding import Finding, not_permitted, people
from workflows.program.model import Gate, Program, Transition
from workflows.program.vocabulary import Vocabulary

MOST_DOMAINS = 12
"""An instrument that has more of them lists its items, which belong to its owner and are not summed up in words by anybody."""


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Items in place of domains, numbers in place of judgements, phases that are never looked at, and concerns that a closing would end."""
    for code, phase in program.phases.items():
        for at, transition in enumerate(phase.transitions):
            yield from _gate(program, code, transition, f"phases.{code}.transitions[{at}].gate")
    care = program.care
    if care is None:
        return
    for code, instrument in care.instruments.items():
        yield from _instrument(instrument, f"care.instruments.{code}")
    yield from _schedule(program, care, vocabulary)
    closers = [role for role in program.permissions.get("close_concern", ()) if role != program.lead_role]
    if care.concerns and not people(program, closers):
        why = f"only {program.lead_role} may close a concern, and nobody closes one of a case that they lead"
        yield Finding("permissions.close_concern", "concern_closed_by_lead", why, "name a role of somebody else too")


def _instrument(instrument: Instrument, path: str) -> Iterator[Finding]:
    numbered = [code for code in instrument.domains if any(letter.isdigit() for letter in code)]
    if len(instrument.domains) > MOST_DOMAINS or numbered:
        why = f"{len(instrument.domains)} domains{', numbered ones among them,' if numbered else ''} are a list of items: items stay with whoever owns the instrument"
        yield Finding(
            f"{path}.domains", "items_as_domains", why, f"give its domains in words, {MOST_DOMAINS} at the most"
        )
    if len(instrument.judgements) < 2:
        why = "with a single judgement nobody judges anything"
        yield Finding(f"{path}.judgements", "single_judgement", why, "give two or more, in words")
    for code, judgement in instrument.judgements.items():
        if any(letter.isdigit() for letter in f"{code}{judgement.title}"):
            why = "a number is a score, and a score hides who judged and what changed"
            yield Finding(f"{path}.judgements.{code}", "judgement_as_number", why, "say it in words, about support")


def _schedule(program: Program, care: Care, vocabulary: Vocabulary) -> Iterator[Finding]:
    rule = care.assessment
    if rule is None:
        if care.instruments:
            why = "after the first assessment none would ever be due"
            cure = "add 'assessment' with 'every' and 'correct_by'"
            yield Finding("care.assessment", "instruments_without_schedule", why, cure)
        return
    for code in rule.every:
        path = f"care.assessment.every.{code}"
        if code in program.phases and program.phases[code].terminal:
            why = "nobody is assessed once their case is closed"
            yield Finding(path, "terminal_with_assessment", why, "remove it")
    roles, duty = rule.correct_by, "care.assessment.correct_by"
    yield from not_permitted(program, vocabulary, path=duty, roles=roles, commands=["correct_assessment"])


def _gate(program: Program, phase: str, transition: Transition, path: str) -> Iterator[Finding]:
    gate, care = transition.gate, program.care
    if gate.assessed_within is not None:
        yield from _assessed(program, phase, gate, f"{path}.assessed_within")
    if gate.concerns_closed and (care is None or not care.concerns):
        why = "no kind of concern is defined, so it asks for nothing"
        yield Finding(f"{path}.concerns_closed", "gate_without_concerns", why, "add 'care.concerns', or remove it")
    closes = transition.to in program.phases and program.phases[transition.to].terminal
    if closes and care is not None and care.concerns and not gate.concerns_closed:
        why = "closing ends whatever is owed: a concern that nobody answered would end in silence"
        yield Finding(path, "closes_over_concern", why, "write 'concerns_closed: true'")


def _assessed(program: Program, phase: str, gate: Gate, path: str) -> Iterator[Finding]:
    care, within = program.care, gate.assessed_within or Term(0, "days")
    if care is None or not care.instruments:
        why = "it asks for an assessment, and the definition has no instrument: it could never open"
        yield Finding(path, "gate_without_instrument", why, "add 'care.instruments'")
        return
    if care.assessment is not None and phase not in care.assessment.every:
        why = f"it asks for an assessment, and none falls due in {phase}: it would be made only because somebody wants to move on"
        yield Finding(path, "gate_without_schedule", why, f"add care.assessment.every.{phase}")
    rule = program.silence.get("review_decision")
    if rule is not None and isinstance(rule.due, Term) and within.nominal_days <= rule.due.nominal_days:
        why = (
            f"an assessment counts for {within}, and a panel may take {rule.due}: it would be too old while they decide"
        )
        yield Finding(path, "assessment_expires_before_decision", why, "lengthen it", "warning")
