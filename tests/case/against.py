"""Acts against the participant's wish, step by step, as the stories need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    all_told,
    approved,
    asked,
    note,
    opened,
    person,
)
from workflows.case.adverse import HearingOpened
from workflows.case.appeal import AppealWindowOpened

DECIDERS = (CHAIR, COMMUNITY, MEMBERS[0])
OTHERS = (MEMBERS[1], MEMBERS[2], person("program_director"))
"""Three who decide, and three others for the appeal."""
GROUNDS = {"reasons": note(11), "necessity": note(12), "nothing_milder": note(13)}


def in_stabilization() -> Story:
    """A story whose case came to stabilization, of which the person was told."""
    story = opened()
    approved(story, asked(story), CHAIR, COMMUNITY, MEMBERS[0], MEMBERS[1])
    return all_told(story)


def proposed(story: Story, kind: str = "step_back", subject: str = "intake", **fields: Any) -> int:
    """The number of an act that is proposed now."""
    number = story.case.adverse.next_number
    story.do(LEAD, "propose_adverse_act", kind=kind, subject=subject, **{**GROUNDS, **fields})
    return number


def notice_number(story: Story, about: str) -> int:
    """The number of the notice about this that the person is owed."""
    return next(number for number, one in story.case.service.owed.items() if one.about == about)


def served(story: Story, about: str) -> Story:
    """The story with the notice about this served on the person now."""
    number = notice_number(story, about)
    story.do(SUPERVISOR, "record_service", notice=number, how="in_person", language="de", proof=note(14))
    return story


def heard(story: Story) -> Story:
    """The story at the end of the hearing of its newest proposal, which is served now."""
    served(story, "act_proposed")
    return story.until(story.events(HearingOpened)[-1].until)


def voted(story: Story, number: int, choice: str = "uphold", *, by: tuple[str, ...] = DECIDERS) -> Story:
    """The story with these votes on the act."""
    for who in by:
        story.do(who, "decide_adverse_act", act=number, choice=choice, reasons=note(15))
    return story


def upheld(story: Story, kind: str = "step_back", subject: str = "intake", **fields: Any) -> int:
    """The number of an act that was proposed, served, heard and upheld."""
    number = proposed(story, kind, subject, **fields)
    heard(story)
    voted(story, number)
    return number


def appealable(story: Story, kind: str = "step_back", subject: str = "intake", **fields: Any) -> int:
    """The number of an upheld act whose decision is served now."""
    number = upheld(story, kind, subject, **fields)
    served(story, "act_upheld")
    return number


def window_end(story: Story) -> datetime:
    """When the newest time to appeal ends."""
    return story.events(AppealWindowOpened)[-1].until


def appeal_voted(story: Story, number: int, choice: str, *, by: tuple[str, ...] = OTHERS) -> Story:
    """The story with these votes on the appeal."""
    for who in by:
        story.do(who, "decide_appeal", act=number, choice=choice, reasons=note(16))
    return story


def carried_out(story: Story, kind: str = "step_back", subject: str = "intake", **fields: Any) -> int:
    """The number of an act that nobody appealed and that is carried out."""
    number = appealable(story, kind, subject, **fields)
    story.until(window_end(story))
    story.do(SUPERVISOR, "carry_out_adverse_act", act=number)
    return number


A_MINUTE = timedelta(minutes=1)


def curfew(story: Story, **changes: Any) -> dict[str, Any]:
    """A whole proposal of a curfew, with a basis issued an hour ago, changed; None leaves a field out."""
    whole = {
        "kind": "curfew", "reasons": note(1), "legal_basis": "court_order", "basis_issued_at": (story.at - timedelta(hours=1)).isoformat(),
        "necessity": note(2), "nothing_milder": note(3), "scope": note(4), "lasts": "2 months", "review_every": "3 weeks",
        **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def carried(story: Story, act: int) -> Story:
    """The story in which the act was served, heard, upheld, served again, not appealed, and carried out."""
    heard(story)
    voted(story, act)
    served(story, "act_upheld")
    story.until(window_end(story))
    story.do(SUPERVISOR, "carry_out_adverse_act", act=act)
    return story


def under_curfew(**changes: Any) -> Story:
    """A story with a curfew of two months in force from now."""
    story = in_stabilization()
    story.do(LEAD, "propose_measure", **curfew(story, **changes))
    return carried(story, 1)
