"""Drawing the secrets: each for one reader, whole or not at all, and never over those that are in use."""

import os
import re
import stat
from pathlib import Path

import pytest

from activities.keyring import open_keyring
from activities.settings import load_settings
from tests.deploy.files import CHANNELS, COMPOSE, DEPLOY, SERVICES, drawn_secrets, shell

READERS = {"postgres": 999, "temporal": 1000, "temporal-schema": 1000, "migrate": 10001, "worker": 10001, "offramp": 10001}  # fmt: skip


def test_every_secret_of_the_compose_file_is_drawn(tmp_path: Path) -> None:
    """Each file that the compose file names is there, with mode 0600 and one line, and the channels' own as far as they can be drawn."""
    where = drawn_secrets(tmp_path / "secrets")
    named = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    drawn = {path.name for path in where.iterdir()}

    assert drawn == named | {"webhook_secret"}
    assert all("webhook_secret" in path.read_text(encoding="utf-8") for path in CHANNELS if "webhook" in path.name)
    assert {stat.S_IMODE(path.stat().st_mode) for path in where.iterdir()} == {0o600}
    assert all(len(path.read_text(encoding="utf-8").splitlines()) == 1 for path in where.iterdir())


def test_secrets_in_use_are_never_overwritten(tmp_path: Path) -> None:
    """A second run changes nothing and says why: a new program key could read nothing that is stored."""
    where = drawn_secrets(tmp_path / "secrets")
    before = {path.name: path.read_bytes() for path in where.iterdir()}
    again = shell(DEPLOY / "make-secrets.sh", "--no-chown", str(where))

    assert again.returncode == 1
    assert "nothing in it is overwritten" in again.stderr
    assert "cure:" in again.stderr
    assert {path.name: path.read_bytes() for path in where.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["secrets"]


def test_no_two_installations_share_a_secret(tmp_path: Path) -> None:
    """Everything is drawn anew for each installation."""
    one, other = drawn_secrets(tmp_path / "one"), drawn_secrets(tmp_path / "other")

    assert all(path.read_bytes() != (other / path.name).read_bytes() for path in one.iterdir())


def test_a_password_is_the_same_for_all_who_need_it(tmp_path: Path) -> None:
    """What Postgres is told of a role is what the role's user is told."""
    where = drawn_secrets(tmp_path / "secrets")
    told = {path.name: path.read_text(encoding="utf-8").strip() for path in where.iterdir()}

    assert told["temporal_password"] == told["postgres_temporal_password"]
    assert told["database_url"] == f"postgresql://offramp_app:{told['postgres_app_password']}@postgres:5432/offramp"
    assert (
        told["owner_database_url"]
        == f"postgresql://offramp_owner:{told['postgres_owner_password']}@postgres:5432/offramp"
    )


def test_the_product_reads_its_secrets_from_these_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's settings of the compose file load, every secret from its file, and the program key is one."""
    where = drawn_secrets(tmp_path / "secrets")
    for name in [name for name in os.environ if name.startswith("OFFRAMP_")]:
        monkeypatch.delenv(name)
    for name, value in SERVICES["worker"]["environment"].items():
        plain = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)
        monkeypatch.setenv(name, plain.replace("/run/secrets", str(where)))
    settings = load_settings(tmp_path)

    assert settings.database_url == (where / "database_url").read_text(encoding="utf-8").strip()
    assert settings.temporal_namespace == "offramp"
    assert settings.owner_database_url is None
    open_keyring(settings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others, here as in an installation")
def test_each_secret_belongs_to_its_one_reader(tmp_path: Path) -> None:
    """Drawn by root, each file belongs to the user as whom the containers that mount it run."""
    where = tmp_path / "secrets"
    assert shell(DEPLOY / "make-secrets.sh", str(where)).returncode == 0
    mounted = {(name, READERS[service]) for service, about in SERVICES.items() for name in about.get("secrets", [])}

    assert {(name, (where / name).stat().st_uid) for name in COMPOSE["secrets"]} == mounted


def test_wrong_use_is_told_and_cured(tmp_path: Path) -> None:
    """Arguments that make no sense end in one message with its cure, and leave nothing behind."""
    done = shell(DEPLOY / "make-secrets.sh", "--no-chown", str(tmp_path / "a"), str(tmp_path / "b"))

    assert done.returncode == 1
    assert "cure:" in done.stderr
    assert list(tmp_path.iterdir()) == []
