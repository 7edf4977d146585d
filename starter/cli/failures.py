"""Every error that a user can meet, as one message: what was wrong, and what to do."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple

import click

from starter.cli.session import PROBLEM, REFUSED, UNAVAILABLE, USAGE


class Failure(NamedTuple):
    """An error as it is told. `kind` is for programs; `more` holds what else they may want (a receipt, a command id)."""

    code: int
    kind: str
    what: str
    cure: str
    more: dict[str, Any]


def show(failure: Failure, *, as_json: bool) -> None:
    """Tell of it on stderr; with `as_json` on stdout, for the program that asked."""
    if as_json:
        body = {"outcome": failure.kind, "what": failure.what, "cure": failure.cure, **failure.more}
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    receipt = failure.more.get("receipt")
    click.echo(f"{_title(failure)}: {_sentence(failure.what)}", err=True)
    click.echo(f"What to do: {_sentence(failure.cure)}", err=True)
    if receipt:
        click.echo(f"Receipt: {receipt['stream']} position {receipt['position']} {receipt['hash']} RECORDED", err=True)


def explain(error: BaseException) -> Failure | None:
    """The error as a user is told of it; None for one that nobody foresaw."""
    return _of_the_stage(error) or _of_the_door(error) or _of_the_store(error) or _of_the_rest(error)


def _of_the_stage(error: BaseException) -> Failure | None:
    if "starter.stage" not in sys.modules:
        return None
    from starter.stage import StageFailed

    if not isinstance(error, StageFailed):
        return None
    return Failure(PROBLEM, "failed", f"the play stopped: {error}", "Run it again; if it fails again, report it.", {})


def _of_the_door(error: BaseException) -> Failure | None:
    if "starter.client" not in sys.modules:
        return None
    from starter.client import CaseErased, CaseUnknown, LedgerFork, LedgerUnavailable, Malformed, RefusedAnswer

    match error:
        case RefusedAnswer():
            more = {"code": error.code, "receipt": {**error.receipt.model_dump(), "stands": "RECORDED"}}
            return Failure(REFUSED, "refused", f"{error.why} [{error.code}]", error.cure, more)
        case LedgerUnavailable():
            more = {} if error.command_id is None else {"command_id": error.command_id}
            return Failure(UNAVAILABLE, "unavailable", error.what, error.cure, more)
        case Malformed():
            return Failure(USAGE, "usage", error.what, error.cure, {})
        case CaseErased():
            return Failure(REFUSED, "erased", error.what, error.cure, {})
        case CaseUnknown():
            return Failure(USAGE, "unknown", error.what, error.cure, {})
        case LedgerFork():
            return Failure(UNAVAILABLE, "stopped", error.what, error.cure, {})
        case _:
            return None


def _of_the_store(error: BaseException) -> Failure | None:
    import psycopg
    from psycopg_pool import PoolTimeout

    from activities.store.migrate import MIGRATE
    from activities.store.refused import StoreRefused
    from workflows.core.entry import BrokenChain

    match error:
        case StoreRefused():
            cause = error.__cause__
            unreachable = isinstance(cause, psycopg.OperationalError | psycopg.ProgrammingError) and not isinstance(
                cause, psycopg.errors.InsufficientPrivilege
            )
            code, kind = (UNAVAILABLE, "unavailable") if unreachable else (REFUSED, "refused")
            return Failure(code, kind, error.what, error.cure, {})
        case BrokenChain():
            place = {"stream": error.stream, "position": error.position}
            return Failure(
                PROBLEM, "broken", f"the ledger: {error}", "Keep it as it is, and compare it with a backup.", place
            )
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn():
            what = "the database has no tables of Offramp, or those of an older build"
            return Failure(UNAVAILABLE, "unavailable", what, MIGRATE, {})
        case PoolTimeout() | psycopg.Error():
            what = f"the database does not answer ({type(error).__name__})"
            return Failure(UNAVAILABLE, "unavailable", what, "See that it runs, then try again.", {})
        case _:
            return None


def _of_the_rest(error: BaseException) -> Failure | None:
    from activities.settings import SettingsError
    from starter.stack.problem import StackError
    from workflows.core.refusal import Refused
    from workflows.program.load import DefinitionError

    match error:
        case Refused():
            return Failure(REFUSED, "refused", f"{error.why} [{error.code}]", error.cure, {"code": error.code})
        case SettingsError():
            return Failure(USAGE, "settings", error.what, error.cure, {})
        case StackError():
            return Failure(UNAVAILABLE, "unavailable", error.what, error.cure, {})
        case DefinitionError():
            return Failure(
                REFUSED, "refused", f"the definition cannot be read:\n{error}", "Correct it, then try again.", {}
            )
        case OSError():
            told = error.strerror or type(error).__name__
            what = f"{told}: {error.filename}" if error.filename else told
            return Failure(
                UNAVAILABLE, "unavailable", what, "See that it is there and can be reached, then try again.", {}
            )
        case _:
            return None


def _title(failure: Failure) -> str:
    return {
        "refused": "Refused",
        "erased": "Erased",
        "unavailable": "Unavailable",
        "stopped": "Stopped",
        "broken": "Broken",
        "interrupted": "Interrupted",
    }.get(failure.kind, "Error")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
