"""The inbox: what the engine tells people arrives, reads well in their language, and stays until they put it aside."""

import time
from pathlib import Path

from tests.starter.terminal import Offramp, assessed, do, opened, verified

DEADLINE_SECONDS = 30.0


def asked(offramp: Offramp) -> str:
    """A case in which a review was requested."""
    case = opened(offramp)
    do(offramp, case, "lena", "give_consent", "--scope", "participation", "--form-version", "f1", "--language", "en",
       "--explained-by", "lena")  # fmt: skip
    verified(offramp, case, "needs_profile", "practitioner_assessment", "participant_view")
    verified(offramp, case, "safety_plan", "practitioner_assessment", "participant_view")
    assessed(offramp, case)
    do(offramp, case, "lena", "request_review", "--to", "stabilization", "--reasons-text", "All is in place.",
       "--participant-view-text", "I am ready.")  # fmt: skip
    return case


def waiting(offramp: Offramp, person: str, case: str) -> dict[str, str]:
    """The message about `case` in the inbox of `person`, once it is there."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        for message in offramp("inbox", "--as", person, "--json").json:
            if message["stream"] == case:
                found: dict[str, str] = message
                return found
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_is_told_arrives_and_stays_until_it_is_put_aside(offramp: Offramp) -> None:
    """A message is shown with what to type, newest first; reading leaves it; put aside, it is kept and out of the way."""
    first, second = asked(offramp), asked(offramp)
    older, newer = (waiting(offramp, "carl", case) for case in (first, second))
    shown = offramp("inbox", "--as", "carl").out
    assert shown.index(newer["id"]) < shown.index(older["id"])
    assert f"offramp case show {second}" in shown
    assert "a review awaits you" in shown
    assert offramp("inbox", "--as", "carl").out == shown

    done = offramp("inbox", "--as", "carl", "--done", newer["id"])
    assert (done.code, newer["id"] in done.out, older["id"] in done.out) == (0, True, False)
    assert newer["id"] not in offramp("inbox", "--as", "carl").out
    assert "(put aside)" in offramp("inbox", "--as", "carl", "--all").out
    assert offramp("inbox", "--as", "carl", "--done", newer["id"]).code == 2

    assert offramp("inbox", "--as", "carl", "--done", "all", "--json").code == 0
    assert offramp("inbox", "--as", "carl").out == "Nothing waits in your inbox.\n"
    assert waiting(offramp, "amara", second)["done_at"] is None


def test_a_message_reads_in_the_language_of_its_reader(offramp: Offramp, tmp_path: Path) -> None:
    """Whoever reads German today reads every message in German, also one that came before."""
    case = asked(offramp)
    assert waiting(offramp, "ravi", case)["language"] == "en"
    staff = tmp_path / "staff.yaml"
    staff.write_text(
        '- {person: ravi, roles: [panel_member], organization: employment_service, valid_from: "2026-01-01T00:00:00Z", language: de}\n',
        encoding="utf-8",
    )
    assert offramp("staff", "import", str(staff)).code == 0
    assert waiting(offramp, "ravi", case)["subject"] == f"Fall {case[5:13]}: eine Prüfung wartet auf Sie"


def test_an_inbox_belongs_to_somebody(offramp: Offramp) -> None:
    """Nobody, somebody unknown, and the engine itself have no inbox."""
    for arguments, told in (((), "--as PERSON"), (("--as", "unknown"), "nobody in the staff directory"), (("--as", "clock"), "the engine's own")):  # fmt: skip
        done = offramp("inbox", *arguments)
        assert (done.code, told in done.err) == (2, True), done
    assert offramp("inbox", "--as", "dora").out == "Nothing waits in your inbox.\n"
