"""Referrals out: the loop is closed, silence returns it to its owner, and providers that wait for each other are put before the panel."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import (
    CHAIR,
    LEAD,
    MONDAY,
    PROVIDER,
    SUPERVISOR,
    Story,
    closed,
    erased,
    note,
    opened,
    person,
)
from tests.case.watched import Watched
from workflows.case.referral import evolve
from workflows.case.referral_form import (
    CircularPreconditionFound,
    ReferralRejected,
    ReferralRequested,
    ReferralReturned,
)
from workflows.case.referring import State, circle
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell
from workflows.program.care import Referrals

CLINICIAN = person("intervention_provider", 3)
"""A person of the health service, in the stories of this page."""
SECOND = "clinic_b"
"""A second provider of treatment, in the stories of this page."""


def consenting(*providers: str) -> Story:
    """A case whose person consented to share with these partners, and whose program knows two clinics."""
    story = opened()
    care = story.program.care
    assert care is not None
    assert care.referrals is not None
    known = {**care.referrals.providers, SECOND: care.referrals.providers["health_service"]}
    rule = Referrals(providers=known, purpose="referral", longest=care.referrals.longest, without_consent=(SECOND,))
    story.program = story.program.model_copy(update={"care": care.model_copy(update={"referrals": rule})})
    story.staff[CLINICIAN] = story.staff[CLINICIAN].model_copy(update={"organization": "health_service"})
    for provider in providers or ("housing_office", "health_service"):
        consent(story, provider)
    return story


def consent(story: Story, provider: str, **more: str) -> None:
    """Consent to share with the provider."""
    story.do(
        LEAD, "give_consent", scope=f"share:{provider}", form_version="form_1", language="en", explained_by=LEAD, capacity_judged_by=LEAD,
        **more,
    )  # fmt: skip


KINDS = {
    "mental_health": "mental_health",
    "substance_use": "substance_use",
    "housing": "housing",
    "health": "primary_health",
}
PROVIDERS = {"housing": "housing_office"}


def referred(story: Story, need: str = "mental_health", provider: str | None = None) -> int:
    """The number of a new referral for the need, which is put on record if it was not."""
    if need not in story.case.support.needs:
        story.do(LEAD, "identify_need", need=need, note=note())
    number = story.case.referral.number + 1
    to = provider or PROVIDERS.get(need, "health_service")
    story.do(LEAD, "request_referral", need=need, kind=KINDS[need], provider=to, agreed=note())
    return number


def rejected(story: Story, number: int, needs: str | None = None) -> None:
    """The provider rejects it, as the lead records."""
    story.do(LEAD, "reject_referral", referral=number, reasons=note(), **({"needs": needs} if needs else {}))


def in_a_circle() -> Story:
    """Treatment wants housing first, and housing wants treatment first (Reading)."""
    story = consenting()
    clinic, housing = referred(story), referred(story, "housing")
    rejected(story, clinic, "housing")
    rejected(story, housing, "mental_health")
    return story


def test_a_reply_is_owed_and_its_silence_returns_the_referral() -> None:
    """Whom nobody answers is told of in time, gets the referral back, and owes another way from that instant."""
    story = consenting()
    number = referred(story)
    assert story.owed("referral_reply") == [f"referral_reply/{number}"]
    story.later(days=20)

    (fell,) = [e for e in story.events(SilenceFell) if e.kind == "referral_reply"]
    told = {e.tell for e in story.events(ObligationEscalated) if e.kind == "referral_reply"}
    assert fell.outcome == "returns_to_owner"
    assert told == {"lead_practitioner", "supervisor"}
    assert [e.because for e in story.events(ReferralReturned)] == ["silence"]
    assert story.owed("referral_reply") == []
    (key,) = story.owed("referral_alternative")
    assert story.case.obligations[key].holder == LEAD


def test_another_way_escalates_until_another_provider_is_asked() -> None:
    """Asking the same silent provider again is no other way; asking another one is."""
    story = consenting()
    number = referred(story)
    story.later(days=60)

    told = [e.tell for e in story.events(ObligationEscalated) if e.kind == "referral_alternative"]
    assert {"supervisor", "panel_chair"} <= {*told}
    again = {"need": "mental_health", "kind": "mental_health", "agreed": note()}
    story.refuse("referral_open_already", LEAD, "request_referral", provider="health_service", **again)
    story.do(LEAD, "request_referral", provider=SECOND, **again)
    assert story.owed("referral_alternative") == []
    assert [*story.case.referral.open] == [number + 1]


def test_a_late_reply_counts() -> None:
    """A provider that answers after the silence is heard, and no other way is owed any more."""
    story = consenting()
    number = referred(story)
    story.later(days=30)
    story.do(LEAD, "accept_referral", referral=number)

    assert story.owed("referral_alternative") == []
    assert story.owed("referral_progress") == [f"referral_progress/{number}"]


def test_no_other_way_is_reasoned_by_another_person_than_the_lead() -> None:
    """That no provider can be found is judged by somebody else, once the referral is back; the need stays open."""
    story = consenting()
    number = referred(story)

    story.refuse("not_returned", SUPERVISOR, "rule_out_alternative", referral=number, reasons=note())
    story.later(days=30)
    story.refuse("not_independent", LEAD, "rule_out_alternative", referral=number, reasons=note())
    story.do(SUPERVISOR, "rule_out_alternative", referral=number, reasons=note())
    assert story.owed("referral_alternative") == []
    assert story.case.support.needs == ("mental_health",)


def test_a_referral_is_no_receipt() -> None:
    """Accepted and begun it is still owed its result, and only a person of the provider attests that it was received."""
    story = consenting()
    number = referred(story)
    story.refuse("referral_stage", LEAD, "begin_referral", referral=number, expected=MONDAY.isoformat())
    story.do(CLINICIAN, "accept_referral", referral=number)
    assert story.owed("referral_progress") == [f"referral_progress/{number}"]
    expected = (story.at + timedelta(days=30)).isoformat()
    story.do(CLINICIAN, "begin_referral", referral=number, expected=expected)
    assert story.owed("referral_progress") == []
    assert story.due("referral_outcome") == story.at + timedelta(days=30)

    story.refuse("not_the_provider", PROVIDER, "complete_referral", referral=number, output=note())
    story.refuse("need_unserved", LEAD, "close_need", need="mental_health", how="addressed", reasons=note())
    story.do(CLINICIAN, "complete_referral", referral=number, output=note())
    assert story.case.referral.open == {}
    story.do(LEAD, "close_need", need="mental_health", how="addressed", reasons=note())


def test_what_was_accepted_and_never_begins_escalates() -> None:
    """A provider that takes somebody on and does not begin is seen."""
    story = consenting()
    number = referred(story)
    story.do(LEAD, "accept_referral", referral=number)
    story.later(days=60)

    assert "supervisor" in {e.tell for e in story.events(ObligationEscalated) if e.kind == "referral_progress"}
    assert story.case.referral.open[number].status == "accepted"


def test_who_answers_for_a_provider() -> None:
    """Whoever refers records what a provider says; its own people answer for it, and those of another do not; neither attests for it."""
    story = consenting()
    number = referred(story)
    story.refuse("not_the_provider", PROVIDER, "accept_referral", referral=number)
    story.do(SUPERVISOR, "accept_referral", referral=number)
    story.staff[SUPERVISOR] = story.staff[SUPERVISOR].model_copy(update={"roles": ("supervisor", "intervention_provider")})  # fmt: skip
    story.refuse("not_attested_by_provider", SUPERVISOR, "complete_referral", referral=number, output=note())


def test_whoever_leads_the_case_attests_no_receipt() -> None:
    """A lead who is also a person of the provider does not attest what they referred themself."""
    story = consenting()
    number = referred(story)
    story.do(LEAD, "accept_referral", referral=number)
    story.staff[LEAD] = story.staff[LEAD].model_copy(
        update={"roles": ("lead_practitioner", "intervention_provider"), "organization": "health_service"}
    )

    story.refuse("not_independent", LEAD, "complete_referral", referral=number, output=note())


@pytest.mark.parametrize("command", ["fail_referral", "cancel_referral"])
def test_what_does_not_come_about_leaves_another_way_owed(command: str) -> None:
    """A referral that fails, or is taken back, leaves the need open and another way owed."""
    story = consenting()
    number = referred(story)
    story.do(LEAD, "accept_referral", referral=number)
    story.do(LEAD, command, referral=number, reasons=note())

    assert story.owed("referral_alternative") == [f"referral_alternative/{number}"]
    story.refuse("referral_stage", LEAD, command, referral=number, reasons=note())


def test_a_second_way_stands_for_both() -> None:
    """Where another provider is asked for the same need already, a rejection leaves nothing more owed than its reply."""
    story = consenting()
    first = referred(story)
    second = referred(story, provider=SECOND)
    rejected(story, first)

    assert [*story.case.referral.open] == [second]
    assert story.owed("referral_alternative") == []


def test_a_need_that_is_closed_asks_for_no_other_way() -> None:
    """Once the need is judged to be wanted no more, nothing is owed for what came back; open again, it is."""
    story = consenting()
    number = referred(story)
    rejected(story, number)
    story.do(SUPERVISOR, "close_need", need="mental_health", how="not_wanted", reasons=note())
    assert story.owed("referral_alternative") == []
    story.do(LEAD, "identify_need", need="mental_health", note=note())

    assert story.owed("referral_alternative") == [f"referral_alternative/{number}"]


def test_nobody_is_referred_without_consent_to_share_for_it() -> None:
    """Without consent to share, or with one for another purpose, nothing goes to the provider; where the definition asks for none, it does."""
    story = consenting("housing_office")
    story.do(LEAD, "identify_need", need="mental_health", note=note())
    asked_for = {"need": "mental_health", "kind": "mental_health", "agreed": note()}
    story.refuse("no_consent_to_share", LEAD, "request_referral", provider="health_service", **asked_for)
    consent(story, "health_service", purpose="joint_work")
    story.refuse("no_consent_to_share", LEAD, "request_referral", provider="health_service", **asked_for)

    story.do(LEAD, "request_referral", provider=SECOND, **asked_for)


def test_a_withdrawal_takes_back_what_nobody_took_on_yet() -> None:
    """Whoever withdraws consent to share stops what still waits there; what the provider took on is the person's own and goes on."""
    story = consenting()
    waits, taken = referred(story), referred(story, "substance_use")
    story.do(LEAD, "accept_referral", referral=taken)
    story.do(LEAD, "withdraw_consent", scope="share:health_service")

    assert [(e.referral, e.because) for e in story.events(ReferralReturned)] == [(waits, "no_consent")]
    assert story.case.referral.open[taken].status == "accepted"
    assert story.owed("referral_alternative") == [f"referral_alternative/{waits}"]
    story.refuse("referral_stage", LEAD, "accept_referral", referral=waits)
    consent(story, "health_service")
    story.do(LEAD, "request_referral", need="mental_health", kind="mental_health", provider="health_service", agreed=note())  # fmt: skip


