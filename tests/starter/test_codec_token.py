"""Tokens: ours alone are believed, unchanged, and for their time."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starter.codec.token import Token, believed, issued
from workflows.core.refusal import Refused

KEY, NOW = bytes(range(32)), datetime(2026, 1, 5, 9, tzinfo=UTC)
TOKEN = Token("supervisor.1", "supervision", NOW + timedelta(hours=4))
TEXT = issued(KEY, TOKEN, now=NOW)


def test_what_was_issued_is_believed_until_it_ends() -> None:
    """A token says who asks, what for and until when; at that instant it is over."""
    assert believed(KEY, TEXT, now=NOW) == TOKEN
    assert believed(KEY, TEXT, now=TOKEN.until - timedelta(seconds=1)) == TOKEN
    with pytest.raises(Refused, match="token_expired"):
        believed(KEY, TEXT, now=TOKEN.until)


@pytest.mark.parametrize("hours", [-1, 0, 12.01, 24 * 365])
def test_no_token_lasts_longer_than_a_working_day(hours: float) -> None:
    """What would be believed for more than twelve hours, or not at all, is not issued."""
    with pytest.raises(ValueError, match="12 hours at most"):
        issued(KEY, TOKEN._replace(until=NOW + timedelta(hours=hours)), now=NOW)


@pytest.mark.parametrize(
    "changed", [TOKEN._replace(person="supervisor.2"), TOKEN._replace(purpose="case_work"), TOKEN._replace(until=NOW + timedelta(days=9))]
)  # fmt: skip
def test_another_person_purpose_or_end_under_the_same_seal_is_not_believed(changed: Token) -> None:
    """Each part is under the seal."""
    told = json.dumps([changed.person, changed.purpose, int(changed.until.timestamp())], separators=(",", ":"))
    first, _, seal = TEXT.split(".")
    forged = f"{first}.{base64.urlsafe_b64encode(told.encode()).rstrip(b'=').decode()}.{seal}"

    with pytest.raises(Refused, match="token_unusable"):
        believed(KEY, forged, now=NOW)


def test_another_key_signs_nothing() -> None:
    """A token that another program's key signed is not believed."""
    with pytest.raises(Refused, match="token_unusable"):
        believed(KEY, issued(bytes(32), TOKEN, now=NOW), now=NOW)


@given(at=st.integers(0, len(TEXT) - 1), letter=st.characters(), text=st.text(max_size=400))
def test_any_other_text_is_refused(at: int, letter: str, text: str) -> None:
    """A changed letter or any text at all says nothing else than before; it is refused, or it is the same token."""
    for tried in (text, TEXT[:at], TEXT + letter, TEXT[:at] + letter + TEXT[at + 1 :], f"offramp1.{text}.{TEXT[-43:]}"):
        with suppress(Refused):
            assert believed(KEY, tried, now=NOW) == TOKEN
