"""Files packed by gzip or zip: read like the file inside, within limits."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.errors import CookietraceError, FormatError
from cookietrace.events import Request
from cookietrace.formats import export, packing, read_capture
from tests.formats.awkward import EVENTS

HAR = b"".join(export(EVENTS, "har", show_values=True))
JSONL = b"".join(export(EVENTS, "jsonl", show_values=True))


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive with these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def requests(path: Path) -> int:
    """Return how many requests a file holds."""
    return sum(isinstance(event, Request) for event in read_capture(path))


@pytest.mark.parametrize("name", ["a.har.gz", "a.har.zip", "a.zip", "a"])
@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(HAR, mtime=0),
        gzip.compress(HAR[:5000], mtime=0) + gzip.compress(HAR[5000:], mtime=0),
        gzip.compress(JSONL, mtime=0),
        zipped(("a.har", HAR)),
        zipped(("a.har", HAR), method=zipfile.ZIP_STORED),
        zipped(("a.har", HAR), method=zipfile.ZIP_LZMA),
        zipped(("../../a.txt", HAR)),
        zipped(("x/", b""), ("x/a.HAR", HAR), ("x/1234.html", b"<p>"), ("x/notes.txt", b"!")),
        zipped(("__MACOSX/._a.har", b"\0"), (".DS_Store", b"\0"), ("a.har", HAR)),
        zipped(("a.jsonl", JSONL)),
    ],
)
def test_a_packed_file(tmp_path: Path, name: str, content: bytes) -> None:
    """It is read like the file inside, whatever its name is."""
    path = tmp_path / name
    path.write_bytes(content)
    assert requests(path) == 5


def test_a_packed_har_that_its_name_tells(tmp_path: Path) -> None:
    """The name inside decides where the content does not."""
    other = json.dumps({"$schema": "x" * 5000, **json.loads(HAR)}).encode()
    for name, content in (("a.har.gz", gzip.compress(other)), ("b.zip", zipped(("b.har", other)))):
        path = tmp_path / name
        path.write_bytes(content)
        assert requests(path) == 5


def encrypted() -> bytes:
    """Return a zip archive whose file is said to be encrypted."""
    content = bytearray(zipped(("a.har", HAR)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def unknown_method() -> bytes:
    """Return a zip archive whose file is compressed in an unknown way."""
    content = bytearray(zipped(("a.har", HAR)))
    content[8] = 99
    content[content.index(b"PK\x01\x02") + 10] = 99
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encrypted, "is encrypted: unpack it with its password"),
        (unknown_method, "cannot be unpacked: unpack it with another tool"),
        (lambda: zipped(("a.har", HAR), ("b.har", HAR)), "2 files that could be read: unpack it"),
        (lambda: zipped(("a.txt", b"x"), ("b.txt", b"y")), "no HAR file: unpack it"),
        (lambda: zipped(), "is an empty zip archive"),
        (lambda: zipped(("a.txt", b"Dear Sir")), r"no file in a format .*\(jsonl, har, net-log\)"),
        (lambda: zipped(("a.har", b"")), "is empty once it is unpacked"),
        (lambda: gzip.compress(b""), "is empty once it is unpacked"),
        (lambda: gzip.compress(gzip.compress(HAR, mtime=0)), "is compressed: unpack it first"),
        (lambda: gzip.compress(b"SQLite format 3\0"), "is compressed: unpack it first"),
        (lambda: gzip.compress(HAR, mtime=0)[:8], "damaged from its beginning"),
        (lambda: b"\x1f\x8bnonsense", "damaged from its beginning"),
        (lambda: zipped(("a.har", HAR))[:900], "zip archive that was cut off or damaged"),
        (
            lambda: gzip.compress(HAR, mtime=0)[:900],
            "was cut off or damaged: only .*--lenient reads",
        ),
    ],
)
def test_what_cannot_be_unpacked(tmp_path: Path, content: Callable[[], bytes], words: str) -> None:
    """It is one line that says why."""
    path = tmp_path / "a.bin"
    path.write_bytes(content())
    with pytest.raises(FormatError, match=words) as caught:
        list(read_capture(path))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("limit", ["_MOST_FILES", "_DIRECTORY_LIMIT"])
def test_an_archive_of_very_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """It is refused before its list of files takes much memory."""
    monkeypatch.setattr(packing, limit, 2)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(*((f"{number}.har", b"") for number in range(3))))
    with pytest.raises(FormatError, match="holds too many files: unpack it first"):
        read_capture(path)


def test_a_small_file_that_unpacks_to_a_large_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused once it is over the limit, with and without ``lenient``."""
    monkeypatch.setattr(packing, "LIMIT", 1024**2)
    bomb = b'{"log": {"entries": [' + b" " * 1024**2
    for content in (gzip.compress(bomb), zipped(("a.har", bomb))):
        path = tmp_path / "a"
        path.write_bytes(content)
        for lenient in (True, False):
            with pytest.raises(FormatError, match="unpacks to more than 1 MiB: unpack it first"):
                list(read_capture(path, lenient=lenient))


def test_a_damaged_packed_file_is_read_leniently(tmp_path: Path) -> None:
    """What can be unpacked is read as a file that was cut off there."""
    path = tmp_path / "a.har.gz"
    whole = gzip.compress(HAR, 0)
    path.write_bytes(whole[: len(whole) * 9 // 10])
    said: list[str] = []
    events = list(read_capture(path, lenient=True, lost=said.append))
    assert 0 < sum(isinstance(event, Request) for event in events) < 5
    assert len(said) == 2
    assert "was cut off or damaged: only" in said[0]
    assert "entries could be read" in said[1]


@settings(max_examples=40)
@given(st.sampled_from([gzip.compress(HAR, mtime=0), zipped(("a.har", HAR))]), st.data())
def test_any_damage(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    """Changed bytes give events or an error in one line, never anything else."""
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(st.binary(min_size=1, max_size=8))
    path = tmp_path_factory.mktemp("packed") / "a.har.gz"
    path.write_bytes(whole[:at] + changed + whole[at + len(changed) :])
    for lenient in (True, False):
        try:
            list(read_capture(path, lenient=lenient))
        except CookietraceError as error:
            assert "\n" not in str(error)  # noqa: PT017
