"""Reading at the command line: for a purpose, logged first, and told to the person."""

from tests.starter.terminal import Offramp, do, opened

SECRET = "a sentence about a made-up person"
STEERING = f"{SECRET}\x1b[2J \u202egnorw"


def test_a_text_is_opened_for_a_purpose_and_that_stands_on_record(offramp: Offramp) -> None:
    """The lead reads a text of their case, a colleague does not, and the log and the person's statement say who did."""
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call", "--note-text", STEERING)
    assert SECRET not in offramp("case", "show", case, "--as", "sofia").out

    shown = offramp("case", "read", case, "--position", "2", "--for", "case_work", "--as", "lena")
    assert (shown.code, SECRET in shown.out, "\x1b" in shown.out, "\u202e" in shown.out) == (0, True, False, False)
    reference = shown.out.split()[0]
    stranger = offramp("case", "read", case, reference, "--for", "case_work", "--as", "sofia")
    assert (stranger.code, "not_authorized" in stranger.err, SECRET in stranger.out) == (3, True, False)
    panel = offramp("case", "read", case, reference, "--for", "decision", "--as", "carl", "--json")
    assert (panel.code, panel.json["code"]) == (3, "nothing_to_decide")

    logged = offramp("audit", "reads", case, "--json").json["reads"]
    assert [(one["note"], one["reader"], one["purpose"]) for one in logged] == [
        (None, "sofia", "case_show"),
        (reference, "lena", "case_work"),
    ]
    assert SECRET not in offramp("audit", "reads", case).out
    stated = offramp("case", "statement", case).out
    assert reference.removeprefix("note:")[:8] in stated
    assert "sofia" in stated


def test_no_case_is_read_whole(offramp: Offramp) -> None:
    """A reader names the texts or the entries; a text or position that the case has not is told as such."""
    case = opened(offramp)
    whole = offramp("case", "read", case, "--for", "supervision", "--as", "sofia")
    beyond = offramp("case", "read", case, "--position", "9", "--for", "supervision", "--as", "sofia")
    strange = offramp("case", "read", case, "ffffffff", "--for", "supervision", "--as", "sofia")

    assert (whole.code, beyond.code, strange.code) == (2, 2, 2)
    assert "no position 9" in beyond.err
    assert "refers to a text" in strange.err
