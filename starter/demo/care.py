"""The care in the demo: a need and what answers it, assessments in words, and a worry that is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starter.demo.cast import LEAD, PROVIDER, SUPERVISOR
from starter.demo.stage import Stage

DOMAINS = {
    "housing": "A room at a friend's place.", "livelihood": "Two days a week in a bakery.", "health": "Sleeps better.",
    "family": "The sister calls every day.", "belonging": "Sings in a choir.", "safety": "Was threatened twice by message.",
    "meaning": "Wants to learn a trade.",
}  # fmt: skip
"""What is said of each domain when the person is assessed."""


async def mentored(stage: Stage) -> None:
    """A need, and the mentoring that answers it: whoever held a session attests it, and one of two is not all."""
    provided, support = "employment_service", 1
    await stage.do(LEAD, "identify_need", need="identity", note=await stage.note("Who am I without them?", author=LEAD))
    agreement = await stage.note("Wants to meet Ines twice.", author=LEAD)
    await stage.do(
        LEAD, "plan_support", kind="mentoring", provider=provided, sessions=2, starts=(stage.now + timedelta(days=1)).isoformat(), agreed=agreement
    )  # fmt: skip
    await stage.do(LEAD, "begin_support", support=support)
    await stage.do(PROVIDER, "attest_session", support=support)
    await stage.refused(LEAD, "complete_support", code="sessions_missing", support=support)
    await stage.do(PROVIDER, "attest_session", support=support)
    await stage.do(LEAD, "complete_support", support=support)
    met = await stage.note("Has own words for it now.", author=LEAD)
    await stage.do(LEAD, "close_need", need="identity", how="addressed", reasons=met)


async def looked(stage: Stage, judgement: str) -> dict[str, Any]:
    """What the lead judges with the home-made profile: a summary of every domain in own words, and judgements in words."""
    profile = "needs_and_strengths"
    said = {domain: await stage.note(text, author=LEAD) for domain, text in DOMAINS.items()}
    return {
        "instrument": profile, "edition": "2026", "domains": said, "judgement": judgement, "likelihood": "unlikely", "severity": "serious",
        "imminence": "not_foreseen", "direction": "easing", "confidence": "fair",
    }  # fmt: skip


async def planned(stage: Stage) -> None:
    """The safety plan, in the person's own words and in the sister's: how one knows that it begins, what is then done, and by whom."""
    for layer, threat, trigger, response, responders, words in (
        ("person", "retaliation", "Messages from an unknown number.", "Nobody answers; Lena is called, by night too.", ["person", "lead_practitioner"], "I do not want to be alone with it."),
        ("family", "retaliation", "Somebody waits in front of the house.", "The sister's neighbors come over; Omar calls whom she wants called.", ["family", "supervisor"], "Tell me at once, not on Monday."),
    ):  # fmt: skip
        notes = {"trigger": trigger, "response": response, "words": words}
        sealed = {name: await stage.note(text, author=LEAD) for name, text in notes.items()}
        await stage.do(LEAD, "plan_safety", layer=layer, threat=threat, responders=responders, **sealed)


async def looked_after(stage: Stage) -> None:
    """The safety plan is looked at again, with those whom it protects."""
    seen = await stage.note("Went through it with both of them; it holds.", author=LEAD)
    await stage.do(LEAD, "review_safety_plan", summary=seen)


async def assessed(stage: Stage, trigger: str) -> None:
    """An assessment by structured professional judgement, and a look at the safety plan; it moves nobody by itself."""
    await looked_after(stage)
    await stage.do(LEAD, "record_assessment", trigger=trigger, **await looked(stage, "support_as_it_is"))


async def worried(stage: Stage) -> None:
    """Somebody heard something: it is answered by one person and closed by another, and a fresh look follows, and nothing else."""
    heard = await stage.note("Two men asked for the person at the bakery.", author=PROVIDER)
    await stage.do(PROVIDER, "raise_concern", kind="threat", reported_by="provider", note=heard)
    done = await stage.note("Was there; the way home is another one now.", author=LEAD)
    await stage.do(LEAD, "answer_concern", concern=1, response=done)
    over = await stage.note("Nobody came again; the bakery knows whom to call.", author=SUPERVISOR)
    await stage.do(SUPERVISOR, "close_concern", concern=1, reasons=over)
    await assessed(stage, "incident")
