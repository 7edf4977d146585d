"""The part of a definition that says what may be shared with whom, and how long a closed record is kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from workflows.core.calendar import Term
from workflows.core.kinds import Code
from workflows.program.defined import Defined, Text, Title

ExceptionCode = Literal["duty_to_warn", "safeguarding_child", "safeguarding_adult", "court_order"]
"""Why something may be shared without the person's consent: these and no others, in any program."""
AgeGroup = Literal["child", "adult"]
"""Whether the person was a child when referred; a child's record is kept by rules of its own."""
AGE_GROUPS: tuple[AgeGroup, ...] = ("child", "adult")


class Agreement(Defined):
    """A sharing agreement: with whom, for what, which fields at most, and until when. None in force, nothing shared."""

    title: Title
    parties: Annotated[tuple[Code, ...], Field(min_length=1, description="partners")]
    purposes: Annotated[tuple[Code, ...], Field(min_length=1, description="from 'disclosure.purposes'")]
    fields: Annotated[tuple[Code, ...], Field(min_length=1, description="from 'disclosure.fields'; nothing else is shared")]  # fmt: skip
    begins: Annotated[date, Field(description="first day in force")]
    ends: Annotated[date, Field(description="last day in force")]


class DisclosureException(Defined):
    """A ground on which something may be shared without consent: by which law, with which partners, which fields at most."""

    title: Title
    legal_basis: Text
    partners: Annotated[tuple[Code, ...], Field(min_length=1)]
    purposes: Annotated[tuple[Code, ...], Field(min_length=1, description="from 'disclosure.purposes'")]
    fields: Annotated[tuple[Code, ...], Field(min_length=1, description="from 'disclosure.fields'; nothing else is shared")]  # fmt: skip


class Named(Defined):
    """Something that has a title and nothing else."""

    title: Title


class DisclosurePolicy(Defined):
    """What can be shared at all, for what, on which grounds without consent, and how long the person may be left untold."""

    fields: Annotated[dict[Code, Named], Field(min_length=1, description="what can be shared, as coarse as it is asked for")]  # fmt: skip
    purposes: Annotated[dict[Code, Named], Field(min_length=1)]
    exceptions: dict[ExceptionCode, DisclosureException] = {}
    longest_delay: Annotated[Term, Field(description="longest time for which the person may, with reasons, be left untold")]  # fmt: skip


Relation = Literal["any_case", "in_charge", "decides", "access_asked"]
"""How a reader must stand to the case: not at all; leading it or standing in; before an open decision of theirs; while access is asked for."""


class Reading(Defined):
    """A purpose for which a case is read: by which roles, only in which relation to the case, and whether its sealed texts may be opened.

    Whoever may read a case for any purpose may see what stands of it in codes: its history, its standing, its row in a list.
    """

    title: Title
    roles: Annotated[tuple[Code, ...], Field(min_length=1, description="never staff of a partner")]
    only: Annotated[Relation, Field(description="how the reader must stand to the case")] = "in_charge"
    opens: Annotated[
        Literal["texts", "record"], Field(description="texts: sealed texts too; record: only what stands in codes")
    ] = "texts"


class Outcome(Defined):
    """How a case ended, as far as its record's keeping goes."""

    title: Title
    unfounded: Annotated[bool, Field(description="the referral had no ground; its record is kept shortest")] = False


class RetentionClass(Defined):
    """How long the record of a closed case is kept, and how often somebody asks whether that is still necessary."""

    title: Title
    outcomes: Annotated[tuple[Code, ...], Field(min_length=1, description="from 'retention.outcomes'")]
    ages: Annotated[tuple[AgeGroup, ...], Field(min_length=1, description="of whom: child, adult")]
    keep: Annotated[Term, Field(description="how long after closure at most, legal holds apart")]
    review_every: Annotated[Term, Field(description="necessity is reviewed so often")]


class RetentionPolicy(Defined):
    """How long records are kept. Every outcome and age has exactly one class; whoever is not classified yet has the shortest."""

    officer: Annotated[Code, Field(description="role that answers for data protection; alone acts on a sealed record")]
    outcomes: Annotated[dict[Code, Outcome], Field(min_length=1)]
    classes: Annotated[dict[Code, RetentionClass], Field(min_length=1)]
    longest_hold: Annotated[Term, Field(description="longest legal hold; a new one takes new reasons")]

    @property
    def shortest(self) -> str:
        """The class that is kept shortest: the class of a record that nobody has classified yet."""
        return min(self.classes, key=lambda code: self.classes[code].keep.nominal_days)

    def class_of(self, outcome: str, age: AgeGroup) -> str | None:
        """The class for an outcome and an age; None if the definition leaves it out."""
        return next((c for c, kept in self.classes.items() if outcome in kept.outcomes and age in kept.ages), None)
