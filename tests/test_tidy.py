"""The habits that a machine can hold: sizes, names, docstrings, lock files. There is no list of exceptions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = [ROOT / name for name in ("workflows", "activities", "starter", "tests", "deploy")]
FILES = sorted([*(path for folder in CODE for path in folder.rglob("*.py")), *ROOT.glob("*.py")])
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
LINES_PER_FILE = 350
LINES_PER_TEST_FILE = 600
LINES_PER_FUNCTION = 60
LINES_PER_WORKFLOW_FUNCTION = 40
POSITIONAL_PARAMETERS = 4

type_of_function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions() -> Iterator[tuple[Path, type_of_function]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, type_of_function):
                yield path, node


def place(path: Path, node: type_of_function) -> str:
    return f"{relative(path)}:{node.lineno} {node.name}"


def test_files_stay_short() -> None:
    """No file outgrows what a reader can hold: 350 lines, 600 for tests."""
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    limits = {name: LINES_PER_TEST_FILE if name.startswith("tests/") else LINES_PER_FILE for name in lengths}

    assert {name: length for name, length in lengths.items() if length > limits[name]} == {}


def test_functions_stay_short() -> None:
    """No function outgrows a screen: 40 lines under workflows, 60 elsewhere."""
    long = {}
    for path, node in functions():
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        limit = LINES_PER_WORKFLOW_FUNCTION if relative(path).startswith("workflows/") else LINES_PER_FUNCTION
        if length > limit:
            long[place(path, node)] = length

    assert long == {}


def test_functions_take_few_positional_parameters() -> None:
    """Outside tests nobody must remember the order of more than four arguments."""
    many = {}
    for path, node in functions():
        given = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args) if arg.arg not in {"self", "cls"}]
        if not relative(path).startswith("tests/") and len(given) > POSITIONAL_PARAMETERS:
            many[place(path, node)] = given

    assert many == {}


def test_every_test_states_its_promise() -> None:
    """Every test says in a sentence what it promises."""
    silent = [
        place(path, node)
        for path, node in functions()
        if node.name.startswith("test_") and path.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_every_module_says_what_it_is_for() -> None:
    """Every module opens with a docstring."""
    silent = [relative(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert silent == []


def test_no_module_has_a_shapeless_name() -> None:
    """A module is named after its subject."""
    shapeless = [relative(path) for path in FILES if SHAPELESS & {path.stem, *path.relative_to(ROOT).parts[:-1]}]

    assert shapeless == []


def test_no_test_sleeps_bare() -> None:
    """A test waits for a condition with a deadline: the one sleep stands in the function that does so."""
    sleeping = []
    for path, node in functions():
        calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
        if node.name.startswith("test_") and any(ast.unparse(call.func) in {"time.sleep", "sleep"} for call in calls):
            sleeping.append(place(path, node))

    assert sleeping == []


def test_no_exception_is_swallowed() -> None:
    """No handler consists of `pass` alone."""
    swallowed = [
        f"{relative(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]

    assert swallowed == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_place_of_download(name: str) -> None:
    """A lock file says what is installed and never from where."""
    text = (ROOT / name).read_text(encoding="utf-8")

    assert re.findall(r"https?://|file:|index-url|find-links|^-", text, flags=re.MULTILINE) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes(name: str) -> None:
    """Every package in a lock file is pinned to one version and to its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    unpinned = [line for line in packages if not re.match(r"[\w.-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)]

    assert packages
    assert unpinned == []
