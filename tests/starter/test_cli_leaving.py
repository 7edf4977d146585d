"""Whoever leaves hands their cases over by the door that everybody uses, before the staff directory lets them go (F6)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.starter.terminal import ROOT, Offramp, opened

EXAMPLE = (ROOT / "examples" / "staff.yaml").read_text(encoding="utf-8")
SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")


def written(folder: Path, text: str) -> str:
    path = folder / "staff.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def without(folder: Path, person: str) -> str:
    """The example's staff, of whom one leaves within the hour."""
    lines = [line.replace("valid_from", f'valid_until: "{SOON}", valid_from') if f"person: {person}," in line else line for line in EXAMPLE.splitlines()]  # fmt: skip
    return written(folder, "\n".join(lines) + "\n")


def test_a_lead_who_leaves_hands_their_cases_over_first(offramp: Offramp, tmp_path: Path) -> None:
    """The import names what would be nobody's; with --hand-over-to each case is assigned, with the reasons sealed in it, and then the import is done."""
    cases = [opened(offramp), opened(offramp)]
    staff = without(tmp_path, "lena")
    refused = offramp("staff", "import", staff)
    assert refused.code != 0
    assert all(case in refused.err for case in cases)
    assert "--hand-over-to" in refused.err
    assert [one["person"] for one in offramp("staff", "list", "--json").json if one["valid_until"]] == []

    nobody = offramp("staff", "import", staff, "--hand-over-to", "milo", "--reasons-text", "Lena leaves.")
    unreasoned = offramp("staff", "import", staff, "--hand-over-to", "milo", "--as", "sofia")
    unfit = offramp("staff", "import", staff, "--hand-over-to", "ines", "--as", "sofia", "--reasons-text", "x")
    assert (nobody.code, unreasoned.code, unfit.code) == (2, 2, 3)

    done = offramp(
        "staff", "import", staff, "--hand-over-to", "milo", "--as", "sofia", "--reasons-text", "Lena leaves.", "--json"
    )
    assert done.code == 0, done
    assert {one["stream"] for one in done.json["handed_over"]} >= set(cases)
    assert done.json["ended"] == 1
    assert {offramp("case", "show", case, "--json").json["case"]["custody"]["lead"] for case in cases} == {"milo"}
    again = offramp("staff", "import", staff, "--hand-over-to", "milo", "--as", "sofia", "--reasons-text", "Again.")
    assert "unchanged" in again.out


def test_there_are_no_orphans_while_everybody_is_here(offramp: Offramp) -> None:
    """Orphans are listed as of now or any instant; before anybody worked here, everything is one."""
    case = opened(offramp)
    long_ago = offramp("staff", "orphans", "--at", "2020-01-01T00:00:00Z", "--json")

    assert offramp("staff", "orphans", "--json").json == []
    assert "owed by somebody who is here" in offramp("staff", "orphans").out
    assert case in {one["stream"] for one in long_ago.json}
