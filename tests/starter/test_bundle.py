"""A bundle convinces an outsider who trusts public keys alone, names what was tampered with, and says what it cannot prove."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.store import log
from activities.store.cosigning import Trusted, WitnessKey, trusted
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from activities.store.witnessed import add_cosignature
from starter.audit import bundle
from starter.audit.bundle import BadBundle, Bundle, Line, dump_line
from starter.audit.export import Wanted, export
from starter.audit.proofs import prove_entry, prove_since
from starter.audit.receipts import Receipt
from starter.audit.verify import Asked, asked_by, main, report, verify_file
from tests.starter.stored import eventful, store
from workflows.core.checkpoint import parse_note
from workflows.core.entry import Entry, seal
from workflows.core.kinds import ENGINE
from workflows.core.proof import ConsistencyProof

ROOT = Path(__file__).resolve().parents[2]
ONLY_STANDARD_LIBRARY_AND_CRYPTOGRAPHY = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        top = fullname.split(".")[0]
        allowed = {"activities", "starter", "workflows", "cryptography", "cffi", "_cffi_backend"}
        if top not in allowed and top not in sys.stdlib_module_names or top == "socket":
            raise ImportError(f"no {fullname} here")
        return None
sys.meta_path.insert(0, Refuse())
from starter.audit.verify import main
sys.exit(main(sys.argv[1:]))
"""


RUN, HISTORY = "00000000-0000-4000-8000-000000000001", b'{"events": []}'
HISTORY_FILE = f"temporal/{RUN}.json"
"""A run that was kept, and what stands in for its history: here it is bytes with a digest."""


class Made(NamedTuple):
    """A case with its bundle, what an outsider trusts, and a checkpoint that was kept from earlier."""

    stream: str
    other: str
    path: Path
    key: LogKey
    policy: Trusted
    kept: str
    hashes: list[str]

    def asked(self, *receipts: Receipt, kept: tuple[str, ...] = ()) -> Asked:
        """What the outsider brings along."""
        return Asked(self.key.verifier, self.policy, receipts, kept)


@pytest.fixture
async def made(pool: Pool, keyring: KeyRing, tmp_path: Path) -> Made:
    """Two cases in a log that was sealed twice, the second time with a witness; the bundle of the second."""
    generate_log_key(tmp_path / "log.key", "test.example/log")
    generate_log_key(tmp_path / "witness.key", "ombud.example/w1")
    key, witness = LogKey.from_file(tmp_path / "log.key"), WitnessKey.from_file(tmp_path / "witness.key")
    other = await store(eventful(), pool, keyring)
    first = await log.seal(pool, keyring, key)
    story = eventful()
    began = story.at.isoformat()
    story.send(ENGINE, {
        "type": "keep_run", "run_id": RUN, "status": "terminated", "events": 1, "began": began, "ended": began, "sha256": sha256(HISTORY).hexdigest(),
    })  # fmt: skip
    stream = await store(story, pool, keyring)
    sealed = await log.seal(pool, keyring, key)
    assert first is not None
    assert sealed is not None
    policy = trusted(f"log {key.verifier}\nwitness ombud {witness.verifier}\nquorum ombud\n")
    async with pool.connection() as connection:
        signature = witness.cosign(parse_note(sealed.note).text, 1_800_000_000)
        await add_cosignature(connection, sealed.size, signature)
        wanted = Wanted(
            stream, key.verifier, policy, (first.note,), more={HISTORY_FILE: HISTORY, "temporal/run.json": b"{}"}
        )
        await export(connection, keyring, wanted, out=tmp_path / "case.zip")
        foreign = Wanted(other, key.verifier, policy)
        await export(connection, keyring, foreign, out=tmp_path / "other.zip")
    hashes = [line.entry.hash.hex() for line in Bundle.read(tmp_path / "case.zip").lines()]
    return Made(stream, other, tmp_path / "case.zip", key, policy, first.note, hashes)


async def test_an_outsider_with_the_public_keys_is_convinced(made: Made) -> None:
    """Entries, places, signatures, witness, program, receipt and kept checkpoint are each proved; what cannot be is said."""
    found = verify_file(made.path, made.asked(Receipt(3, made.hashes[2][:8]), kept=(made.kept,)))
    told = "\n".join(found.proved)

    assert found.faults == []
    for proved in ("signed the log of", "witness ombud cosigned it at 2027-01-15", "each chained", "leaf of that log", "what was sealed",
                   "program.json is the definition", "the entry of your receipt", "goes on from your checkpoint 1"):  # fmt: skip
        assert proved in told
    assert any("is the last one" in one for one in found.unproved)
    assert not any("taken from the bundle" in one for one in found.unproved)
    assert made.path.stat().st_mode & 0o077 == 0


