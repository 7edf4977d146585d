"""After an erasure no word of the record is found anywhere we keep anything: not plain, not encoded, not packed, not with any key that lives.

OFFRAMP_ERASURE_CASES=200 searches after a hundred erasures of two hundred cases; the suite is content with a few.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.privacy.erased import EVERY_SECONDS, Left, Search, folder
from tests.privacy.many import WORDS
from tests.privacy.scan import ERASED_CODE, ERASED_WORD, LIVING_WORD, opened, scanned, sealed_in

CASES = int(os.environ.get("OFFRAMP_ERASURE_CASES", "6"))
SLOW_SECONDS = 10.0
"""What a busy machine may take for a round itself."""
pytestmark = [pytest.mark.long, pytest.mark.timeout(600 + 60 * CASES)]
WORD = f"{ERASED_WORD}c000n00"


def _zipped(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("entries.json", text)
    return held.getvalue()


def _based(encode: Callable[[bytes], bytes], before: int) -> Callable[[str], bytes]:
    return lambda text: encode(b"x" * before + text.encode())


WRITINGS: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "UTF-16, little end first": lambda text: text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    **{f"base64, {before} before": _based(base64.b64encode, before) for before in range(3)},
    **{f"base64url, {before} before": _based(base64.urlsafe_b64encode, before) for before in range(3)},
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "gzip": lambda text: b"before" + gzip.compress(text.encode()) + b"after",
    "zlib": lambda text: b"before" + zlib.compress(text.encode()) + b"after",
    "zip": _zipped,
    "gzip of base64": lambda text: gzip.compress(base64.b64encode(text.encode())),
}


@pytest.fixture(scope="module")
def left() -> Iterator[Left]:
    """One search through everything."""
    with folder() as where:
        found = Search(where, CASES).run()
        report(found)
        yield found


def report(found: Left) -> None:
    """Write how much was searched to build/erasure.json."""
    file = Path(__file__).resolve().parents[2] / "build" / "erasure.json"
    file.parent.mkdir(exist_ok=True)
    told = {
        "cases": CASES, "erased": len(found.erased), "words_planted": sum(len(one.words) for one in (*found.erased, *found.living)),
        "commands": sum(len(one.receipts) for one in (*found.erased, *found.living)), "ciphertexts": found.opened.ciphertexts,
        "living_keys": found.opened.keys, "words_opened_before": len(found.opened_before.canaries), "dropped_after_seconds": found.evicted_seconds,
        "leaks": sum(ERASED_WORD in stems for stems in (*found.files.values(), *found.restored_files.values())),
        "seconds": round(found.seconds),
    }  # fmt: skip
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_word_that_was_left_somewhere_is_found(writing: str, tmp_path: Path) -> None:
    """A planted copy of an erased word is found in whichever writing it stands, wherever below the folder."""
    place = tmp_path / "some" / "new" / "folder" / "file.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(os.urandom(5001) + WRITINGS[writing](f"{WORD}: somebody wrote this") + os.urandom(77))

    assert scanned([tmp_path]) == {str(place): {ERASED_WORD}}


def test_fifty_words_were_planted_in_each_case(left: Left) -> None:
    """Every case went through the door with fifty words of its own, and what was sealed in the erased ones could be opened before: all of it."""
    assert {len(one.words) for one in (*left.erased, *left.living)} == {WORDS}
    assert left.opened_before.canaries >= {word for one in left.erased for word in one.words}
    assert left.opened_before.canaries >= {code for one in left.erased for code in one.codes}


def test_no_file_holds_a_word_of_an_erased_case(left: Left) -> None:
    """No database file, write-ahead log, dump, log, old log, export, metric, journal or file of Temporal's holds one; nor does any of a case that lives."""
    words = {name: stems & {ERASED_WORD, LIVING_WORD} for name, stems in left.files.items()}

    assert {name: stems for name, stems in words.items() if stems} == {}
    assert {"postgres.log", "postgres.log.1.gz", "temporal.log"} <= set(left.logs)
    assert sum(name.startswith("worker-") and name.endswith(".log") for name in left.logs) == 2


def test_no_file_but_temporals_own_holds_a_code_of_an_erased_case(left: Left) -> None:
    """What was typed where codes stand is nowhere either, also in pages that Temporal deleted: what it is told is sealed under the key of the case."""
    assert {name for name, stems in left.files.items() if ERASED_CODE in stems} == set()


