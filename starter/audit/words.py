"""What codes are called: a program's own titles, its calendar for dates, and plain words for what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from workflows.program.model import Program

Kind = Literal[
    "phase",
    "milestone",
    "role",
    "panel",
    "scope",
    "evidence",
    "partner",
    "hold",
    "partner",
    "field",
    "purpose",
    "kept",
    "outcome",
    "need",
    "support",
    "entitlement",
    "instrument",
    "judgement",
    "concern",
    "channel",
    "kin",
    "kin_support",
    "threat",
    "protection",
    "setback",
]
_OWED = {
    "check_in": "check-in {}",
    "milestone_verification": "verification of {}",
    "milestone_renewal": "renewal of {}",
    "review_decision": "decision of review {}",
    "progress_review": "review of progress in {}",
    "phase_overstay": "a look at how long {} lasts",
    "consent_request": "the request for consent",
    "welfare_offer": "welfare offer {}",
    "notice_delivery": "delivery of notice {}",
    "disclosure_decision": "decision on disclosure {}",
    "tell_of_disclosure": "telling the person of disclosure {}",
    "tell_recipient": "telling the recipient of disclosure {}",
    "access_request": "answer to access request {}",
    "legal_hold": "legal hold {}",
    "retention_review": "review {} whether the record is still necessary",
    "erasure_decision": "decision on erasure {}",
    "consent_renewal": "a fresh consent to {}",
    "sharing_renewal": "a fresh consent to {}",
    "own_consent": "the person's own consent to {}",
    "coming_of_age": "the person's coming of age",
    "coming_of_age_date": "the day on which the person comes of age, to be put on record",
    "lawful_basis_review": "a look at the lawful basis {}",
    "hold_approval": "a decision on pause {}",
    "possible_link": "an answer to possible link {}",
    "handover_acceptance": "an answer to the offer {} of this case",
    "absence_end": "the end of absence {} of the lead",
    "lead_succession": "another lead before this one leaves ({})",
    "certificate_renewal": "the renewal of a certificate of whoever is in charge, which ends on {}",
    "extension_decision": "a decision on request {} for more time",
    "hold_end": "the end of pause {}",
    "notice_service": "the service of notice {} to the person",
    "adverse_decision": "decision on adverse act {}",
    "appeal_decision": "decision on the appeal against act {}",
    "objection_decision": "decision on the objection to review {}",
    "adverse_effect": "carrying out act {}, or giving it up",
    "adverse_act": "adverse act {}",
    "measure_expiry": "the end of measure {}",
    "measure_review": "the review of measure {}",
    "danger_end": "the end of danger act {}",
    "celebration": "telling the person what they reached ({})",
    "tell_provider": "telling {} of the erasure",
    "need_answer": 'an answer to the need "{}"',
    "referral_reply": "a reply to referral {}",
    "referral_progress": "the beginning of referral {}",
    "referral_outcome": "the result of referral {}",
    "referral_alternative": "another provider than that of referral {}",
    "circular_precondition": "a way out of circle {} of preconditions",
    "support_start": "the beginning of support {}",
    "support_session": "a session of support {}",
    "assessment_baseline": "the first assessment",
    "assessment_renewal": "the next assessment in {}",
    "reassessment": "a fresh look after incident {}",
    "concern_response": "an answer to concern {}",
    "concern_closure": "a judgement whether concern {} is over",
    "follow_up": "follow-up {} after the exit",
    "reentry": "the re-entry that began episode {}",
    "relative_consent_renewal": "a fresh consent of related person {} to contact",
    "relative_contact": "contact with related person {}",
    "relative_support_offer": "an offer of support to related person {}",
    "relative_support": "the support of related person {}",
    "relative_session": "a session with related person {}",
    "family_goal": "family goal {}",
    "family_goal_review": "a look at family goal {} with both sides",
    "safety_plan": "the safety plan",
    "learning_review": "the learning review of setback {}",
    "learning_action": "action {} of a learning review",
    "safety_plan_review": "review {} of the safety plan",
    "safety_response": "the response to activation {} of the safety plan",
}
_SPAN = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def plain(code: str) -> str:
    """A code as words: `second_channel` reads `second channel`."""
    return code.replace("_", " ")


def span(seconds: int) -> str:
    """A length of time in its largest whole unit: `3 days`, `1 hour`."""
    size, unit = next(((size, unit) for size, unit in _SPAN if seconds >= size), _SPAN[-1])
    number = seconds // size
    return f"{number} {unit}{'' if number == 1 else 's'}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 entry`, `2 entries`."""
    return f"{number} {one if number == 1 else many}"


