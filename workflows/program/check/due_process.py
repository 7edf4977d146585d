"""What the definition lets happen against a person's wish can be decided, and appealed, by people who took no part before."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.check.finding import Finding, not_permitted, people
from workflows.program.model import DueProcess, Program
from workflows.program.vocabulary import Vocabulary

_PATH = "due_process"


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Step backs that lead nowhere back, deciders who are too few or may not vote, and grounds that nobody could state."""
    yield from _step_backs(program)
    rule = program.due_process
    if rule is None:
        why = "nothing says how it would be served, heard, decided and appealed, so nobody may act against a person's wish"
        yield Finding(_PATH, "no_due_process", why, "add 'due_process', or leave it out knowingly", "warning")
        return
    yield from _deciders(program, rule, vocabulary)
    yield from _measures(program, rule, vocabulary)
    yield from _again(program)
    if not rule.legal_bases:
        for kind, act in rule.acts.items():
            if "legal_basis" in act.grounds:
                why = "a proposal must name its legal basis, and none is defined: it could never be proposed"
                yield Finding(f"{_PATH}.acts.{kind}", "no_legal_basis", why, "define it in 'due_process.legal_bases'")


def _step_backs(program: Program) -> Iterator[Finding]:
    order = list(program.phases)
    allowed = program.due_process is not None and "step_back" in program.due_process.acts
    for at, (code, phase) in enumerate(program.phases.items()):
        for number, to in enumerate(phase.step_back_to):
            path = f"phases.{code}.step_back_to[{number}]"
            if to in program.phases and order.index(to) >= at:
                why = f"{to} does not come before {code}: that would be no step back"
                yield Finding(path, "step_back_forward", why, "name a phase that comes before, or remove it")
        if phase.terminal and phase.step_back_to:
            why = "a closed case goes nowhere, not even back"
            yield Finding(f"phases.{code}.step_back_to", "terminal_with_step_back", why, "remove it")
        if phase.step_back_to and not allowed:
            why = "the program provides for no step back, so nobody could ever take this way"
            cure = "add 'step_back' to due_process.acts, or remove it"
            yield Finding(f"phases.{code}.step_back_to", "step_back_not_provided_for", why, cure)


def _measures(program: Program, rule: DueProcess, vocabulary: Vocabulary) -> Iterator[Finding]:
    if "measure" in rule.acts and not rule.measures:
        why = "measures are provided for, and no kind of them is defined: none could be proposed"
        yield Finding(f"{_PATH}.measures", "no_kind_of_measure", why, "define one, or remove 'measure' from 'acts'")
    if rule.danger_by and people(program, rule.danger_by) < 2:
        why = "an act in imminent danger takes two people, and there are fewer in these roles"
        yield Finding(f"{_PATH}.danger_by", "danger_needs_two", why, "name further roles, or remove it")
    yield from not_permitted(
        program,
        vocabulary,
        path=f"{_PATH}.danger_by",
        roles=rule.danger_by,
        commands=["act_in_danger", "confirm_danger"],
    )
    warned = program.silence.get("measure_expiry")
    if warned is not None and not any(rung.before is not None for rung in warned.ladder):
        why = "a measure would end without anybody being warned, and be missed where it is needed"
        yield Finding(
            "silence.measure_expiry.ladder", "end_without_warning", why, "add rungs 'before', such as 28 days"
        )


def _again(program: Program) -> Iterator[Finding]:
    """After an objection a panel decides once more, and nobody who voted sits on it again."""
    for code, panel in program.reviews.items():
        short = [role for role in panel.must_include if people(program, (role,)) < 2]
        if short or people(program, [seat.role for seat in panel.seats]) < 2 * panel.quorum:
            why = "a review that is held again after an objection takes as many other people, and there are too few"
            cure = "have more people in its roles, above all in those that it must include, or lower the quorum"
            yield Finding(f"reviews.{code}.seats", "panel_not_held_again", why, cure)


def _deciders(program: Program, rule: DueProcess, vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from not_permitted(
        program, vocabulary, path=f"{_PATH}.decide_by", roles=rule.decide_by, commands=["decide_adverse_act"]
    )
    yield from not_permitted(
        program, vocabulary, path=f"{_PATH}.appeal_by", roles=rule.appeal_by, commands=["decide_appeal"]
    )
    for name, roles, wanted in (
        ("deciders", rule.decide_by, rule.deciders), ("appeal_deciders", rule.appeal_by, rule.appeal_deciders),
    ):  # fmt: skip
        if people(program, roles) < wanted:
            why = f"{wanted} must decide, and the program undertakes to have {people(program, roles)} people for it"
            yield Finding(f"{_PATH}.{name}", "too_few_deciders", why, "lower the number, or name more roles")
    both, together = people(program, (*rule.decide_by, *rule.appeal_by)), rule.deciders + rule.appeal_deciders
    if both < together:
        why = f"an appeal is decided by others than the act: {together} people in all, and there are {both}"
        yield Finding(f"{_PATH}.appeal_by", "appeal_not_independent", why, "name further roles in 'appeal_by'")
