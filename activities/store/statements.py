"""The store's SQL: one statement a file under sql/, read by name, once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import Params

_FOLDER = Path(__file__).parent / "sql"


@cache
def sql(name: str) -> bytes:
    """The statement of `sql/<name>.sql`, with `$1`-style parameters.

    Raises:
        FileNotFoundError: there is no such statement (a fault of this code, never of its input).
    """
    return (_FOLDER / f"{name}.sql").read_bytes().strip()


async def rows_of(connection: AsyncConnection[Any], name: str, parameters: Params = ()) -> list[Any]:
    """Every row that the statement of this name gives."""
    return await (await AsyncRawCursor(connection).execute(sql(name), parameters)).fetchall()
