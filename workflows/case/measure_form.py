"""Measures, as they are asked for: the commands, and what a proposal must state before anybody is asked to decide on it.

What is missing is refused by its name (F7 measure without basis or end: "release dependent on the judgement of the camp administration").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Code, Command, Instant, NoteRef
from workflows.core.refusal import Refused, listed
from workflows.program.model import MeasureKind

MeasureNumber = Annotated[int, Field(ge=1, description="number of the measure in the case")]
Basis = Annotated[Code | None, Field(description="legal basis, from those of the kind")]
Issued = Annotated[Instant | None, Field(description="when that basis (the order, the finding) was issued")]
Scope = Annotated[NoteRef | None, Field(description="what exactly is restricted, where and when")]
Lasts = Annotated[Term | None, Field(description="how long it lasts from its start, e.g. '2 months'")]
Rhythm = Annotated[Term | None, Field(description="how often its necessity is reviewed, e.g. '1 month'")]


class StatesBasis(Command):
    """States the kind of measure and the grounds on which it is to rest."""

    kind: Annotated[Code, Field(description="kind of measure, by its code")]
    reasons: NoteRef
    legal_basis: Basis = None
    basis_issued_at: Issued = None
    necessity: NoteRef | None = None
    nothing_milder: NoteRef | None = None
    scope: Scope = None


class ProposeMeasure(StatesBasis):
    """Propose a measure against the participant's wish. It begins only through notice, hearing, decision by others, and appeal."""

    type: Literal["propose_measure"] = "propose_measure"
    lasts: Lasts = None
    review_every: Rhythm = None


class RenewMeasure(Command):
    """Propose that a measure in force lasts longer, on facts observed since it began. It takes the same way as the measure itself."""

    type: Literal["renew_measure"] = "renew_measure"
    measure: MeasureNumber
    reasons: NoteRef
    observed_at: Annotated[Instant, Field(description="when the facts that make it necessary still were observed")]
    necessity: NoteRef | None = None
    nothing_milder: NoteRef | None = None
    lasts: Lasts = None


class AgreeMeasure(Command):
    """Record that the participant agreed to a measure. It begins at once, is no adverse act, and ends whenever they say so."""

    type: Literal["agree_measure"] = "agree_measure"
    kind: Annotated[Code, Field(description="kind of measure, by its code")]
    agreement: NoteRef
    scope: Scope = None
    lasts: Lasts = None
    review_every: Rhythm = None


class WithdrawFromMeasure(Command):
    """Record that the participant no longer agrees to a voluntary measure. It ends at once; no reason is asked."""

    type: Literal["withdraw_from_measure"] = "withdraw_from_measure"
    measure: MeasureNumber


class ReviewMeasure(Command):
    """Record a review of a measure that is still necessary; one that is not is ended with end_measure."""

    type: Literal["review_measure"] = "review_measure"
    measure: MeasureNumber
    necessity: NoteRef


class EndMeasure(Command):
    """End a measure at once, with reasons."""

    type: Literal["end_measure"] = "end_measure"
    measure: MeasureNumber
    reasons: NoteRef


class RecordCourtOrder(Command):
    """Record that a court terminated a measure, or forbade it before it began. It ends at once."""

    type: Literal["record_court_order"] = "record_court_order"
    measure: MeasureNumber
    order: NoteRef


MeasureCommand = (
    ProposeMeasure | RenewMeasure | AgreeMeasure | WithdrawFromMeasure | ReviewMeasure | EndMeasure | RecordCourtOrder
)  # fmt: skip


class Limits(NamedTuple):
    """The kinds of measure of the program, its calendar, and the instant of the command."""

    kinds: Mapping[str, MeasureKind]
    calendar: Calendar
    at: datetime


def kind_of(limits: Limits, code: str) -> MeasureKind:
    """The kind with that code.

    Raises:
        Refused: `unknown_measure_kind`.
    """
    if code not in limits.kinds:
        known = listed(limits.kinds)
        raise Refused("unknown_measure_kind", f"the program has no kind of measure {code}", f"use one of: {known}")
    return limits.kinds[code]


