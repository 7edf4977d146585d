"""The story of the demo: one synthetic participant on the whole way through the flagship program.

Not a success story by design: a check-in is missed, evidence is too weak, a panel stays silent, a reviewer is not independent, a machine dies in the middle of a
command. Each time something defined and visible happens, and never anything against the participant.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg

from starter.demo.care import assessed, looked, looked_after, mentored, planned, worried
from starter.demo.cast import CHAIR, COMMUNITY, LEAD, MEMBERS, PROVIDER, SUPERVISOR
from starter.demo.stage import DemoFailed, Stage

MALIK, SOFIA, JONAS = MEMBERS


async def play(stage: Stage) -> None:
    """The whole story, chapter by chapter."""
    await _intake(stage)
    await _missed_check_in(stage)
    await _to_stabilization(stage)
    await _stabilization(stage)
    await _killed(stage)
    await _silent_panel(stage)
    await _reintegration(stage)
    await _normalization(stage)
    await _aftercare(stage)


async def _intake(stage: Stage) -> None:
    stage.telling.chapter(
        "Intake",
        "A case is opened; consent comes before anything else; evidence that proves nothing is refused, with its cure.",
    )
    note = await stage.note("Asked for help through a family counselor; lives in the city; adult.", author=SUPERVISOR)
    await stage.do(
        SUPERVISOR, "open_case", program=stage.program.program, version=stage.program.version, lead=LEAD, support_level="high", eligibility=note
    )  # fmt: skip
    proof = await stage.note("Told in the first talk, with the counselor.", author=LEAD)
    await stage.do(LEAD, "record_service", notice=0, how="in_person", language="en", proof=proof)
    await agreed(stage, "p3")
    await stage.refused(
        LEAD, "claim_milestone", code="insufficient_independence", milestone="safety_plan", evidence=evidence(stage, "participant_view", "pledge")
    )  # fmt: skip
    await planned(stage)
    await verified(stage, "safety_plan", "participant_view", "practitioner_assessment", by=SUPERVISOR)
    await verified(stage, "needs_profile", "participant_view", "family_observation", by=SUPERVISOR)
    fields = await looked(stage, "more_support")
    await stage.refused(LEAD, "record_assessment", code="unknown_judgement", trigger="entry", **{**fields, "judgement": "score_17"})  # fmt: skip
    await stage.do(LEAD, "record_assessment", trigger="entry", **fields)


async def _missed_check_in(stage: Stage) -> None:
    stage.telling.chapter(
        "Nobody calls",
        "The weekly check-in passes unkept. The ladder is climbed for the person's safety; no sanction exists.",
    )
    await stage.forward(days=15)
    await stage.do(
        LEAD,
        "keep_check_in",
        channel="visit",
        note=await stage.note("Was ill; phone broken; a neighbor helps.", author=LEAD),
    )


async def _to_stabilization(stage: Stage) -> None:
    stage.telling.chapter(
        "The panel moves the case to stabilization",
        "Four people, two organizations, the chair and the community among them.",
    )
    await requested(stage, "stabilization")
    await approved(stage, 1, CHAIR, MALIK, SOFIA, COMMUNITY, to="stabilization")


async def _stabilization(stage: Stage) -> None:
    stage.telling.chapter(
        "Stabilization",
        "Eight weeks at least: a home, services, steady contact. The support level follows judgement, never a score.",
    )
    await stage.do(
        LEAD,
        "set_support_level",
        level="medium",
        direction="less",
        reasons=await stage.note("Sleeps well; keeps contact.", author=LEAD),
        agreed=await stage.note("Agrees to meet every second week.", author=LEAD),
    )
    for days, reviewed in ((5, False), (13, True), (13, False), (12, True), (13, False)):
        await stage.forward(days=days)
        await stage.do(LEAD, "keep_check_in", channel="in_person")
        if reviewed:
            await progress(stage, "forward")
    await verified(stage, "safe_housing", "housing_confirmation", "home_visit", by=MALIK)
    await verified(
        stage, "protective_services", "service_confirmation", "health_confirmation", by=SUPERVISOR, claimant=PROVIDER
    )
    await verified(stage, "steady_contact", "contact_record", "provider_attestation", by=SUPERVISOR)
    await worried(stage)


async def _killed(stage: Stage) -> None:
    stage.telling.chapter(
        "A machine dies in the middle of a command",
        "The worker is killed with SIGKILL while it records; another one takes over.",
    )
    command_id = "demo/claim-while-dying"
    claim = {
        "type": "claim_milestone",
        "milestone": "no_acute_concern",
        "evidence": evidence(stage, "practitioner_assessment", "service_confirmation"),
    }
    async with await psycopg.AsyncConnection.connect(stage.settings.database_url, autocommit=True) as holding:
        # Holding the stream's lock keeps the recorder inside its transaction for as long as the story needs.
        await holding.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (stage.stream,))
        sent = asyncio.create_task(stage.client.submit(stage.stream, actor=LEAD, command=claim, command_id=command_id))
        await _until_recording(holding)
        stage.worker.kill()
        stage.telling.say(f"    worker {stage.worker.pid} killed; its transaction dies with it")
    stage.worker = stage.stack.spawn_worker()
    stage.telling.say(f"    worker {stage.worker.pid} started; the sender is still waiting for the answer")
    first = await sent
    again = await stage.client.submit(stage.stream, actor=LEAD, command=claim, command_id=command_id)
    if first != again:
        raise DemoFailed("the same command was answered twice")
    await stage.tell()
    stage.telling.proved(
        f"answered once, at position {first.position}; asked again with the same command id: the same receipt"
    )
    await stage.do(
        SUPERVISOR,
        "verify_milestone",
        milestone="no_acute_concern",
        reasons=await stage.note("Seen and spoken to.", author=SUPERVISOR),
    )


async def _until_recording(connection: psycopg.AsyncConnection[Any]) -> None:
    """Until somebody waits for the lock that we hold: the recorder, inside its transaction."""
    while True:
        row = await (
            await connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        ).fetchone()
        if row is not None and row[0] > 0:
            return
        await asyncio.sleep(0.01)


async def _silent_panel(stage: Stage) -> None:
    stage.telling.chapter(
        "The panel stays silent",
        "Nobody decides. It escalates, again and again; it never approves itself, and nothing is taken from the person.",
    )
    await requested(stage, "reintegration")
    for days in (13, 13, 13):
        await stage.forward(days=days)
        await stage.do(LEAD, "keep_check_in", channel="call")
    await progress(stage, "steady")
    reasons = await stage.note("Looked at the housing myself.", author=MALIK)
    await stage.refused(MALIK, "approve_review", code="not_independent", review=2, reasons=reasons)
    await stage.do(MALIK, "recuse_from_review", review=2, reasons=reasons)
    doubts = await stage.note("Would wait for the employment service.", author=JONAS)
    await stage.do(JONAS, "reject_review", review=2, reasons=doubts)
    await approved(stage, 2, CHAIR, SOFIA, COMMUNITY, to="reintegration")


async def _reintegration(stage: Stage) -> None:
    stage.telling.chapter(
        "Reintegration", "Work, treatment, a mentor, the family. A letter too old to count is refused as stale."
    )
    await stage.do(
        LEAD,
        "set_support_level",
        level="low",
        direction="less",
        reasons=await stage.note("Asks for help when needed.", author=LEAD),
        agreed=await stage.note("Wants fewer appointments.", author=LEAD),
    )
    for days in (12, 27, 27, 24):
        await stage.forward(days=days)
        await stage.do(LEAD, "keep_check_in", channel="in_person")
        if days == 12:
            await assessed(stage, "schedule")
    await assessed(stage, "before_move")
    await progress(stage, "forward")
    old = evidence(stage, "employer_confirmation", "family_observation", days_ago=400)
    await stage.refused(PROVIDER, "claim_milestone", code="stale", milestone="livelihood", evidence=old)
    await mentored(stage)
    await verified(stage, "livelihood", "employer_confirmation", "family_observation", by=SUPERVISOR, claimant=PROVIDER)
    await verified(stage, "treatment", "health_confirmation", "provider_attestation", by=SUPERVISOR, claimant=PROVIDER)
    await verified(stage, "mentoring", "mentor_attestation", "provider_attestation", by=SUPERVISOR, claimant=PROVIDER)
    await verified(stage, "family_work", "family_observation", "participant_view", by=SUPERVISOR)
    await requested(stage, "normalization")
    await approved(stage, 3, CHAIR, MALIK, SOFIA, COMMUNITY, to="normalization")


async def _normalization(stage: Stage) -> None:
    stage.telling.chapter(
        "Normalization",
        "Half a year of ordinary life. The way out opens on sustained gains, own goals and a near-unanimous panel.",
    )
    await stage.refused(
        LEAD,
        "request_review",
        code="gate_closed",
        to="aftercare",
        reasons=await stage.note("Feels ready.", author=LEAD),
    )
    for month in range(1, 8):
        await stage.forward(days=27)
        await stage.do(LEAD, "keep_check_in", channel="in_person")
        if month in {3, 6}:
            await progress(stage, "forward")
        if month in {2, 5}:
            await assessed(stage, "schedule")
        if month == 5:
            await agreed(stage, "p4")
    await verified(
        stage, "gains_sustained", "employer_confirmation", "housing_confirmation", "family_observation", by=SUPERVISOR
    )
    await verified(stage, "own_goals", "participant_view", "mentor_attestation", by=SUPERVISOR)
    await verified(stage, "civic_part", "community_observation", "participant_view", by=SUPERVISOR)
    heard = await stage.note("The counselor sees a different person.", author=LEAD)
    await stage.do(LEAD, "record_referrer_feedback", outcome="heard", note=heard)
    await requested(stage, "aftercare")
    await approved(stage, 4, CHAIR, SOFIA, JONAS, COMMUNITY, to="aftercare")


async def _aftercare(stage: Stage) -> None:
    stage.telling.chapter(
        "Aftercare",
        "Four follow-ups over a year, each held or looked for; then a joint evaluation and the end, by the person's own view too.",
    )
    for number, days in ((1, 30), (2, 62)):
        await stage.forward(days=days)
        await followed_up(stage, number, "call")
    await _unreached(stage)
    await stage.forward(days=52)
    await looked_after(stage)
    await stage.forward(days=52)
    await agreed(stage, "p5")
    await stage.forward(days=67)
    await followed_up(stage, 4, "in_person")
    await followed_up(stage, 3, "in_person")
    await stage.forward(days=8)
    await verified(stage, "joint_evaluation", "participant_view", "practitioner_assessment", by=SUPERVISOR)
    await requested(stage, "closed")
    await stage.do(LEAD, "classify_record", outcome="completed", age="adult")
    await approved(stage, 5, CHAIR, SOFIA, JONAS, COMMUNITY, to="closed")


async def _unreached(stage: Stage) -> None:
    stage.telling.chapter(
        "Half a year later nobody answers",
        "It is not called done, nor given up after one call: four attempts over three channels, and another person judges.",
    )
    await stage.forward(days=84)
    await stage.do(LEAD, "attempt_follow_up", follow_up=3, channel="call")
    tried = await stage.note("No answer, twice.", author=LEAD)
    for channel in ("letter", "message", "visit"):
        await stage.forward(days=6)
        await stage.do(LEAD, "attempt_follow_up", follow_up=3, channel=channel)
    await stage.refused(LEAD, "judge_unreached", code="not_authorized", follow_up=3, reasons=tried)
    enough = await stage.note("Enough was tried; the letter says that the door is open.", author=SUPERVISOR)
    await stage.do(SUPERVISOR, "judge_unreached", follow_up=3, reasons=enough)


async def followed_up(stage: Stage, number: int, channel: str) -> None:
    """A follow-up is held, with the person's own account."""
    await looked_after(stage)
    account = await stage.note("Works, sleeps, sees the old neighbors.", author=LEAD)
    await stage.do(LEAD, "record_follow_up", follow_up=number, channel=channel, account=account)


