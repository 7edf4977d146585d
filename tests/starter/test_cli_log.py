"""Auditors seal the log, keep a checkpoint, and are told of whatever was rewritten since."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from activities.store.signing import LogKey
from starter.stack import Stack
from tests.starter.terminal import Offramp, do, opened


@pytest.fixture
def log_key(offramp: Offramp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log key of this machine's own, made as an administrator makes it."""
    path = tmp_path / "log.key"
    assert offramp("audit", "log-key", str(path), "test.example/log").code == 0
    monkeypatch.setenv("OFFRAMP_LOG_KEY_FILE", str(path))
    return path


def test_a_kept_checkpoint_fits_until_somebody_rewrites_the_past(
    offramp: Offramp, log_key: Path, *, tmp_path: Path, environment: dict[str, str], stack: Stack
) -> None:
    """A checkpoint that was kept fits the log as it grows, and no longer once the owner of the tables edits an entry's leaf."""
    case = opened(offramp)
    kept = tmp_path / "checkpoint.txt"
    sealed = offramp("audit", "seal", "-o", str(kept))
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    again = offramp("audit", "seal", "--json").json
    sound = offramp("audit", "verify", "--checkpoint", str(kept))
    database = conninfo_to_dict(environment["OFFRAMP_DATABASE_URL"])["dbname"]
    with psycopg.connect(make_conninfo(stack.addresses.dsn_owner, dbname=str(database)), autocommit=True) as owner:
        owner.execute("ALTER TABLE log_node DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE log_node SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE level = 0 AND index = 0"
        )
        broken = offramp("audit", "verify", "--checkpoint", str(kept))
        told = offramp("audit", "verify", "--checkpoint", str(kept), "--json").json
        # The module's other tests find the log as it was.
        owner.execute(
            "UPDATE log_node SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE level = 0 AND index = 0"
        )

    assert sealed.code == 0
    assert "signed by test.example/log" in sealed.out
    assert kept.read_text(encoding="utf-8").startswith("test.example/log\n")
    assert again["size"] > int(kept.read_text(encoding="utf-8").split("\n")[1])
    assert sound.code == 0
    assert f"the checkpoint of {again['size']} entries fits" in sound.out
    assert broken.code == 1
    assert "they were rewritten" in broken.out
    assert (told["sound"], told["log"]["fault"]["size"]) == (False, again["size"])


