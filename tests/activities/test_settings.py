"""Settings: where they come from, and what a person is told who got one wrong."""

import os
from pathlib import Path

import pytest

from activities.settings import PREFIX, Settings, SettingsError, load_settings

NEEDED = {"OFFRAMP_TEMPORAL_ADDRESS": "127.0.0.1:7233", "OFFRAMP_DATABASE_URL": "postgresql://app@127.0.0.1/offramp"}
CANARY = "canary-7c1f-canary-7c1f"


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes what the machine's own environment says about Offramp."""
    import os

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def written(folder: Path, **values: str) -> Path:
    (folder / "settings.env").write_text(
        "".join(f"{name}='{value}'\n" for name, value in values.items()), encoding="utf-8"
    )
    return folder


def refusal(folder: Path) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(folder)
    return caught.value


def test_what_the_stack_wrote_is_read(tmp_path: Path) -> None:
    """After `offramp up` nobody has to set anything."""
    settings = load_settings(written(tmp_path, **NEEDED))

    assert (settings.data_dir, settings.temporal_address, settings.task_queue) == (
        tmp_path,
        "127.0.0.1:7233",
        "offramp",
    )


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set in the environment counts over the stack's file."""
    monkeypatch.setenv("OFFRAMP_TASK_QUEUE", "elsewhere")

    assert load_settings(written(tmp_path, **NEEDED, OFFRAMP_TASK_QUEUE="here")).task_queue == "elsewhere"


def test_a_secret_in_a_file_of_the_environment_wins_over_a_value_in_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment wins whole, whichever way it gives a secret."""
    secret = tmp_path / "dsn"
    secret.write_text("postgresql://from-file\n", encoding="utf-8")
    monkeypatch.setenv("OFFRAMP_DATABASE_URL_FILE", str(secret))

    assert load_settings(written(tmp_path, **NEEDED)).database_url == "postgresql://from-file"


@pytest.mark.parametrize(
    ("given", "other"),
    [("key", "key_file"), ("key_file", "key"), ("kms_key_id", "key_file"), ("key_file", "kms_key_id")],
)
def test_one_way_to_the_program_key_hides_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, other: str
) -> None:
    """A program key in the environment never competes with one in the stack's file."""
    monkeypatch.setenv(f"OFFRAMP_{given.upper()}", "one")
    settings = load_settings(written(tmp_path, **NEEDED, **{f"OFFRAMP_{other.upper()}": "two"}))

    assert getattr(settings, given) is not None
    assert getattr(settings, other) is None


def test_retired_program_keys_are_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are listed as in PATH, keys of a service with commas; none is none."""
    monkeypatch.setenv("OFFRAMP_RETIRED_KEY_FILES", os.pathsep.join(("/run/a.key", "/run/b.key")))
    settings = load_settings(written(tmp_path, **NEEDED, OFFRAMP_RETIRED_KMS_KEY_IDS="arn:one, arn:two"))
    monkeypatch.setenv("OFFRAMP_RETIRED_KEY_FILES", "")

    assert settings.retired_key_files == (Path("/run/a.key"), Path("/run/b.key"))
    assert settings.retired_kms_key_ids == ("arn:one", "arn:two")
    assert load_settings(tmp_path).retired_key_files == ()


@pytest.mark.parametrize(
    "name", ["OFFRAMP_DATABASE_URL_FILE", "OFFRAMP_KEY_FILE", "OFFRAMP_TASK_QUEUE", "OFFRAMP_TYPO"]
)
def test_a_value_that_no_environment_could_hold_is_refused(tmp_path: Path, name: str) -> None:
    """A NUL in the stack's file is named with its setting, before it is taken for a path."""
    given = {key: value for key, value in NEEDED.items() if f"{key}_FILE" != name}
    error = refusal(written(tmp_path, **given, **{name: "le\0"}))

    assert f"{name}: " in error.what
    assert "plain text" in error.cure


