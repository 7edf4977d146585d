"""What silence may do, and what it never may: an outcome that is not among these cannot be expressed in a definition."""

from __future__ import annotations

PROTECTIVE_OUTCOMES: dict[str, str] = {
    "stays_open": "nothing changes; it stays owed and goes on escalating until a person acts",
    "welfare_ladder": "a welfare ladder is climbed for the person's safety; no sanction follows",
    "asks_again": "the answer no longer counts for a gate that is still to be passed and is asked for again; nothing granted is withdrawn",
    "lapses": "the restrictive measure ends",
    "sharing_stops": "sharing stops; the offer of support goes on",
    "own_consent_asked": "a guardian has no say any more, and the person is asked for their own consent; support goes on",
    "guarded_sharing_stops": "what a guardian agreed may reach beyond the team stops; the person is still asked, and support goes on",
    "effect_suspended": "the adverse effect is suspended until it is decided",
    "returns_to_owner": "it returns to its owner, who tries another provider",
    "sender_stays_owner": "whoever offered it stays its owner",
    "supervisor_takes_over": "whatever whoever was in charge owed is owed by those who may assign a lead, until somebody leads the case again",
    "deputy_stays": "the deputy stays in charge until the lead is back, or another leads",
    "resumes": "the pause ends, and what it stopped goes on with the time that it had left",
    "sealed": "the record is sealed from operators and the data protection officer is told",
}
"""Outcome → what it does. The engine knows no other: an outcome that acts against the participant cannot be expressed."""

ADVERSE_OUTCOMES: dict[str, str] = {
    "auto_approve": "an approval that nobody gave is no approval",
    "auto_reject": "a refusal that nobody reasoned denies due process",
    "close_case": "a case closed by silence is the ghost that inquiries find",
    "step_back": "a step back needs reasons, notice and an appeal",
    "sanction": "silence of staff, or of the person, is no ground for a sanction",
    "withdraw_support": "supports are never withdrawn by phase logic",
    "renew": "a restriction that renews itself has no end",
    "extend": "a restriction that extends itself has no end",
}
"""Outcomes that people have asked of such systems, and why Offramp refuses each; `program check` explains them."""
