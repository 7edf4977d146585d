"""The image's build, as far as it can be read without an engine; install.sh holds its steps, and can be run by hand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, README, ROOT, SERVICES

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COPIED = [
    source
    for line in DOCKERFILE.splitlines()
    if line.startswith("COPY ") and "--from" not in line
    for source in line.split()[1:-1]
]
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))


def test_what_is_copied_is_there_and_is_sent() -> None:
    """Every source of the image exists, and the ignore file lets exactly these through."""
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignore if line.startswith("!")}

    assert [source for source in COPIED if not (ROOT / source).exists()] == []
    assert let_through == set(COPIED)
    assert "*" in ignore


def test_every_package_of_the_product_is_in_the_image() -> None:
    """What the installed product is made of is copied: each package and module that pyproject.toml lists."""
    listed = re.findall(r'^(?:packages|py-modules) = \[(.*)\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip
    product = re.findall(r'"(\w+)"', " ".join(listed[:2]))

    assert "workflows" in product
    assert [name for name in product if name not in COPIED and f"{name}.py" not in COPIED] == []


def test_the_last_stage_builds_nothing_and_is_nobody_special() -> None:
    """It installs nothing, has no pip, runs as a numbered user without rights, and checks its health by the product's own check."""
    assert "uninstall --yes --quiet --root-user-action=ignore setuptools wheel pip" in LAST_STAGE
    assert not re.search(r"pip3? (--\S+ )*install|apt-get|curl|wget", LAST_STAGE)
    assert re.findall(r"^USER (.*)$", LAST_STAGE, re.MULTILINE) == ["10001:10001"]
    assert LAST_STAGE.index("USER 10001") > LAST_STAGE.rindex("COPY ")
    assert 'CMD ["python", "-m", "deploy.healthcheck"]' in LAST_STAGE
    assert "offramp=10001" in (DEPLOY / "make-secrets.sh").read_text(encoding="utf-8")


def test_the_base_is_pinned_and_has_a_place_for_its_digest() -> None:
    """Both stages stand on one pinned base, named once, so that a release can add the digest."""
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.[0-9]+-slim-[a-z]+$", DOCKERFILE, re.MULTILINE)
    assert "PYTHON_IMAGE" in README


def test_the_image_has_the_version_of_the_product() -> None:
    """The compose file asks for an image of this version."""
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)

    assert version is not None
    assert SERVICES["worker"]["image"] == f"${{OFFRAMP_IMAGE:-offramp:{version[1]}}}"


def test_every_file_is_installed_by_its_hash() -> None:
    """Whatever the build fetches is checked: pip is called with --require-hashes, or for the product itself without dependencies."""
    script = (DEPLOY / "install.sh").read_text(encoding="utf-8")
    installs = [line.strip() for line in script.splitlines() if line.strip().startswith("pip install")]

    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_one_build_tool_comes_with_its_hashes() -> None:
    """The lines that install.sh takes from the lock are one package with at least one hash."""
    program = re.search(r"awk '(.*)' requirements-dev\.lock", (DEPLOY / "install.sh").read_text(encoding="utf-8"))
    assert program is not None
    taken = subprocess.run(
        ["awk", program[1], str(ROOT / "requirements-dev.lock")], capture_output=True, text=True, timeout=10, check=True
    ).stdout

    assert re.fullmatch(r"setuptools==\S+ \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+", taken)


def test_a_wrong_step_is_named(tmp_path: Path) -> None:
    """install.sh with a step that it does not have says which there are."""
    done = subprocess.run(
        ["sh", str(DEPLOY / "install.sh"), "everything", str(tmp_path)],
        env={"PATH": os.defpath, "PYTHON": sys.executable}, capture_output=True, text=True, timeout=10, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "'dependencies' and 'product'" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_sound(script: Path) -> None:
    """Every script parses, stops at the first error and at an unset variable, and can be executed."""
    done = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, timeout=10, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^set -eu$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert os.access(script, os.X_OK)
