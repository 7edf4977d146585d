"""A stretch of a case's life by the real command line, with canaries wherever a person can put words."""

import contextlib
import io
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from starter.cli import run
from tests.privacy.canaries import CANARIES, everything

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 30.0


class Said(NamedTuple):
    """What was typed, how it ended, and what was printed."""

    arguments: tuple[str, ...]
    code: int
    printed: str


class Terminal:
    """Types commands under an environment, and keeps what they print."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.said: list[Said] = []

    def __call__(self, *arguments: str, stdin: str = "", code: int | None = 0) -> Said:
        """Type a command; `code` is how it must end (None: however)."""
        printed = io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            for name, value in self._environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            ended = run(arguments)
        done = Said(arguments, ended, printed.getvalue())
        self.said.append(done)
        assert code is None or ended == code, (arguments[:4], ended)
        return done


def live(offramp: Terminal, folder: Path) -> str:
    """Open a case, plant the canaries in every text, in refused commands and in wrong places; the case's stream."""
    prepare(offramp, folder)
    opening = (
        "case", "open", "--as", "sofia", "--program", "disengagement", "--lead", "lena", "--support-level", "high",
        "--command-id", "opening", "--eligibility-text", everything(), "--json",
    )  # fmt: skip
    offramp(*opening)
    printed = offramp("audit", "verify", "--json").printed
    case = printed[printed.index("case/") :][:41]
    accepted(offramp, case, folder)
    refused(offramp, case)
    misplaced(offramp, case, folder)
    looked_at(offramp, case)
    return case


def prepare(offramp: Terminal, folder: Path) -> None:
    """The program, and a directory in which people have addresses; wrong files before."""
    staff = folder / "staff.yaml"
    good = (ROOT / "examples" / "staff.yaml").read_text(encoding="utf-8")
    reached = f'  - {{person: carl, roles: [panel_chair], organization: city_office, valid_from: "2026-01-01T00:00:00Z", channel: smtp, address: "{CANARIES["mail"]}"}}'
    good = "\n".join(reached.strip() if "person: carl" in line else line for line in good.splitlines()) + "\n"
    offramp("program", "publish", str(ROOT / "programs" / "disengagement.yaml"))
    whole, mail = everything(), CANARIES["mail"]
    for wrong in (
        good.replace("person: lena", f'person: "{whole}"'),
        good.replace("channel: smtp", f'channel: "{whole}"'),
        good.replace(f'"{mail}"', f'"{mail}", "{whole}": 1'),
        good + f"- {CANARIES['name']}\n",
        good + f"- {{{CANARIES['name']}: 1}}\n",
        good + f"- &{CANARIES['plain']} x\n- *{CANARIES['plain']}\n- !{CANARIES['plain']} x\n",
        good + f'- {{"{whole}": 1, "{whole}": 2}}\n',
        good + f"- {{person: [{whole}\n",
        f"{whole}\n",
    ):
        staff.write_text(wrong, encoding="utf-8")
        offramp("staff", "import", str(staff), code=3)
    staff.write_text(good, encoding="utf-8")
    offramp("staff", "import", str(staff))
    offramp("staff", "list")


def accepted(offramp: Terminal, case: str, folder: Path) -> None:
    """Commands that are taken, with texts by option, by file and by stdin."""
    text = folder / "reasons.txt"
    text.write_text(everything(), encoding="utf-8")
    now = datetime.now(UTC).isoformat()
    pieces = folder / "evidence.yaml"
    pieces.write_text(
        f'- {{kind: participant_view, source: p_1, observed_at: "{now}", note_text: "{everything()}"}}\n', "utf-8"
    )
    do = ("case", "do", case)
    offramp(*do, "give_consent", "--scope", "participation", "--form-version", "f1", "--language", "de", "--explained-by", "lena", "--note-text", everything(), "--as", "lena")  # fmt: skip
    for milestone in ("needs_profile", "safety_plan"):
        offramp(*do, "claim_milestone", "--milestone", milestone, "--evidence", f"kind=practitioner_assessment,source=lena,observed_at={now},note_text={everything()}", "--evidence-file", str(pieces), "--as", "lena")  # fmt: skip
        offramp(*do, "verify_milestone", "--milestone", milestone, "--reasons-file", str(text), "--as", "sofia")
    looked_after(offramp, do, folder)
    offramp(*do, "request_review", "--to", "stabilization", "--reasons", "-", "--participant-view-text", everything(), "--as", "lena", stdin=everything())  # fmt: skip
    offramp("review", "recuse", case, "1", "--reasons-text", everything(), "--as", "zoe")
    offramp("review", "reject", case, "1", "--reasons-text", everything(), "--as", "paula")
    for person in ("carl", "amara", "ravi"):
        offramp("review", "approve", case, "1", "--reasons-text", everything(), "--as", person)


