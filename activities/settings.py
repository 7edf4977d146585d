"""Settings: the environment, over what the stack wrote into the data directory. Read once, at the door of a process.

Every setting is named `OFFRAMP_<FIELD>`. Every secret may also be given as `OFFRAMP_<SECRET>_FILE`, a path whose content is
the secret, so that it stands in no process list and in no image. The environment wins over `<data dir>/settings.env` as a
whole: a secret's file named in the environment wins over its value in settings.env.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "OFFRAMP_"
FILE_NAME = "settings.env"
READ_FROM_FILES = ("database_url", "owner_database_url", "smtp_password", "webhook_secret")
"""Secrets whose `_FILE` is read here. The program key's file is read by the key ring alone, and only when it is needed."""

PROGRAM_KEYS = ("key", "key_file", "kms_key_id")
"""The ways to give the program key, of which one is taken."""

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=600)]
Address = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}$", description="host:port")]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(lambda given: _parts(given, os.pathsep))]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(lambda given: _parts(given, ","))]


class SettingsError(Exception):
    """A setting is missing or unusable. `what` names it and never shows a secret's value; `cure` says what to do."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure


class Settings(BaseSettings):
    """Everything a process of Offramp is told from outside. Terms are in seconds; absent means that the feature is off."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    data_dir: Path

    temporal_address: Address
    temporal_namespace: str = "default"
    task_queue: str = "offramp"

    database_url: Annotated[
        str, Field(repr=False, description="the application's role; may insert and read, never change an entry")
    ]
    database_url_file: Path | None = None
    owner_database_url: Annotated[
        str | None, Field(repr=False, description="the owner's role; only migrations need it")
    ] = None
    owner_database_url_file: Path | None = None
    database_pool_size: Annotated[int, Field(ge=1, le=1000)] = 10

    key: Annotated[
        SecretStr | None, Field(description="the program key, under which every participant's key is wrapped")
    ] = None
    key_file: Path | None = None
    kms_key_id: Annotated[
        str | None, Field(description="the program key in a key service, by its ARN, in place of a key or its file")
    ] = None
    kms_endpoint: Annotated[
        str | None, Field(pattern=r"^https?://", description="where the key service answers, if not at AWS")
    ] = None
    retired_key_files: Annotated[
        Paths, Field(description="program keys that still open, or will be the next one; as in PATH")
    ] = ()
    retired_kms_key_ids: Annotated[Names, Field(description="the same in a key service, with commas between")] = ()
    log_key_file: Annotated[
        Path | None, Field(description="the log's own key, which signs checkpoints; a worker without it seals nothing")
    ] = None
    checkpoint_file: Annotated[
        Path | None,
        Field(
            description="the file outside of the database in which the newest checkpoint is kept; a ledger that is behind it is not served"
        ),
    ] = None
    escrow: Annotated[
        Path | None,
        Field(
            description="the directory outside of the database, in another backup domain, in which all that is sealed is kept once more, for 'offramp recover'"
        ),
    ] = None
    erasure_journal: Annotated[
        Path | None,
        Field(
            description="the file outside of the database in which erasures are written down; a worker without it destroys no key"
        ),
    ] = None
    witness_policy_file: Annotated[
        Path | None,
        Field(description="whom one trusts about the log: witnesses with their keys and addresses, and a quorum"),
    ] = None

    keep_runs: Annotated[
        bool,
        Field(
            description="keep the history of every workflow run that has ended; off only where nothing of it is to be kept"
        ),
    ] = True

    log_format: Literal["json", "console"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: Annotated[
        str | None, Field(pattern=r"^https?://", description="OTLP over HTTP, e.g. http://127.0.0.1:4318")
    ] = None
    metrics_address: Annotated[
        Address | None, Field(description="host:port on which a worker serves metrics to Prometheus")
    ] = None

    smtp_host: str | None = None
    smtp_port: Port = 587
    smtp_from: Annotated[str | None, Field(description="the sender's address")] = None
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_password_file: Path | None = None
    smtp_starttls: Annotated[bool, Field(description="demand STARTTLS; off only towards this machine itself")] = True
    smtp_tls: Annotated[bool, Field(description="TLS from the first byte (port 465), in place of STARTTLS")] = False
    smtp_ca_file: Annotated[Path | None, Field(description="certificates to trust in place of the system's")] = None
    smtp_timeout: Annotated[Seconds, Field(description="for a whole delivery")] = 15.0

    webhook_url: Annotated[
        str | None, Field(pattern=r"^https?://", description="receives every message of channel webhook")
    ] = None
    webhook_secret: Annotated[SecretStr | None, Field(min_length=16, description="signs the body (HMAC-SHA256)")] = None
    webhook_secret_file: Path | None = None
    webhook_timeout: Annotated[Seconds, Field(description="for a whole delivery")] = 10.0

    link_base_url: Annotated[
        str | None, Field(pattern=r"^https?://", description="where a link in a message points")
    ] = None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller gives, then the environment, then settings.env; each read whole before the next."""
        from_file = sources["dotenv_settings"]
        path = from_file.env_file if isinstance(from_file, DotEnvSettingsSource) else None
        return (sources["init_settings"], _Environment(settings_cls), _SettingsFile(settings_cls, env_file=path))

    @model_validator(mode="after")
    def _belong_together(self) -> Settings:
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("OFFRAMP_SMTP_HOST is set without OFFRAMP_SMTP_FROM, the sender's address")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("OFFRAMP_SMTP_USER and OFFRAMP_SMTP_PASSWORD go together: give both or neither")
        if self.smtp_starttls and self.smtp_tls and "smtp_starttls" in self.model_fields_set:
            raise ValueError(
                "OFFRAMP_SMTP_TLS and OFFRAMP_SMTP_STARTTLS exclude each other: TLS from the first byte, or STARTTLS"
            )
        if self.smtp_host and not (self.smtp_starttls or self.smtp_tls or _is_this_machine(self.smtp_host)):
            raise ValueError(
                "OFFRAMP_SMTP_STARTTLS is off and OFFRAMP_SMTP_HOST is another machine: mail would travel in the clear"
            )
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError(
                "OFFRAMP_WEBHOOK_URL and OFFRAMP_WEBHOOK_SECRET go together: an unsigned message could come from anybody"
            )
        if (
            self.webhook_url
            and self.webhook_url.startswith("http:")
            and not _is_this_machine(urlsplit(self.webhook_url).hostname)
        ):
            raise ValueError("OFFRAMP_WEBHOOK_URL must be https:// towards another machine")
        if (
            self.kms_endpoint
            and self.kms_endpoint.startswith("http://")
            and not _is_this_machine(urlsplit(self.kms_endpoint).hostname)
        ):
            raise ValueError("OFFRAMP_KMS_ENDPOINT must be https:// towards another machine: keys travel there")
        return self


def _parts(given: object, separator: str) -> object:
    return tuple(part.strip() for part in given.split(separator) if part.strip()) if isinstance(given, str) else given


def _is_this_machine(host: str | None) -> bool:
    try:
        return host is not None and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _with_secrets_read(values: dict[str, Any]) -> dict[str, Any]:
    """One source's values, with each secret read from its file; a source that gives both ways is refused."""
    for secret in READ_FROM_FILES:
        if values.get(f"{secret}_file") is not None and values.get(secret) is not None:
            name = f"{PREFIX}{secret}".upper()
            raise SettingsError(f"Both {name} and {name}_FILE are set.", "Keep one of the two.")
    for secret in READ_FROM_FILES:
        path = values.get(f"{secret}_file")
        if path is not None:
            values[secret] = _read_secret(Path(path), f"{PREFIX}{secret}".upper())
    # Whichever way this source gives the program key, it hides the other way of a weaker source.
    given = [way for way in PROGRAM_KEYS if values.get(way) is not None]
    if len(given) > 1:
        names = " and ".join(f"{PREFIX}{way}".upper() for way in given)
        raise SettingsError(
            f"Both {names} are set.",
            "Keep one of the two; a key that is no longer the one belongs to the retired ones.",
        )
    if given:
        values.update({way: None for way in PROGRAM_KEYS if way not in given})
    return values


def _read_secret(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"{name}_FILE names {path}, which cannot be read: {why}.", f"Correct the path or its rights, or set {name}."
        ) from error
    if not text:
        raise SettingsError(f"{name}_FILE names {path}, which is empty.", f"Write the secret into it, or set {name}.")
    return text


class _Environment(EnvSettingsSource):
    def __call__(self) -> dict[str, Any]:
        return _with_secrets_read(super().__call__())


class _SettingsFile(DotEnvSettingsSource):
    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        for name, value in values.items():
            if isinstance(value, str) and "\0" in value:
                # No environment can hold it: here it would be heard of wherever it is used first, as a path or an address.
                raise SettingsError(
                    f"{PREFIX}{name.upper().removeprefix(PREFIX)}: its value in {FILE_NAME} holds a NUL.",
                    "Write its value again, as plain text.",
                )
        return _with_secrets_read(values)


def default_data_dir() -> Path:
    """Where the embedded stack keeps its data unless told otherwise: OFFRAMP_DATA_DIR, or the user's data directory."""
    given = os.environ.get(f"{PREFIX}DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    # Postgres does not run as root but as another user, to whom root's home is closed.
    return Path("/var/lib/offramp") if os.geteuid() == 0 else platformdirs.user_data_path("offramp", appauthor=False)


def load_settings(data_dir: Path | None = None) -> Settings:
    """Settings from the environment over `<data dir>/settings.env` (which may be absent).

    Raises:
        SettingsError: a needed setting is missing, or one has a value that cannot be used.
    """
    folder = (data_dir or default_data_dir()).expanduser().absolute()
    file = folder / FILE_NAME
    try:
        return Settings(_env_file=file, data_dir=folder)
    except ValidationError as error:
        raise _explained(error, file) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file} cannot be read: {type(error).__name__}.", "Correct its rights, or remove it."
        ) from error


def _explained(error: ValidationError, file: Path) -> SettingsError:
    """All that is wrong, by the names a person would set; values are never shown, since any of them may be a secret."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    missing = [_variable(problem["loc"]) for problem in problems if problem["type"] == "missing"]
    if missing:
        return SettingsError(
            f"Not set: {', '.join(missing)}.",
            f"Start the stack with `offramp up`, which writes {file}, or name its directory with OFFRAMP_DATA_DIR, or set the variables yourself.",
        )
    told = [_told(problem["loc"], kind=problem["type"], message=problem["msg"]) for problem in problems]
    return SettingsError(f"{'; '.join(told)}.", f"Correct it in the environment or in {file}.")


def _told(location: tuple[int | str, ...], *, kind: str, message: str) -> str:
    message = "no setting has this name" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return f"{_variable(location)}: {message}" if location else message


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper()
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"
