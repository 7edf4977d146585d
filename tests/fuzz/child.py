"""One target under atheris, in a process of its own: `python -m tests.fuzz.child TARGET FOLDER [libFuzzer's options]`.

Exceptions do not stop it: the first input for each place at which something else than a refusal came out is kept under FOLDER/crashes, and it goes on.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from hashlib import sha256
from pathlib import Path
from typing import Any

_READING = ["yaml", "workflows.program.load", "workflows.program.explain", "workflows.program.fields"]
_PROVING = ["workflows.core", "activities.store.signing", "activities.store.cosigning", "starter.audit.bundle", "starter.audit.proved", "starter.audit.verify", "starter.audit.receipts", "zipfile"]  # fmt: skip
WATCHED = {
    "definition": [*_READING, "workflows.program"], "yaml": _READING, "structure": ["workflows.program", "workflows.core.calendar"], "scenario": [*_READING, "starter.scenario"],
    "staff": [*_READING, "activities.store.staff_file"], "command": ["workflows.case.commands"], "decision": ["workflows.case", "workflows.core"],
    "settings": ["activities.settings", "dotenv"], "journal": ["activities.store.erasure_journal", "workflows.core"], "kept": [*_PROVING, "activities.store.kept"],
    "witness": [*_PROVING, "starter.witness"], "names": ["activities.store.names", "starter.cli.texts"], "texts": [*_READING, "starter.cli.texts"],
    "times": ["workflows.core.calendar", "starter.scenario.span", "starter.cli.lookup"], "keys": [*_PROVING, "activities.store.keys"],
}  # fmt: skip
"""Target → the modules that the fuzzer sees the ways through; those that prove something, where none are named. The fewer, the sooner it begins."""
_SLOWER = 6.0
"""Seconds that an input may take here, where every branch is watched; what is found is tried again without that."""


def main(name: str, folder: Path, options: list[str]) -> None:
    """Fuzz until libFuzzer's options end it."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=WATCHED.get(name, _PROVING)):
        from tests.fuzz.mutate import mutated
        from tests.fuzz.target import attempt
        from tests.fuzz.targets import TARGETS
    target, corpus = TARGETS[name], folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / sha256(seed).hexdigest()[:16]).write_bytes(seed)
        attempt(target, seed, seconds=_SLOWER)
    crashes = folder / "crashes"
    crashes.mkdir(exist_ok=True)

    def one(data: bytes) -> None:
        try:
            attempt(target, data, seconds=_SLOWER)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            _keep(crashes, data, error)

    words = folder / "words.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words or ("null",)), encoding="ascii")
    known = [json.loads(seed[target.json_from :]) for seed in target.seeds()] if target.json_from is not None else []

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        begin = target.json_from
        changed = None if begin is None or seed % 8 == 0 else mutated(data[begin:], seed, known)
        if begin is None or changed is None or begin + len(changed) > longest:
            kept: bytes = atheris.Mutate(data, longest)
            return kept
        return (
            bytes(byte if seed % 3 else (seed >> 8 * place) & 255 for place, byte in enumerate(data[:begin])) + changed
        )

    more = {} if target.json_from is None else {"custom_mutator": mutate}
    atheris.Setup([sys.argv[0], *options, f"-dict={words}", f"-artifact_prefix={crashes}/", str(corpus)], one, **more)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word.encode())


def _keep(folder: Path, data: bytes, error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = next((one for one in reversed(frames) if "site-packages" not in one.filename), frames[-1])
    where = f"{type(error).__name__}-{Path(place.filename).stem}-{place.name.strip('<>')}"
    path = folder / where
    if not path.exists() or len(data) < path.stat().st_size:
        path.write_bytes(data)
        path.with_name(f"{where}.told").write_text(
            "".join(traceback.format_exception(error))[-4000:], encoding="utf-8", errors="backslashreplace"
        )


if __name__ == "__main__":
    for variable in [name for name in os.environ if name.startswith("OFFRAMP_")]:
        del os.environ[variable]
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
