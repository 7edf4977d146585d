"""Re-entry: no door closes for good. Whoever wishes to come back, after an exit or the closure, does so in a new episode of the same case.

It takes the person's wish, a fresh consent to take part and somebody who leads, and neither a gate nor a panel: a phase in which the case was before
is entered again. What was granted, what was promised and what keeps people safe goes on where it stood. The terms of the earlier end no longer run: the
record is needed, so its class, its seal and its day of erasure go, and the person and the officer for data protection are told. A record that was erased has
nothing left to go on from.
"""

from __future__ import annotations

from datetime import datetime

from workflows.case import age, care, consent, contact_form, due_process, facts, fitness, phase, retention
from workflows.case.consent_form import GiveConsent
from workflows.case.state import Case, evolve
from workflows.core.kinds import Event
from workflows.core.refusal import Refused
from workflows.program.model import Program

_OF_CONSENT = {"form_version", "language", "explained_by", "interpreter", "guardian", "capacity_judged_by"}


def decide(case: Case, command: phase.Reenter, program: Program, by: care.Sender) -> tuple[Event, ...]:
    """Take the person back.

    Raises:
        Refused: `record_erased`, `erasure_waits`, and as the rooms of phase, custody and consent say.
    """
    _record_stands(case)
    back = phase.reenter(case.phase, command, program.phases)
    led = _lead(case, command, program, by)
    grown = _grown(case, by.at)
    opened = evolve(case, (back, *grown), by.at)
    return (
        back,
        *grown,
        *(_reopened(case, back.episode) if back.closed else ()),
        *led,
        contact_form.SupportLevelSet(level=command.support_level, reasons=command.wish, agreed=command.wish),
        *due_process.enter(opened, program, to=command.to, kind="re_entry", at=by.at),
        *_consent(opened, command, program, by),
    )


def _record_stands(case: Case) -> None:
    if case.retention.erased_at is not None:
        raise Refused(
            "record_erased",
            "the record of this case was erased, and nothing is left to go on from",
            "open a new case for the person with open_case: they are as welcome as anybody",
        )
    if case.retention.asked is not None:
        raise Refused(
            "erasure_waits",
            f"{case.retention.asked.by} asked for the erasure of the record, and it is not decided",
            "ask the person what they wish; if they come back, have it declined with decline_erasure",
        )


def _reopened(case: Case, episode: int) -> tuple[Event, ...]:
    """What the closure had set going ends; what was owed before it is not held against the person now."""
    stopped = () if case.retention.retention_class is None else (retention.RetentionStopped(episode=episode),)
    return (*stopped, *((contact_form.ContactPaused(),) if case.contact.missed else ()))


def _grown(case: Case, at: datetime) -> tuple[Event, ...]:
    """Who came of age since the closure consents alone: a guardian has no say any more, and what one agreed to is asked of the person."""
    due = case.age.due
    if case.phase.age != "child" or case.age.of_age_since is not None or due is None or due > at:
        return ()
    return (age.CameOfAge(since=due), *consent.of_age(case.consent))


def _lead(case: Case, command: phase.Reenter, program: Program, by: care.Sender) -> tuple[Event, ...]:
    """Whoever led the case goes on; anybody else takes it as any case is taken."""
    if command.lead == case.custody.lead and not case.custody.vacant:
        fitness.require_lead(fitness.Candidate(command.lead, by.staff.get(command.lead), by.caseload), program)
        return ()
    taken = care.first_lead(command, program, by)
    return (taken.model_copy(update={"former": case.custody.lead, "reasons": command.wish}),)


def _consent(case: Case, command: phase.Reenter, program: Program, by: care.Sender) -> tuple[Event, ...]:
    """Consent to take part is given afresh, whatever was agreed in the episode before."""
    before = {scope: since for scope, since in case.consent.given.items() if scope != consent.PARTICIPATION}
    state, known = case.consent.model_copy(update={"given": before}), facts.consent_facts(case, program, by.staff)
    given = GiveConsent(scope=consent.PARTICIPATION, **command.model_dump(include=_OF_CONSENT))
    return consent.decide(state, given, known, at=by.at)
