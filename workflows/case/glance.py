"""Who may look at a case, told from the few facts about it that stand in the read model, so that a list over thousands of cases folds none of them.

What is refused here `workflows.case.reading.look` refuses as well, and what is granted here it grants; where these facts cannot tell, it is asked.
"""

from __future__ import annotations

from typing import NamedTuple

from workflows.case.state import Case
from workflows.core.kinds import Actor
from workflows.program.model import Program


class Glance(NamedTuple):
    """What of a case decides who may look at it.

    in_charge: the person who leads it or stands in for its lead, if there is one.
    sealed: whether its record is sealed, as nobody reviewed in time whether it is still necessary.
    access_asked: whether a request for access to the record is open.
    undecided: whether a review, an adverse act, an appeal or an objection is open.
    """

    in_charge: str | None
    sealed: bool
    access_asked: bool
    undecided: bool


def glance(case: Case) -> Glance:
    """The case at a glance."""
    undecided = (case.review.open, case.adverse.open, case.appeal.open, case.objection.open)
    return Glance(case.custody.in_charge, case.retention.sealed_at is not None, bool(case.access.open), any(undecided))


def opens_sealed(program: Program, actor: Actor) -> bool:
    """Whether `actor` may still look at a record that is sealed: as the officer who reviews whether it is necessary."""
    return program.retention is not None and actor.holds((program.retention.officer,))


def may_look(seen: Glance, program: Program, actor: Actor | None) -> bool | None:
    """Whether `actor` (None: unknown to the staff directory) may look at the case; None where that takes the case itself, as for a member of a panel."""
    if actor is None:
        return False
    if seen.sealed and not opens_sealed(program, actor):
        return False
    relations = {rule.only for rule in program.reading.values() if actor.holds(rule.roles)}
    if "any_case" in relations:
        return True
    if "in_charge" in relations and actor.person == seen.in_charge:
        return True
    if "access_asked" in relations and seen.access_asked:
        return True
    return None if "decides" in relations and seen.undecided else False