def sealed(reference: str | None, what: str = "reasons") -> str:
    """Where a sealed text stands, in brackets: `(reasons: note:1f3a9b2c)`; empty without one."""
    return f" ({what}: {reference[:13]})" if reference else ""


class Words:
    """Names and dates as one program's people use them; without the program, codes in plain form and UTC."""

    def __init__(self, program: Program | None) -> None:
        self.program = program

    def when(self, at: datetime) -> str:
        """The instant on the program's clock, to the minute."""
        local = at.astimezone(UTC) if self.program is None else self.program.calendar.local(at)
        return f"{local:%Y-%m-%d %H:%M}"

    def day(self, at: datetime) -> str:
        """The day of the instant on the program's calendar, with its weekday."""
        local = at.astimezone(UTC) if self.program is None else self.program.calendar.local(at)
        return f"{local:%a %Y-%m-%d}"

    def name(self, kind: Kind, code: str) -> str:
        """The program's title for a code, or the code in plain form."""
        program = self.program
        if program is None:
            return plain(code)
        care = program.care
        named: dict[str, dict[str, Any]] = {
            "phase": program.phases,
            "milestone": program.milestones,
            "role": program.roles,
            "panel": program.reviews,
            "scope": program.consent_scopes,
            "evidence": program.evidence_kinds,
            "partner": program.partners,
            "field": program.disclosure.fields if program.disclosure else {},
            "purpose": program.disclosure.purposes if program.disclosure else {},
            "kept": program.retention.classes if program.retention else {},
            "outcome": program.retention.outcomes if program.retention else {},
            "hold": program.holds,
            "need": care.needs if care else {},
            "support": care.supports if care else {},
            "entitlement": care.entitlements if care else {},
            "instrument": care.instruments if care else {},
            "judgement": {code: one for kind in care.instruments.values() for code, one in kind.judgements.items()}
            if care
            else {},
            "concern": care.concerns if care else {},
            "threat": care.safety.threats if care and care.safety else {},
            "protection": care.safety.services if care and care.safety else {},
            "channel": care.follow_up.channels if care and care.follow_up else {},
            "setback": care.setbacks.kinds if care and care.setbacks else {},
            "kin": care.network.kinds if care and care.network else {},
            "kin_support": care.network.supports if care and care.network else {},
        }
        found = named[kind].get(code)
        return plain(code) if found is None else str(found.title)

    def responders(self, codes: Iterable[str]) -> str:
        """Who agreed to respond to a threat: roles, partners, the person, the family."""
        program, called = self.program, {"person": "the person", "family": "the family"}
        if program is not None:
            called |= {code: partner.title for code, partner in program.partners.items()}
            called |= {code: role.title for code, role in program.roles.items()}
        return ", ".join(called.get(one, plain(one)) for one in codes)

    def scope(self, scope: str) -> str:
        """What a scope of consent is called, with the partner that it concerns."""
        code, _, partner = scope.partition(":")
        concerns = f" ({self.name('partner', partner)})" if partner else ""
        return f'"{self.name("scope", code)}"{concerns}'

    def basis(self, code: str | None) -> str:
        """What a lawful basis is called; consent is one of its own."""
        policy = None if self.program is None else self.program.lawful_basis
        found = policy.bases.get(code or "") if policy is not None else None
        return plain(code or "no basis on record") if found is None else found.title

    def owed(self, key: str) -> str:
        """What the key of an obligation or a review is about: `check_in/58` reads `check-in 58`."""
        kind, _, rest = key.partition("/")
        if kind == "review":
            return f"review {rest}"
        subject = rest if kind == "notice_delivery" else rest.split("/")[0]
        if kind == "scope":
            return f"everything that consent to {self.scope(rest)} permitted"
        if kind == "notice":
            return f"notice {rest}"
        if kind == "consent_request" and not rest.isdigit():
            return f"the request for consent to {self.scope(subject)}"
        if kind in {"own_consent", "consent_renewal", "sharing_renewal"}:
            subject = self.scope(subject)
        elif kind == "lawful_basis_review":
            subject = "to be put on record" if subject == "first" else self.basis(subject)
        elif kind.startswith("milestone_"):
            subject = f'"{self.name("milestone", subject)}"'
        elif kind in {"lead_succession", "certificate_renewal"}:
            subject = self.when(datetime.fromisoformat(rest))
        elif kind == "tell_provider":
            subject = self.name("partner", subject)
        elif kind == "need_answer":
            subject = self.name("need", subject)
        elif kind in {"progress_review", "phase_overstay", "assessment_renewal"}:
            subject = self.name("phase", subject)
        return _OWED[kind].format(subject) if kind in _OWED else plain(key)
