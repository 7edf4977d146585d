"""What a worker does again and again it does for as long as it serves, whatever happens."""

from __future__ import annotations

import asyncio

import pytest

from activities import repeating


async def test_an_unforeseen_error_is_told_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that fails in a way that nobody thought of says so by the error's type, and watches on."""
    monkeypatch.setattr(repeating, "AFTER_AN_ERROR_SECONDS", 0.01)
    told: list[tuple[str, str]] = []

    class Log:
        def error(self, event: str, *, error_type: str, exc_info: bool) -> None:
            assert exc_info
            told.append((event, error_type))

    monkeypatch.setattr("activities.repeating.structlog.get_logger", lambda _name: Log())
    times, enough = 0, asyncio.Event()

    async def watch() -> None:
        nonlocal times
        times += 1
        if times == 3:
            enough.set()
        raise ZeroDivisionError("somebody's name")

    async with repeating.repeating(watch, every_seconds=0):
        await asyncio.wait_for(enough.wait(), 5)

    assert times >= 3
    assert set(told) == {("it failed, and is done again", "ZeroDivisionError")}