def test_sharing_that_ends_by_silence_takes_back_what_waits() -> None:
    """A consent to share that nobody renews ends, and with it what still waits for a reply; the owner has it back."""
    story = consenting()
    story.later(days=175)
    number = referred(story)
    story.later(days=12)

    assert [(e.referral, e.because) for e in story.events(ReferralReturned)] == [(number, "no_consent")]


def test_whoever_knows_of_the_person_by_a_referral_is_told_of_the_erasure() -> None:
    """After the erasure each provider that was asked is owed word of it, once; one that learned nothing of the case is not."""
    story = consenting()
    for provider in ("health_service", SECOND):
        referred(story, provider=provider)
    referred(story, "housing")
    story = erased(closed(story))

    assert {*story.owed("tell_provider")} == {"tell_provider/health_service", "tell_provider/housing_office"}
    story.refuse("nothing_to_tell", LEAD, "record_provider_told", provider=SECOND, proof=note())
    story.do(LEAD, "record_provider_told", provider="health_service", proof=note())
    assert story.owed("tell_provider") == ["tell_provider/housing_office"]


def test_an_open_need_is_owed_an_answer() -> None:
    """A need that nobody answers is owed an answer by the lead, climbs to the panel's chair, and is met by a plan, a referral, or a reasoned end."""
    story = consenting()
    for need in ("mental_health", "housing", "identity"):
        story.do(LEAD, "identify_need", need=need, note=note())
    assert len(story.owed("need_answer")) == 3
    story.later(days=60)
    told = {e.tell for e in story.events(ObligationEscalated) if e.kind == "need_answer"}
    assert {"supervisor", "panel_chair"} <= told

    referred(story)
    story.do(LEAD, "plan_support", kind="mentoring", provider="civil", sessions=1, starts=story.at.isoformat(), agreed=note())  # fmt: skip
    story.do(SUPERVISOR, "close_need", need="housing", how="met_elsewhere", reasons=note())
    assert story.owed("need_answer") == []
    assert {e.how for e in story.events(ObligationClosed) if e.kind == "need_answer"} == {"met"}


