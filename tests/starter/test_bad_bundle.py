"""A file that pretends to be a bundle is told to be none, whatever its archive was made to do."""

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from starter.audit import bundle
from starter.audit.bundle import BadBundle, Bundle
from tests.fuzz.made import made


def archive(*files: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED, mode: int = 0o100600) -> bytes:
    """A zip archive of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packed) as made_here:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            made_here.writestr(info, content, packed)
    return held.getvalue()


def swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with some bytes of it changed, wherever they stand."""
    assert old in data
    return data.replace(old, new)


def end_with(**fields: int) -> bytes:
    """An archive whose end says something else than is true."""
    whole = archive(("manifest.json", b"{}"))
    names = ("part", "first", "here", "files", "size", "at", "comment")
    found = dict(zip(names, struct.unpack("<4H2LH", whole[-18:]), strict=True)) | fields
    return whole[:-18] + struct.pack("<4H2LH", *(found[name] for name in names))


def overlapping() -> bytes:
    """Two names in the directory for one place in the file: what is packed once unpacks twice."""
    whole = archive(("a", bytes(1000)), ("b", bytes(1000)))
    first, second = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x01\x02")
    return whole[: second + 42] + whole[first + 42 : first + 46] + whole[second + 46 :]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (lambda: archive(("manifest.json", bytes(64 * 1024 * 1024))), "would unpack to"),
    "a bomb of many": (lambda: archive(*((f"temporal/{n}.json", bytes(1024 * 1024)) for n in range(40))), "would unpack to"),
    "one in another": (lambda: archive(("case.zip/inner.zip", archive(("a", b"a")))), "has a name that"),
    "an absolute path": (lambda: archive(("/etc/passwd", b"x")), "has a name that"),
    "a path upwards": (lambda: archive(("temporal/../../x", b"x")), "has a name that"),
    "a path of Windows": (lambda: archive(("temporal\\x", b"x")), "has a name that"),
    "a control character": (lambda: archive(("a\x1b[2J", b"x")), "has a name that"),
    "a name turned around": (lambda: archive(("a\u202ejson", b"x")), "has a name that"),
    "a folder": (lambda: archive(("temporal/", b"")), "has a name that"),
    "a link": (lambda: archive(("manifest.json", b"/etc/passwd"), mode=0o120777), "a link or a folder"),
    "a device": (lambda: archive(("manifest.json", b""), mode=0o020666), "a link or a folder"),
    "two of one name": (lambda: swapped(archive(("aa", b"1"), ("ab", b"2")), b"ab", b"aa"), "one name, or one place"),
    "two in one place": (overlapping, "one name, or one place"),
    "an encrypted one": (lambda: swapped(archive(("a", b"x")), b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"), "is encrypted"),
    "packed by LZMA": (lambda: archive(("a", b"x"), packed=zipfile.ZIP_LZMA), "packed in another way"),
    "packed by bzip2": (lambda: archive(("a", b"x"), packed=zipfile.ZIP_BZIP2), "packed in another way"),
    "a wrong checksum": (lambda: swapped(archive(("a", b"some text"), packed=zipfile.ZIP_STORED), b"some text", b"some tyxt"), "no zip archive that can be read"),
    "broken deflate": (lambda: archive(("a", bytes(range(200)) * 9))[:40] + b"\xff" * 30 + archive(("a", bytes(range(200)) * 9))[70:], "no zip archive that can be read"),
    "too many files": (lambda: end_with(files=10_001, here=10_001), "more than 10000 files"),
    "a directory larger than any": (lambda: end_with(size=5 * 1024 * 1024), "more than 10000 files"),
    "a directory elsewhere": (lambda: end_with(at=4_000_000_000), "does not stand where"),
    "one of several parts": (lambda: end_with(part=1), "not that of a plain zip"),
    "numbers of zip64": (lambda: end_with(files=0xFFFF, here=0xFFFF), "more than 10000 files"),
    "a comment": (lambda: archive(("a", b"x"))[:-2] + b"\x04\x00abcd", "not that of a plain zip"),
    "cut off": (lambda: made().zipped()[:-30], "not that of a plain zip"),
    "something before it": (lambda: b"PK\x03\x04" + bytes(100) + made().zipped(), "does not stand where"),
    "nothing": (lambda: b"PK\x05\x06" + bytes(18), "manifest.json is missing"),
    "a few bytes": (lambda: b"PK\x03\x04", "no zip archive that can be read"),
}  # fmt: skip
"""What is wrong → the archive, and what is said of it."""


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive_is_told_and_costs_nothing(name: str, tmp_path: Path) -> None:
    """Bombs, paths, links, lies about sizes and places, and other ways to pack: each is refused in words, at once, and nothing is written."""
    make, told = BAD[name]
    path = tmp_path / "case.zip"
    path.write_bytes(make())
    begun = time.thread_time()

    with pytest.raises(BadBundle, match=told):
        Bundle.read(path)
    assert time.thread_time() - begun < 1
    assert [one.name for one in tmp_path.iterdir()] == ["case.zip"]


def test_a_file_larger_than_any_bundle_is_not_opened(tmp_path: Path) -> None:
    """A file of 64 MB and a byte is refused by its size alone."""
    path = tmp_path / "case.zip"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(bundle.MOST_PACKED + 1)

    with pytest.raises(BadBundle, match="at most"):
        Bundle.read(path)


def test_a_real_bundle_is_read(tmp_path: Path) -> None:
    """The bounds refuse nothing that is real."""
    path = tmp_path / "case.zip"
    path.write_bytes(made().zipped())

    assert Bundle.read(path).files == made().files