def looked_after(offramp: Terminal, do: tuple[str, ...], folder: Path) -> None:
    """An assessment and a concern, with texts by option and by file."""
    domains = folder / "domains.yaml"
    domains.write_text(
        "".join(f'{code}: "{everything()}"\n' for code in ("housing", "livelihood", "health", "family")), "utf-8"
    )
    parts = [
        part for code in ("belonging", "safety", "meaning") for part in ("--domains-text", f"{code}={everything()}")
    ]
    looked = (
        "--instrument",
        "needs_and_strengths",
        "--edition",
        "2026",
        "--trigger",
        "entry",
        "--judgement",
        "more_support",
    )
    moving = (
        "--likelihood",
        "possible",
        "--severity",
        "grave",
        "--imminence",
        "weeks",
        "--direction",
        "steady",
        "--confidence",
        "fair",
    )
    offramp(
        *do,
        "record_assessment",
        *looked,
        *moving,
        "--domains-file",
        str(domains),
        *parts,
        "--scenarios-text",
        everything(),
        "--as",
        "lena",
    )
    offramp(
        *do, "raise_concern", "--kind", "worry", "--reported-by", "family", "--note-text", everything(), "--as", "lena"
    )


def refused(offramp: Terminal, case: str) -> None:
    """Commands that are answered with no; their texts are sealed all the same."""
    do = ("case", "do", case)
    offramp(
        *do, "verify_milestone", "--milestone", "safe_housing", "--reasons-text", everything(), "--as", "lena", code=3
    )
    offramp(*do, "request_review", "--to", "nowhere", "--reasons-text", everything(), "--as", "lena", code=3)
    offramp(*do, "keep_check_in", "--channel", "call", "--note-text", everything(), "--as", "nobody", code=3)
    offramp("review", "approve", case, "7", "--reasons-text", everything(), "--as", "carl", "--json", code=3)
    offramp(*do, "keep_check_in", "--channel", "call", "--note-text", everything() * 2000, "--as", "lena", code=3)
    offramp(*do, "keep_check_in", "--channel", "call", "--note-text", everything() + "\0", "--as", "lena", code=3)


def misplaced(offramp: Terminal, case: str, folder: Path) -> None:
    """Words where none belong: in fields for codes, ids and dates, without quotes, and in broken files."""
    whole, name = everything(), CANARIES["name"]
    do = ("case", "do", case)
    check_in = (*do, "keep_check_in", "--as", "lena", "--channel")
    for arguments in (
        (*check_in, whole),
        (*check_in, "call", "--note", whole),
        (*check_in, "call", "--observed-at", whole),
        (*check_in, "call", "--command-id", whole),
        (*check_in, "call", "--note-text", *name.split()),
        (*do, "keep_check_in", "--channel", "call", "--as", whole),
        (*do, "claim_milestone", "--milestone", whole, "--evidence", f"kind={name},source=x,observed_at=2026-01-01", "--as", "lena"),
        (*do, "claim_milestone", "--milestone", "safe_housing", "--evidence", f"kind=home_visit,source={name},observed_at=2026-01-01", "--as", "lena"),
        (*do, "claim_milestone", "--milestone", "safe_housing", "--evidence", f"kind=home_visit,source=x,observed_at={name}", "--as", "lena"),
        (*do, "claim_milestone", "--milestone", "safe_housing", "--evidence", whole, "--as", "lena"),
        (*do, "claim_milestone", "--milestone", "safe_housing", "--evidence", f"kind=home_visit,{name}=x", "--as", "lena"),
        (*do, "set_support_level", "--level", whole, "--direction", "more", "--reasons-text", "x", "--as", "lena"),
        (*do, "approve_review", "--review", whole, "--reasons-text", "x", "--as", "carl"),
        (*do, "give_consent", "--scope", name, "--form-version", whole, "--language", name, "--explained-by", name, "--as", "lena"),
        (*do, "assign_lead", "--person", name, "--reasons-text", "x", "--as", "sofia"),
        (*do, "raise_concern", "--kind", whole, "--reported-by", "family", "--note-text", "x", "--as", "lena"),
        (*do, "record_assessment", "--domains-text", whole, "--instrument", name, "--edition", "1", "--trigger", "entry", "--as", "lena"),
        ("case", "show", whole),
        ("review", "show", case, whole),
        ("queue", "--as", whole),
        ("inbox", "--as", whole),
        ("audit", "replay", case, "--as-of", whole),
    ):  # fmt: skip
        offramp(*arguments, code=2)
        offramp(*arguments, "--json", code=2)
    for broken in (f"- {name}\n", f"{name}: [\n", f"- {{kind: home_visit, {name}: {whole}}}\n", f"- !{CANARIES['plain']} x\n", f"- {{{name}: 1, {name}: 2}}\n"):  # fmt: skip
        pieces = folder / "broken.yaml"
        pieces.write_text(broken, encoding="utf-8")
        offramp(*do, "claim_milestone", "--milestone", "safe_housing", "--evidence-file", str(pieces), "--as", "lena", code=2)  # fmt: skip


def looked_at(offramp: Terminal, case: str) -> None:
    """What everybody reads."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "a review awaits you" not in offramp("inbox", "--as", "amara").printed:
        assert time.monotonic() < deadline
    for arguments in (
        ("case", "show", case, "--json"), ("case", "show", case), ("case", "why", case), ("case", "list"), ("case", "watch", case, "--after", "0", "--for", "0"),
        ("review", "show", case, "1"), ("review", "show", case, "1", "--json"), ("review", "list", "--all"), ("audit", "replay", case),
        ("audit", "replay", case, "--json"), ("audit", "verify", "--json"), ("audit", "compare", case), ("inbox", "--as", "lena", "--json"),
        ("queue", "--all", "--json"), ("staff", "list", "--json"), ("rebuild",),
    ):  # fmt: skip
        offramp(*arguments)
