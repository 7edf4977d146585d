"""Opening: where a case begins, all that must stand in its first entry stands there, and the first that is owed is that the person is told why they are here.

People were often not told why they were referred (field guide §3). So the reasons of the referral, in words for the person, are the first notice of each case: owed from the
opening, in a language that they understand, and told later only for reasons that end on a day.
"""

from __future__ import annotations

from datetime import datetime

from workflows.case import age, care, contact_form, due_process, facts, phase, service, sharing
from workflows.case.state import Case
from workflows.core.kinds import Event
from workflows.core.refusal import Refused
from workflows.program.model import Program


def opened(case: Case, command: phase.OpenCase, program: Program, *, by: care.Sender, sha256: str) -> tuple[Event, ...]:
    """The events of an opening. `by`: who opens it; `sha256`: of the program.

    Raises:
        Refused: `nothing_to_delay`, what `sharing.delay`, `age.decide` and `care.first_lead` refuse.
    """
    begun = phase.CaseOpened(
        program=program.program,
        version=program.version,
        sha256=sha256,
        eligibility=command.eligibility,
        age=command.age,
    )
    return (
        begun,
        *_childhood(case, command, program, by.at),
        care.first_lead(command, program, by),
        contact_form.SupportLevelSet(level=command.support_level),
        *due_process.enter(case, program, to=program.first_phase, kind="open", at=by.at),
        _why_here(case, command, program, by.at),
    )


def _childhood(case: Case, command: phase.OpenCase, program: Program, at: datetime) -> tuple[Event, ...]:
    if command.comes_of_age is None:
        return ()
    due, child = age.RecordComingOfAgeDue(due=command.comes_of_age), command.age == "child"
    return age.decide(case.age, due, child=child, calendar=program.calendar, at=at)


def _why_here(case: Case, command: phase.OpenCase, program: Program, at: datetime) -> service.ParticipantNoticeOwed:
    """The first notice: the person is told why they are here, at once, or by a day that has reasons."""
    sharing.delay(command.tell_from, command.delay_reasons, facts.disclosure_facts(case, program), at)
    if command.tell_from is not None and command.referral is None:
        raise Refused(
            "nothing_to_delay",
            "only the reasons of a referral can be told later, and none are given",
            "give them as referral, or leave tell_from out: then the person is told now",
        )
    return service.ParticipantNoticeOwed(
        notice=service.OPENING, about="referral", subject="", reasons=command.referral or command.eligibility, language=command.language,
        tell_from=command.tell_from, delay_reasons=command.delay_reasons,
    )  # fmt: skip
