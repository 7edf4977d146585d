"""One of each noun that the tests of effects speak of. All people are synthetic."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from activities.channels.message import Message
from activities.channels.text import render
from activities.settings import Settings
from workflows.core.notice import Notice, NoticeOrder

STREAM = "case/0b4e6f2c-1d1a-4a53-9a3e-3f7a6c2f9b10"
AT = datetime(2031, 5, 6, 9, tzinfo=UTC)
CANARY = "canary-7c1f"
SECRET = "a secret of sixteen"
BASE_LINK = "https://offramp.example"


def settings(tmp_path: Path, **values: object) -> Settings:
    """Settings with what a process always needs, and `values`."""
    given = {"data_dir": tmp_path, "temporal_address": "127.0.0.1:7233", "database_url": "postgresql://x", **values}
    return Settings.model_validate(given)


def message(
    *, address: str | None = "nadia.k@staff.example", language: str = "en", key: str = "7/1", person: str = "nadia.k"
) -> Message:
    """A reminder for one person."""
    words = render(
        template="remind", language=language, kind="check_in", stream=STREAM, level=1, link=f"{BASE_LINK}/{STREAM}"
    )
    return Message(
        stream=STREAM, key=key, person=person, address=address, language=words.language, template="remind", kind="check_in",
        about="check_in/3", level=1, subject=words.subject, text=words.text, link=f"{BASE_LINK}/{STREAM}",
    )  # fmt: skip


def order(
    *, role: str = "supervisor", person: str | None = None, template: str = "take_up", key: str = "7/1"
) -> NoticeOrder:
    """An escalation to a role, or to one person."""
    about = Notice(
        key=key, effect="escalation", template=template, to_role=role, to_person=person, about="check_in/3", level=2
    )
    return NoticeOrder(stream=STREAM, notice=about, at=AT)
