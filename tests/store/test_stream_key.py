"""The key of a stream: each record under a key of its own, sealed the same each time, and opened nowhere but in its place."""

import hmac
from collections.abc import Callable
from functools import partial

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from activities.store.refused import StoreRefused
from activities.store.stream_key import NONCE_BYTES, SALT_BYTES, StreamKey, tag_key
from tests.store.examples import BODY

RAW, OTHER = bytes(range(32)), b"\x07" * 32
STREAM = "case/one"
KEY = StreamKey(STREAM, RAW)
Opening = Callable[[bytes], bytes]


def expanded(info: bytes, key: bytes = RAW) -> tuple[bytes, bytes]:
    """The key and the nonce key of a record, as another implementation of RFC 5869 expands them."""
    both = HKDFExpand(algorithm=SHA256(), length=64, info=info).derive(key)
    return both[:32], both[32:]


def opened_elsewhere(sealed: bytes, *, info: bytes, place: bytes) -> bytes:
    """What is sealed, opened by the written form alone."""
    return AESGCM(expanded(info)[0]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)


def nonce_of(plaintext: bytes, *, info: bytes) -> bytes:
    """The nonce that the text demands at its place."""
    return hmac.digest(expanded(info)[1], plaintext, "sha256")[:NONCE_BYTES]


@pytest.mark.parametrize("position", [1, 9, 10, 123_456_789])
def test_an_entry_is_sealed_as_the_standards_say(position: int) -> None:
    """Another implementation of HKDF and AES-GCM opens an entry's body, and finds its nonce to be the text's own."""
    sealed = KEY.seal(BODY, position=position)
    info, place = b"offramp.record.v2\nentry\n%d" % position, b"case/one\n%d" % position

    assert opened_elsewhere(sealed, info=info, place=place) == BODY
    assert sealed.startswith(nonce_of(BODY, info=info))
    assert KEY.open(sealed, position=position) == BODY


def test_a_note_is_sealed_as_the_standards_say() -> None:
    """The same holds for a note: its info names what it is and which."""
    sealed = KEY.seal_note(BODY, note="n1")

    assert opened_elsewhere(sealed, info=b"offramp.record.v2\nnote\nn1", place=b"case/one\nn1") == BODY
    assert sealed.startswith(nonce_of(BODY, info=b"offramp.record.v2\nnote\nn1"))
    assert KEY.open_note(sealed, note="n1") == BODY


def test_a_record_of_another_kind_is_sealed_as_the_standards_say() -> None:
    """The same holds for a payload, whose key is expanded with the salt in front of it, and whose nonce is anything: its key is used once."""
    sealed = KEY.seal_record(BODY, kind=b"payload", place=b"w1")
    salt, rest = sealed[:SALT_BYTES], sealed[SALT_BYTES:]

    assert opened_elsewhere(rest, info=b"offramp.record.v2\npayload\n" + salt, place=b"case/one\npayload\nw1") == BODY
    assert KEY.open_record(sealed, kind=b"payload", place=b"w1") == BODY


@given(text=st.binary(max_size=2000), position=st.integers(1, 2**63 - 1))
def test_an_entry_can_be_sealed_again_to_the_same_bytes(text: bytes, position: int) -> None:
    """Whatever stands at whatever place: sealing it again gives the same bytes, and they open to it."""
    sealed = KEY.seal(text, position=position)

    assert StreamKey(STREAM, RAW).seal(text, position=position) == sealed
    assert KEY.open(sealed, position=position) == text


@given(first=st.binary(max_size=200), second=st.binary(max_size=200))
def test_two_texts_at_one_place_never_share_a_nonce(first: bytes, second: bytes) -> None:
    """Where two answers were computed for one place, of which one was rolled back, they were sealed under different nonces."""
    nonces = [KEY.seal(text, position=7)[:NONCE_BYTES] for text in (first, second)]

    assert (nonces[0] == nonces[1]) == (first == second)


def test_the_same_text_looks_different_in_every_place() -> None:
    """The same text under another position, note, stream or kind gives nothing away by looking the same, not even in its nonce."""
    places = [
        *(KEY.seal(BODY, position=position) for position in (1, 2)),
        *(KEY.seal_note(BODY, note=note) for note in ("1", "2")),
        StreamKey("case/two", OTHER).seal(BODY, position=1),
    ]

    assert len({sealed[:NONCE_BYTES] for sealed in places}) == len(places)
    assert len({sealed[NONCE_BYTES:] for sealed in places}) == len(places)


