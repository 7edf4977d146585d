"""Auditors seal the log, keep a checkpoint, and are told of whatever was rewritten since."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

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
