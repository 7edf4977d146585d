"""Dashboards and alerts ask for metrics that exist, and every alert says what it means and what to do."""

import importlib.util
import mmap
import re
import socket
from pathlib import Path

import httpx
import yaml

from activities import telemetry
from activities.settings import Settings
from tests.deploy.files import ALERTS, DASHBOARD, DEPLOY, README, expressions, metrics_asked_for

DEMANDED = {"offramp_obligations_due", "offramp_orphaned_obligations", "offramp_ledger_seconds", "offramp_ledger_forks", "offramp_deliveries", "temporal_workflow_task_execution_failed"}  # fmt: skip


def test_our_metrics_exist_under_these_names(tmp_path: Path) -> None:
    """Every offramp_* series of an alert or a panel is one that a process of the product exports, ending included."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = Settings(
        data_dir=tmp_path, temporal_address="127.0.0.1:7233", database_url="postgresql://", metrics_address=address
    )
    told = telemetry.configure(settings, service="worker")
    try:
        telemetry.command_recorded("keep_check_in", "accepted", 0.01)
        telemetry.ledger_latency("record", 0.01)
        telemetry.ledger_forked("record")
        telemetry.escalated("check_in", 5.0)
        telemetry.obligations_due({"check_in": 1})
        telemetry.obligations_orphaned(1)
        telemetry.runs_unkept(1, 0.5)
        telemetry.case_begun_again("gone")
        telemetry.delivery_finished("check_in", "inbox", "failed")
        page = httpx.get(f"http://{address}/metrics", trust_env=False).text
    finally:
        told.shutdown()
    exported = set(re.findall(r"^(offramp_[a-z_]+)\{", page, re.MULTILINE))
    asked = {name for one in expressions() for name in re.findall(r"\bofframp_[a-z_]+", one)}

    assert asked - exported == set()
    assert all(f'{label}="' in page for label in ("operation", "kind", "effect", "channel", "outcome"))


def test_temporals_metrics_are_known_to_the_sdk() -> None:
    """Every temporal_* metric that is asked for is a name in the SDK that this product is locked to."""
    spec = importlib.util.find_spec("temporalio.bridge.temporal_sdk_bridge")
    assert spec is not None
    assert spec.origin
    with Path(spec.origin).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as library:
        unknown = [
            name
            for name in metrics_asked_for()
            if name.startswith("temporal_") and library.find(name.removeprefix("temporal_").encode()) < 0
        ]

    assert unknown == []


def test_what_matters_is_watched_in_both() -> None:
    """Overdue obligations, ledger latency, forks, failed deliveries and workflow task failures have an alert and a panel each."""
    alerts = " ".join(rule["expr"] for rule in ALERTS)
    panels = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])

    assert [name for name in DEMANDED if name not in alerts] == []
    assert [name for name in DEMANDED if name not in panels] == []


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    """Whoever is woken reads a summary, the meaning, an action, and finds the alert in the README."""
    for rule in ALERTS:
        assert {"alert", "expr", "labels", "annotations"} <= set(rule)
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert all(rule["annotations"][part] for part in ("summary", "meaning", "action"))
        assert f"`{rule['alert']}`" in README


def test_expressions_are_balanced() -> None:
    """No expression of an alert or a panel has a bracket too many or too few."""
    for one in expressions():
        assert all(one.count(opening) == one.count(closing) for opening, closing in ("()", "[]", "{}"))


def test_the_dashboard_can_be_imported() -> None:
    """Panels have ids of their own, lie on the grid without overlapping, and take their source from one variable."""
    panels = DASHBOARD["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert {panel["datasource"]["uid"] for panel in panels} == {"${source}"}
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["source"]


def test_the_collector_connects_only_what_it_defines() -> None:
    """Every pipeline of the collector names receivers, processors and exporters that are there, and each of these is used."""
    collector = yaml.safe_load((DEPLOY / "otel" / "collector.yaml").read_text(encoding="utf-8"))
    for part in ("receivers", "processors", "exporters"):
        used = {name for pipeline in collector["service"]["pipelines"].values() for name in pipeline[part]}
        assert used == set(collector[part])
    assert all(pipeline["processors"][0] == "memory_limiter" for pipeline in collector["service"]["pipelines"].values())
