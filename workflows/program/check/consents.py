"""Consents end, protect, and carry only what is the participant's to give; lawful bases stand apart from them; a hold stops no right."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.check.finding import Finding, people, unknown
from workflows.program.model import ConsentScope, Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Consents without an end, support that silence would stop, duties that would end with a consent, and pauses that stop a right."""
    for code, scope in program.consent_scopes.items():
        yield from _scope(scope, f"consent_scopes.{code}", always=code in vocabulary.scopes)
    yield from _rests_on(program, vocabulary)
    policy = program.lawful_basis
    if policy is not None and policy.otherwise not in policy.bases:
        yield unknown(path="lawful_basis.otherwise", what="lawful basis", name=policy.otherwise, known=policy.bases)
    yield from _holds(program, vocabulary)
    yield from _extensions(program, vocabulary)


def _scope(scope: ConsentScope, path: str, *, always: bool) -> Iterator[Finding]:
    if scope.partners and not scope.shares:
        why = "it concerns partners, and would not end when nobody asks again"
        yield Finding(f"{path}.shares", "partner_scope_not_sharing", why, "write 'shares: true'")
    if scope.shares and scope.lasts is None:
        why = "it lets something reach beyond the team, and would never be asked again"
        yield Finding(path, "sharing_without_end", why, "add 'lasts', for example '6 months'")
    if always and (scope.shares or scope.partners):
        why = "silence would end it, and the support of whoever was not asked again with it"
        yield Finding(path, "support_ends_in_silence", why, "give what is shared a scope of its own")
    if scope.lasts is not None and scope.ask_again.nominal_days >= scope.lasts.nominal_days:
        why = f"it lasts {scope.lasts} and could be asked again all that time"
        yield Finding(f"{path}.ask_again", "asked_again_at_once", why, "give a term shorter than 'lasts'")


def _rests_on(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    for kind, scope in program.rests_on.items():
        path = f"rests_on.{kind}"
        if kind not in vocabulary.obligations:
            yield unknown(path=path, what="obligation", name=kind, known=list(vocabulary.obligations))
        elif kind not in vocabulary.voluntary:
            why = f"{kind} is owed to the participant or by law; withdrawing consent would take it from them"
            may = ", ".join(sorted(vocabulary.voluntary))
            yield Finding(path, "right_rests_on_consent", why, f"remove the line; these may rest on consent: {may}")
        if scope not in program.scopes:
            yield unknown(path=path, what="consent scope", name=scope, known=list(program.scopes))


def _holds(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    for code, hold in program.holds.items():
        for at, kind in enumerate(hold.stops):
            path = f"holds.{code}.stops[{at}]"
            if kind not in vocabulary.obligations:
                yield unknown(path=path, what="obligation", name=kind, known=list(vocabulary.obligations))
            elif kind not in vocabulary.pausable:
                may = ", ".join(sorted(vocabulary.pausable))
                why = (
                    f"{kind} protects the participant, or is a step of due process: its clock never stops against them"
                )
                yield Finding(path, "hold_stops_right", why, f"remove it; a hold may stop: {may}")
    if program.holds and (why := _alone(program, ask="hold_case", approve="approve_hold")):
        cure = "add a role, or people in a role, to approve"
        yield Finding("permissions.approve_hold", "hold_without_approver", why, cure)


def _extensions(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    for kind in program.extensions:
        if kind not in vocabulary.extendable:
            why = f"{kind} protects the participant, ends what restricts them, or is what another promise is counted by: it is never put off"
            may = ", ".join(sorted(vocabulary.extendable))
            yield Finding(
                f"extensions.{kind}", "extension_of_right", why, f"remove it; these may have more time: {may}"
            )
    if program.extensions and (why := _alone(program, ask="request_extension", approve="approve_extension")):
        cure = "add a role, or people in a role, to approve"
        yield Finding("permissions.approve_extension", "extension_without_approver", why, cure)


def _alone(program: Program, *, ask: str, approve: str) -> str:
    """Who would be alone with their own request, in words; empty where there is always another."""
    approvers = program.permissions.get(approve, ())
    alone = [r for r in program.permissions.get(ask, ()) if people(program, approvers) - (r in approvers) < 1]
    asks = f"whoever asks as {' or '.join(alone)} would be the only one who may approve"
    return f"{asks}: nobody decides on their own request" if alone else ""
