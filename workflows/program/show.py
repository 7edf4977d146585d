"""A definition, drawn: as text for a program officer, and as a Mermaid diagram for a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from textwrap import wrap

from workflows.core.calendar import Term
from workflows.core.obligation import RungRule, SilenceRule
from workflows.core.outcomes import PROTECTIVE_OUTCOMES
from workflows.program.care import Care, followed_up
from workflows.program.keeping import DisclosurePolicy, RetentionPolicy
from workflows.program.model import (
    SUPPORT_LEVELS,
    Contact,
    DueProcess,
    Gate,
    Milestone,
    Panel,
    Phase,
    Program,
    Transition,
)

WIDTH = 110
_STEP = "  "


def draw_text(program: Program) -> str:
    """Phases, gates, panels, timers and the silence table as indented text; no line is longer than `WIDTH` if words allow."""
    lines = [
        *_block(0, f"{program.title} ({program.program} {program.version})"),
        *_block(0, program.summary),
        "",
        *_calendar(program),
    ]
    for number, (code, phase) in enumerate(program.phases.items(), start=1):
        lines += ["", *_block(0, f"PHASE {number}  {phase.title} [{code}]"), *_phase(program, code, phase)]
    lines += ["", "PANELS"]
    for code, panel in program.reviews.items():
        lines += [*_block(1, f"{panel.title} [{code}]"), *_panel(program, panel)]
    if program.care is not None and program.care.instruments:
        lines += ["", "ASSESSMENT: judgement by people, in words, without a score", *_looking(program, program.care)]
    if program.due_process is not None:
        lines += ["", "AGAINST A PERSON'S WISH", *_due_process(program, program.due_process)]
    if program.disclosure is not None:
        lines += [
            "",
            "SHARING: each an act, approved by another person, told to the person",
            *_sharing(program, program.disclosure),
        ]
    if program.retention is not None:
        lines += ["", "RECORDS: how long a closed case is kept", *_records(program, program.retention)]
    lines += ["", "SILENCE: what happens when nobody acts"]
    for kind, rule in program.silence.items():
        lines += _silence(program, kind, rule)
    return "\n".join(lines) + "\n"


def _block(depth: int, text: str) -> list[str]:
    indent = _STEP * depth
    return wrap(_plain(text), WIDTH, initial_indent=indent, subsequent_indent=indent + _STEP, break_long_words=False)


def _plain(text: str) -> str:
    """Text without control characters: what a definition says must not steer a terminal or a diagram."""
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in text).split())


def _role(program: Program, code: str) -> str:
    known = program.roles.get(code) or program.partners.get(code)
    return known.title if known else code


def _roles(program: Program, codes: Iterable[str], *, last: str = "or") -> str:
    return _listed([_role(program, code) for code in codes], last=last)


def _listed(words: list[str], *, last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _calendar(program: Program) -> list[str]:
    calendar = program.calendar
    holidays = calendar.holidays
    span = (
        f"{len(holidays)} holidays, {min(holidays).year} to {max(holidays).year}" if holidays else "no holidays listed"
    )
    return _block(
        0,
        f"Deadlines count on the clock of {calendar.time_zone}, working days {', '.join(calendar.working_days)}; {span}",
    )


def _phase(program: Program, code: str, phase: Phase) -> Iterator[str]:
    yield from _block(1, phase.purpose)
    yield from _timers(program, code, phase)
    if phase.indicators:
        yield from _block(1, "Watched: " + "; ".join(indicator.title for indicator in phase.indicators.values()))
    if phase.accountable:
        yield from _block(1, f"Answer for it: {_roles(program, phase.accountable, last='and')}")
    if phase.terminal:
        yield from _block(1, "The case is closed here.")
    for transition in phase.transitions:
        yield from _transition(program, transition)
    if phase.step_back_to:
        back = _listed(
            [program.phases[to].title if to in program.phases else to for to in phase.step_back_to], last="or"
        )
        yield from _block(1, f"<-- a step back leads to {back}, only through due process")
    if phase.reentry_to:
        again = _listed(
            [program.phases[to].title if to in program.phases else to for to in phase.reentry_to], last="or"
        )
        yield from _block(1, f"<-- who comes back goes on in {again}, if they were there before")


def _timers(program: Program, code: str, phase: Phase) -> Iterator[str]:
    if phase.expected is not None:
        yield from _block(
            1, f"Usual length: {phase.expected}; staying longer is shown and escalates, nothing else follows"
        )
    if phase.review_every is not None:
        gap = f"; at most {phase.longest_review_gap} between two" if phase.longest_review_gap else ""
        yield from _block(1, f"Progress review: {_every(phase.review_every)}{gap}")
    contact = program.contact.get(code)
    if contact is not None:
        yield from _block(1, f"Check-in: {_contact(contact)}")
    followed = followed_up(program.care, code)
    if followed:
        yield from _block(1, f"Follow-up: {_listed([str(term) for term in followed])} after entry, until settled")
    elif contact is None and phase.no_contact_because is not None:
        yield from _block(1, f"No check-in: {phase.no_contact_because}")


def _contact(contact: Contact) -> str:
    if contact.every is not None:
        return "; ".join(f"{level} {_every(contact.every[level])}" for level in SUPPORT_LEVELS)
    return f"{_listed([str(term) for term in contact.at or ()])} after entry"


def _every(term: Term) -> str:
    return f"every {str(term).removeprefix('1 ') if term.number == 1 else term}"


def _transition(program: Program, transition: Transition) -> Iterator[str]:
    to = program.phases.get(transition.to)
    title = to.title if to else transition.to
    yield from _block(1, f"--> {title} [{transition.to}], {transition.kind}, when")
    gate = transition.gate
    for code in gate.milestones:
        milestone = program.milestones.get(code)
        yield from _block(3, f"* {code}: {_milestone(program, milestone)}" if milestone else f"* {code}")
    yield from (line for text in _conditions(program, gate) for line in _block(3, f"* {text}"))


def _milestone(program: Program, milestone: Milestone) -> str:
    kinds = [program.evidence_kinds[kind] for kind in milestone.evidence if kind in program.evidence_kinds]
    sources = list(dict.fromkeys(kind.source for kind in kinds if kind.counts))
    valid = f", counts for {milestone.valid_for}" if milestone.valid_for else ""
    return (
        f"{milestone.title}. {milestone.independent_sources} of {', '.join(sources)}, observed within {milestone.fresh_within}; "
        f"claimed by {_roles(program, milestone.claim_by)}, verified by another person, {_roles(program, milestone.verify_by)}{valid}"
    )


def _conditions(program: Program, gate: Gate) -> Iterator[str]:
    for scope in gate.consent:
        known = program.consent_scopes.get(scope)
        yield f"consent: {known.title if known else scope} [{scope}]"
    if gate.minimum_stay is not None:
        yield f"at least {gate.minimum_stay} in the phase"
    if gate.support_delivered:
        yield "every support is delivered, its sessions attested by the provider"
    if gate.needs_addressed:
        yield "no need is unaddressed"
    if gate.referrer_feedback:
        yield "the referrer was heard, or it is on record why not"
    if gate.assessed_within is not None:
        yield f"an assessment was made within {gate.assessed_within}"
    if gate.concerns_closed:
        yield "no concern is open"
    if gate.follow_ups_settled:
        yield "each follow-up held, declined, or judged unreached"
    if gate.participant_view:
        yield "the participant's own view is part of the request"
    yield f"the panel [{gate.review}] approves"


def _panel(program: Program, panel: Panel) -> Iterator[str]:
    seats = _listed([f"{_role(program, seat.role)} ({seat.people})" for seat in panel.seats])
    yield from _block(2, f"Seats: {seats}")
    include = f", among them {_roles(program, panel.must_include, last='and')}" if panel.must_include else ""
    organizations = f", from at least {panel.organizations} organizations" if panel.organizations > 1 else ""
    yield from _block(2, f"Quorum: {panel.quorum} people who voted{include}{organizations}")
    yield from _block(
        2, f"Approved with {panel.approve_with}, rejected with {panel.reject_with}; silence decides nothing"
    )
    yield from _block(2, f"Asked for by {_roles(program, panel.request_by)}")


def _looking(program: Program, care: Care) -> Iterator[str]:
    for code, instrument in care.instruments.items():
        certified = ", by certified people only" if instrument.certificate else ""
        yield from _block(1, f"{instrument.title} [{code}], edition {_listed(list(instrument.editions), last='or')}{certified}")  # fmt: skip
        yield from _block(3, f"Summed up in words: {_listed([one.title for one in instrument.domains.values()])}")
        yield from _block(3, f"Judged: {'; '.join(one.title for one in instrument.judgements.values())}")
    if care.assessment is not None:
        every = [f"{program.phases[to].title if to in program.phases else to} {_every(term)}" for to, term in care.assessment.every.items()]  # fmt: skip
        yield from _block(1, f"Made again: {'; '.join(every)}; and after an incident")
    for code, kind in care.concerns.items():
        yield from _block(1, f"Concern, {kind.title} [{code}]: answered within {kind.respond_within}")


def _due_process(program: Program, rule: DueProcess) -> Iterator[str]:
    for kind, act in rule.acts.items():
        grounds = _listed([ground.replace("_", " ") for ground in ("reasons", *act.grounds)])
        yield from _block(1, f"{kind.replace('_', ' ')}: proposed with {grounds}")
    for code, kind_of in rule.measures.items():
        bases = _listed(
            [rule.legal_bases[b].title if b in rule.legal_bases else b for b in kind_of.legal_bases], last="or"
        )
        yield from _block(1, f"{kind_of.title} [{code}]: at most {kind_of.longest_term}, reviewed {_every(kind_of.review_every)}, on {bases}")  # fmt: skip
    if rule.danger_by:
        yield from _block(1, f"Imminent danger: two of {_roles(program, rule.danger_by)}, for 72 hours at most")
    yield from _block(1, f"The person is told, and has {rule.hearing} from then to be heard")
    yield from _block(1, f"Decided by {rule.deciders} who took no part: {_roles(program, rule.decide_by)}; a tie upholds nothing")  # fmt: skip
    yield from _block(1, f"The person is told, and has {rule.appeal_window} from then to appeal; an appeal stays the effect")  # fmt: skip
    yield from _block(1, f"Appeals are decided by {rule.appeal_deciders} others: {_roles(program, rule.appeal_by)}")
    if "refuse_advance" in rule.acts:
        yield from _block(1, f"A refused advance is asked for again after {rule.refusal_lasts}")


def _sharing(program: Program, policy: DisclosurePolicy) -> Iterator[str]:
    for code, agreement in program.agreements.items():
        parties = _listed([program.partners[p].title if p in program.partners else p for p in agreement.parties])
        until = f"from {agreement.begins} to {agreement.ends}"
        yield from _block(1, f"{agreement.title} [{code}]: with consent, {until}, to {parties}")
        yield from _block(3, _at_most(policy, agreement.fields, agreement.purposes))
    for ground, exception in policy.exceptions.items():
        partners = _listed([program.partners[p].title if p in program.partners else p for p in exception.partners])
        yield from _block(1, f"{exception.title} [{ground}]: without consent, to {partners}; {exception.legal_basis}")
        yield from _block(3, _at_most(policy, exception.fields, exception.purposes))
    yield from _block(1, f"The person may, with reasons, be left untold for {policy.longest_delay} at most")


def _at_most(policy: DisclosurePolicy, fields: Iterable[str], purposes: Iterable[str]) -> str:
    what = [policy.fields[code].title if code in policy.fields else code for code in fields]
    why = [policy.purposes[code].title if code in policy.purposes else code for code in purposes]
    return f"At most: {'; '.join(what)}. For: {'; '.join(why)}"


def _records(program: Program, policy: RetentionPolicy) -> Iterator[str]:
    for code, kept in policy.classes.items():
        ages = " and ".join("children" if age == "child" else "adults" for age in kept.ages)
        outcomes = "; ".join(policy.outcomes[o].title if o in policy.outcomes else o for o in kept.outcomes)
        yield from _block(
            1, f"{kept.title} [{code}]: {kept.keep} at most, its necessity reviewed {_every(kept.review_every)}"
        )
        yield from _block(3, f"of {ages}: {outcomes}")
    yield from _block(
        1, f"A legal hold lasts {policy.longest_hold} at most; {_role(program, policy.officer)} answers for records"
    )


def _silence(program: Program, kind: str, rule: SilenceRule) -> Iterator[str]:
    due = f"due {rule.due} after it begins" if isinstance(rule.due, Term) else "due by schedule"
    yield from _block(1, f"{kind}: owed by {_role(program, rule.owner)}, {due}")
    for rung in rule.ladder:
        yield from _block(3, f"{_when(rung)}: {_role(program, rung.tell)} is told, {rung.action.replace('_', ' ')}")
    if rule.repeat_every is not None:
        yield from _block(3, f"then again {_every(rule.repeat_every)}")
    outcome = PROTECTIVE_OUTCOMES.get(rule.outcome, "unknown to the engine")
    yield from _block(3, f"outcome of silence: {rule.outcome.replace('_', ' ')} ({outcome})")


def _when(rung: RungRule) -> str:
    if rung.before is not None:
        return f"{rung.before} before"
    return f"{rung.after} after" if rung.after and rung.after.number else "when due"


def draw_mermaid(program: Program) -> str:
    """A Mermaid state diagram: phases with their timers as notes, transitions labelled with what their gate asks."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(program.first_phase)}"]
    for code, phase in program.phases.items():
        lines.append(f'    state "{_label(phase.title)}" as {_node(code)}')
        notes = [_label(text) for text in _notes(program, code, phase)]
        if notes:
            lines += [f"    note right of {_node(code)}", *(f"        {note}" for note in notes), "    end note"]
    for code, transition in program.gates():
        lines.append(f"    {_node(code)} --> {_node(transition.to)} : {_label(_gate(transition.gate))}")
    for code, phase in program.phases.items():
        lines += [f"    {_node(code)} --> {_node(to)} : step back, through due process" for to in phase.step_back_to]
    for code, phase in program.phases.items():
        lines += [f"    {_node(code)} --> {_node(to)} : re-entry, at the person's wish" for to in phase.reentry_to]
    lines += [f"    {_node(code)} --> [*]" for code, phase in program.phases.items() if phase.terminal]
    return "\n".join(lines) + "\n"


