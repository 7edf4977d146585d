"""Who may open which sealed text of a case, and what for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.against import in_stabilization, proposed, served, upheld
from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    asked,
    erased,
    note,
    opened,
    person,
)
from tests.case.starts import STARTS, begun
from workflows.case.custody_form import AbsenceBegan
from workflows.case.glance import glance, may_look
from workflows.case.reading import Permit, look, permit, require_opened, require_whole, texts
from workflows.core.refusal import Refused
from workflows.program.model import Program

OFFICER = person("data_protection_officer")


def read(story: Story, who: str, purpose: str) -> Permit:
    """The permit of a reading now."""
    return permit(story.case, story.program, actor=story.staff.get(who), purpose=purpose)


def refused(story: Story, who: str, purpose: str) -> str:
    """The code with which a reading is refused now; its cure says something to do."""
    with pytest.raises(Refused) as caught:
        read(story, who, purpose)
    assert len(caught.value.cure.split()) > 1
    return caught.value.code


def turned_away(story: Story, who: str, *, program: Program | None) -> str:
    """The code with which a look at what stands in codes is refused now."""
    with pytest.raises(Refused) as caught:
        look(story.case, program, actor=story.staff.get(who))
    assert len(caught.value.cure.split()) > 1
    return caught.value.code


def opens(story: Story, permitted: Permit) -> set[str]:
    """The texts that a permit opens."""
    return set(texts((event for told in story.told for event in told.events), permitted))


def test_whoever_is_in_charge_reads_their_own_case_and_no_other_lead_does() -> None:
    """Lead practitioners read the case that is theirs: the same role is not enough."""
    story = opened()

    assert read(story, LEAD, "case_work").only is None
    assert refused(story, person("lead_practitioner", 2), "case_work") == "not_in_charge"


def test_while_the_lead_is_absent_the_deputy_reads_and_the_lead_does_not() -> None:
    """Reading goes with being in charge, at every instant."""
    story, deputy = opened(), person("lead_practitioner", 2)
    until = (story.at.replace(day=20)).isoformat()
    (began, *_) = story.do(SUPERVISOR, "begin_absence", deputy=deputy, until=until, agreed=note(1))

    assert isinstance(began, AbsenceBegan)
    assert read(story, deputy, "case_work")
    assert refused(story, LEAD, "case_work") == "not_in_charge"


def test_a_panel_reads_what_it_decides_on_while_it_decides() -> None:
    """Members read the request and the evidence of the gate, nothing else, and nothing once it is decided."""
    story = opened()
    assert refused(story, CHAIR, "decision") == "nothing_to_decide"
    story.do(LEAD, "identify_need", need="housing", note=note(77))
    number = asked(story)
    request = next(event for told in story.told for event in told.events if event.type == "review_requested")  # type: ignore[attr-defined]

    permitted = read(story, CHAIR, "decision")
    readable = opens(story, permitted)
    with pytest.raises(Refused, match="not_of_the_decision"):
        require_opened(permitted, note(77), [told.events[0] for told in story.told if note(77) in texts(told.events)])
    assert set(texts((request,))) <= readable
    assert note(77) not in readable
    assert note(77) in opens(story, read(story, SUPERVISOR, "supervision"))
    for member in (CHAIR, COMMUNITY, *MEMBERS[:2]):
        story.do(member, "approve_review", review=number, reasons=note(5))
    assert refused(story, CHAIR, "decision") == "nothing_to_decide"


def test_whoever_is_recused_reads_no_more() -> None:
    """A member who steps back from a review has no reason to read on."""
    story = opened()
    number = asked(story)
    assert read(story, MEMBERS[2], "decision")
    story.do(MEMBERS[2], "recuse_from_review", review=number, reasons=note(5))

    assert refused(story, MEMBERS[2], "decision") == "nothing_to_decide"


def test_an_act_is_read_by_those_who_may_decide_on_it() -> None:
    """A proposed act opens its texts to the panel, an upheld one to nobody until it is appealed."""
    story = in_stabilization()
    number = proposed(story)
    served(story, "act_proposed")
    assert f"act/{number}" in (read(story, MEMBERS[3], "decision").only or ())
    again = in_stabilization()
    upheld(again)

    assert refused(again, MEMBERS[3], "decision") == "nothing_to_decide"


def test_access_is_read_for_while_it_is_asked_for() -> None:
    """The officer and the advocate read for the person who asked, until the answer is given."""
    story = opened()
    for who, purpose in ((OFFICER, "access_request"), (ADVOCATE, "advocacy")):
        assert refused(story, who, purpose) == "no_access_asked"
    story.do(ADVOCATE, "request_access", note=note(3))

    assert read(story, OFFICER, "access_request").only is None
    assert read(story, ADVOCATE, "advocacy").only is None


def test_what_relatives_said_for_themselves_is_not_handed_to_the_person() -> None:
    """Who reads for the person's access opens no word of a relative who has not agreed to it; the work on the case goes on as before."""
    story, theirs = opened(), note(71)
    story.do(LEAD, "add_related_person", kind="parent", identity=note(70), origin="came_themselves")
    story.do(SUPERVISOR, "request_relative_support", relative=1, need=theirs)
    story.do(SUPERVISOR, "request_access")
    permitted, behind = read(story, OFFICER, "access_request"), [event for told in story.told for event in told.events]
    hers = [event for event in behind if theirs in texts((event,))]

    assert not {note(70), theirs} & opens(story, permitted)
    with pytest.raises(Refused, match="belongs_to_a_relative"):
        require_opened(permitted, theirs, hers)
    assert theirs in opens(story, read(story, LEAD, "case_work"))

    consent = {"form_version": "k1", "language": "de", "explained_by": LEAD}
    story.do(LEAD, "give_relative_consent", relative=1, scope="mention", **consent)
    require_opened(read(story, OFFICER, "access_request"), theirs, hers)


