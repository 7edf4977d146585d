"""For auditors: the ledger beside what the workflow holds, what Temporal's history leads to, and what the read model shows; of one case or of all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.beside import Beside, differences
from starter.cli.session import DONE, PROBLEM, Session, Store, entering, settle
from starter.cli.show import progress

if TYPE_CHECKING:
    from activities.store.pool import Connection
    from starter.audit.compare import Difference
    from starter.cli.unfinished import Result, Unfinished

AT_ONCE = 4
"""Cases that are looked at side by side: while one waits for its workflow, another is folded."""
_UNHEARD = 3
"""Cases in a row for which nobody answered, after which the run stops: then it is not the case."""
_STATE = "audit-compare.jsonl"
_ITSELF = "itself"
_RECOVER = "To bring the workflow in line: offramp case recover {}"
_START = "To start its workflow: offramp case recover {}"
_CURES = {
    ("workflow", False): _RECOVER, ("workflow", True): _START, ("history", True): _START,
    ("history", False): "Do not serve this case with this build: run the one that wrote the history, and report it.",
    ("read model", False): "To bring the read model in line: offramp rebuild", ("read model", True): "To bring the read model in line: offramp rebuild",
}  # fmt: skip
"""What differs, and whether it is not there at all → what to do."""


class _Asked(NamedTuple):
    """What the ledger is compared with besides the read model."""

    workflow: bool
    history: bool


@click.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case that can be read, a few at a time.")
@click.option("--resume", is_flag=True, help="With --all: go on where an interrupted run stopped; what it found is in the report.")  # fmt: skip
@click.option("--from", "begin", metavar="STREAM", default="", help="With --all: begin at this stream.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="With --all: where results are kept meanwhile (else in the data directory).")  # fmt: skip
@click.option("--no-workflow", is_flag=True, help="Leave Temporal out, the workflow and its history: compare the ledger with the read model only.")  # fmt: skip
@click.option("--no-history", is_flag=True, help="Leave the history out, whose replay takes longest.")
@entering
@click.pass_obj
def compare(
    session: Session, /, case: str | None, *, everything: bool, resume: bool, begin: str, state: Path | None, no_workflow: bool, no_history: bool
) -> int:  # fmt: skip
    """Compare what the ledger says of CASE with what its workflow holds, what Temporal's history leads to, and what the read model shows.

    The history is replayed through this build's workflow code: one that does not replay, or is missing while something is still to be done, is a difference.
    Every case of which a difference is shown has it on record, under who looked. Exit code 1: they differ.
    """
    if (case is None) != everything or ((resume or begin or state) and not everything):
        raise click.UsageError("Name a CASE, or give --all (and then --resume or --from STREAM, to go on).")
    if resume and begin:
        raise click.UsageError("--resume knows where to begin: leave --from out.")
    asked = _Asked(workflow=not no_workflow, history=not (no_workflow or no_history))
    if case is not None:
        return settle(_compare(session, case, asked))
    return settle(_compare_all(session, asked, begin, resume=resume, state=state))


async def _compare_all(session: Session, asked: _Asked, begin: str, *, resume: bool, state: Path | None) -> int:
    from starter.audit.words import counted
    from starter.cli.unfinished import Unfinished

    session.reader()
    path = state if state is not None else session.settings().data_dir / _STATE
    with Unfinished(path, {**asked._asdict(), "from": begin}, resume=resume) as kept:
        if kept.replaced:
            click.echo(f"An earlier run was stopped after {counted(kept.replaced, 'case', 'cases')}; this one begins anew (--resume would have gone on).", err=True)  # fmt: skip
        await _look_at_all(session, asked, kept, begin)
        return await _report(session, kept)


async def _look_at_all(session: Session, asked: _Asked, kept: Unfinished, begin: str) -> None:
    """Look at every case behind the last one that is kept; where it is interrupted, it says how to go on."""
    from activities.store.walk import count_streams

    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(session.store(connections=AT_ONCE + 1))
        beside = await _beside(session, store, asked, opened)

        async def look(stream: str) -> _Looked:
            async with store.pool.connection() as connection:
                return await _look(connection, beside, stream)

        total = await count_streams(store.connection)
        try:
            with progress("Comparing", quiet=session.as_json) as advance:
                advance(kept.done, max(kept.done, total))
                async for one in _heard(_in_order(_streams(store.connection, kept.last, begin), look)):
                    kept.add(one)
                    advance(kept.done, max(kept.done, total))
        except BaseException:
            click.echo(f"Stopped after {kept.done} of {total} cases; what was found is kept. To go on, the same command with --resume.", err=True)  # fmt: skip
            raise


class _Looked(NamedTuple):
    """What was found in a case, and whether its workflow could be asked."""

    result: Result
    heard: bool


async def _streams(connection: Connection, last: str, begin: str) -> AsyncIterator[str]:
    """The streams behind `last` that can be read; where the run has only begun, from `begin` on."""
    from activities.store.ledger import head
    from activities.store.walk import streams_in_order

    if begin and not last and await head(connection, begin) is not None:
        yield begin
    async for stream in streams_in_order(connection, after=last or begin):
        yield stream


async def _in_order(
    streams: AsyncIterator[str], look: Callable[[str], Coroutine[Any, Any, _Looked]]
) -> AsyncIterator[_Looked]:
    """Look at the streams, `AT_ONCE` side by side; what is found comes in their order, so that a run can go on behind the last."""
    looking: deque[asyncio.Task[_Looked]] = deque()
    try:
        async for stream in streams:
            looking.append(asyncio.create_task(look(stream)))
            if len(looking) == AT_ONCE:
                yield await looking.popleft()
        while looking:
            yield await looking.popleft()
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


async def _heard(found: AsyncIterator[_Looked]) -> AsyncIterator[Result]:
    """The results. A case for which nobody answered is a result as long as others are answered.

    Raises:
        LedgerUnavailable: nobody answered for several cases in a row; they are not among the results, and a later run begins with them.
    """
    from starter.client import LedgerUnavailable

    silent: list[Result] = []
    async for result, heard in found:
        if not heard:
            silent.append(result)
            if len(silent) == _UNHEARD:
                raise LedgerUnavailable("No worker answers.")
            continue
        for one in (*silent, result):
            yield one
        silent = []
    for one in silent:
        yield one


async def _look(connection: Connection, beside: Beside, stream: str) -> _Looked:
    """Look at one case of many: whatever is wrong with it is told, and keeps nobody from looking at the next."""
    from activities.store.refused import StoreRefused
    from starter.cli.unfinished import Result
    from workflows.core.entry import BrokenChain

    heard = True
    try:
        found = await differences(connection, beside, stream)
        told = [(other, _told(one)) for other, one in found.items() if one is not None]
    except BrokenChain as broken:
        told = [(_ITSELF, f"position {broken.position}: {broken.what}")]
    except StoreRefused as refused:
        told = [(_ITSELF, refused.what)]
    except Exception as error:
        if not beside.silent(error):
            raise
        heard, told = False, [("workflow", "nobody answered for it")]
    beside.keyring.forget(stream)
    return _Looked(Result(stream, tuple(told)), heard)


async def _report(session: Session, kept: Unfinished) -> int:
    """Show what differs; whoever sees that is on record in each of those cases, and in no other. That a ledger is broken is no content of it."""
    from starter.audit.words import counted
    from starter.cli.lookup import enter_cases
    from starter.cli.show import say_json, table

    broken = [one for one in kept.differing if all(other == _ITSELF for other, _ in one.found)]
    async with session.store() as store:
        entered = await enter_cases(
            session, store, [one for one in kept.differing if one not in broken], purpose="audit_compare"
        )
    rows = [(one.stream, other, what) for one in (*broken, *entered) for other, what in one.found]
    if session.as_json:
        say_json({"compared": kept.done, "same": not rows, "differences": [dict(zip(("stream", "with", "what"), row, strict=True)) for row in rows]})  # fmt: skip
    else:
        table(("CASE", "COMPARED WITH", "RESULT"), rows, empty=f"{counted(kept.done, 'case', 'cases')} compared: the same everywhere.")  # fmt: skip
        if any(other != _ITSELF for _, other, _ in rows):
            # It depends on how each differs: what is ahead of the ledger must be left as it is.
            click.echo("What to do about a case is told with it: offramp audit compare CASE")
    kept.over()
    return PROBLEM if rows else DONE


async def _compare(session: Session, named: str, asked: _Asked) -> int:
    from starter.audit.compare import ABSENT, POSITION, WHOLE
    from starter.cli.lookup import enter_case
    from starter.cli.show import say_json, table

    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(session.store())
        stream = await enter_case(session, store, named, purpose="audit_compare")
        beside = await _beside(session, store, asked, opened)
        found = await differences(store.connection, beside, stream)
    differ = any(one is not None for one in found.values())
    if session.as_json:
        say_json({"stream": stream, "same": not differ, "differences": found})
        return PROBLEM if differ else DONE
    rows = [(f"ledger and {other}", "the same" if one is None else _told(one)) for other, one in found.items()]
    table(("COMPARED", "RESULT"), rows, empty="")
    for other, one in found.items():
        if one is not None and one.path == POSITION:
            click.echo(
                f"The {other} is ahead of the ledger: entries were cut off, or an older copy was restored. Leave everything as it is, and find out which."
            )
        elif one is not None:
            click.echo(
                f"The ledger is right. {_CURES[other, one.path == WHOLE and one.other == ABSENT].format(stream)}"
            )
    return PROBLEM if differ else DONE


def _told(one: Difference) -> str:
    return f"differs at {one.path}: the ledger says {one.ledger}, the other {one.other}"


async def _beside(session: Session, store: Store, asked: _Asked, opened: AsyncExitStack) -> Beside:
    if not asked.workflow:
        return Beside(store.keyring, None, asked.history)
    from starter.client import Client

    return Beside(store.keyring, await opened.enter_async_context(Client.connect(session.settings())), asked.history)
