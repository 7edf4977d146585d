"""An exit opens on support that was delivered and attested, on needs that were addressed, and on the referrer who was heard (F1)."""

from tests.case.examples import LEAD, PROVIDER, SUPERVISOR, Story, note, opened, shipped
from tests.case.gates import fulfill, reports
from workflows.case.phase import PhaseEntered
from workflows.case.why import GateReport


def leaving() -> Story:
    """A case of a program whose way out of its first phase asks for support, needs and the referrer."""
    program = shipped("disengagement")
    intake = program.phases["intake"]
    asks = {"support_delivered": True, "needs_addressed": True, "referrer_feedback": True}
    way = intake.transitions[1]
    out = way.model_copy(update={"gate": way.gate.model_copy(update=asks)})
    phases = {**program.phases, "intake": intake.model_copy(update={"transitions": (intake.transitions[0], out)})}
    story = opened()
    story.program = program.model_copy(update={"phases": phases})
    return story


def way_out(story: Story) -> GateReport:
    """What the way out waits for."""
    return next(report for report in reports(story) if report.to == "closed")


def unmet(story: Story) -> list[str]:
    """The conditions of the way out that do not hold, apart from the panel."""
    return [f"{n.condition} {n.subject}" for n in way_out(story).unmet if n.condition not in {"review", "approval"}]


def ghost() -> Story:
    """Six sessions are promised and two needs known, and one session was held."""
    story = leaving()
    for need in ("housing", "identity"):
        story.do(LEAD, "identify_need", need=need, note=note())
    story.do(
        LEAD, "plan_support", kind="mentoring", provider="civil", sessions=6, starts=story.at.isoformat(), agreed=note()
    )
    story.do(LEAD, "begin_support", support=1)
    story.do(PROVIDER, "attest_session", support=1)
    return story


def test_a_ghost_intervention_does_not_leave_the_program() -> None:
    """One session of six, needs unaddressed, nobody asked the referrer: the exit is refused with each of these named, and nothing changes."""
    story = ghost()

    refused = story.refuse("gate_closed", LEAD, "request_review", to="closed", reasons=note(), participant_view=note())
    for missing in ("sessions 1/6", "need housing", "need identity", "referrer_feedback missing"):
        assert missing in refused.why


def test_doing_exactly_what_why_lists_opens_the_way_out() -> None:
    """Each unmet condition names who holds it and by which commands; doing these, and no more, leads out."""
    story = ghost()
    report = way_out(story)
    for need in report.unmet:
        assert need.held_by
        fulfill(story, report, need)

    assert [event.phase for event in story.events(PhaseEntered)] == ["intake", "closed"]


def test_leaving_one_condition_out_keeps_the_way_out_shut() -> None:
    """Whichever listed condition is left undone, the panel cannot be asked."""
    report = way_out(ghost())
    conditions = [need for need in report.unmet if need.condition not in {"review", "approval"}]
    for left in conditions:
        story = ghost()
        for need in conditions:
            if need != left:
                fulfill(story, report, need)
        story.refuse("gate_closed", LEAD, "request_review", to="closed", reasons=note(), participant_view=note())


def test_without_any_support_nothing_was_delivered() -> None:
    """No plan at all is no support delivered, and a plan that ended with a reasoned gap is none either."""
    story = leaving()
    story.do(SUPERVISOR, "record_referrer_feedback", outcome="no_referrer", note=note())
    assert unmet(story) == ["sessions none of any support"]

    story.do(
        LEAD, "plan_support", kind="mentoring", provider="civil", sessions=1, starts=story.at.isoformat(), agreed=note()
    )
    assert unmet(story) == ["sessions 0/1 of support 1"]
    story.do(SUPERVISOR, "end_support", support=1, gap=note())
    assert unmet(story) == ["sessions none of any support"]


def test_the_referrer_is_heard_or_it_is_on_record_why_not() -> None:
    """Not being reached counts as an answer only once somebody records it."""
    story = leaving()
    assert "referrer_feedback missing" in unmet(story)

    story.do(LEAD, "record_referrer_feedback", outcome="not_reached", note=note())
    assert "referrer_feedback missing" not in unmet(story)


def test_the_shipped_exit_asks_for_all_of_it_and_the_early_one_for_none() -> None:
    """Whoever leaves as done leaves with everything delivered; whoever leaves early by own choice is not held back by what the program owes them."""
    phases = shipped("disengagement").phases
    done, early = phases["normalization"].transitions[0].gate, phases["stabilization"].transitions[1].gate

    assert (done.support_delivered, done.needs_addressed, done.referrer_feedback) == (True, True, True)
    assert (early.support_delivered, early.needs_addressed, early.referrer_feedback) == (False, False, False)
