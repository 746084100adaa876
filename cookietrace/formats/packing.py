"""Opens a file whose content may be packed by gzip or zip, and unpacks it within limits."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from cookietrace.errors import FormatError
from cookietrace.formats.format import Lost
from cookietrace.safe_text import safe

LIMIT = 256 * 1024 * 1024
"""The most bytes that a packed file may unpack to: a small one can unpack to any size."""

_MOST_FILES = 10_000
"""The most files in a zip archive."""

_DIRECTORY_LIMIT = 4 * 1024 * 1024
"""The most bytes of a zip archive's list of files, which is read as a whole."""

_WANTED = (".har", ".jsonl", ".ndjson")
"""Which file of an archive is read."""

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1
DAMAGE = (
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What Python's unpacking readers raise for damaged or hostile bytes."""


class Beginning(msgspec.Struct, frozen=True):
    """What a packed file holds."""

    name: str
    """The name of the file inside; not safe for anything but its suffix."""
    start: bytes
    """Its first bytes."""


def is_packed(start: bytes) -> bool:
    """Return whether a file begins like one packed by gzip or zip."""
    return start.startswith((_GZIP, *_ZIP))


def beginning(path: Path, size: int) -> Beginning:
    """Return the first ``size`` bytes inside a packed file. Raises ``FormatError``, ``OSError``."""
    with path.open("rb") as file, _unpacked(file, path) as (name, source):
        return Beginning(name, _Unpacking(source, safe(str(path)), None).first(size))


def members(path: Path) -> tuple[str, ...]:
    """Return the names of the files in a zip archive; none for any other file.

    Raises ``FormatError`` if the archive is damaged or holds too many, and ``OSError``.
    """
    with path.open("rb") as file:
        if not file.read(4).startswith(_ZIP):
            return ()
        with _archive(file, safe(str(path))) as archive:
            return tuple(archive.namelist())


@contextmanager
def opened(path: Path, lost: Lost | None = None) -> Iterator[BinaryIO]:
    """Open a file for reading; the bytes of a packed one are unpacked as they are read.

    In a zip archive, the one HAR or JSON Lines file is read, or the only file there is.
    Opening and reading raise ``FormatError`` if the content is damaged, encrypted or larger
    than ``LIMIT``. With ``lost``, damage ends the content and is reported to it.
    """
    with path.open("rb") as file:
        if not is_packed(file.peek(4)[:4]):
            yield file
            return
        with _unpacked(file, path) as (_, source):
            yield io.BufferedReader(_Unpacking(source, safe(str(path)), lost))


@contextmanager
def _unpacked(file: BinaryIO, path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name and the content of what an open file packs."""
    name = safe(str(path))
    file.seek(0)
    if file.read(2) == _GZIP:
        file.seek(0)
        with gzip.GzipFile(fileobj=file, mode="rb") as source:
            yield path.name.removesuffix(path.suffix), source  # type: ignore[misc]
        return
    with _archive(file, name) as archive:
        member = _member(archive, name)
        if member.flag_bits & _ENCRYPTED:
            raise FormatError(f"{name} is encrypted: unpack it with its password first")
        try:
            content = archive.open(member)
        except DAMAGE as error:
            raise FormatError(f"{name} cannot be unpacked: unpack it with another tool") from error
        with content:
            yield member.filename, content


@contextmanager
def _archive(file: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """Yield an open zip archive."""
    try:
        if _directory_size(file) > _DIRECTORY_LIMIT:
            raise FormatError(f"{name} holds too many files: unpack it first")
        archive = zipfile.ZipFile(file)
    except DAMAGE as error:
        raise FormatError(f"{name} is a zip archive that was cut off or damaged") from error
    with archive:
        if len(archive.infolist()) > _MOST_FILES:
            raise FormatError(f"{name} holds too many files: unpack it first")
        yield archive


def _directory_size(file: BinaryIO) -> int:
    """Return the size of an archive's list of files, as its end record says; 0 if there is none."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 65_557))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(end) < at + 16:
        return 0
    return int.from_bytes(end[at + 12 : at + 16], "little")


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the file to read."""
    files = [each for each in archive.infolist() if not _is_side_file(each)]
    wanted = [each for each in files if each.filename.lower().endswith(_WANTED)] or files
    if len(wanted) == 1:
        return wanted[0]
    if not files:
        raise FormatError(f"{name} is an empty zip archive")
    what = "no HAR file" if wanted is files else f"{len(wanted)} files that could be read"
    raise FormatError(f"{name} is a zip archive with {what}: unpack it, then choose one file")


def _is_side_file(member: zipfile.ZipInfo) -> bool:
    """Return whether it is a folder, or a file that a system adds to its archives."""
    return (
        member.is_dir()
        or member.filename.startswith("__MACOSX/")
        or member.filename.rpartition("/")[2].startswith(".")
    )


class _Unpacking(io.RawIOBase):
    """The unpacked bytes of a file."""

    def __init__(self, source: IO[bytes], name: str, lost: Lost | None) -> None:
        self._source = source
        self._name = name
        self._lost = lost
        self._read = 0
        self._ended = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Unpack at most as many bytes as the buffer holds; return how many."""
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def first(self, size: int) -> bytes:
        """Return the first bytes, as far as they can be unpacked."""
        found = b""
        while len(found) < size:
            try:
                piece = self._piece(size - len(found))
            except FormatError:
                if not found:
                    raise
                break
            if not piece:
                break
            found += piece
        return found

    def _piece(self, size: int) -> bytes:
        if self._ended or not size:
            return b""
        try:
            piece: bytes = self._source.read1(size)  # type: ignore[attr-defined]
        except (*DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            return self._damaged(error)
        self._read += len(piece)
        if self._read > LIMIT:
            raise FormatError(
                f"{self._name} unpacks to more than {LIMIT // 1024**2} MiB: "
                "unpack it first, then read the file that was in it"
            )
        self._ended = not piece
        return piece

    def _damaged(self, error: Exception) -> bytes:
        if not self._read:
            raise FormatError(
                f"{self._name} is compressed, and damaged from its beginning"
            ) from error
        what = f"{self._name} was cut off or damaged: only {self._read:,} bytes can be unpacked"
        if self._lost is None:
            raise FormatError(f"{what} (--lenient reads those)") from error
        self._lost(what)
        self._ended = True
        return b""
