"""Doing what `why` lists: each need is fulfilled by the people who hold it, with the commands that it names, and by nothing else."""

from __future__ import annotations

from tests.case.examples import Story, enough_evidence, judged, note
from workflows.case.facts import involved
from workflows.case.why import GateReport, Need, why


def reports(story: Story) -> tuple[GateReport, ...]:
    """What each way on from the present phase waits for, now."""
    return why(story.case, story.program, story.at)


def fulfill(story: Story, report: GateReport, need: Need) -> None:
    """Do what the need lists; commands that are refused (since another need was left out) change nothing."""
    match need.condition:
        case "minimum_stay" | "refusal":
            assert need.by is not None
            story.until(need.by)
        case "consent":
            lead = _first(story, need, "give_consent")
            story.send(
                lead,
                {
                    "type": "give_consent",
                    "scope": need.subject,
                    "form_version": "f",
                    "language": "en",
                    "explained_by": lead,
                },
            )
        case "milestone":
            _verify(story, need)
        case "sessions":
            _deliver(story, need)
        case "need":
            _address(story, need)
        case "referrer_feedback":
            asker = _first(story, need, "record_referrer_feedback")
            story.send(asker, {"type": "record_referrer_feedback", "outcome": "heard", "note": note()})
        case "assessment":
            assessor = _first(story, need, "record_assessment")
            story.send(assessor, {"type": "record_assessment", "trigger": "before_move", **judged(story.program)})
        case "concern":
            _close(story, need)
        case "follow_up":
            asker = _first(story, need, "record_follow_up")
            held = {"follow_up": int(need.subject), "channel": "call", "account": note()}
            story.send(asker, {"type": "record_follow_up", **held})
        case "possible_link":
            reporter = story.case.link.open[int(need.subject)].by
            (judge, *_) = [who for who in story.holders(*need.held_by) if who != reporter]
            story.send(judge, {"type": "confirm_link", "link": int(need.subject), "reasons": note()})
        case "review":
            asker = _first(story, need, "request_review")
            story.send(
                asker, {"type": "request_review", "to": report.to, "reasons": note(), "participant_view": note()}
            )
        case _:
            _approve(story, report, need)


def _first(story: Story, need: Need, command: str) -> str:
    """Somebody who holds the need and may send the command; the need is wrong if there is nobody."""
    assert command in need.do
    return next(
        who for who in story.holders(*need.held_by) if story.staff[who].holds(story.program.permissions[command])
    )


def _deliver(story: Story, need: Need, kind: str = "mentoring") -> None:
    """Plan what the need lists as missing, begin it, have it attested by the provider's people, and complete it."""
    number = story.case.support.next_number
    if "plan_support" in need.do:
        planner = _first(story, need, "plan_support")
        plan = {"kind": kind, "provider": "civil", "sessions": 2, "starts": story.at.isoformat(), "agreed": note()}
        story.send(planner, {"type": "plan_support", **plan})
    else:
        number = int(need.subject.rpartition(" ")[2])
    if "begin_support" in need.do:
        story.send(_first(story, need, "begin_support"), {"type": "begin_support", "support": number})
    held = story.case.support.active[number]
    assert story.program.care is not None
    leads = {story.case.custody.lead, *story.case.custody.former}
    attester = next(
        who for who in story.holders(*need.held_by, *story.program.care.supports[held.kind].attest_by)
        if who not in leads and story.staff[who].organization == held.provider
        and story.staff[who].holds(story.program.care.supports[held.kind].attest_by)
    )  # fmt: skip
    for _ in range(held.promised - held.sessions if "attest_session" in need.do else 0):
        story.send(attester, {"type": "attest_session", "support": number})
    story.send(_first(story, need, "complete_support"), {"type": "complete_support", "support": number})


def _close(story: Story, need: Need) -> None:
    """Answer the concern, and have it closed by another person than who leads."""
    number, leads = int(need.subject), {story.case.custody.lead, *story.case.custody.former}
    if "answer_concern" in need.do:
        answering = _first(story, need, "answer_concern")
        story.send(answering, {"type": "answer_concern", "concern": number, "response": note()})
    assert "close_concern" in need.do
    may = story.program.permissions["close_concern"]
    closer = next(who for who in story.holders(*need.held_by) if who not in leads and story.staff[who].holds(may))
    story.send(closer, {"type": "close_concern", "concern": number, "reasons": note()})


def _address(story: Story, need: Need) -> None:
    assert story.program.care is not None
    if "plan_support" in need.do:
        kinds = story.program.care.supports.items()
        _deliver(story, need, next(code for code, kind in kinds if kind.answers == need.subject))
    closer = _first(story, need, "close_need")
    story.send(closer, {"type": "close_need", "need": need.subject, "how": "addressed", "reasons": note()})


def _verify(story: Story, need: Need) -> None:
    rule = story.program.milestones[need.subject]
    holders = story.holders(*need.held_by)
    if "claim_milestone" in need.do:
        claimant = next(who for who in holders if story.staff[who].holds(rule.claim_by))
        pieces = enough_evidence(story.program, need.subject, story.at)
        story.send(claimant, {"type": "claim_milestone", "milestone": need.subject, "evidence": pieces})
    claimed = story.case.milestone.standing[need.subject].claimant
    verifier = next(who for who in holders if who != claimed and story.staff[who].holds(rule.verify_by))
    assert "verify_milestone" in need.do
    story.send(verifier, {"type": "verify_milestone", "milestone": need.subject, "reasons": note()})


def _approve(story: Story, report: GateReport, need: Need) -> None:
    here, panel = story.case.phase.phase, story.program.reviews[need.subject]
    for number, review in list(story.case.review.open.items()):
        transition = story.program.transition(here or "", report.to)
        if review.to != report.to or transition is None:
            continue
        barred = {*involved(story.case, story.program, transition, review.requested_by), *review.recused}
        voted = {who: vote for who, vote in review.votes.items() if who not in barred}
        fresh: list[str] = []
        for seat in sorted(panel.seats, key=lambda seat: seat.role not in panel.must_include):
            free = [who for who in story.holders(seat.role) if who not in barred and who not in voted]
            fresh += free[: seat.people - sum(vote.seat == seat.role for vote in voted.values())]
        again = [who for who, vote in voted.items() if vote.choice == "approve"]
        for voter in (*fresh, *again):
            if story.case.phase.phase != here:
                return
            assert story.staff[voter].holds(need.held_by)
            story.send(voter, {"type": "approve_review", "review": number, "reasons": note()})
