"""Commands as operators send them, one for each purpose of the proofs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

VERSION = "2026.2-plain"
"""The flagship program on a calendar of equal days."""
Command = dict[str, Any]


def note() -> str:
    """A reference to a sealed note. What it seals does not matter here."""
    return f"note:{uuid4()}"


def open_case(version: str = VERSION, lead: str = "lena") -> Command:
    """Open a case in the flagship program."""
    return {
        "type": "open_case", "program": "disengagement", "version": version, "lead": lead, "support_level": "high",
        "eligibility": note(),
    }  # fmt: skip


def record_basis() -> Command:
    """The ground on which the case's data are processed."""
    return {"type": "record_lawful_basis", "basis": "public_task", "reasons": note()}


def keep_check_in() -> Command:
    """A call that took place."""
    return {"type": "keep_check_in", "channel": "call"}


def give_consent() -> Command:
    """Consent to take part."""
    return {
        "type": "give_consent", "scope": "participation", "form_version": "form_1", "language": "en", "explained_by": "lena",
    }  # fmt: skip


def claim(milestone: str, at: datetime) -> Command:
    """A claim on two independent sources."""
    seen = (at - timedelta(days=1)).isoformat()
    evidence = [
        {"kind": kind, "source": source, "observed_at": seen, "note": note()}
        for kind, source in (("practitioner_assessment", "lead_1"), ("participant_view", "person_1"))
    ]
    return {"type": "claim_milestone", "milestone": milestone, "evidence": evidence}


def verify(milestone: str) -> Command:
    """The claim stands."""
    return {"type": "verify_milestone", "milestone": milestone, "reasons": note()}


def assess() -> Command:
    """An assessment in words."""
    domains = ("housing", "livelihood", "health", "family", "belonging", "safety", "meaning")
    return {
        "type": "record_assessment", "instrument": "needs_and_strengths", "edition": "2026", "trigger": "entry",
        "domains": {domain: note() for domain in domains}, "judgement": "more_support", "likelihood": "possible", "severity": "serious",
        "imminence": "not_foreseen", "direction": "easing", "confidence": "fair",
    }  # fmt: skip


def request_review(to: str) -> Command:
    """Ask the panel."""
    return {"type": "request_review", "to": to, "reasons": note(), "participant_view": note()}


def approve(review: int = 1) -> Command:
    """A vote for it."""
    return {"type": "approve_review", "review": review, "reasons": note()}


def move_on(at: datetime) -> list[tuple[str, Command]]:
    """Who sends what from the opening of a case to its second phase: consent, two milestones, an assessment, a panel."""
    return [
        ("lena", give_consent()),
        ("lena", claim("needs_profile", at)),
        ("omar", verify("needs_profile")),
        ("lena", claim("safety_plan", at)),
        ("omar", verify("safety_plan")),
        ("lena", assess()),
        ("lena", request_review("stabilization")),
        *vote(),
    ]


def leave() -> list[tuple[str, Command]]:
    """Who sends what from the opening of a case to its closure in clearing: a panel on the exit."""
    return [("omar", request_review("closed")), *vote()]


def forget() -> list[tuple[str, Command]]:
    """Who sends what until a closed case owes nothing more: the person is told why they were here and of the outcome, and has a copy, and an erasure by two people."""
    return [
        *(
            ("lena", {"type": "record_service", "notice": one, "how": "in_person", "language": "de", "proof": note()})
            for one in (0, 1)
        ),
        ("dario", {"type": "record_copy_given", "how": "sent", "proof": note()}),
        ("dario", {"type": "request_erasure", "reasons": note()}),
        ("dora", {"type": "approve_erasure", "reasons": note()}),
    ]


def vote(review: int = 1) -> list[tuple[str, Command]]:
    """A whole panel approves."""
    return [(person, approve(review)) for person in ("petra", "mara", "milo", "caro")]
