"""A witness signs what goes on from all that it saw, remembers before it answers, and keeps what speaks against a log."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest

from activities.store.cosigning import WitnessKey, trusted
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from starter.witness.cosign import SIZE, Witness
from starter.witness.serve import Server
from starter.witness.state import State, opened
from tests.core.test_merkle import Tree
from workflows.core.checkpoint import parse_note, parse_signatures
from workflows.core.merkle import consistency, leaf_hash, root
from workflows.core.proof import ConsistencyProof

NOW = 1_800_000_000
ORIGIN = "log.example/one"


@pytest.fixture
def log_key(tmp_path: Path) -> LogKey:
    """The key of the log."""
    generate_log_key(tmp_path / "log.key", ORIGIN)
    return LogKey.from_file(tmp_path / "log.key")


@pytest.fixture
def key(tmp_path: Path) -> WitnessKey:
    """The key of the witness."""
    generate_log_key(tmp_path / "witness.key", "ombud.example/witness")
    return WitnessKey.from_file(tmp_path / "witness.key")


@pytest.fixture
def state(tmp_path: Path, key: WitnessKey) -> Iterator[State]:
    """What the witness remembers."""
    with opened(tmp_path / "state", key.verifier) as state:
        yield state


@pytest.fixture
def witness(key: WitnessKey, log_key: LogKey, state: State) -> Witness:
    """A witness that knows the log."""
    return Witness(key, [log_key.verifier], state, lambda: NOW)


def tree(size: int, changed: int | None = None) -> Tree:
    """A log of this many leaves, one of which was changed."""
    return Tree([leaf_hash(b"%d" % number if number != changed else b"forged") for number in range(size)])


def asked(log_key: LogKey, log: Tree, old: int) -> bytes:
    """What the log sends: its checkpoint, and the proof that it goes on from the first `old` leaves."""
    size = len(log.leaves)
    return str(
        ConsistencyProof(old, consistency(old, size, log.read), str(log_key.sign(size, root(size, log.read))))
    ).encode()


def test_what_goes_on_is_cosigned_and_remembered(
    witness: Witness, log_key: LogKey, key: WitnessKey, state: State
) -> None:
    """Checkpoints that go on from each other are cosigned, with the time, and the last one is what is remembered."""
    for old, size in ((0, 3), (3, 3), (3, 8)):
        answer = witness.add_checkpoint(asked(log_key, tree(size), old))
        note = log_key.sign(size, root(size, tree(size).read))
        found = key.verifier.cosigned(note.text, parse_signatures(answer.body))

        assert (answer.status, answer.told) == (200, "cosigned")
        assert found is not None
        assert found[0] == NOW
    last = state.last(ORIGIN)

    assert last is not None
    assert last[0].size == 8
    assert parse_note(witness.last(ORIGIN).body) == last[1]
    assert state.evidence() == []


def test_whoever_does_not_know_what_was_cosigned_is_told_the_size(witness: Witness, log_key: LogKey) -> None:
    """A log that begins from another size than the one remembered is told it, in the form of the protocol, and nothing is signed."""
    witness.add_checkpoint(asked(log_key, tree(5), 0))
    answer = witness.add_checkpoint(asked(log_key, tree(9), 0))

    assert (answer.status, answer.body, answer.kind) == (409, "5\n", SIZE)


FORGED = {
    "another history of the same size": ((tree(8, changed=2), 8), 409, "fork"),
    "a history rewritten and gone on": ((tree(12, changed=2), 8), 422, "unproved"),
    "a log that went back": ((tree(5), 5), 409, "behind"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_log_that_rewrote_its_past_is_refused_and_both_notes_are_kept(
    witness: Witness, log_key: LogKey, state: State, what: str
) -> None:
    """Whoever holds the log's key and rewrites its past gets no cosignature; the note and the one it contradicts are evidence."""
    witness.add_checkpoint(asked(log_key, tree(8), 0))
    forged, status, told = FORGED[what]
    answer = witness.add_checkpoint(asked(log_key, *forged))
    last = state.last(ORIGIN)
    kept = {Path(path).name.partition("-")[0] for path in state.evidence()}

    assert (answer.status, answer.told) == (status, told)
    assert last is not None
    assert last[0].root == root(8, tree(8).read)
    assert kept == {told, "cosigned"}
    assert all(
        log_key.verifier.verified(parse_note(Path(path).read_text(encoding="utf-8"))) for path in state.evidence()
    )


def test_a_proof_where_nothing_is_to_be_proved_is_refused(witness: Witness, log_key: LogKey) -> None:
    """A first checkpoint comes without a proof, as the protocol says."""
    body = asked(log_key, tree(4), 0).replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n")

    assert witness.add_checkpoint(body).status == 422


