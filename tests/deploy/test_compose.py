"""The compose file: confined containers, apart from each other, told only what they need, with settings that the product knows."""

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.settings import PREFIX, Settings
from starter.stack.postgres import SETTINGS as EMBEDDED
from starter.stack.temporal import LIMITS
from tests.deploy.files import CHANNELS, COMPOSE, DEPLOY, README, SERVICES, postgres_options

KNOWN = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
BESIDES = {"OFFRAMP_READY_FILE", "OFFRAMP_PERSON", "OFFRAMP_IMAGE"}
"""What the worker, the command line and the compose file itself read besides the settings."""
ONE_SHOT = {"temporal-schema", "temporal-namespace", "migrate", "offramp"}
ON_THIS_MACHINE = {"listen_addresses", "unix_socket_directories"}


def image(about: dict[str, Any]) -> str:
    """The image of a service, by default."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]+)\}", r"\1", about["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_confined(name: str) -> None:
    """No capability, no new privilege, no core dump, a bound on processes, a pinned image; root file system read-only but for one."""
    about = SERVICES[name]

    assert about["cap_drop"] == ["ALL"]
    assert about["security_opt"] == ["no-new-privileges:true"]
    assert about["ulimits"] == {"core": 0}
    assert about["pids_limit"] > 0
    assert about["read_only"] is (name != "temporal-ui")
    assert not {"privileged", "cap_add", "pid", "ipc", "network_mode", "devices", "userns_mode"} & set(about)
    assert re.fullmatch(r"[a-z/-]+:[0-9]+\.[0-9.]+(-[a-z]+)?", image(about))
    assert about["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert all(mount.endswith(":ro") for mount in about.get("volumes", []) if mount.startswith("."))


def test_ports_are_open_to_this_machine_alone() -> None:
    """What is published is published on 127.0.0.1, and neither Postgres nor Temporal's door is."""
    published = {name: about["ports"] for name, about in SERVICES.items() if "ports" in about}

    assert published == {"temporal-ui": ["127.0.0.1:8080:8080"], "collector": ["127.0.0.1:8889:8889"]}


def test_networks_keep_apart_what_need_not_meet() -> None:
    """Only who publishes a port has a way out; the UI and the collector reach no database; Temporal's tools none but theirs."""
    joined = {name: set(about["networks"]) for name, about in SERVICES.items()}
    open_networks = {name for name, about in COMPOSE["networks"].items() if not about.get("internal")}

    assert open_networks == {"edge"}
    assert {name for name, networks in joined.items() if "edge" in networks} == {"temporal-ui", "collector"}
    assert {name for name, networks in joined.items() if "ledger" in networks} == {
        "postgres", "migrate", "worker", "offramp",
    }  # fmt: skip
    assert {name for name, networks in joined.items() if "engine_store" in networks} == {
        "postgres", "temporal", "temporal-schema",
    }  # fmt: skip


def test_secrets_go_to_those_who_need_them_alone() -> None:
    """The owner's address is the migration's alone, the program key the worker's and the command line's; none stands in an environment."""
    readers: dict[str, set[str]] = {}
    for name, about in SERVICES.items():
        for secret in about.get("secrets", []):
            readers.setdefault(secret, set()).add(name)

    assert set(readers) == set(COMPOSE["secrets"])
    assert readers["owner_database_url"] == {"migrate"}
    assert readers["program_key"] == {"worker", "offramp"}
    assert readers["postgres_admin_password"] == {"postgres"}
    for name, about in SERVICES.items():
        for variable, value in about.get("environment", {}).items():
            assert not re.search(r"(PASSWORD|PWD|SECRET|_KEY|DATABASE_URL)$", variable), (name, variable)
            if str(value).startswith("/run/secrets/") and name != "migrate":
                assert Path(value).name in about["secrets"]


def test_services_wait_for_what_they_need() -> None:
    """Whoever is waited for is there, and tells by a health check or by its end that it is ready."""
    for name, about in SERVICES.items():
        for needed, how in about.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[needed]["healthcheck"], (name, needed)
            else:
                assert how["condition"] == "service_completed_successfully"
                assert needed in ONE_SHOT
    assert set(SERVICES["worker"]["depends_on"]) == {"migrate", "temporal-namespace"}


