"""What the import contracts in .importlinter cannot hold: worker.py, the first import, and life without Temporal."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = ["core", "program", "case"]
PYDANTIC = {"pydantic", "pydantic_core"}
# The strict reader of YAML builds upon PyYAML's parser; nothing else is let in.
BESIDES_THE_STANDARD_LIBRARY = {"program/load.py": {*PYDANTIC, "workflows", "yaml"}}
REFUSE_TEMPORAL_AND_LOAD = """
import importlib, importlib.abc, pkgutil, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] in {"temporalio", "psycopg", "psycopg_pool", "activities", "starter"}:
            raise ImportError(f"the pure packages must load without {fullname}")
        return None

sys.meta_path.insert(0, Refuse())
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


def imports(path: Path) -> Iterator[str]:
    """Yields the dotted name of everything a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_the_first_import_imports_nothing() -> None:
    """The pure packages can be loaded without anything else, since workflows/__init__.py imports nothing."""
    assert list(imports(ROOT / "workflows" / "__init__.py")) == []


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_import_only_the_standard_library_and_pydantic(package: str) -> None:
    """Rules depend on nothing that could answer differently tomorrow."""
    foreign = {}
    for path in sorted((ROOT / "workflows" / package).rglob("*.py")):
        name = path.relative_to(ROOT / "workflows").as_posix()
        allowed = BESIDES_THE_STANDARD_LIBRARY.get(name, {*PYDANTIC, "workflows"}) | sys.stdlib_module_names
        if strangers := [module for module in imports(path) if module.split(".")[0] not in allowed]:
            foreign[name] = strangers

    assert foreign == {}


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_load_without_temporal(package: str) -> None:
    """An auditor can replay a case on a machine that has neither Temporal nor a database driver."""
    command = [sys.executable, "-c", REFUSE_TEMPORAL_AND_LOAD, f"workflows.{package}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_worker_registers_and_nothing_more() -> None:
    """worker.py connects workflows and activities; it never reaches into starter or into the rooms of a case."""
    reached = [name for name in imports(ROOT / "worker.py") if name.split(".")[0] in {"starter", "tests"}]
    reached += [name for name in imports(ROOT / "worker.py") if name.startswith("workflows.case.")]

    assert reached == []


def test_nobody_imports_the_worker() -> None:
    """worker.py is a program, started by its path."""
    files = [path for folder in ("workflows", "activities", "starter") for path in (ROOT / folder).rglob("*.py")]

    assert [path.relative_to(ROOT).as_posix() for path in files if "worker" in set(imports(path))] == []


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_carry_their_own_law(package: str) -> None:
    """Every pure package refuses clocks, chance and the environment, and each refusal names the substitute."""
    snippet = (
        "import datetime\nimport os\nimport random\nimport time\nimport uuid\nimport temporalio\nimport psycopg\n"
        "print(datetime.datetime.now(), datetime.datetime.utcnow(), datetime.date.today(), uuid.uuid4())\n"
    )
    where = ROOT / "workflows" / package / "law.py"
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise"]
    command += ["--stdin-filename", str(where), "-"]
    done = subprocess.run(command, cwd=ROOT, input=snippet, capture_output=True, text=True, timeout=60, check=False)
    refused = [line for line in done.stdout.splitlines() if "is banned" in line]

    assert len(refused) == 9
    assert all("here" in line for line in refused)