def test_no_table_holds_a_word_or_a_code_of_an_erased_case(left: Left) -> None:
    """No row of any table of any schema shows one, in the live database and in the restored one."""
    assert left.tables == {}
    assert left.restored_tables == {}


def test_no_living_key_opens_anything_of_an_erased_case(left: Left) -> None:
    """Every ciphertext that is there, and every one that ever was, is opened with every key that lives: all words of living cases come to light, and none of the others."""
    living = {word for one in left.living for word in (*one.words, *one.codes)}

    assert left.opened.canaries == living
    assert left.opened_restored.canaries == living
    assert left.keyless == (len(left.living), 0)


def test_no_key_of_an_erased_case_can_be_had(left: Left) -> None:
    """Neither the key nor what the program key wraps stands in any file, raw, as hexadecimal digits or as base64; those of living cases do, wrapped."""
    assert left.dead_keys == {}
    assert left.dead_keys_restored == {}
    assert left.living_keys.keys() == {one.stream for one in left.living}


def test_a_restored_backup_is_erased_again_before_it_opens(left: Left) -> None:
    """A worker on a backup from before the decision destroys the keys before it serves; afterwards nothing is found there either."""
    words = {name: stems & {ERASED_WORD, LIVING_WORD} for name, stems in left.restored_files.items()}

    assert {name: stems for name, stems in words.items() if stems} == {}
    assert {name for name, stems in left.restored_files.items() if ERASED_CODE in stems} == set()


def test_a_sealed_bundle_shows_nothing_and_an_open_one_is_out_of_reach(left: Left) -> None:
    """A bundle that was exported without the key shows nothing of the case; one that was exported with it, and taken away, still does: that is the limit, and is found."""
    assert set(left.sealed_bundles) == {f"sealed{one.number}.zip" for one in (left.erased[0], left.living[0])}
    assert set().union(*left.sealed_bundles.values()) == set()
    away = {Path(name).name for name, stems in left.away.items() if ERASED_CODE in stems}
    assert "open.zip" in away
    assert not any(ERASED_WORD in stems or LIVING_WORD in stems for stems in left.away.values())


def test_two_workers_drop_what_they_knew(left: Left) -> None:
    """Both processes, each of which had the case in its memory, drop it: the one that destroys the key at once, and the other in its next round."""
    assert len(left.evicted_seconds) == 2
    assert max(left.evicted_seconds) < EVERY_SECONDS + SLOW_SECONDS


def test_the_statistics_are_unchanged(left: Left) -> None:
    """What was sent by kind, by whom, and when cases were opened; how many are open by phase and were closed; who read what for; what is overdue: all as before."""
    before, after = left.figures

    assert before["entries"]["open_case"] == CASES
    assert before["closed"] == {"closed": CASES}
    assert after == before


def test_every_proof_still_verifies(left: Left) -> None:
    """The ledger against a checkpoint from before, receipts, and bundles and proofs that were handed out before, also those of an erased case."""
    assert {name: code for name, code in left.proofs.items() if code != 0} == {}
    assert {"ledger", "open.zip", f"proof{left.erased[0].number}.tlog-proof"} <= set(left.proofs)


def test_it_is_said_who_decided(left: Left) -> None:
    """The list of erasures, and whoever asks for the case or the person's statement, names who asked and who approved; no list of cases shows it any more."""
    code, listed = left.shown["erasures"]
    assert (code, listed.count("dario"), listed.count("dora")) == (0, len(left.erased), len(left.erased))
    assert "waits" not in listed
    for asked in ("statement", "show", "replay"):
        code, printed = left.shown[asked]
        assert (code, "as dario asked and dora approved" in printed) == (3, True), asked
    assert left.erased[0].stream[5:13] not in left.shown["list"][1]


def test_a_worker_that_crashes_leaves_no_core(left: Left) -> None:
    """A worker may write no image of its memory, and one that is aborted leaves none behind."""
    assert left.core_limit == (0, 0)
    assert left.cores == []


def test_nothing_else_opens_what_was_sealed() -> None:
    """A key that never sealed anything brings no word to light: the search does not find by itself."""
    assert opened([sealed_in(os.urandom(300), {"position": 1})], {"case/1": os.urandom(32)}).canaries == frozenset()