def test_a_need_is_owed_an_answer_again_when_what_was_given_ends() -> None:
    """Where support ends, or no other provider is found, or every session was held, the open need is owed an answer again, from then on."""
    story = consenting()
    story.do(LEAD, "identify_need", need="identity", note=note())
    for number in (1, 2):
        story.do(LEAD, "plan_support", kind="mentoring", provider="civil", sessions=1, starts=story.at.isoformat(), agreed=note())  # fmt: skip
        story.do(LEAD, "begin_support", support=number)
        story.later(days=2)
        if number == 1:
            story.do(SUPERVISOR, "end_support", support=1, gap=note())
        else:
            story.do(PROVIDER, "attest_session", support=2)
        assert story.owed("need_answer") == ["need_answer/identity"]
        assert story.due("need_answer") > story.at + timedelta(days=10)
    number = referred(story)
    story.later(days=20)
    story.do(SUPERVISOR, "rule_out_alternative", referral=number, reasons=note())
    assert "need_answer/mental_health" in story.owed("need_answer")


def test_a_referral_is_for_an_open_need_and_whom_the_definition_asks() -> None:
    """Need, support, provider and plan fit together, or the referral is refused with what would."""
    story = consenting()
    asked_for = {"kind": "mental_health", "provider": "health_service", "agreed": note()}
    story.refuse("no_such_need", LEAD, "request_referral", need="mental_health", **asked_for)
    story.do(LEAD, "identify_need", need="mental_health", note=note())
    story.refuse("answers_another_need", LEAD, "request_referral", need="mental_health", **{**asked_for, "kind": "housing"})  # fmt: skip
    story.refuse("not_referred_to", LEAD, "request_referral", need="mental_health", **{**asked_for, "provider": "housing_office"})  # fmt: skip
    story.refuse("no_such_support", LEAD, "request_referral", need="mental_health", support=1, **asked_for)
    for provider in ("civil", "health_service"):
        plan = {"kind": "mental_health", "provider": provider, "sessions": 3, "starts": story.at.isoformat()}
        story.do(LEAD, "plan_support", agreed=note(), **plan)
    story.refuse("support_mismatch", LEAD, "request_referral", need="mental_health", support=1, **asked_for)
    story.do(LEAD, "request_referral", need="mental_health", support=2, **asked_for)
    story.refuse("no_such_referral", LEAD, "accept_referral", referral=7)


