"""The command line on a real stack with a real worker: the three people at their work, from opening to audit."""

import json

import psycopg

from tests.starter.terminal import Offramp, assessed, do, opened, verified

PANEL = ("carl", "amara", "paula", "ravi")


def test_a_case_is_opened_moved_and_audited(offramp: Offramp) -> None:
    """Operators, reviewers and auditors can do their whole work from the command line."""
    case = opened(offramp)
    short = case.removeprefix("case/")[:8]
    assert short in offramp("case", "list").out
    assert "the request for consent" in offramp("queue", "--as", "lena").out
    do(offramp, short, "lena", "give_consent", "--scope", "participation", "--form-version", "f1", "--language", "en",
       "--explained-by", "lena")  # fmt: skip
    assert "claim_milestone, then verify_milestone" in offramp("case", "why", short).out
    verified(offramp, short, "needs_profile", "practitioner_assessment", "participant_view")
    verified(offramp, short, "safety_plan", "practitioner_assessment", "participant_view")
    assessed(offramp, short)
    assert "by lena (assessment 1)" in offramp("case", "show", short).out
    asked = offramp("case", "do", short, "request_review", "--to", "stabilization", "--reasons", "-",
                    "--participant-view-text", "I am ready.", "--as", "lena", stdin="All is in place.\n")  # fmt: skip
    assert asked.code == 0, asked
    assert "0 of 4 voted, 0 of 3 approve" in offramp("review", "list").out
    shown = offramp("review", "show", short, "1").out
    assert "sofia   verified the milestone needs_profile" in shown
    assert "participant_view_1" in shown
    outsider = offramp("review", "approve", short, "1", "--reasons-text", "Mine.", "--as", "sofia")
    assert (outsider.code, "not_authorized" in outsider.err) == (3, True)
    for member in PANEL:
        assert offramp("review", "approve", short, "1", "--reasons-text", "Convincing.", "--as", member).code == 0
    assert offramp("case", "show", short, "--json").json["case"]["phase"]["phase"] == "stabilization"
    assert "approved" in offramp("review", "list", "--all").out
    assert "sofia" in offramp("review", "show", short, "1").out
    replayed = offramp("audit", "replay", short, "--format", "json").json
    assert [entry["position"] for entry in replayed["entries"]] == list(range(1, len(replayed["entries"]) + 1))
    assert offramp("audit", "replay", short).out.count("[1:") == 1
    assert offramp("audit", "verify", short).code == 0
    compared = offramp("audit", "compare", short, "--json")
    assert (compared.code, compared.json["differences"]) == (0, {"workflow": None, "history": None, "read model": None})
    assert offramp("rebuild").code == 0
    assert offramp("audit", "compare", short).code == 0


def test_a_refusal_names_its_cure_and_leaves_a_receipt(offramp: Offramp) -> None:
    """What the rules refuse is exit code 3, with the reason, what to do, and the receipt of the refusal."""
    case = opened(offramp)
    done = offramp("case", "do", case, "claim_milestone", "--milestone", "needs_profile", "--as", "lena",
                   "--evidence", "kind=pledge,source=p_1,observed_at=2026-01-01")  # fmt: skip
    assert done.code == 3
    assert "What to do:" in done.err
    assert f"Receipt: {case} position 2" in done.err
    told = offramp("case", "do", case, "keep_check_in", "--channel", "call", "--as", "nobody", "--json")
    assert (told.code, told.json["code"], told.json["receipt"]["position"]) == (3, "unknown_person", 3)


def test_a_repeated_command_is_answered_once(offramp: Offramp) -> None:
    """The same command id gives the same receipt, for a command and for an opening."""
    case = opened(offramp, "--command-id", "one")
    assert opened(offramp, "--command-id", "one") == case
    first = offramp(
        "case",
        "do",
        case,
        "withdraw_consent",
        "--scope",
        "participation",
        "--as",
        "lena",
        "--command-id",
        "two",
        "--json",
    )
    again = offramp(
        "case",
        "do",
        case,
        "withdraw_consent",
        "--scope",
        "participation",
        "--as",
        "lena",
        "--command-id",
        "two",
        "--json",
    )
    assert first.json["receipt"] == again.json["receipt"]
    assert len(offramp("audit", "replay", case, "--json").json["entries"]) == 2


def test_no_text_leaves_the_vault(offramp: Offramp, environment: dict[str, str]) -> None:
    """A text is sealed before it is sent: it stands neither in what is shown nor anywhere in the database."""
    case = opened(offramp)
    secret = "a sentence about somebody"
    do(offramp, case, "lena", "keep_check_in", "--channel", "call", "--note-text", secret)
    assert secret not in offramp("audit", "replay", case, "--json").out
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"]) as connection:
        notes = connection.execute("SELECT sealed FROM vault WHERE stream = %s", (case,)).fetchall()
    assert len(notes) == 2
    assert all(secret.encode() not in bytes(sealed) for (sealed,) in notes)


def test_a_case_is_named_by_its_beginning_if_that_says_which(offramp: Offramp) -> None:
    """Six characters of an id are enough, fewer are refused, and an unknown one is told apart from a malformed one."""
    case = opened(offramp)
    identity = case.removeprefix("case/")
    for named in (case, identity, identity[:6], f"case/{identity[:9]}"):
        assert offramp("case", "show", named).code == 0
    assert (offramp("case", "show", identity[:5]).code, offramp("case", "show", "zzzzzzzz").code) == (2, 2)
    unknown = offramp("case", "show", "00000000-0000-4000-8000-000000000000")
    assert (unknown.code, "There is no case" in unknown.err) == (2, True)


def test_a_watcher_sees_what_is_recorded_until_told_to_stop(offramp: Offramp) -> None:
    """Watching shows the entries behind a position, and ends by itself after the seconds given."""
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    seen = offramp("case", "watch", case, "--after", "1", "--for", "0", "--json")
    assert (seen.code, json.loads(seen.out)["position"]) == (0, 2)


def test_malformed_input_never_travels(offramp: Offramp) -> None:
    """What cannot be a command is told before anything is sealed or sent."""
    case = opened(offramp)
    wrong = (
        ("claim_milestone", "--milestone", "needs_profile", "--evidence", "kind=pledge"),
        (
            "claim_milestone",
            "--milestone",
            "Needs Profile",
            "--evidence",
            "kind=pledge,source=p,observed_at=2026-01-01",
        ),
        ("verify_milestone", "--milestone", "needs_profile", "--reasons", "because"),
        ("verify_milestone", "--milestone", "needs_profile", "--reasons-text", "a", "--reasons", "note:b"),
        ("keep_check_in", "--channel", "call", "--observed-at", "yesterday"),
        ("keep_check_in", "--channel", "call", "--note-text", "  "),
    )
    for command in wrong:
        done = offramp("case", "do", case, *command, "--as", "lena")
        assert done.code == 2, (command, done)
        assert "--" in done.err
    assert len(offramp("audit", "replay", case, "--json").json["entries"]) == 1


def test_recovering_a_case_that_runs_changes_nothing(offramp: Offramp) -> None:
    """A case that runs is left as it is."""
    case = opened(offramp)
    assert "Nothing to do" in offramp("case", "recover", case).out
    assert offramp("case", "recover", "--all", "--json").json == {"started": []}
