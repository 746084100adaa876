"""What can still be read of a HAR that is cut off or damaged, and where the damage is."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from cookietrace.formats.har.json_stream import LIMIT, PIECE, DamageError
from cookietrace.formats.har.surrogates import without_lone_surrogates

_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_LONGEST_NAME = 1024
"""More characters than ``_ENTRIES`` is expected to match."""
_OURS = re.compile(r'"_cookietrace"\s*:\s*')
_BETWEEN = re.compile(r"[\s,]*")
_MARGIN = 64
"""As in ``json_stream``."""


class Remains:
    """The complete entries before the damage, decoded; then what they say about the capture.

    Numbers that JSON does not have (NaN) are read. Bytes that are not UTF-8 become U+FFFD.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._ended = False
        self.ours: dict[str, Any] = {}
        """Our own field about the capture, if it comes before the entries."""

    def __iter__(self) -> Iterator[Any]:
        at = self._first_entry()
        decoder = json.JSONDecoder()
        while True:
            between = _BETWEEN.match(self._text, at)
            at = between.end() if between else at
            try:
                entry, end = decoder.raw_decode(self._text, at)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error) or not self._more(at):
                    return
                at = 0
                continue
            except (ValueError, RecursionError):
                return
            if end == len(self._text) and self._more(at):
                at = 0
                continue  # a number may continue
            yield _mended(entry, self._text, at, end)
            at = end

    def _first_entry(self) -> int:
        """Return where the entries begin; the end of the text if there are none."""
        searched = 0
        while True:
            found = _ENTRIES.search(self._text, max(0, searched - _LONGEST_NAME))
            if found is not None:
                self.ours = _our_field(self._text[: found.start()])
                return found.end()
            searched = len(self._text)
            if not self._more(0):
                return len(self._text)

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Return whether an error may only be that the text does not continue."""
        return error.pos > len(self._text) - _MARGIN or error.msg.startswith("Unterminated")

    def _more(self, at: int) -> bool:
        """Forget the text before a place, and read on; return whether there was anything."""
        left = len(self._text) - at
        if self._ended or left > LIMIT:
            return False
        piece = self._file.read(max(PIECE, left))
        self._ended = not piece
        more = self._decoder.decode(piece, final=self._ended)
        self._text = self._text[at:] + more
        return True


def _mended(entry: Any, text: str, start: int, end: int) -> Any:
    """Return an entry without unpaired surrogates."""
    if "\\u" not in text[start:end]:
        return entry
    written = text[start:end].encode()
    mended = without_lone_surrogates(written)
    return entry if mended == written else json.loads(mended)


def _our_field(head: str) -> dict[str, Any]:
    """Return our own field about the capture, from what comes before the entries."""
    ours = _OURS.search(head)
    if ours is None:
        return {}
    try:
        field = json.JSONDecoder().raw_decode(head, ours.end())[0]
    except (ValueError, RecursionError):
        return {}
    return field if isinstance(field, dict) else {}


def place(file: BinaryIO, damage: DamageError) -> tuple[int, str]:
    """Return the line at which a file stops being valid JSON, and what is wrong there."""
    if damage.nested:
        return 1, "the JSON is nested too deeply"
    decoder = codecs.getincrementaldecoder("utf-8")()
    passed = lines = 0
    last = 0  # how many line feeds come before the last byte that is no white space
    at: int | None = None
    while True:
        piece = file.read(PIECE)
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as invalid:
            return lines + invalid.object.count(b"\n", 0, invalid.start) + 1, "this is not UTF-8"
        if not piece:
            break
        if damage.position is not None and 0 <= damage.position - passed < len(piece):
            at = lines + piece.count(b"\n", 0, damage.position - passed)
        if text := piece.rstrip():
            last = lines + text.count(b"\n")
        lines += piece.count(b"\n")
        passed += len(piece)
    if damage.position is None:
        return last + 1, "the file was cut off here"
    return (lines if at is None else at) + 1, "this is not JSON"


def undecodable(file: BinaryIO) -> int | None:
    """Return the line of the first byte that is not UTF-8; None if there is none."""
    line, what = place(file, DamageError(0))
    return line if what == "this is not UTF-8" else None