def test_a_receipt_is_found_sealed_by_whoever_has_the_public_key_alone(
    offramp: Offramp, log_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the log's private key, an auditor checks the signature by the public one, and is told where it is another's."""
    opened(offramp)
    public = offramp("audit", "seal", "--json").json["verifier"]
    monkeypatch.delenv("OFFRAMP_LOG_KEY_FILE")
    foreign = log_key.with_name("other.key")
    other = offramp("audit", "log-key", str(foreign), "test.example/log").out.rstrip().rpartition(" ")[2]

    assert "signed by test.example/log" in offramp("audit", "verify", "--log-key", public).out
    assert "does not bear the signature" in offramp("audit", "verify", "--log-key", other).out
    assert "signature not checked" in offramp("audit", "verify").out


def test_without_a_log_key_nothing_is_sealed_and_the_cure_is_told(offramp: Offramp) -> None:
    """Whoever has no log key is told how to get one; one that exists is never overwritten."""
    done = offramp("audit", "seal")

    assert done.code != 0
    assert "offramp audit log-key" in done.err


def test_a_log_key_is_never_overwritten(offramp: Offramp, log_key: Path) -> None:
    """A log has one key for its whole life: a second one in its place is refused, and so is a name that no note could carry."""
    before = log_key.read_bytes()

    assert offramp("audit", "log-key", str(log_key), "test.example/log").code == 2
    assert offramp("audit", "log-key", str(log_key.with_name("new.key")), "a name").code == 2
    assert log_key.read_bytes() == before


@pytest.fixture
def witness(
    offramp: Offramp, log_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, list[str]]]:
    """A witness that runs as its operator starts it, trusted by this machine; the policy's file, and the options that name its memory."""
    key, folder, policy = tmp_path / "witness.key", tmp_path / "seen", tmp_path / "policy.txt"
    public = offramp("witness", "key", str(key), "ombud.example/w1").out.split()[-1]
    log = LogKey.from_file(log_key).verifier
    options = ["--key", str(key), "--state", str(folder), "--log", str(log)]
    command = [str(Path(sys.executable).with_name("offramp")), "witness", "run", *options, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        found = re.search(r"http://\S+", running.stdout.readline())
        assert found is not None
        policy.write_text(f"log {log}\nwitness ombud {public} {found[0]}\nquorum ombud\n", encoding="utf-8")
        monkeypatch.setenv("OFFRAMP_WITNESS_POLICY_FILE", str(policy))
        yield policy, options
        running.send_signal(signal.SIGTERM)
        assert "Stopped." in running.stdout.read()
        assert running.wait(10) == 0


def test_a_receipt_is_proved_and_shows_how_far_it_can_be_denied(
    offramp: Offramp, log_key: Path, witness: tuple[Path, list[str]], tmp_path: Path
) -> None:
    """A receipt reads RECORDED, then SEALED and WITNESSED; its proof is a file, and another entry in its place is told."""
    case = opened(offramp)
    done = do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    before = offramp("audit", "prove", case, "2")
    sealed = offramp("audit", "seal", "-o", str(tmp_path / "kept.txt"))
    proof = tmp_path / "receipt.tlog-proof"
    proved = offramp("audit", "prove", case, "2", "-o", str(proof))
    told = offramp("audit", "prove", case, "2", "--json").json
    verified = offramp("audit", "verify", case)
    shown = offramp("witness", "show", *witness[1])

    assert done.out.rstrip().endswith(" RECORDED")
    assert before.out.startswith(f"RECORDED: {case} position 2")
    assert "Witness ombud: cosigned." in sealed.out
    assert proved.out.startswith(f"WITNESSED: {case} position 2 {told['hash']}")
    assert (told["stands"], told["witnesses"], told["proof"]) == (
        "WITNESSED",
        ["ombud"],
        proof.read_text(encoding="utf-8"),
    )
    assert "by ombud." in verified.out
    assert shown.out == (tmp_path / "kept.txt").read_text(encoding="utf-8")
    assert shown.code == 0
    assert offramp("audit", "prove", case, f"2:{told['hash'][:12]}").code == 0
    assert offramp("audit", "prove", case, "2:00000000").code == 1
    assert offramp("audit", "prove", case).code == 2
    assert offramp("audit", "prove", case, "99").code == 3


def test_the_log_is_proved_to_go_on_from_a_kept_checkpoint(offramp: Offramp, log_key: Path, tmp_path: Path) -> None:
    """Whoever kept a checkpoint gets a proof in the form that witnesses read; a file that is no checkpoint is told."""
    kept = tmp_path / "kept.txt"
    case = opened(offramp)
    offramp("audit", "seal", "-o", str(kept))
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    offramp("audit", "seal")
    told = offramp("audit", "prove", "--since", str(kept), "--json").json

    assert told["proof"].startswith(f"old {told['old']}\n")
    assert told["size"] == told["old"] + 1
    assert "goes on from" in offramp("audit", "prove", "--since", str(kept)).out
    assert offramp("audit", "prove", "--since", str(log_key)).code == 2


def test_a_case_is_exported_and_verified_from_its_file_alone(offramp: Offramp, log_key: Path, tmp_path: Path) -> None:
    """A bundle with its histories is written, stands among the reads of the case, and is proved by the command that needs no database."""
    case = opened(offramp)
    kept, bundle = tmp_path / "kept.txt", tmp_path / "case.zip"
    offramp("audit", "seal", "-o", str(kept))
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    early = offramp("audit", "export", case, "-o", str(bundle), "--as", "sofia")
    offramp("audit", "seal")
    done = offramp("audit", "export", case, "-o", str(bundle), "--as", "sofia", "--checkpoint", str(kept), "--json")
    key = LogKey.from_file(log_key).verifier
    proved = offramp("audit", "verify-bundle", str(bundle), "--log-key", str(key), "--checkpoint", str(kept))
    told = offramp("audit", "verify-bundle", str(bundle), "--log-key", str(key), "--json").json
    reads = offramp("audit", "reads", case, "--json").json["reads"]

    assert "1 later entry is not in it" in early.out
    assert (done.json["entries"], done.json["waiting"]) == (2, 0)
    assert proved.code == 0, proved
    assert "the log goes on from your checkpoint 1" in proved.out
    assert told["sound"]
    assert not any("Temporal" in one and "no" in one.split() for one in told["not_proved"])
    assert [(one["reader"], one["purpose"]) for one in reads] == [("sofia", "audit_export")] * 2
    assert offramp("audit", "verify-bundle", str(kept)).code == 1


def test_every_case_is_compared_and_a_decision_explained(offramp: Offramp) -> None:
    """All cases are compared in one run, which can begin where another stopped; an entry is explained; what was true then is replayed."""
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    everywhere = offramp("audit", "compare", "--all", "--as", "sofia", "--json").json
    rest = offramp("audit", "compare", "--all", "--from", "case/g", "--as", "sofia", "--json").json
    explained = offramp("audit", "why", case, "2", "--as", "sofia")
    told = offramp("audit", "why", case, "2", "--as", "sofia", "--json").json
    true = offramp("audit", "replay", case, "--effective", "2099-01-01", "--as", "sofia")

    assert everywhere["same"]
    assert everywhere["compared"] >= 1
    assert rest["compared"] == 0
    assert "lena, who held lead_practitioner" in explained.out
    assert "contact.number: 1" in explained.out
    assert "Nothing changed" in explained.out, "a contact before one is owed is welcome, and meets nothing"
    assert "custody.lead: before nothing, after lena" in offramp("audit", "why", case, "1", "--as", "sofia").out
    assert (told["command"], told["rules"][0]["room"]) == ("keep_check_in", "contact")
    assert "What was known then was the same." in true.out
    assert offramp("audit", "why", case, "99", "--as", "sofia").code == 2
    assert offramp("audit", "compare", "--as", "sofia").code == 2