def evidence(stage: Stage, *kinds: str, days_ago: int = 2) -> list[dict[str, str]]:
    """Evidence of these kinds, each from a source of its own, observed so many days before now."""
    observed = (stage.now - timedelta(days=days_ago)).isoformat()
    return [{"kind": kind, "source": f"{kind}_1", "observed_at": observed} for kind in kinds]


async def verified(stage: Stage, milestone: str, *kinds: str, by: str, claimant: str = LEAD) -> None:
    """A milestone claimed by one person and verified by another."""
    await stage.do(claimant, "claim_milestone", milestone=milestone, evidence=evidence(stage, *kinds))
    await stage.do(
        by, "verify_milestone", milestone=milestone, reasons=await stage.note("Evidence seen and discussed.", author=by)
    )


async def agreed(stage: Stage, form: str) -> None:
    """The lawful basis is looked at, and the person consents to take part, on the form in use: at first, and again before a year is over."""
    reasons = await stage.note("The program's statutory task; nothing has changed.", author=SUPERVISOR)
    await stage.do(SUPERVISOR, "record_lawful_basis", basis="public_task", reasons=reasons)
    await stage.do(LEAD, "give_consent", scope="participation", form_version=form, language="en", explained_by=LEAD)


async def progress(stage: Stage, direction: str) -> None:
    """A review of progress within the phase, and a look at the safety plan."""
    await looked_after(stage)
    await stage.do(
        LEAD,
        "review_progress",
        direction=direction,
        summary=await stage.note("Talked through with the person.", author=LEAD),
    )


