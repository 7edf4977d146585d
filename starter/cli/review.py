"""For reviewers: what is to be decided, on what grounds, who may decide it, and the vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from starter.cli.lazy import Lazy, LazyGroup
from starter.cli.session import Session, Store, entering, settle
from starter.cli.values import Number

if TYPE_CHECKING:
    from activities.store.fold import Told
    from activities.store.queries import ReviewRow
    from starter.audit.words import Words
    from workflows.case.state import Case
    from workflows.program.model import Panel, Program

_VOTES = {"approve": "approve_review", "reject": "reject_review", "recuse": "recuse_from_review"}


class _Reviewers(LazyGroup):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The votes are made from their models; the others are imported."""
        return _voting(cmd_name) if cmd_name in _VOTES else super().get_command(ctx, cmd_name)


@click.group(
    "review",
    cls=_Reviewers,
    lazy={
        "list": Lazy("starter.cli.review:list_", "Open reviews, by due date, and how each panel stands."),
        "show": Lazy("starter.cli.review:show", "What a review decides, on what grounds, and who may not vote."),
        "approve": Lazy("", "Vote to approve, with reasons."),
        "reject": Lazy("", "Vote to reject, with reasons."),
        "recuse": Lazy("", "Step back because of an interest, with reasons."),
    },
)
def review() -> None:
    """Read what is to be decided, and vote. Silence approves nothing."""


def _voting(name: str) -> click.Command:
    from starter.cli.fields import Given, command_from
    from starter.cli.session import submitting
    from workflows.case.commands import COMMANDS

    model = COMMANDS[_VOTES[name]]

    def called(fields: list[Given], values: dict[str, Any]) -> int:
        from starter.cli.submit import Draft, send

        session = click.get_current_context().ensure_object(Session)
        session.actor()
        named, number = values.pop("case"), values.pop("number")
        draft = Draft(model, fields, values)
        draft.add(review=number)
        return settle(send(session, named, draft))

    made = command_from(model, name=name, callback=called, without=("review",))
    made.params[:0] = [click.Argument(["case"]), click.Argument(["number"], type=Number(min=1))]
    return submitting(made)


@click.command("list")
@click.option("--all", "decided", is_flag=True, help="Decided ones too.")
@entering
@click.pass_obj
def list_(session: Session, decided: bool) -> None:
    """Open reviews, by due date, and how each panel stands."""
    settle(_list(session, decided))


async def _list(session: Session, decided: bool) -> None:
    from activities.store.queries import reviews
    from starter.audit.words import Words
    from starter.cli.lookup import enter_cases, program_of_stream
    from starter.cli.show import say_json, short, table

    async with session.store() as store:
        rows = await reviews(store.connection, open_only=not decided)
        rows = await enter_cases(session, store, rows, purpose="review_list")
        found = {stream: await program_of_stream(store.connection, stream) for stream in {row.stream for row in rows}}
    if session.as_json:
        say_json(rows)
        return
    shown = []
    for row in rows:
        program = found[row.stream]
        words = Words(program)
        panel = None if program is None else program.reviews.get(row.panel)
        due = words.when(row.due) if row.due else ""
        shown.append((
            due,
            short(row.stream),
            str(row.id),
            words.name("phase", row.to_phase),
            row.requested_by,
            _state(row, panel),
        ))
    table(("DUE", "CASE", "REVIEW", "MOVE TO", "ASKED BY", "STATE"), shown, empty="No review is open.")


def _state(row: ReviewRow, panel: Panel | None) -> str:
    if row.state != "open" or panel is None:
        return row.state
    approvals = sum(vote.choice == "approve" for vote in row.votes)
    return f"{len(row.votes)} of {panel.quorum} voted, {approvals} of {panel.approve_with} approve"


@click.command()
@click.argument("case")
@click.argument("number", type=Number(min=1))
@entering
@click.pass_obj
def show(session: Session, case: str, number: int) -> None:
    """What review NUMBER of CASE decides, on what grounds, how it stands, and who may not vote, and why."""
    settle(_show(session, case, number))


async def _show(session: Session, named: str, number: int) -> None:
    from starter.cli.show import say_json

    async with session.store() as store:
        row, case, told, program = await _read(session, store, named, number)
    shown = _grounds(case, program, row, told) if program is not None else {}
    if session.as_json:
        say_json({"review": row, **shown})
        return
    _print(row, program, shown)


