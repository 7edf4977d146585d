"""Every panel can sit, decide, and be independent of what it decides.

People are counted by what the program undertakes (`roles.*.people`), as if nobody held two roles: a definition that only works
with somebody in two roles depends on luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from workflows.program.check.finding import Finding, not_permitted, permitted
from workflows.program.model import Gate, Panel, Program
from workflows.program.vocabulary import Vocabulary

_VOTES = ("approve_review", "reject_review")


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Panels that cannot be quorate, cannot decide, or can only decide by judging their own work."""
    for code, panel in program.reviews.items():
        path = f"reviews.{code}"
        yield from _numbers(panel, path)
        seats = tuple(dict.fromkeys(seat.role for seat in panel.seats))
        yield from not_permitted(program, vocabulary, path=f"{path}.seats", roles=seats, commands=_VOTES)
        asks = panel.request_by
        yield from not_permitted(
            program, vocabulary, path=f"{path}.request_by", roles=asks, commands=["request_review"]
        )
        if not _can_sit(panel, _holders(program)):
            yield Finding(
                f"{path}.quorum", "panel_cannot_sit",
                "the people in the seated roles cannot fill the quorum, the approvals needed and the roles that must be included",
                "raise 'people' of the seated roles if they are there, seat more roles, or lower the numbers",
            )  # fmt: skip
    yield from _gates(program)


def _numbers(panel: Panel, path: str) -> Iterator[Finding]:
    seats = sum(seat.people for seat in panel.seats)
    for name, wanted in (
        ("quorum", panel.quorum), ("approve_with", panel.approve_with), ("reject_with", panel.reject_with),
        ("organizations", panel.organizations),
    ):  # fmt: skip
        if wanted > seats:
            why = f"{wanted} are needed, and the panel has {seats} seats: it could never decide"
            yield Finding(f"{path}.{name}", "more_than_seats", why, f"give at most {seats}, or add seats")
    for role, count in Counter(seat.role for seat in panel.seats).items():
        if count > 1:
            yield Finding(
                f"{path}.seats", "role_seated_twice", f"{role} is listed {count} times", "list it once, with 'people'"
            )
    for at, role in enumerate(panel.must_include):
        if role not in {seat.role for seat in panel.seats}:
            why = f"one holder of {role} must have voted, and no seat is theirs"
            yield Finding(
                f"{path}.must_include[{at}]", "must_include_without_seat", why, f"seat {role}, or remove it here"
            )
    yield from _outcomes(panel, path, seats)


def _outcomes(panel: Panel, path: str, seats: int) -> Iterator[Finding]:
    approve, reject = panel.approve_with, panel.reject_with
    if approve + reject <= panel.quorum:
        why = f"among {panel.quorum} votes both {approve} approvals and {reject} rejections are possible: the answer would be chance"
        yield Finding(
            f"{path}.approve_with", "both_outcomes", why, "raise either, so that their sum is above the quorum"
        )
    elif 2 * approve <= panel.quorum:
        why = f"{approve} of {panel.quorum} who voted could approve against the others"
        cure = "ask for more than half of the quorum"
        yield Finding(f"{path}.approve_with", "minority_approves", why, cure, "warning")
    if approve + reject > seats + 1 and max(approve, reject) <= seats:
        why = f"all {seats} may vote and neither {approve} approvals nor {reject} rejections come together: it would stay open"
        yield Finding(f"{path}.reject_with", "no_outcome", why, f"let the two add up to at most {seats + 1}", "warning")


def _holders(program: Program) -> dict[str, int]:
    return {code: role.people for code, role in program.roles.items()}


def _can_sit(panel: Panel, holders: Mapping[str, int]) -> bool:
    filled = sum(min(seat.people, holders.get(seat.role, 0)) for seat in panel.seats)
    wanted = max(panel.quorum, panel.approve_with, panel.organizations)
    return filled >= wanted and all(holders.get(role, 0) > 0 for role in panel.must_include)


class _Work(NamedTuple):
    """What somebody must have done before a gate is decided, by the roles that may: whoever did it does not vote."""

    lead: tuple[str, ...]
    request: tuple[str, ...]
    milestones: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def possible(self, drawn: Mapping[str, int]) -> bool:
        """Whether `drawn` people (role → how many) suffice; two of a role always do: one claims, the other verifies."""
        present = {role for role, count in drawn.items() if count > 0}
        alone = present.intersection(self.lead) and present.intersection(self.request)
        return bool(alone) and all(
            any(
                one != other or drawn[one] > 1
                for one in present.intersection(claim)
                for other in present.intersection(verify)
            )
            for claim, verify in self.milestones
        )


def _work(program: Program, gate: Gate, panel: Panel) -> _Work:
    wanted = [program.milestones[code] for code in gate.milestones if code in program.milestones]
    return _Work(
        lead=(program.lead_role,),
        request=permitted(program, "request_review", panel.request_by),
        milestones=tuple(
            (permitted(program, "claim_milestone", m.claim_by), permitted(program, "verify_milestone", m.verify_by))
            for m in wanted
        ),
    )


def _gates(program: Program) -> Iterator[Finding]:
    voiced: set[str] = set()
    for code, phase in program.phases.items():
        for at, transition in enumerate(phase.transitions):
            name = transition.gate.review
            panel = program.reviews.get(name)
            if panel is None:
                continue
            path = f"phases.{code}.transitions[{at}].gate"
            if _can_sit(panel, _holders(program)) and not _independent(program, transition.gate, panel):
                yield Finding(
                    path, "panel_not_independent",
                    f"whoever leads, asks, claims or verifies for this gate does not vote, and without them {name} cannot sit",
                    "let roles outside the panel verify or ask for it, or have more people in the seated roles",
                )  # fmt: skip
            if name not in voiced and not _community(program, panel):
                voiced.add(name)
                why = "it decides moves between phases, and nobody on it speaks for the community or civil society"
                cure = "seat a role with 'community: true'"
                yield Finding(f"reviews.{name}.seats", "no_community_voice", why, cure, "warning")


def _community(program: Program, panel: Panel) -> bool:
    return any(seat.role in program.roles and program.roles[seat.role].community for seat in panel.seats)


def _independent(program: Program, gate: Gate, panel: Panel) -> bool:
    """Whether the gate's work can be done by people drawn from the roles so that those who remain can sit."""
    holders = _holders(program)
    work = _work(program, gate, panel)
    seated = [role for role in dict.fromkeys(seat.role for seat in panel.seats) if role in holders]
    outside = {role: min(2, count) for role, count in holders.items() if role not in seated}
    if not work.possible({role: min(2, count) for role, count in holders.items()}):
        return True  # somebody's duty cannot be done at all: another finding says which
    for counts in product(*(range(min(2, holders[role]) + 1) for role in seated)):
        drawn = dict(zip(seated, counts, strict=True))
        left = {role: holders[role] - drawn[role] for role in seated}
        if _can_sit(panel, left) and work.possible({**outside, **drawn}):
            return True
    return False
