"""On what a referral stands: an open need, a provider that the definition asks for it, the person's consent to share, and something new to ask.

What waits for what is read from here: for each need at most one referral is back with its owner, so the preconditions of providers are one arrow a need.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from workflows.case.referral_form import Because, BeginReferral, ReferralBegun, ReferralRequested, RequestReferral
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Frozen, Instant, PersonId
from workflows.core.refusal import Refused, listed
from workflows.program.care import Care, Referrals, SupportKind

Status = Literal["requested", "accepted", "in_progress", "returned"]
"""How an open referral stands; `returned` is back with its owner."""


class Referral(Frozen):
    """A referral that is open: how it stands and since when; why it is back, and what its provider wants met first."""

    need: Code
    kind: Code
    provider: Code
    requested_at: Instant
    since: Instant
    status: Status = "requested"
    support: int | None = None
    expected: Instant | None = None
    because: Because | None = None
    needs: Code | None = None


class Circle(Frozen):
    """A circle of preconditions that waits for the panel: its referrals and needs, in order."""

    referrals: tuple[int, ...]
    needs: tuple[Code, ...]
    since: Instant


class State(Frozen):
    """Open referrals and circles by number; needs that a completed referral served; how many of each there were; when one last
    ended, by receipt or for want of another provider; and the partners that know of the person by a referral.

    For each need at most one referral is back with its owner, and none while another is under way: what waits for what is one arrow a need.
    """

    open: dict[int, Referral] = {}
    circles: dict[int, Circle] = {}
    served: tuple[Code, ...] = ()
    number: int = 0
    circle: int = 0
    changed: Instant | None = None
    knowing: tuple[Code, ...] = ()


class Facts(Frozen):
    """The catalogue; open needs, and those that are met or being met; planned supports by number, with kind and provider; partners with whom a referral may be shared; who leads or led; roles that may refer; since when the record is erased."""

    care: Care | None
    needs: tuple[Code, ...]
    met: frozenset[Code]
    planned: Mapping[int, tuple[Code, Code]]
    permitted: frozenset[Code]
    leads: frozenset[PersonId]
    referring: tuple[Code, ...]
    calendar: Calendar
    erased_at: Instant | None = None

    @property
    def rule(self) -> Referrals | None:
        """To whom the program refers."""
        return None if self.care is None else self.care.referrals

    def kind(self, code: str) -> SupportKind | None:
        """A support of the catalogue."""
        return None if self.care is None else self.care.supports.get(code)


def requested(state: State, command: RequestReferral, facts: Facts) -> ReferralRequested:
    """Refer to a provider.

    Raises:
        Refused: `no_such_need`, `answers_another_need`, `not_referred_to`, `no_such_support`, `support_mismatch`, `no_consent_to_share`, and as
            `_asked_before` says.
    """
    kind, asked_for = facts.kind(command.kind), {} if facts.rule is None else facts.rule.providers
    if command.need not in facts.needs:
        raise Refused("no_such_need", f"no need {command.need} waits", f"these do: {listed(facts.needs)}")
    if kind is None or kind.answers != command.need:
        raise Refused(
            "answers_another_need", f"{command.kind} is no support that answers {command.need}", "name one of the definition's catalogue that does",
        )  # fmt: skip
    if command.kind not in asked_for.get(command.provider, ()):
        able = [provider for provider, kinds in asked_for.items() if command.kind in kinds]
        raise Refused("not_referred_to", f"the program asks no {command.kind} of {command.provider}", f"it asks it of: {listed(able)}")  # fmt: skip
    if command.support is not None:
        planned = facts.planned.get(command.support)
        if planned is None:
            raise Refused("no_such_support", f"no support {command.support} is planned", f"planned: {listed(facts.planned)}")  # fmt: skip
        if planned != (command.kind, command.provider):
            raise Refused("support_mismatch", f"support {command.support} is {planned[0]} by {planned[1]}", "refer to the provider of the plan, or leave the support out")  # fmt: skip
    before = next((number for number, one in state.open.items() if one.need == command.need and one.status == "returned"), None)  # fmt: skip
    _asked_before(state, command, facts, before)
    if command.provider not in facts.permitted:
        raise Refused(
            "no_consent_to_share",
            f"consent to share with {command.provider} for a referral is not in force",
            "ask the person; give_consent records what they agree to",
        )
    asked = command.model_dump(exclude={"type"})
    return ReferralRequested(
        referral=state.number + 1, replaces=before, shared=shared(command.provider, facts), **asked
    )


def shared(provider: str, facts: Facts) -> bool:
    """Whether the provider learns of the person by a referral: where the definition asks for consent to it."""
    return facts.rule is None or provider not in facts.rule.without_consent


def _asked_before(state: State, command: RequestReferral, facts: Facts, before: int | None) -> None:
    """Check that the provider is asked for something new: it did not reject, nor leave unanswered, the same.

    Raises:
        Refused: `referral_open_already`, `precondition_stands`, `provider_declined`.
    """
    live = [n for n, one in state.open.items() if (one.need, one.provider) == (command.need, command.provider) and (one.status != "returned" or one.because == "silence")]  # fmt: skip
    if live:
        raise Refused(
            "referral_open_already",
            f"{command.provider} has referral {live[0]} for {command.need}",
            "record its answer, or ask another provider",
        )
    back = None if before is None else state.open[before]
    if back is None or back.provider != command.provider or back.because != "rejected":
        return
    if back.needs is None:
        raise Refused("provider_declined", f"{command.provider} rejected referral {before}", "ask another provider, or have another person than the lead rule it out")  # fmt: skip
    if back.needs not in facts.met:
        raise Refused("precondition_stands", f"{command.provider} wants {back.needs} met first", "begin what answers that need, or ask another provider")  # fmt: skip


def begun(command: BeginReferral, facts: Facts, *, actor: Actor, at: datetime) -> ReferralBegun:
    """The beginning, with an end that is expected in time.

    Raises:
        Refused: `expected_in_past`, `expected_too_late`.
    """
    if command.expected <= at:
        raise Refused("expected_in_past", "the end that is expected lies before now", "give when the provider expects to be done")  # fmt: skip
    latest = None if facts.rule is None else facts.calendar.after(at, facts.rule.longest).at
    if latest is not None and command.expected > latest:
        raise Refused(
            "expected_too_late", "nobody would be asked for a result for longer than the definition allows",
            f"give an instant until {latest:%Y-%m-%d %H:%M} UTC; a longer service is planned as a support",
        )  # fmt: skip
    return ReferralBegun(referral=command.referral, expected=command.expected, by=actor.person)


def circle(state: State, number: int) -> tuple[int, ...]:
    """The referrals that wait for one another in a circle from `number` on; empty if it stands in none."""
    waiting = {one.need: other for other, one in state.open.items() if one.needs is not None}
    around: list[int] = []
    following: int | None = number
    while following is not None and following not in around:
        around.append(following)
        one = state.open.get(following)
        following = None if one is None or one.needs is None else waiting.get(one.needs)
    # It may lead into a circle without standing in it: that one was found when it closed.
    return tuple(around) if following == number else ()


def stands(state: State, number: int) -> bool:
    """Whether the circle still holds: each of its referrals is back, and waits for the next."""
    found = state.circles.get(number)
    return found is not None and circle(state, found.referrals[0]) == found.referrals