def test_a_referral_for_a_plan_is_served_by_the_sessions_of_the_plan() -> None:
    """Completing the referral of a planned support addresses no need: its sessions do."""
    story = consenting()
    story.do(LEAD, "identify_need", need="mental_health", note=note())
    story.do(LEAD, "plan_support", kind="mental_health", provider="health_service", sessions=3, starts=story.at.isoformat(), agreed=note())  # fmt: skip
    story.do(LEAD, "request_referral", need="mental_health", kind="mental_health", provider="health_service", support=1, agreed=note())  # fmt: skip
    story.do(LEAD, "accept_referral", referral=1)
    story.do(CLINICIAN, "complete_referral", referral=1, output=note())

    story.refuse("need_unserved", LEAD, "close_need", need="mental_health", how="addressed", reasons=note())


def test_a_result_is_expected_in_time() -> None:
    """The end that a provider expects lies ahead, and within what the definition allows."""
    story = consenting()
    number = referred(story)
    story.do(LEAD, "accept_referral", referral=number)
    for code, days in (("expected_in_past", -1), ("expected_too_late", 400)):
        expected = (story.at + timedelta(days=days)).isoformat()
        story.refuse(code, LEAD, "begin_referral", referral=number, expected=expected)


def test_whoever_rejected_is_asked_again_once_the_precondition_is_met() -> None:
    """A provider that wants another need met first is asked again when that one is being met; one that said no without a reason to wait is not."""
    story = consenting()
    number = referred(story)
    rejected(story, number, "housing")
    again = {"need": "mental_health", "kind": "mental_health", "provider": "health_service", "agreed": note()}
    story.refuse("precondition_stands", LEAD, "request_referral", **again)
    story.do(LEAD, "plan_support", kind="housing", provider="civil", sessions=2, starts=story.at.isoformat(), agreed=note())  # fmt: skip
    story.refuse("precondition_stands", LEAD, "request_referral", **again)
    story.do(LEAD, "begin_support", support=1)
    story.do(LEAD, "request_referral", **again)
    rejected(story, number + 1)
    story.refuse("provider_declined", LEAD, "request_referral", **again)
    story.refuse("unknown_need", LEAD, "reject_referral", referral=referred(story, "housing"), needs="obedience", reasons=note())  # fmt: skip