async def _read(
    session: Session, store: Store, named: str, number: int
) -> tuple[ReviewRow, Case, list[Told], Program | None]:
    from activities.store.queries import reviews
    from starter.audit.replay import replay
    from starter.cli.lookup import enter_case, program_of

    stream = await enter_case(session, store, named, purpose="review_show")
    rows = await reviews(store.connection, open_only=False, stream=stream)
    row = next((one for one in rows if one.id == number), None)
    if row is None:
        known = ", ".join(str(one.id) for one in rows) or "none"
        raise click.UsageError(f"There is no review {number} in {stream}; there are: {known}.")
    # A review is shown as it stood: a decided one on the grounds on which it was decided.
    case, told = await replay(store.connection, store.keyring, stream, until=row.decided_at)
    return row, case, told, await program_of(store.connection, case)


def _grounds(case: Case, program: Program, row: ReviewRow, told: list[Told]) -> dict[str, Any]:
    from starter.cli.lookup import case_now
    from workflows.case import milestone
    from workflows.case.facts import gate_unmet, involved

    transition = next(
        (way for _, way in program.gates() if way.to == row.to_phase and way.gate.review == row.panel), None
    )
    if transition is None:
        return {}
    claims = {
        event.milestone: event
        for _, events in told
        for event in events
        if isinstance(event, milestone.MilestoneClaimed) and event.milestone in transition.gate.milestones
    }
    open_still = row.state == "open" and case.phase.phase is not None
    return {
        "unmet": list(gate_unmet(case, program, transition, case_now(case))) if open_still else [],
        "evidence": [
            {
                "milestone": code,
                "claim": claim.claim,
                "claimant": claim.claimant,
                "standing": case.milestone.standing.get(code),
                "evidence": claim.evidence,
            }
            for code, claim in claims.items()
        ],
        "may_not_vote": {
            **involved(case, program, transition, row.requested_by),
            **dict.fromkeys(row.recused, "stepped back"),
        },
        "panel": program.reviews[row.panel],
    }


def _print(row: ReviewRow, program: Program | None, shown: dict[str, Any]) -> None:
    from starter.audit.words import Words
    from starter.cli.show import heading, line, table

    words = Words(program)
    panel = None if program is None else program.reviews.get(row.panel)
    heading(f"Review {row.id} of {row.stream}: the move to {words.name('phase', row.to_phase)}")
    line(f"Asked by {row.requested_by} on {words.day(row.requested_at)}; decided by {words.name('panel', row.panel)}.")
    line(f"State: {_state(row, panel)}" + (f"; due {words.when(row.due)}" if row.due and row.state == "open" else "."))
    if panel is not None:
        seats = ", ".join(f"{seat.people} x {words.name('role', seat.role)}" for seat in panel.seats)
        line(
            f"Seats: {seats}. Quorum {panel.quorum}, approvals needed {panel.approve_with}, rejections needed {panel.reject_with}."
        )
    heading("\nThe gate")
    unmet = [(one.condition.replace("_", " "), one.subject) for one in shown.get("unmet", [])]
    table(("UNMET", "SUBJECT"), unmet, empty="Every other condition holds." if row.state == "open" else "Decided.")
    heading("\nEvidence")
    table(
        ("MILESTONE", "KIND", "SOURCE", "OBSERVED", "NOTE", "STANDS"),
        _pieces(shown, words),
        empty="This gate asks for no milestone.",
    )
    heading("\nVotes")
    votes = [(vote.person, words.name("role", vote.seat), vote.organization or "", vote.choice) for vote in row.votes]
    table(("PERSON", "SEAT", "ORGANIZATION", "VOTE"), votes, empty="Nobody has voted yet.")
    heading("\nWho may not vote, and why")
    table(("PERSON", "WHY"), list(shown.get("may_not_vote", {}).items()), empty="Nobody is excluded.")


def _pieces(shown: dict[str, Any], words: Words) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for claim in shown.get("evidence", []):
        standing = claim["standing"]
        by = "" if standing is None or standing.verification is None else f" ({standing.verification.verifier})"
        stands = "" if standing is None else f"{standing.status}{by}"
        rows += [
            (
                claim["milestone"],
                words.name("evidence", piece.kind),
                piece.source,
                words.day(piece.observed_at),
                piece.note or "",
                stands,
            )
            for piece in claim["evidence"]
        ]
    return rows
