"""Every refusal that the rules can utter is tested, and names a cure."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.case.examples import ROOT

RULES = sorted((ROOT / "workflows" / "case").glob("*.py"))
TESTS = sorted(Path(__file__).parent.glob("test_*.py"))


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Every `Refused(...)` in the rules, with its place."""
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                yield f"{path.name}:{node.lineno}", node


def code_of(call: ast.Call) -> str:
    """The code of a refusal, which stands in it as a literal."""
    first = call.args[0]
    assert isinstance(first, ast.Constant), ast.unparse(call)
    assert isinstance(first.value, str), ast.unparse(call)
    return first.value


def codes_tested() -> set[str]:
    """Every code that a test names: as an argument of `refuse`, in an assertion, or as the match of `pytest.raises`."""
    constants = {
        node.value
        for path in TESTS
        if path.name != Path(__file__).name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {part for constant in constants for part in constant.split(":")[:1]}


def test_every_refusal_states_code_why_and_cure() -> None:
    """A refusal has three parts, each a text in its place: the code, what was found, and what to do."""
    incomplete = [place for place, call in refusals() if len(call.args) != 3 or call.keywords]

    assert incomplete == []


def test_every_refusal_names_a_cure() -> None:
    """The cure says something to do, in more than a word."""
    empty = [
        place
        for place, call in refusals()
        if isinstance(call.args[2], ast.Constant) and " " not in str(call.args[2].value)
    ]

    assert empty == []


def test_every_code_has_a_test() -> None:
    """No refusal can be uttered whose code no test provokes."""
    codes = {code_of(call) for _, call in refusals()}

    assert len(codes) > 30
    assert codes - codes_tested() == set()


def test_every_room_lists_its_refusals() -> None:
    """A code that a module utters stands in a docstring of that module or of the door."""
    unlisted = []
    for path in RULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [
            ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Module))
        ]
        codes = {code_of(call) for place, call in refusals() if place.startswith(f"{path.name}:")}
        unlisted += [f"{path.name}: {code}" for code in codes if not any(f"`{code}`" in text for text in texts)]

    assert unlisted == []
