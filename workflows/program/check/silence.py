"""Whatever somebody owes has an owner, a due rule, a ladder that ends with somebody else, and an outcome that harms nobody."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.core.calendar import Term
from workflows.core.obligation import RungRule, SilenceRule
from workflows.core.outcomes import ADVERSE_OUTCOMES, PROTECTIVE_OUTCOMES
from workflows.program.check.finding import Finding, unknown
from workflows.program.explain import suggestion
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary

ENDING_OUTCOMES = frozenset({"lapses", "sharing_stops", "resumes", "sealed", "returns_to_owner", "own_consent_asked"})
"""Outcomes after which nothing is owed any more; every other one leaves it owed, so its ladder must repeat."""


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Kinds of obligation that silence would swallow, or turn against the participant."""
    for kind in vocabulary.obligations:
        if kind not in program.silence:
            why = f"nothing says who owes a {kind}, by when, and what happens if nobody acts"
            yield Finding("silence", "no_silence_rule", why, f"add silence.{kind} with owner, due, ladder and outcome")
    for kind, rule in program.silence.items():
        path = f"silence.{kind}"
        if kind not in vocabulary.obligations:
            yield unknown(path=path, what="obligation", name=kind, known=list(vocabulary.obligations))
        else:
            yield from _due(rule, by_schedule=vocabulary.obligations[kind], path=path)
            yield from _owner(program, rule, meets=vocabulary.met_by.get(kind, frozenset()), path=path)
        yield from _ladder(rule, path)
        yield from _outcome(rule, path)
        yield from _true_outcome(rule, vocabulary.outcomes.get(kind, frozenset()), path)


def _due(rule: SilenceRule, *, by_schedule: bool, path: str) -> Iterator[Finding]:
    if by_schedule and isinstance(rule.due, Term):
        why = "this is due by the schedule of its phase, milestone or support level; a term here would never be used"
        yield Finding(f"{path}.due", "due_by_schedule", why, "write 'due: by_schedule'")
    if not by_schedule and not isinstance(rule.due, Term):
        why = "no schedule opens this: without a term it would never be due"
        yield Finding(f"{path}.due", "due_needs_term", why, "give a term, for example '10 working days'")


def _owner(program: Program, rule: SilenceRule, *, meets: frozenset[str], path: str) -> Iterator[Finding]:
    if not meets or rule.owner not in program.roles:
        return
    if not any(rule.owner in program.permissions.get(command, ()) for command in meets):
        commands = " or ".join(sorted(meets))
        why = f"{rule.owner} owes this and may not send {commands}: the duty could not be done"
        cure = f"add {rule.owner} to permissions of {commands}, or name another owner"
        yield Finding(f"{path}.owner", "owner_may_not_act", why, cure)


def _offset(rung: RungRule) -> float:
    return -rung.before.nominal_days if rung.before is not None else (rung.after or Term(0, "days")).nominal_days


def _ladder(rule: SilenceRule, path: str) -> Iterator[Finding]:
    last = max(rule.ladder, key=_offset)
    if last.after is None:
        why = "every rung stands before the due instant: once it passed, nobody would hear of it"
        yield Finding(
            f"{path}.ladder", "ladder_ends_before_due", why, "add a rung 'after', for another role than the owner"
        )
    elif last.tell == rule.owner:
        why = f"the last who is told is {rule.owner}, who owes it: nobody else learns of the silence"
        yield Finding(f"{path}.ladder", "ladder_ends_with_owner", why, "end with a rung for another role")
    if rule.repeat_every is None and rule.outcome not in ENDING_OUTCOMES:
        why = f"with the outcome {rule.outcome!r} it stays owed, and after the last rung nobody would hear of it again"
        yield Finding(path, "ladder_goes_quiet", why, "add 'repeat_every'")


def _outcome(rule: SilenceRule, path: str) -> Iterator[Finding]:
    if rule.outcome in PROTECTIVE_OUTCOMES:
        return
    known = ", ".join(PROTECTIVE_OUTCOMES)
    if rule.outcome in ADVERSE_OUTCOMES:
        why = f"silence would act against the participant: {ADVERSE_OUTCOMES[rule.outcome]}"
        yield Finding(f"{path}.outcome", "harmful_outcome", why, f"choose what silence may do: {known}")
        return
    close = suggestion(rule.outcome, list(PROTECTIVE_OUTCOMES))
    cure = f"{close} " * bool(close) + f"silence may do: {known}"
    yield Finding(f"{path}.outcome", "unknown_outcome", f"the engine knows no outcome {rule.outcome!r}", cure)


def _true_outcome(rule: SilenceRule, fitting: frozenset[str], path: str) -> Iterator[Finding]:
    """Where the engine itself does something when nobody acts, the definition says the same."""
    if fitting and rule.outcome in PROTECTIVE_OUTCOMES and rule.outcome not in fitting:
        why = f"when nobody acts here, the engine does not do what {rule.outcome!r} says"
        yield Finding(f"{path}.outcome", "outcome_untrue", why, f"write one of: {', '.join(sorted(fitting))}")