async def requested(stage: Stage, to: str) -> None:
    """The panel is asked, with the participant's own view."""
    reasons = await stage.note("The gate's conditions hold.", author=LEAD)
    view = await stage.note("I want this, and I want my mentor to stay.", author=LEAD)
    why = {"because": "completed"} if to in {"aftercare", "closed"} else {}
    await stage.do(LEAD, "request_review", to=to, reasons=reasons, participant_view=view, **why)


async def approved(stage: Stage, review: int, *people: str, to: str) -> None:
    """Approvals by these people; with the last of them, and not before, the case enters the phase `to`, and the person is told.

    Raises:
        DemoFailed: it moved too early, or not at all.
    """
    for person in people:
        if (await stage.client.state(stage.stream)).phase.phase == to:
            raise DemoFailed(f"the case moved to {to} before {person} had voted")
        await stage.do(
            person,
            "approve_review",
            review=review,
            reasons=await stage.note("Convinced by the evidence.", author=person),
        )
    case = await stage.client.state(stage.stream)
    if case.phase.phase != to:
        raise DemoFailed(f"the panel approved, and the case did not move to {to}")
    for notice in case.service.owed:
        proof = await stage.note("Signed copy of the letter.", author=LEAD)
        await stage.do(LEAD, "record_service", notice=notice, how="in_person", language="en", proof=proof)