def test_a_payload_sealed_twice_looks_different() -> None:
    """Payloads have no place of their own: the same one sealed twice has another salt, another nonce and other bytes."""
    first, second = (KEY.seal_record(BODY, kind=b"payload", place=b"w1") for _ in range(2))

    assert first[:SALT_BYTES] != second[:SALT_BYTES]
    assert first[SALT_BYTES:][:NONCE_BYTES] != second[SALT_BYTES:][:NONCE_BYTES]
    assert first[SALT_BYTES + NONCE_BYTES :] != second[SALT_BYTES + NONCE_BYTES :]


ENTRY, NOTE = KEY.seal(BODY, position=1), KEY.seal_note(BODY, note="1")
PAYLOAD = KEY.seal_record(BODY, kind=b"payload", place=b"w1")
STRANGER = StreamKey(STREAM, OTHER)
ELSEWHERE: dict[str, tuple[Opening, bytes]] = {
    "another position": (partial(KEY.open, position=2), ENTRY),
    "another stream": (partial(StreamKey("case/two", RAW).open, position=1), ENTRY),
    "another key": (partial(STRANGER.open, position=1), ENTRY),
    "a note as an entry": (partial(KEY.open, position=1), NOTE),
    "an entry as a note": (partial(KEY.open_note, note="1"), ENTRY),
    "another note": (partial(KEY.open_note, note="2"), NOTE),
    "a note under another key": (partial(STRANGER.open_note, note="1"), NOTE),
    "another kind": (partial(KEY.open_record, kind=b"header", place=b"w1"), PAYLOAD),
    "another workflow": (partial(KEY.open_record, kind=b"payload", place=b"w2"), PAYLOAD),
    "a payload of another stream": (partial(StreamKey("case/two", RAW).open_record, kind=b"payload", place=b"w1"), PAYLOAD),
    "a payload under another key": (partial(STRANGER.open_record, kind=b"payload", place=b"w1"), PAYLOAD),
}  # fmt: skip


@pytest.mark.parametrize("how", ELSEWHERE)
def test_nothing_opens_where_it_was_not_sealed(how: str) -> None:
    """What was moved to another place, taken for another kind or tried with another key is refused, with what to do."""
    opens, sealed = ELSEWHERE[how]

    with pytest.raises(StoreRefused, match="cannot be opened with the key of its stream") as refused:
        opens(sealed)
    assert "offramp audit verify" in refused.value.cure


KINDS: dict[str, tuple[Opening, bytes]] = {
    "entry": (partial(KEY.open, position=1), ENTRY),
    "note": (partial(KEY.open_note, note="1"), NOTE),
    "payload": (partial(KEY.open_record, kind=b"payload", place=b"w1"), PAYLOAD),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_change_of_what_is_sealed_is_refused(kind: str) -> None:
    """A bit changed anywhere, and an end cut off anywhere, is refused like any other change, down to nothing at all."""
    opens, sealed = KINDS[kind]
    flipped = [sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :] for at in range(len(sealed))]
    for changed in (*flipped, *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(StoreRefused, match="cannot be opened"):
            opens(changed)

    assert opens(sealed) == BODY


@pytest.mark.parametrize("kind", [b"", b"entry", b"note", b"pay\nload"])
def test_a_kind_that_could_be_taken_for_another_is_no_kind(kind: bytes) -> None:
    """Kinds cannot run into each other: entries and notes keep theirs, and a kind is one line."""
    with pytest.raises(ValueError, match="cannot be the kind"):
        KEY.seal_record(BODY, kind=kind, place=b"w1")


def test_leaves_have_a_key_of_their_own() -> None:
    """The key of the leaves, which a bundle gives away, opens nothing and is the key of no record."""
    assert KEY.tags == tag_key(RAW)
    assert KEY.tags not in {RAW, *expanded(b"offramp.record.v2\nentry\n1")}
    with pytest.raises(StoreRefused):
        StreamKey(STREAM, KEY.tags).open(ENTRY, position=1)
