"""What an administrator is told after a loss, and how two people go on."""

from pathlib import Path

import pytest

from activities.store.signing import LogKey
from starter.stack import Stack, StackError
from tests.starter.terminal import Offramp, opened


def test_a_ledger_behind_its_checkpoint_is_not_served(
    offramp: Offramp, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, stack: Stack, tmp_path: Path
) -> None:
    """The worker says what is missing and does not start; reading goes on; two people named in the directory may go on, and one may not."""
    monkeypatch.setenv("OFFRAMP_LOG_KEY_FILE", str(stack.addresses.log_key_file))
    case = opened(offramp)
    assert offramp("audit", "seal").code == 0
    ahead = LogKey.from_file(stack.addresses.log_key_file).sign(9_999_999, bytes(32))
    path = tmp_path / "checkpoint"
    path.write_text(str(ahead), encoding="utf-8")

    with pytest.raises(StackError, match="covers 9999999"):
        stack.spawn_worker({**environment, "OFFRAMP_CHECKPOINT_FILE": str(path)})
    assert offramp("case", "show", case).code == 0
    named = ("audit", "discontinuity", "--checkpoint-file", str(path))
    told = offramp(*named)
    assert (told.code, "are missing" in told.out) == (1, True)
    alone = offramp(*named, "--as", "sofia", "--approved-by", "sofia")
    stranger = offramp(*named, "--as", "sofia", "--approved-by", "nobody.here")
    assert (alone.code, stranger.code) == (3, 2)
    done = offramp(*named, "--as", "sofia", "--approved-by", "tariq")
    assert (done.code, "approved by tariq" in done.out) == (0, True)
    assert offramp(*named).code == 0