def test_missing_settings_are_all_named_with_the_cure(tmp_path: Path) -> None:
    """A newcomer without a stack is told what is missing and how to get it, all at once."""
    error = refusal(tmp_path)

    assert error.what == "Not set: OFFRAMP_TEMPORAL_ADDRESS, OFFRAMP_DATABASE_URL."
    assert "offramp up" in error.cure
    assert str(tmp_path / "settings.env") in error.cure


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"OFFRAMP_SMTP_PORT": "mail"}, "OFFRAMP_SMTP_PORT: "),
        ({"OFFRAMP_TEMPORAL_ADDRESS": "nowhere"}, "OFFRAMP_TEMPORAL_ADDRESS: "),
        ({"OFFRAMP_TYPO": "1"}, "OFFRAMP_TYPO: no setting has this name"),
        ({"OFFRAMP_SMTP_HOST": "127.0.0.1"}, "OFFRAMP_SMTP_FROM"),
        ({"OFFRAMP_SMTP_USER": "someone"}, "OFFRAMP_SMTP_PASSWORD"),
        (
            {"OFFRAMP_SMTP_HOST": "mail.example", "OFFRAMP_SMTP_FROM": "a@b.example", "OFFRAMP_SMTP_STARTTLS": "off"},
            "in the clear",
        ),
        ({"OFFRAMP_WEBHOOK_URL": "https://hook.example"}, "OFFRAMP_WEBHOOK_SECRET"),
        ({"OFFRAMP_WEBHOOK_URL": "http://hook.example", "OFFRAMP_WEBHOOK_SECRET": "s" * 32}, "must be https"),
        (
            {"OFFRAMP_WEBHOOK_SECRET": "short", "OFFRAMP_WEBHOOK_URL": "https://hook.example"},
            "OFFRAMP_WEBHOOK_SECRET: ",
        ),
        ({"OFFRAMP_KEY": "k", "OFFRAMP_KEY_FILE": "f"}, "Both OFFRAMP_KEY and OFFRAMP_KEY_FILE are set"),
        ({"OFFRAMP_KEY_FILE": "f", "OFFRAMP_KMS_KEY_ID": "a"}, "Both OFFRAMP_KEY_FILE and OFFRAMP_KMS_KEY_ID are set"),
        (
            {"OFFRAMP_KMS_ENDPOINT": "http://kms.example"},
            "OFFRAMP_KMS_ENDPOINT must be https:// towards another machine",
        ),
        (
            {"OFFRAMP_SMTP_PASSWORD_FILE": "/nowhere/at/all"},
            "OFFRAMP_SMTP_PASSWORD_FILE names /nowhere/at/all, which cannot be read",
        ),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, values: dict[str, str], what: str) -> None:
    """Every mistake is told by the name that a person would set."""
    assert what in refusal(written(tmp_path, **{**NEEDED, **values})).what


def test_an_empty_secret_file_is_no_secret(tmp_path: Path) -> None:
    """A secret that was never written does not pass as the empty password."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")

    assert "is empty" in refusal(written(tmp_path, **NEEDED, OFFRAMP_WEBHOOK_SECRET_FILE=str(tmp_path / "empty"))).what


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    """Neither the settings printed whole nor an error about them shows a secret."""
    secrets = {
        "OFFRAMP_DATABASE_URL": f"postgresql://app:{CANARY}@127.0.0.1/x", "OFFRAMP_OWNER_DATABASE_URL": f"postgresql://o:{CANARY}@127.0.0.1/x",
        "OFFRAMP_KEY": CANARY, "OFFRAMP_SMTP_USER": "u", "OFFRAMP_SMTP_PASSWORD": CANARY,
        "OFFRAMP_WEBHOOK_URL": "https://hook.example", "OFFRAMP_WEBHOOK_SECRET": CANARY,
    }  # fmt: skip
    settings: Settings = load_settings(written(tmp_path, **{**NEEDED, **secrets}))
    error = refusal(written(tmp_path, **{**NEEDED, **secrets, "OFFRAMP_SMTP_PORT": CANARY}))

    assert CANARY not in f"{settings!r} {settings} {error} {error.__cause__}"