def test_nothing_but_python_and_cryptography_is_needed(made: Made) -> None:
    """The command runs where there is neither pydantic nor a database driver nor a network, and ends with 0."""
    command = [
        sys.executable,
        "-c",
        ONLY_STANDARD_LIBRARY_AND_CRYPTOGRAPHY,
        str(made.path),
        "--log-key",
        str(made.key.verifier),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Proved: test.example/log signed the log" in done.stdout
    assert "that takes witnesses whom you trust; the bundle names ombud.example/w1 as having cosigned" in done.stdout


def rewritten(made: Made, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The bundle after somebody changed its files and made its manifest fit again."""
    opened = Bundle.read(made.path)
    files = dict(opened.files)
    change(files)
    out = made.path.with_name("rewritten.zip")
    told = {name: value for name, value in opened.manifest.items() if name not in {"files", "format"}}
    bundle.write(out, files, told)
    return out


def with_lines(made: Made, change: Callable[[list[Line]], list[Line]]) -> Callable[[dict[str, bytes]], None]:
    """A change of the entries."""

    def changed(files: dict[str, bytes]) -> None:
        lines = change(list(Bundle.read(made.path).lines()))
        files[bundle.ENTRIES] = "".join(f"{dump_line(line)}\n" for line in lines).encode()

    return changed


def resealed(lines: list[Line], begin: int) -> list[Line]:
    """The lines with every hash from `begin` on computed anew, as whoever knows how does it."""
    entries: list[Entry] = [line.entry for line in lines[:begin]]
    for line in lines[begin:]:
        prev = entries[-1].hash if entries else bytes(32)
        entries.append(seal(line.entry._replace(prev=prev, position=len(entries) + 1)))
    return [line._replace(entry=entry) for line, entry in zip(lines, entries, strict=True)]


def edited(lines: list[Line], *, at: int) -> list[Line]:
    """The lines with another actor in one."""
    return [
        line._replace(entry=line.entry._replace(actor="somebody.else")) if n == at else line
        for n, line in enumerate(lines)
    ]


LINES: dict[str, tuple[Callable[[list[Line]], list[Line]], int]] = {
    "an entry is edited": (lambda lines: edited(lines, at=2), 3),
    "an entry is edited and sealed anew": (lambda lines: resealed(edited(lines, at=2), 2), 3),
    "an entry is removed": (lambda lines: [*lines[:3], *lines[4:]], 4),
    "an entry is removed and the rest sealed anew": (lambda lines: resealed([*lines[:3], *lines[4:]], 3), 4),
    "two entries are swapped": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 3),
    "an entry is put in twice": (lambda lines: resealed([*lines[:2], lines[1], *lines[2:]], 2), 3),
    "the end is cut off": (lambda lines: lines[:-2], -1),
    "the places of two entries are swapped": (lambda lines: [lines[0]._replace(leaf=lines[1].leaf, path=lines[1].path), *lines[1:]], 1),
}  # fmt: skip


@pytest.mark.parametrize("what", LINES)
async def test_whoever_rewrites_the_entries_is_found_at_the_first_bad_one(made: Made, what: str) -> None:
    """Whatever was done to the entries, with the hashes made to fit where that can be done, the first bad position is named."""
    change, position = LINES[what]
    found = verify_file(rewritten(made, with_lines(made, change)), made.asked())
    expected = position if position > 0 else len(made.hashes) + position

    assert found.faults[0].startswith(f"{made.stream} position {expected}: ")


async def test_whoever_makes_the_file_anew_is_found_out(made: Made, tmp_path: Path) -> None:
    """Another case's entries, another log's signature, other events, another program, another key, a former checkpoint: each is told by name."""
    foreign, generate = Bundle.read(made.path.with_name("other.zip")), tmp_path / "thief.key"
    generate_log_key(generate, "test.example/log")
    thief = LogKey.from_file(generate)
    size = Bundle.read(made.path).manifest["size"]

    def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
        return lambda files: files.update({name: content})

    keys = json.loads(foreign.files[bundle.KEYS])
    own = json.loads(Bundle.read(made.path).files[bundle.KEYS])
    changes = {
        "belongs to another case": put(bundle.ENTRIES, foreign.files[bundle.ENTRIES]),
        "does not bear the signature of test.example/log": put(
            bundle.CHECKPOINT, str(thief.sign(size, bytes(32))).encode()
        ),
        "too few of your witnesses": put(bundle.CHECKPOINT, str(made.key.sign(size, bytes(32))).encode()),
        "are not those that were sealed": put(bundle.EVENTS, foreign.files[bundle.EVENTS].replace(b"lead", b"load")),
        "is not the definition": put(bundle.PROGRAM, b"{}"),
        "is not the one that the log is committed to": put(
            bundle.KEYS, json.dumps(own | {"opens": keys["opens"]}).encode()
        ),
        "is not proved to be leaf": put(bundle.KEYS, json.dumps(keys).encode()),
        "keys.json is malformed": put(bundle.KEYS, b'{"tags": "00"}'),
        "entries.jsonl line 1 is malformed": put(bundle.ENTRIES, b'{"stream": "\\ud800"}'),
    }
    for told, change in changes.items():
        found = verify_file(rewritten(made, change), made.asked())
        assert any(told in fault for fault in found.faults), (told, found.faults)


async def test_a_history_of_a_run_is_proved_by_its_digest_among_the_entries(made: Made) -> None:
    """The kept history is proved; another in its place is named though the manifest fits it; one that no entry names, or that is left out, is told as not proved."""
    sound = verify_file(made.path, made.asked())
    changed = verify_file(rewritten(made, lambda files: files.update({HISTORY_FILE: HISTORY + b" "})), made.asked())
    absent = verify_file(rewritten(made, lambda files: files.__delitem__(HISTORY_FILE)), made.asked())

    assert any("1 run under temporal/: each is the history whose digest stands" in one for one in sound.proved)
    assert any("1 run under temporal/: no entry names the digest" in one for one in sound.unproved)
    assert changed.faults == [f"{HISTORY_FILE} is not the history whose digest stands at position {len(made.hashes)}: it was changed"]  # fmt: skip
    assert absent.faults == []
    assert any("in 1 run: the entries name the digest, and the bundle does not hold the history" in one for one in absent.unproved)  # fmt: skip


async def test_a_receipt_and_a_kept_checkpoint_show_what_was_left_out(made: Made) -> None:
    """The holder of a receipt sees that the end was cut off or that another entry stands there; the keeper of a checkpoint, that the log is another."""
    last = len(made.hashes)

    def cut(files: dict[str, bytes]) -> None:
        with_lines(made, lambda lines: lines[:-1])(files)

    opened = Bundle.read(made.path)
    shorter = made.path.with_name("shorter.zip")
    files = dict(opened.files)
    cut(files)
    bundle.write(shorter, files, {**opened.manifest, "entries": last - 1})
    forged = str(made.key.sign(parse_size(made.kept), b"\x07" * 32))
    beyond = str(made.key.sign(99, bytes(32)))

    assert verify_file(shorter, made.asked()).faults == []
    assert "the end was cut off" in verify_file(shorter, made.asked(Receipt(last, made.hashes[-1]))).faults[0]
    assert "another entry than the one" in verify_file(made.path, made.asked(Receipt(2, "00000000"))).faults[0]
    assert "they were rewritten" in verify_file(made.path, made.asked(kept=(forged,))).faults[0]
    assert "your checkpoint 1 covers 99 entries" in verify_file(made.path, made.asked(kept=(beyond,))).faults[0]


def parse_size(note: str) -> int:
    """How many leaves a note covers."""
    return int(note.split("\n")[1])


async def test_without_keys_of_ones_own_it_is_said_whose_word_is_taken(made: Made) -> None:
    """Whoever brings no key is told that the bundle's own was used, and that nobody outside bears witness."""
    found = verify_file(made.path, Asked(None, trusted("quorum none\n"), (), ()))

    assert found.faults == []
    assert any("it was taken from the bundle itself" in one for one in found.unproved)
    assert "Not proved: that this is the key" in report(found)


async def test_a_sealed_bundle_is_checked_and_read_by_nobody(
    made: Made, pool: Pool, keyring: KeyRing, tmp_path: Path
) -> None:
    """Without the key the chain, the log and the witness are proved all the same, and the file holds nothing to read."""
    out = tmp_path / "sealed.zip"
    async with pool.connection() as connection:
        done = await export(
            connection, keyring, Wanted(made.stream, made.key.verifier, made.policy, sealed=True), out=out
        )
    opened, found = Bundle.read(out), verify_file(out, made.asked())

    assert found.faults == []
    assert done.entries == len(made.hashes)
    assert any("without the key that opens them" in one for one in found.unproved)
    assert {bundle.EVENTS, bundle.REPORT, bundle.PROGRAM}.isdisjoint(opened.files)
    assert "opens" not in json.loads(opened.files[bundle.KEYS])


async def test_the_report_is_a_page_for_people(made: Made) -> None:
    """The report tells the minutes in words, loads nothing from anywhere, and says how it is checked."""
    page = Bundle.read(made.path).text(bundle.REPORT)

    assert " verifies " in page
    assert "default-src 'none'" in page
    assert "python -m starter.audit.verify" in page
    assert page.count("<tr>") == len(made.hashes) + 1


async def test_nothing_that_is_not_sealed_is_exported(made: Made, pool: Pool, keyring: KeyRing, tmp_path: Path) -> None:
    """A case of which no checkpoint covers anything is not exported, and the cure is told; a later entry is counted as waiting."""
    fresh = await store(eventful(), pool, keyring)
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="nothing of this case is sealed yet"):
            await export(connection, keyring, Wanted(fresh, made.key.verifier, made.policy), out=tmp_path / "no.zip")


async def test_proofs_of_the_store_are_verified_by_the_same_command(
    made: Made, pool: Pool, keyring: KeyRing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A proof of one entry, and one that the log goes on, are each checked from their file; changed, they are refused."""
    one, since, kept = tmp_path / "one.tlog-proof", tmp_path / "since.txt", tmp_path / "kept.txt"
    kept.write_text(made.kept, encoding="utf-8")
    async with pool.connection() as connection:
        proved = await prove_entry(connection, keyring, made.stream, 2, trusted=made.policy)
        proof: ConsistencyProof = await prove_since(connection, made.kept)
    one.write_text(str(proved.proof), encoding="utf-8")
    since.write_text(str(proof), encoding="utf-8")
    key = ["--log-key", str(made.key.verifier)]

    assert main([str(one), *key, "--receipt", f"2:{made.hashes[1][:16]}"]) == 0
    assert main([str(one), *key, "--receipt", "2:0000000000"]) == 1
    assert main([str(since), *key, "--checkpoint", str(kept)]) == 0
    assert main([str(one)]) == 1, "a proof names no key that could be taken at its word"
    assert main([str(one), "--log-key", "nothing"]) == 2
    assert main([str(one), *key, "--receipt", "2"]) == 2
    assert main([str(tmp_path / "absent"), *key]) == 2
    one.write_text(str(proved.proof).replace("index ", "index 1"), encoding="utf-8")
    assert main([str(one), *key]) == 1
    assert "is not proved to be leaf" in capsys.readouterr().out


def test_what_is_no_bundle_is_told(tmp_path: Path) -> None:
    """A file that is none, a zip without a manifest, one that unpacks without end, and a file changed behind the manifest are refused."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(BadBundle, match="no zip archive"):
        Bundle.read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"[" * 50_000)
    with pytest.raises(BadBundle, match=r"manifest.json: it has more than 32 levels"):
        Bundle.read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\x00" * 50_000_000)
    with pytest.raises(BadBundle, match="would unpack to 50000000 bytes"):
        Bundle.read(path)
    bundle.write(path, {"a": b"1"}, {})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b", b"2")
    with pytest.raises(BadBundle, match="b is not named by the manifest"):
        Bundle.read(path)
    with pytest.raises(StoreRefused, match="a receipt reads"):
        asked_by(log_key=None, policy=None, witnesses=(), receipts=("x",), kept=())


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"old 1\n", b"c2sp.org/tlog-proof@v1\nindex 0\n"]))
def test_no_file_breaks_the_verifier(tmp_path_factory: pytest.TempPathFactory, content: bytes, begin: bytes) -> None:
    """Whatever a file holds, the verifier says that it proves nothing, and never fails otherwise."""
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(begin + content)

    assert verify_file(path, Asked(None, trusted("quorum none\n"), (), ())).faults
