"""Every milestone can be claimed on enough independent evidence, and verified by another person."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.core.calendar import Term
from workflows.program.check.finding import Finding, not_permitted, people, permitted
from workflows.program.model import Milestone, Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Milestones that nobody could reach, so that the gates which ask for them would never open."""
    for code, milestone in program.milestones.items():
        path = f"milestones.{code}"
        yield from _evidence(program, milestone, path)
        yield from _duties(program, milestone, vocabulary, path)
    for scope in sorted(vocabulary.scopes - set(program.consent_scopes)):
        why = f"the engine asks every program for the consent scope {scope!r}"
        yield Finding("consent_scopes", "consent_scope_missing", why, f"define consent_scopes.{scope}")
    yield from _shelf_life(program)


def _evidence(program: Program, milestone: Milestone, path: str) -> Iterator[Finding]:
    kinds = [program.evidence_kinds[kind] for kind in milestone.evidence if kind in program.evidence_kinds]
    sources = sorted({kind.source for kind in kinds if kind.counts})
    if len(sources) < milestone.independent_sources:
        have = f"{len(sources)} ({', '.join(sources)})" if sources else "none"
        yield Finding(
            f"{path}.evidence", "too_few_sources",
            f"{milestone.independent_sources} independent sources must agree, and the kinds that count here come from {have}: "
            "no claim could ever suffice",
            "accept kinds of evidence from more sources, or ask for fewer in 'independent_sources'",
        )  # fmt: skip
    if milestone.independent_sources == 1:
        why = "one voice suffices: appearing to comply can pass for change"
        cure = "ask for 2 independent sources or more"
        yield Finding(f"{path}.independent_sources", "single_source", why, cure, "warning")


def _duties(program: Program, milestone: Milestone, vocabulary: Vocabulary, path: str) -> Iterator[Finding]:
    claim, verify = f"{path}.claim_by", f"{path}.verify_by"
    yield from not_permitted(program, vocabulary, path=claim, roles=milestone.claim_by, commands=["claim_milestone"])
    yield from not_permitted(program, vocabulary, path=verify, roles=milestone.verify_by, commands=["verify_milestone"])
    claimants = permitted(program, "claim_milestone", milestone.claim_by)
    verifiers = permitted(program, "verify_milestone", milestone.verify_by)
    if not verifiers or not claimants or people(program, (*claimants, *verifiers)) < 2:
        yield Finding(
            verify, "nobody_may_verify",
            "nobody verifies their own claim, and once one person has claimed it no other may verify it: the gate never opens",
            "name a role with another person in it, who may send verify_milestone",
        )  # fmt: skip


def _shelf_life(program: Program) -> Iterator[Finding]:
    rule = program.silence.get("review_decision")
    if rule is None or not isinstance(rule.due, Term):
        return
    needed = {code for _, transition in program.gates() for code in transition.gate.milestones}
    for code in sorted(needed & set(program.milestones)):
        valid_for = program.milestones[code].valid_for
        if valid_for is not None and valid_for.nominal_days <= rule.due.nominal_days:
            why = f"a verification counts for {valid_for}, and a panel may take {rule.due}: it would expire while they decide"
            path = f"milestones.{code}.valid_for"
            yield Finding(
                path, "expires_before_decision", why, "lengthen it, or shorten silence.review_decision.due", "warning"
            )
