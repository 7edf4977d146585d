"""Every place at which text or bytes from outside become values, and what proves that nothing bad comes in there. A new one needs a row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[1]
READING = frozenset({
    "loads", "load", "safe_load", "model_validate_json", "validate_json", "fromisoformat", "b64decode", "fromhex", "ZipFile", "read_text", "read_bytes",
    "read_json", "unquote", "text_of", "yaml.parse", "os.environ.get", "strptime", "fromstring", "unpack_archive",
})  # fmt: skip
"""Calls that make values of text or bytes."""
OURS = {
    "shipped with the product": (
        "activities/channels/text.py:_bundle", "activities/store/migrate.py:shipped", "activities/store/statements.py:sql", "starter/demo/stage.py:set_up",
        "starter/reference.py:refusals", "starter/statement/pdf.py:pdf", "starter/statement/titles.py:_translations", "starter/statement/words.py:bundle",
        "starter/cli/stack.py:_publish",
    ),
    "made by this process, of values that it checked": (
        "activities/record.py:_catch_up", "activities/record.py:_told", "activities/store/fold.py:_verified", "starter/audit/facts.py:_value",
        "starter/recovery/gather.py:rebuilt", "workflows/unreadable.py:from_payload",
        "activities/store/read_model.py:overview", "starter/audit/decision.py:_named", "starter/audit/words.py:owed", "starter/cli/read.py:_row",
        "starter/scenario/live.py:later", "starter/scenario/live.py:send", "starter/scenario/live.py:_on_the_hour", "starter/scenario/live.py:_move_later",
        "starter/scenario/pattern.py:_same_instant", "starter/scenario/play.py:_as_json", "starter/scenario/pure.py:_entry", "starter/audit/bundle.py:write",
        "starter/statement/standing.py:_read", "starter/statement/standing.py:_looked",
    ),
    "from the ledger's own tables, under a hash or a seal": (
        "activities/store/linking.py:_identity", "activities/store/programs.py:_parsed", "activities/store/staff.py:as_actor",
    ),
    "written by the escrow, each line under a digest of itself": (
        "activities/store/escrow.py:_object", "activities/store/escrow.py:_line", "activities/store/escrow.py:mark", "activities/store/restoring.py:as_bytes",
        "activities/store/restoring.py:as_entry", "starter/recovery/gather.py:from_escrow",
    ),
    "written by Temporal's SDK into its own history": ("starter/recorded.py:_results",),
    "written by the embedded stack into its own folder": (
        "starter/stack/directory.py:_clear_postgres", "starter/stack/directory.py:secrets", "starter/stack/postgres.py:_ready",
        "starter/stack/processes.py:read_records", "starter/stack/processes.py:last_words",
    ),
    "a name or a path from the environment, used as it stands": (
        "activities/settings.py:default_data_dir", "starter/cli/__init__.py:_failed", "starter/cli/session.py:_environment", "starter/cli/show.py:heading",
        "deploy/healthcheck.py:check_ready", "worker.py:_say_ready",
    ),
}  # fmt: skip
"""What is read and is not from outside, by why not."""
FUZZED = {
    "workflows/core/checkpoint.py:_signature": "note", "workflows/core/checkpoint.py:parse_checkpoint": "note", "workflows/core/proof.py:_decoded": "proof",
    "workflows/core/strict_json.py:read_json": "inside", "workflows/program/load.py:__init__": "yaml", "workflows/program/load.py:load_program": "definition",
    "activities/settings.py:_read_secret": "settings", "activities/store/cosigning.py:trusted_in": "policy",
    "activities/store/erasure_journal.py:read": "journal", "activities/store/erasure_journal.py:_erased": "journal", "activities/store/kept.py:read": "kept",
    "activities/store/program_key.py:from_base64": "keys", "activities/store/program_key.py:from_file": "keys",
    "activities/store/run_history.py:read_history": "history", "activities/store/run_history.py:_instant": "history", "starter/cli/unfinished.py:_result": "results",
    "starter/codec/form.py:parse": "form", "starter/codec/form.py:_bytes": "form", "starter/codec/token.py:believed": "token",
    "starter/recovery/receipts.py:_text": "promises", "activities/store/signing.py:read_signing_key": "keys",
    "activities/store/signing.py:_decoded": "keys", "activities/store/staff_file.py:parse_staff_file": "staff",
    "starter/audit/bundle.py:read": "bundle", "starter/audit/bundle.py:as_object": "inside", "starter/audit/bundle.py:_line": "inside",
    "starter/audit/bundle.py:as_hash": "inside", "starter/audit/proved.py:_opened": "inside",
    "starter/cli/lookup.py:parse_instant": "times", "starter/cli/lookup.py:_day": "times", "starter/cli/program.py:_read": "definition",
    "starter/cli/texts.py:_born": "names", "starter/scenario/load.py:load_story": "scenario", "starter/scenario/load.py:_outline": "scenario",
    "starter/scenario/load.py:_program": "scenario", "starter/scenario/span.py:parse": "times", "starter/witness/serve.py:do_GET": "witness",
    "starter/witness/state.py:last": "witness",
}  # fmt: skip
"""What comes from outside, and the target of the fuzzer that goes through it."""
WITHOUT_SUCH_CALL = {
    "command": "workflows/case/commands.py:parse_command, and the door of the workflow itself in tests/door/test_poison.py",
    "decision": "workflows/case/case.py:answer", "events": "workflows/case/state.py:parse_events", "structure": "workflows/program/explain.py:explain",
    "texts": "starter/cli/texts.py:evidence", "verify": "starter/audit/verify.py:verify_file",
}  # fmt: skip
"""Targets whose parsers are pydantic's alone, or put others together."""


def reading(path: Path) -> Iterator[str]:
    """The functions of a module in which something is read, as `file:function`."""

    def within(node: ast.AST, name: str) -> Iterator[str]:
        for below in ast.iter_child_nodes(node):
            inner = below.name if isinstance(below, (ast.FunctionDef, ast.AsyncFunctionDef)) else name
            if isinstance(below, ast.Call):
                called = ast.unparse(below.func)
                if called in READING or ("." in called and called.rpartition(".")[2] in READING):
                    yield f"{path.relative_to(ROOT).as_posix()}:{name}"
            yield from within(below, inner)

    return within(ast.parse(path.read_text(encoding="utf-8")), "")


def test_every_door_has_its_proof() -> None:
    """Whatever reads text or bytes is either fuzzed or said to be our own; a row of what is gone goes too."""
    files = [
        *(
            path
            for folder in ("workflows", "activities", "starter", "deploy")
            for path in (ROOT / folder).rglob("*.py")
        ),
        ROOT / "worker.py",
    ]
    found = {place for path in files for place in reading(path)}
    ours = {place for places in OURS.values() for place in places}

    assert not ours & FUZZED.keys()
    assert found == ours | FUZZED.keys(), (
        "give each new one a row: a target of tests/fuzz, or why it is not from outside"
    )


def test_every_target_is_a_door() -> None:
    """No parser is fuzzed that nobody enters by, and none of the doors names a target that is gone."""
    assert {*FUZZED.values(), *WITHOUT_SUCH_CALL} == TARGETS.keys()