def test_a_circle_is_put_before_the_panel_once() -> None:
    """Treatment waits for housing and housing for treatment: the chair owes a way out, once, until one is recorded (F5)."""
    story = in_a_circle()
    story.later(days=90)

    (found,) = story.events(CircularPreconditionFound)
    assert {*found.needs} == {"mental_health", "housing"}
    assert story.owed("circular_precondition") == ["circular_precondition/1"]
    told = {e.tell for e in story.events(ObligationEscalated) if e.kind == "circular_precondition"}
    assert told == {"panel_chair", "program_director"}


def test_a_chair_records_who_waives_what_and_the_person_is_referred_again() -> None:
    """While the circle holds, breaking it takes a waiver of one of its preconditions; the provider that waives is asked again in the same step."""
    story = in_a_circle()
    story.refuse("no_such_circle", CHAIR, "break_circle", circle=2, reasons=note())
    story.refuse("waiver_missing", CHAIR, "break_circle", circle=1, reasons=note())
    story.refuse("waiver_missing", CHAIR, "break_circle", circle=1, reasons=note(), waived=9, waived_by="health_service")  # fmt: skip
    story.do(CHAIR, "break_circle", circle=1, reasons=note(), waived=1, waived_by="health_service")

    assert story.owed("circular_precondition") == []
    assert (story.case.referral.open[3].provider, story.case.referral.open[3].status) == ("health_service", "requested")
    assert story.owed("referral_reply") == ["referral_reply/3"]


