"""Fitness: who may take a case, as its lead or standing in.

Specialist officers hold small caseloads for a reason, and a force could not say who was trained (field guide §4, §6). So whoever takes a case holds the role
now, is certified as the definition asks, and has room for it, or a supervisor says in reasons why one more is right. All of it is looked up at the
door, at that instant. What lapses later takes nobody's case away and keeps nothing from the participant: it is owed to a supervisor, visibly.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from workflows.core.calendar import Calendar
from workflows.core.kinds import NO_EXPIRY, Actor, Frozen, Instant
from workflows.core.refusal import Refused
from workflows.program.model import Program


class Candidate(NamedTuple):
    """The person named, as the staff directory knows them now (None: unknown, or no longer active), and how many other open cases are theirs."""

    person: str
    known: Actor | None
    cases: int


class Standing(Frozen):
    """Until when, as far as is known, whoever is in charge is here, and certified as leading takes; None: no end is known."""

    leaves: Instant | None = None
    certified_until: Instant | None = None


def require_lead(candidate: Candidate, program: Program) -> Actor:
    """The person, who holds the lead role now.

    Raises:
        Refused: `not_eligible_to_lead`.
    """
    if candidate.known is None or not candidate.known.holds((program.lead_role,)):
        raise Refused(
            "not_eligible_to_lead",
            f"{candidate.person} does not hold the role {program.lead_role} now",
            f"name somebody who holds {program.lead_role} ('offramp staff list' shows them)",
        )
    return candidate.known


def standing(candidate: Candidate, program: Program, at: datetime) -> Standing:
    """What the staff directory says of whoever leads or stands in, for the case to keep."""
    known = candidate.known
    if known is None:
        return Standing(leaves=at)
    return Standing(leaves=known.until, certified_until=_certified_until(known, program))


def require_fit(candidate: Candidate, program: Program, at: datetime) -> None:
    """Check that the person may lead now, whatever else is theirs: the role, and the certificates.

    Raises:
        Refused: `not_eligible_to_lead`, `certificate_missing`, `certificate_expired`.
    """
    known = require_lead(candidate, program)
    require_certified(known, program.roles[program.lead_role].certificates, on=program.calendar.local(at).date())


def take(
    candidate: Candidate, program: Program, *, by: Actor, over_caseload: str | None = None, at: datetime
) -> dict[str, object]:
    """Check that the person may take the case: the role, the certificates, and room for one more; what the event about it says of them.

    Raises:
        Refused: `not_eligible_to_lead`, `certificate_missing`, `certificate_expired`, `caseload_full`, `override_not_yours`.
    """
    require_fit(candidate, program, at)
    held = () if candidate.known is None else candidate.known.roles
    limits = [one.caseload for role in held if (one := program.roles.get(role)) and one.caseload is not None]
    if over_caseload is not None and not by.holds(program.over_caseload_by):
        raise Refused(
            "override_not_yours",
            f"more cases than the limit are given by: {', '.join(program.over_caseload_by) or 'nobody'}",
            "leave over_caseload out, or ask one of them",
        )
    full = bool(limits) and candidate.cases >= min(limits)
    if full and over_caseload is None:
        raise Refused(
            "caseload_full",
            f"{candidate.person} leads or stands in for {candidate.cases} open cases, and the limit is {min(limits)}",
            f"name somebody with room for it; {' or '.join(program.over_caseload_by) or 'nobody'} may assign it all the same, with reasons as over_caseload",
        )
    told = standing(candidate, program, at)
    over = {"over_caseload": over_caseload, "cases": candidate.cases} if full else {}
    return {"standing": None if told == Standing() else told, **over}


def require_gated(actor: Actor, command: str, program: Program, *, at: datetime) -> None:
    """Check that the person is certified for the command, where the definition asks for that.

    Raises:
        Refused: `certificate_missing`, `certificate_expired`.
    """
    if command in program.gated:
        require_certified(actor, program.gated[command], on=program.calendar.local(at).date())


def require_certified(actor: Actor, codes: Collection[str], *, on: date) -> None:
    """Check that the person holds each of these certificates, valid on that day.

    Raises:
        Refused: `certificate_missing`, `certificate_expired`.
    """
    for code in codes:
        last = actor.certificates.get(code)
        if last is None:
            raise Refused(
                "certificate_missing",
                f"{actor.person} is not certified in {code.replace('_', ' ')}",
                "ask somebody who is, or import the certificate with 'offramp staff import' once there is one",
            )
        if last < on:
            raise Refused(
                "certificate_expired",
                f"the certificate of {actor.person} in {code.replace('_', ' ')} expired after {last.isoformat()}",
                "ask somebody whose certificate is current, or import the renewed one with 'offramp staff import'",
            )


def _certified_until(actor: Actor, program: Program) -> Instant | None:
    """When the first certificate that leading takes is no longer valid; None if none expires."""
    needed = program.roles[program.lead_role].certificates
    last = min((actor.certificates.get(code, date.min) for code in needed), default=NO_EXPIRY)
    return None if last == NO_EXPIRY else _day_after(last, program.calendar)


def _day_after(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(max(day, _EARLIEST) + timedelta(days=1), time(), tzinfo=calendar.zone)


_EARLIEST = date(1900, 1, 1)