def test_nobody_else_reads() -> None:
    """Strangers, roles that no purpose names, staff of partners, and purposes that nobody defined are refused."""
    story = opened()

    assert refused(story, "nobody", "supervision") == "unknown_person"
    assert refused(story, person("police_liaison"), "supervision") == "not_authorized"
    assert refused(story, SUPERVISOR, "curiosity") == "unknown_purpose"


def test_a_sealed_record_is_read_by_the_officer_alone_and_an_erased_one_by_nobody() -> None:
    """Once nobody reviewed in time whether a record is necessary, operators read it no more."""
    story = begun("closed")
    story.do(SUPERVISOR, "classify_record", outcome="completed", age="adult")
    story.later(days=400)
    assert story.case.retention.sealed_at is not None
    assert refused(story, SUPERVISOR, "supervision") == "record_sealed"
    assert read(story, OFFICER, "retention_review")
    retention = story.case.retention.model_copy(update={"erased_at": story.at})
    case = story.case.model_copy(update={"retention": retention})

    with pytest.raises(Refused, match="record_erased"):
        permit(case, story.program, actor=story.staff[OFFICER], purpose="retention_review")


def test_a_part_of_a_case_is_not_the_whole() -> None:
    """What can only be shown whole is shown to whoever reads the whole case: not to who decides on something, nor to who answers the person's own request."""
    story = opened()
    require_whole(read(story, LEAD, "case_work"))
    require_whole(read(story, SUPERVISOR, "supervision"))
    asked(story, "stabilization")
    story.do(ADVOCATE, "request_access", note=note(3))
    for who, purpose in ((CHAIR, "decision"), (OFFICER, "access_request")):
        with pytest.raises(Refused, match="not_the_whole_case") as caught:
            require_whole(read(story, who, purpose))
        assert len(caught.value.cure.split()) > 1


@given(data=st.data())
def test_no_partner_ever_reads(data: Any) -> None:
    """Whatever state a case is in, nobody of a partner opens a text for any purpose of either program."""
    story = begun(data.draw(st.sampled_from(sorted(STARTS))))
    partners = [code for code, role in story.program.roles.items() if role.partner is not None]
    who = person(data.draw(st.sampled_from(partners)))
    purpose = data.draw(st.sampled_from(sorted(story.program.reading)))

    with pytest.raises(Refused):
        read(story, who, purpose)


def test_whoever_may_read_a_case_for_any_purpose_may_look_at_it() -> None:
    """What stands in codes is seen by the lead, a supervisor, an auditor and the officer for data protection; by a panel as long as it decides, and by nobody else."""
    story = opened()
    seen = {who: look(story.case, story.program, actor=story.staff[who]) for who in (LEAD, SUPERVISOR, person("auditor"), OFFICER)}  # fmt: skip

    assert seen == {LEAD: "case_work", SUPERVISOR: "supervision", person("auditor"): "oversight", OFFICER: "retention_review"}  # fmt: skip
    assert turned_away(story, person("lead_practitioner", 2), program=story.program) == "not_in_charge"
    assert turned_away(story, person("intervention_provider"), program=story.program) == "not_authorized"
    assert turned_away(story, "stranger", program=story.program) == "unknown_person"
    assert turned_away(story, ADVOCATE, program=story.program) == "no_access_asked"
    assert turned_away(story, CHAIR, program=story.program) == "nothing_to_decide"
    asked(story, "closed")
    assert look(story.case, story.program, actor=story.staff[CHAIR]) == "decision"


def test_a_case_without_a_program_is_looked_at_by_nobody_who_says_who_they_are() -> None:
    """Where an opening was refused no definition says who may look."""
    assert turned_away(opened(), SUPERVISOR, program=None) == "never_opened"


def test_an_auditor_looks_and_opens_no_text() -> None:
    """A purpose that opens the record alone opens no sealed text, not even to somebody who may look at every case."""
    assert refused(opened(), person("auditor"), "oversight") == "record_only"


def test_a_sealed_record_is_looked_at_by_its_officer_alone() -> None:
    """A record that nobody reviewed in time is closed to operators and auditors, also in codes."""
    story = begun("closed")
    story.do(SUPERVISOR, "classify_record", outcome="completed", age="adult")
    story.later(days=400)

    assert look(story.case, story.program, actor=story.staff[OFFICER]) == "access_request"
    assert turned_away(story, person("auditor"), program=story.program) == "record_sealed"


def test_the_end_of_an_erasure_can_be_watched() -> None:
    """Between the decision to erase and the end of the key, whoever watches over rights sees that recipients are told; no text is opened any more."""
    story = erased(begun("closed"))

    assert look(story.case, story.program, actor=story.staff[OFFICER]) == "access_request"
    assert refused(story, OFFICER, "retention_review") == "record_erased"


@pytest.mark.parametrize("name", STARTS)
def test_a_glance_tells_what_a_look_at_the_case_tells(name: str) -> None:
    """Whoever may look by the few facts of the read model may look by the case, and whoever may not may not, now and after a year of silence; only of what is open before a panel it is silent."""
    begun = STARTS[name]()
    if not begun.case.opened:
        return
    for story in (begun, begun.later(days=370)):
        seen = glance(story.case)
        for actor in (*story.staff.values(), None):
            told = may_look(seen, story.program, actor)
            try:
                look(story.case, story.program, actor=actor)
                may = True
            except Refused:
                may = False
            assert told in {may, None}, actor
            assert told is not None or seen.undecided