def test_a_waiver_without_consent_leaves_the_referral_with_its_owner() -> None:
    """Where the person no longer consents to share there, nothing is sent, and the lead owes another way."""
    story = in_a_circle()
    story.do(LEAD, "withdraw_consent", scope="share:health_service")
    story.do(CHAIR, "break_circle", circle=1, reasons=note(), waived=1, waived_by="health_service")

    assert story.case.referral.open[1].because == "waived"
    assert "referral_alternative/1" in story.owed("referral_alternative")
    consent(story, "health_service")
    referred(story)
    assert story.case.referral.circles == {}


def test_a_circle_that_holds_no_more_is_still_answered_by_the_chair() -> None:
    """Another clinic takes the person: no precondition is left to waive, and the chair says how it was broken."""
    story = in_a_circle()
    referred(story, provider=SECOND)

    assert story.owed("circular_precondition") == ["circular_precondition/1"]
    story.refuse("nothing_to_waive", CHAIR, "break_circle", circle=1, reasons=note(), waived=1, waived_by="city")
    story.do(CHAIR, "break_circle", circle=1, reasons=note())
    assert story.owed("circular_precondition") == []


def test_a_chair_who_led_the_case_breaks_no_circle_in_it() -> None:
    """Whoever led the case does not decide on its circles."""
    story = in_a_circle()
    story.staff[LEAD] = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "panel_chair")})

    story.refuse("not_independent", LEAD, "break_circle", circle=1, reasons=note())


def test_a_provider_may_wait_for_what_it_is_to_give() -> None:
    """A clinic that treats only whoever is stable already waits for itself: that is a circle too."""
    story = consenting()
    rejected(story, referred(story), "mental_health")

    (found,) = story.events(CircularPreconditionFound)
    assert found.needs == ("mental_health",)


NEEDS = ("mental_health", "substance_use", "housing", "health")


@given(arrows=st.lists(st.tuples(st.sampled_from(NEEDS), st.sampled_from(NEEDS)), max_size=8))
def test_a_circle_is_found_exactly_where_there_is_one(arrows: list[tuple[str, str]]) -> None:
    """Whatever providers wait for: the circles before the panel are the circles among what waits, and each is there once."""
    story = consenting()
    waits: dict[str, str] = {}
    expected: set[frozenset[str]] = set()
    for need, wanted in arrows:
        if need in waits:
            continue
        rejected(story, referred(story, need), wanted)
        waits[need] = wanted
        around = _around(waits, need)
        expected |= {around} if around else set()
    found = [frozenset(event.needs) for event in story.events(CircularPreconditionFound)]

    assert len(found) == len(set(found))
    assert set(found) == expected
    assert len(story.owed("circular_precondition")) == len(expected)


def _around(waits: dict[str, str], start: str) -> frozenset[str]:
    """The needs on the way from `start` back to it; empty if there is no way back."""
    passed, here = {start}, waits.get(start)
    while here is not None and here not in passed:
        passed.add(here)
        here = waits.get(here)
    return frozenset(passed) if here == start else frozenset()


@given(order=st.permutations(range(12)))
def test_a_circle_of_any_length_is_found(order: list[int]) -> None:
    """Twelve providers that each wait for the next are one circle, in whatever order they say so; eleven are none."""
    state = State()
    for number in order:
        asked = ReferralRequested(referral=number + 1, need=f"need_{number}", kind="any", provider="any")
        state = evolve(state, asked, MONDAY)
    for place, number in enumerate(order, start=1):
        said = ReferralRejected(referral=number + 1, reasons=note(), needs=f"need_{(number + 1) % 12}", by="lena")
        state = evolve(state, said, MONDAY)
        assert len(circle(state, number + 1)) == (12 if place == 12 else 0)


def test_no_open_referral_is_ever_without_a_next_step() -> None:
    """From the first request to the end, each has exactly one next step and an owner, over a year of silence too."""
    story = Watched.after(in_a_circle())
    story.later(days=400)

    assert {*story.case.referral.open} == {1, 2}
    assert len(story.owed("referral_alternative")) == 2