def test_a_stranger_is_told_what_is_wrong(witness: Witness, log_key: LogKey, tmp_path: Path) -> None:
    """An unknown log, a signature by another key, an old size beyond the new one and no text at all each get their own answer."""
    generate_log_key(tmp_path / "thief.key", ORIGIN)
    generate_log_key(tmp_path / "other.key", "other.example/log")
    thief, other = LogKey.from_file(tmp_path / "thief.key"), LogKey.from_file(tmp_path / "other.key")
    good = asked(log_key, tree(4), 0)

    assert witness.add_checkpoint(asked(other, tree(4), 0)).status == 404
    assert witness.add_checkpoint(asked(thief, tree(4), 0)).status == 403
    assert witness.add_checkpoint(good.replace(b"old 0", b"old 9")).status == 400
    assert witness.add_checkpoint(b"\xff\xfe").status == 400
    assert witness.add_checkpoint(b"old 0\n\nnothing").status == 400
    assert witness.last("other.example/log").status == 404


def test_a_memory_that_was_changed_answers_nothing_any_more(
    witness: Witness, log_key: LogKey, state: State, tmp_path: Path
) -> None:
    """Where what it remembers is not what it cosigned, the witness refuses to go on, and never begins anew in silence."""
    witness.add_checkpoint(asked(log_key, tree(8), 0))
    (kept,) = (tmp_path / "state").glob("*.note")
    kept.write_text(kept.read_text(encoding="utf-8").replace("\n8\n", "\n4\n"), encoding="utf-8")
    with pytest.raises(StoreRefused, match="is not what this witness cosigned"):
        state.last(ORIGIN)
    with pytest.raises(StoreRefused, match="is not what this witness cosigned"):
        witness.add_checkpoint(asked(log_key, tree(9), 4))


def test_one_process_remembers_at_a_time(state: State, tmp_path: Path, key: WitnessKey) -> None:
    """A second process that would use the same memory is refused: each would forget what the other saw."""
    with pytest.raises(StoreRefused, match="another process"), opened(tmp_path / "state", key.verifier):
        pass


def test_what_was_half_written_in_a_crash_counts_for_nothing(
    witness: Witness, log_key: LogKey, state: State, tmp_path: Path
) -> None:
    """A checkpoint that a crash left half written beside the remembered one is passed by, and written over."""
    witness.add_checkpoint(asked(log_key, tree(3), 0))
    (kept,) = (tmp_path / "state").glob("*.note")
    kept.with_suffix(".new").write_text("half", encoding="utf-8")

    assert state.last(ORIGIN) is not None
    assert witness.add_checkpoint(asked(log_key, tree(4), 3)).status == 200


def test_it_answers_over_http_within_bounds(witness: Witness, log_key: LogKey, key: WitnessKey) -> None:
    """The two questions are answered over HTTP; what is too long, nameless or elsewhere is turned away, and the server goes on."""
    with Server(("127.0.0.1", 0), witness) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        with httpx.Client() as client:
            statuses = [
                client.post(f"{url}/add-checkpoint", content=asked(log_key, tree(3), 0)).status_code,
                client.post(f"{url}/add-checkpoint", content=asked(log_key, tree(3), 0)).status_code,
                client.post(f"{url}/elsewhere", content=b"x").status_code,
                client.post(f"{url}/add-checkpoint", content=b"x" * 200_000).status_code,
                client.get(f"{url}/elsewhere").status_code,
                client.get(f"{url}/checkpoint/log.example%2Fone").status_code,
                client.get(f"{url}/checkpoint/{ORIGIN}").status_code,
            ]
        server.shutdown()
        thread.join()

    assert statuses == [200, 409, 404, 413, 404, 200, 200]


def test_a_policy_counts_only_its_own_witnesses_over_this_checkpoint(
    witness: Witness, log_key: LogKey, key: WitnessKey
) -> None:
    """A checkpoint is witnessed once the policy's witness cosigned it, and a cosignature of another checkpoint or key counts for nothing."""
    policy = trusted(f"log {log_key.verifier}\nwitness ombud {key.verifier}\nquorum ombud\n")
    first, second = (log_key.sign(size, root(size, tree(size).read)) for size in (3, 5))
    signature = key.cosign(first.text, NOW)

    assert policy.witnessed(first.signed_by(signature))
    assert policy.cosigners(first.signed_by(signature)) == {"ombud": NOW}
    assert not policy.witnessed(first)
    assert not policy.witnessed(second.signed_by(signature))
    assert not policy.witnessed(first.signed_by(signature._replace(signed=bytes(8) + signature.signed[8:])))
    with pytest.raises(StoreRefused, match="verifier key of a witness"):
        trusted(f"witness ombud {log_key.verifier}\nquorum ombud\n")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Content-Length: 5\r\nContent-Length: 6\r\n", 413), (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 413), (b"Transfer-Encoding: chunked\r\n", 413), (b"", 413),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n", 413), (b"Content-Length: -1\r\n", 413), (b"Content-Length: +5\r\n", 413), (b"Content-Length: \xd9\xa3\r\n", 413),
        (b"Content-Length: 5\r\n", 400), (b"X: y\r\n" * 200, 431), (b"X: " + b"y" * 70_000 + b"\r\n", 431),
    ],
)  # fmt: skip
def test_a_length_that_two_servers_read_differently_is_turned_away(
    witness: Witness, header: bytes, status: int
) -> None:
    """Two lengths, a length beside chunks, and digits without end are each answered, and no second request hides in the body."""
    with Server(("127.0.0.1", 0), witness) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as line:
            line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n" + header + b"\r\nhello")
            line.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        server.shutdown()

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1") == 1