def test_the_worker_may_finish_what_it_began() -> None:
    """The engine waits longer for a stopping worker than the worker takes at most."""
    from worker import GRACE

    assert timedelta(seconds=int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))) > GRACE


def test_postgres_keeps_what_it_acknowledged_and_logs_no_row() -> None:
    """The real Postgres runs with every setting of the embedded one that is not about this machine, and with checksums."""
    wanted = {name: value for name, value in EMBEDDED.items() if name not in ON_THIS_MACHINE}

    assert postgres_options() == wanted
    assert "--data-checksums" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_closed_runs_stay_for_ninety_days() -> None:
    """The namespace keeps the history of a closed run for at least 90 days."""
    hours = int(SERVICES["temporal-namespace"]["environment"]["RETENTION"].removesuffix("h"))

    assert timedelta(hours=hours) >= timedelta(days=90)


@pytest.mark.parametrize(
    "path",
    [DEPLOY / "compose.yaml", *CHANNELS, DEPLOY / "Dockerfile", DEPLOY / "README.md"],
    ids=lambda path: path.name,
)
def test_every_variable_is_one_the_product_reads(path: Path) -> None:
    """No compose file, image or page names a variable OFFRAMP_* that nothing reads."""
    named = set(re.findall(r"\bOFFRAMP_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))

    assert named
    assert named - KNOWN == named & BESIDES


@pytest.mark.parametrize("path", CHANNELS, ids=lambda path: path.name)
def test_a_channel_adds_itself_to_the_worker_and_nothing_else(path: Path) -> None:
    """A channel's file gives the worker its settings, its secret and a way out, by names that the main file leaves free."""
    added = yaml.safe_load(path.read_text(encoding="utf-8"))
    worker = added["services"]["worker"]

    assert set(added["services"]) == {"worker"}
    assert set(worker) == {"environment", "secrets", "networks"}
    assert worker["networks"] == ["outward"]
    assert set(worker["secrets"]) == set(added["secrets"])
    assert not set(added["secrets"]) & set(COMPOSE["secrets"])
    assert not set(worker["environment"]) & set(SERVICES["worker"]["environment"])


def test_every_setting_that_is_not_the_default_is_explained() -> None:
    """Each setting given to Temporal, Postgres and the collector, and each restriction of the containers, has its reason in the README."""
    dynamic = yaml.safe_load((DEPLOY / "temporal" / "dynamicconfig.yaml").read_text(encoding="utf-8"))
    collector = yaml.safe_load((DEPLOY / "otel" / "collector.yaml").read_text(encoding="utf-8"))
    settings = [*dynamic, *postgres_options(), *SERVICES["temporal"]["environment"]]
    settings += [*SERVICES["temporal-ui"]["environment"], *SERVICES["worker"]["environment"]]
    settings += [*collector["processors"], *collector["exporters"], *COMPOSE["x-confined"], *COMPOSE["networks"]]
    settings += ["stop_grace_period", "POSTGRES_INITDB_ARGS", "RETENTION", "shm_size"]

    assert [name for name in settings if f"`{name}" not in README] == []
    assert {name: dynamic[name][0]["value"] for name in LIMITS} == LIMITS


def test_the_readme_names_what_there_is() -> None:
    """Every file and every service that the README names is there, and the sections stand in the order of an operator's day."""
    files = re.findall(r"`deploy/([a-z0-9_./-]+)`", README)
    commands = re.findall(
        r"docker compose .*?\b(?:run --rm(?: -T| --volume \S+)?|logs|restart|ps|exec(?: -T)?|stop|start) ([a-z-]+)",
        README,
    )
    sections = [README.index(f"\n## {title}") for title in ("Start", "Day to day", "Settings", "Alerts", "Backups")]

    assert [name for name in files if not (DEPLOY / name).exists() and name not in {"secrets", ".env"} and not name.startswith("secrets/")] == []  # fmt: skip
    assert commands
    assert [name for name in commands if name not in SERVICES] == []
    assert all(before < after for before, after in pairwise(sections))
