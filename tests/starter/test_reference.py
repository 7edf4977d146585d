"""The reference pages are what the code says."""

import pytest

from starter.reference import PAGES, ROOT, refusals
from workflows.case.commands import COMMANDS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    """A reference page that is older than the code fails here; `make docs` writes it anew."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_command_has_words() -> None:
    """No command stands in the reference without a sentence of its own."""
    page = PAGES["commands.md"]()

    assert all(f"## `{name}`" in page and kind.__doc__ for name, kind in COMMANDS.items())


def test_every_refusal_has_a_code_of_its_own_words() -> None:
    """Each code in the reference is a literal of the rules, with why and cure beside it."""
    found = list(refusals())

    assert len({one.code for one in found}) > 30
    assert [one for one in found if len(one.why) < 3 or len(one.cure) < 3] == []