def _notes(program: Program, code: str, phase: Phase) -> Iterator[str]:
    if phase.expected is not None:
        yield f"usually {phase.expected}"
    if phase.review_every is not None:
        yield f"progress review {_every(phase.review_every)}"
    if code in program.contact:
        yield f"check-in {_contact(program.contact[code]).replace(';', ',')}"
    if followed := followed_up(program.care, code):
        yield f"follow-up {_listed([str(term) for term in followed])} after entry"


def _node(code: str) -> str:
    # A phase may be called `end` or `note`, which are words of the diagram's own language.
    return f"phase_{code}"


def _label(text: str) -> str:
    """Text that Mermaid shows as it is: its own signs become entities."""
    return "".join(f"#{ord(c)};" if c in '#;:"<>{}[]`%' else c for c in _plain(text))


def _gate(gate: Gate) -> str:
    parts = [*gate.milestones, *(f"consent to {scope}" for scope in gate.consent)]
    parts += [f"after {gate.minimum_stay}"] if gate.minimum_stay else []
    parts += ["support delivered"] if gate.support_delivered else []
    parts += ["needs addressed"] if gate.needs_addressed else []
    parts += ["referrer heard"] if gate.referrer_feedback else []
    parts += [f"assessed within {gate.assessed_within}"] if gate.assessed_within else []
    parts += ["no open concern"] if gate.concerns_closed else []
    parts += ["follow-ups settled"] if gate.follow_ups_settled else []
    parts += ["own view"] if gate.participant_view else []
    return ", ".join([*parts, f"approved by {gate.review}"])