def basis(command: StatesBasis, limits: Limits) -> tuple[str, datetime, str, str]:
    """The legal basis, when it was issued, why the measure is necessary, and why nothing milder serves.

    Raises:
        Refused: `unknown_measure_kind`, `basis_missing_for_measure`, `basis_not_for_kind`, `basis_in_future`, `necessity_missing`,
            `nothing_milder_missing`.
    """
    bases = kind_of(limits, command.kind).legal_bases
    if command.legal_basis is None or command.basis_issued_at is None:
        raise Refused(
            "basis_missing_for_measure",
            "a measure needs its legal basis, and when that was issued",
            f"give basis_issued_at, and as legal_basis one of: {', '.join(bases)}",
        )
    if command.legal_basis not in bases:
        raise Refused(
            "basis_not_for_kind",
            f"{command.legal_basis} does not carry a {command.kind}",
            f"use one of: {', '.join(bases)}",
        )
    if command.basis_issued_at > limits.at:
        raise Refused("basis_in_future", "the basis is dated after now", "give the instant at which it was issued")
    return command.legal_basis, command.basis_issued_at, *needed(command.necessity, command.nothing_milder)


def needed(necessity: str | None, nothing_milder: str | None) -> tuple[str, str]:
    """Why it is necessary, and why nothing milder serves.

    Raises:
        Refused: `necessity_missing`, `nothing_milder_missing`.
    """
    if necessity is None:
        raise Refused("necessity_missing", "a measure says why it is necessary now", "write it down, as necessity")
    if nothing_milder is None:
        raise Refused(
            "nothing_milder_missing", "a measure says why nothing milder serves", "write it down, as nothing_milder"
        )
    return necessity, nothing_milder


def scoped(scope: str | None) -> str:
    """The scope.

    Raises:
        Refused: `scope_missing`.
    """
    if scope is None:
        raise Refused("scope_missing", "nothing says what exactly is restricted", "write it down and give it as scope")
    return scope


def lasting(lasts: Term | None, kind: MeasureKind, limits: Limits) -> Term:
    """How long it lasts, within the longest term of its kind.

    Raises:
        Refused: `expiry_missing`, `term_too_long`.
    """
    if lasts is None or lasts.number == 0:
        raise Refused("expiry_missing", "a measure without an end is none", f"give lasts, at most {kind.longest_term}")
    if limits.calendar.after(limits.at, lasts).at > limits.calendar.after(limits.at, kind.longest_term).at:
        raise Refused("term_too_long", f"{lasts} is longer than its kind may last", f"give at most {kind.longest_term}")
    return lasts


def reviewed(rhythm: Term | None, kind: MeasureKind, limits: Limits) -> Term:
    """How often it is reviewed, at least as often as its kind demands.

    Raises:
        Refused: `review_date_missing`, `review_too_rare`.
    """
    if rhythm is None or rhythm.number == 0:
        raise Refused(
            "review_date_missing", "nothing says when it is reviewed", f"give review_every, at most {kind.review_every}"
        )
    if limits.calendar.after(limits.at, rhythm).at > limits.calendar.after(limits.at, kind.review_every).at:
        raise Refused(
            "review_too_rare", f"every {rhythm} is too rare for its kind", f"give at most {kind.review_every}"
        )
    return rhythm


def untaken(content: str, taken: Collection[str]) -> None:
    """No second measure of the same content beside one that is in force or under way.

    Raises:
        Refused: `same_content`.
    """
    if content in taken:
        raise same_content(content)


def new_basis(content: str, issued: datetime, *pasts: Mapping[str, datetime]) -> None:
    """What was proposed or ended before does not come back, under whatever name, without a basis issued since.

    Raises:
        Refused: `same_content`.
    """
    if any(content in past and issued <= past[content] for past in pasts):
        raise same_content(content)


def same_content(content: str) -> Refused:
    """The refusal of a measure that does what another one does or did."""
    return Refused(
        "same_content",
        f"a measure that does the same ({content}) was proposed or in force before, and the basis is not newer",
        "renew one that is in force with renew_measure; otherwise it takes a basis issued since",
    )
