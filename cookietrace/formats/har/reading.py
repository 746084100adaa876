"""Reads any program's HAR as the events that a recorder would have made from the traffic.

The file is read as a stream: one entry at a time is in memory. The entries are kept in a file
without a name until all are known, and are told in the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cookietrace.errors import FormatError
from cookietrace.events import SCHEMA, Capture, Event, Jar, Recorder, decode
from cookietrace.formats.format import Lost
from cookietrace.formats.har.entries import decoded, entry_of
from cookietrace.formats.har.exchanges import Exchanges, Jars
from cookietrace.formats.har.json_stream import LIMIT, DamageError, JsonStream, TooLargeError
from cookietrace.formats.har.recovery import Remains, place, undecodable
from cookietrace.formats.packing import opened
from cookietrace.lesson.stripped_cookies import NO_COOKIES
from cookietrace.safe_text import safe

NO_REQUESTS = (
    "This HAR has no requests that were on the wire. What a browser's cache or a service worker "
    "served, and what is not http, is left out."
)

ONLY_LISTED = "Cookies that it only lists are not shown: the lists do not say what was sent or set."

REPLACED = (
    "replaced by a placeholder in this HAR, so a cookie that seems not to be sent may have been. "
    "Export it again with sensitive data."
)

UNDATED = "no start time: the place in the story is a guess, from the order of the file."

TOKENS = (
    "Cookie values in this HAR are tokens, so a verdict that depends on a value's size or prefix "
    "may be wrong. A redacted JSON Lines file keeps the original verdicts."
)

_LOG = re.compile(rb'"log"\s*:\s*\{\s*"(?:version|creator|browser|pages|entries)"\s*:')


def is_har(start: bytes) -> bool:
    """Return whether a file begins like a HAR."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return re.match(rb'\{\s*"log"\s*:', text) is not None or (
        text.startswith(b"{") and _LOG.search(text) is not None
    )


def read_har(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a HAR in the order in which it happened.

    There is one client per User-Agent (in our own files, also per fresh browser), and a response
    comes at its request's start plus the entry's time. Cookies are parsed from the headers; the
    cookie arrays are never trusted. Responses from the browser's cache or a service worker were
    not on the wire and are left out. The file may be packed by gzip or zip. With ``lost``, bad
    entries and the rest of a truncated file are skipped and reported. Raises ``FormatError``, which
    names the line or the entry.
    """
    reading = _Reading(path, lost)
    try:
        digest = reading.read()
        ours, exchanges = reading.ours, reading.exchanges
        redacted = ours.get("redacted") is True
        began = exchanges.began()
        yield Capture(
            capture_id=digest[:32],
            schema=SCHEMA,
            at=began,
            producer="HAR",
            sensitive=not redacted and ours.get("sensitive") is not False,
        )
        for message in _notices(exchanges, redacted=redacted):
            yield Recorder(at=began, state="gap", message=message)
        yield from exchanges.events(is_ours=bool(ours), jars=_jars(ours))
    finally:
        reading.exchanges.close()


def _notices(exchanges: Exchanges, *, redacted: bool) -> Iterator[str]:
    """Yield what may be missing from the story."""
    if exchanges.hidden:
        many = "header was" if exchanges.hidden == 1 else "headers were"
        yield f"{exchanges.hidden} cookie {many} {REPLACED}"
    elif not len(exchanges):
        yield NO_REQUESTS
    elif not exchanges.have_cookies:
        yield f"{NO_COOKIES} {ONLY_LISTED}" if exchanges.list_cookies else NO_COOKIES
    if redacted:
        yield TOKENS
    if undated := exchanges.undated:
        many = (
            "One entry of this HAR has" if undated == 1 else f"{undated} entries of this HAR have"
        )
        yield f"{many} {UNDATED}"


class _ClientJar(msgspec.Struct):
    """What our own field says about the jar with which a client begins."""

    jar: dict[str, Any]
    user_agent: str | None = None
    session: str | None = None


def _jars(ours: dict[str, Any]) -> Jars:
    """Return the jars with which clients begin, as we wrote them, by User-Agent and session.

    One that cannot be read is left out, and with it its exchanges' certainty.
    """
    jars: dict[tuple[str | None, str | None], Jar] = {}
    written = ours.get("jars")
    for each in written if isinstance(written, list) else ():
        try:
            client = msgspec.convert(each, _ClientJar)
            jar = decode(msgspec.json.encode(client.jar))
        except (msgspec.ValidationError, FormatError):
            continue
        if isinstance(jar, Jar):
            jars.setdefault((client.user_agent, client.session), jar)
    return jars


class _NotHarError(Exception):
    """There is no log with entries."""


class _Reading:
    """One pass through a file."""

    def __init__(self, path: Path, lost: Lost | None) -> None:
        self._path = path
        self._name = safe(str(path))
        self._lost = lost
        self.exchanges = Exchanges()
        self.ours: dict[str, Any] = {}
        """Our own field about the capture."""
        self._entries = 0
        """How many entries there are so far."""
        self._bad: list[int] = []
        """The number of the first entry that cannot be read, and how many there are."""
        self._refusal: FormatError | None = None

    def read(self) -> str:
        """Read the file to its end, and return its digest. Raises ``FormatError``."""
        with opened(self._path, self._lost) as file:
            stream = JsonStream(file)
            try:
                self._pass(stream)
            except TooLargeError as error:
                raise FormatError(
                    f"{self._name}: a part of it, after entry {self._entries}, is larger than "
                    f"{LIMIT // 1024**2} MiB: export fewer requests"
                ) from error
            except DamageError as damage:
                digest = stream.digest()
                self._recover(damage)
            except _NotHarError as error:
                digest = stream.digest()
                self._refuse(error)
            else:
                digest = stream.digest()
        if self._refusal is not None:
            raise self._refusal
        if self._lost is not None and self._bad:
            first, count = self._bad
            many = "1 entry" if count == 1 else f"{count} entries"
            which = f"entry {first}" + (" first" if count > 1 else "")
            self._lost(f"{self._name}: {many} could not be read ({which})")
        return digest

    def _pass(self, stream: JsonStream) -> None:
        """Pass the whole file. Of an object's members with the same name, the last counts."""
        if _is_other(stream, b"{"):
            raise _NotHarError
        found = False
        for name in stream.members():
            if name == "log":
                self._pass_log(stream)
                found = True
            else:
                stream.value()
        if not found:
            raise _NotHarError
        stream.end()

    def _pass_log(self, stream: JsonStream) -> None:
        if _is_other(stream, b"{"):
            raise _NotHarError
        found, self.ours = False, {}
        for name in stream.members():
            if name == "entries":
                if _is_other(stream, b"["):
                    raise _NotHarError
                found = True
                self._begin()
                for raw in stream.elements():
                    self._take(raw)
            elif name == "_cookietrace":
                self.ours = _field(stream.value())
            else:
                stream.value()
        if not found:
            raise _NotHarError

    def _begin(self) -> None:
        """Forget the entries so far."""
        self.exchanges.close()
        self.exchanges = Exchanges()
        self._entries, self._bad, self._refusal = 0, [], None

    def _take(self, raw: memoryview) -> None:
        """Take the next entry. What is wrong with it is said once the whole file is passed."""
        self._entries += 1
        if self._refusal is not None:
            return
        try:
            entry = entry_of(decoded(raw, lenient=self._lost is not None))
        except UnicodeDecodeError as error:
            where = f"{self._name}, line {self._undecodable() or 1}"
            self._refusal = FormatError(f"{where}: this is not UTF-8 (--lenient reads the file)")
            self._refusal.__cause__ = error
        except ValueError as error:
            self._leave_out(error)
        else:
            self.exchanges.add(entry)

    def _leave_out(self, error: ValueError) -> None:
        number = self._entries
        first, count = self._bad or (number, 0)
        self._bad = [first, count + 1]
        if self._lost is None:
            self._refusal = FormatError(
                f"{self._name}, entry {number}: {safe(str(error))} (--lenient skips such entries)"
            )
            self._refusal.__cause__ = error

    def _refuse(self, error: _NotHarError) -> None:
        """Say that it is no HAR, unless it is not even text."""
        if self._undecodable() is not None:
            self._recover(DamageError(0))
            return
        raise FormatError(f"{self._name} is not a HAR: it has no log with entries") from error

    def _recover(self, damage: DamageError) -> None:
        """Read the entries before the damage. Raises ``FormatError`` if none is to be read."""
        with self._again() as file:
            line, what = place(file, damage)
        where = f"{self._name}, line {line}: {what}"
        if self._lost is None:
            raise FormatError(f"{where} (--lenient reads the entries before it)") from damage
        self._begin()
        with self._again() as file:
            remains = Remains(file)
            for raw in remains:
                self._entries += 1
                try:
                    self.exchanges.add(entry_of(raw))
                except ValueError as error:
                    self._leave_out(error)
        self.ours = remains.ours
        if not self._entries:
            raise FormatError(f"{where}; nothing in it can be read") from damage
        many = "1 entry" if self._entries == 1 else f"{self._entries} entries"
        self._lost(f"{where}; {many} could be read")

    def _undecodable(self) -> int | None:
        """Return the line of the first byte that is not UTF-8; None if there is none."""
        with self._again() as file:
            return undecodable(file)

    def _again(self) -> AbstractContextManager[BinaryIO]:
        """Open the file once more; what cannot be unpacked has been reported."""
        return opened(self._path, None if self._lost is None else lambda _line: None)


def _is_other(stream: JsonStream, byte: bytes) -> bool:
    """Return whether another kind of value than the one that begins with a byte comes next."""
    found = stream.next()
    return found not in (b"", byte) and found in b'{["-0123456789tfn'


def _field(raw: memoryview) -> dict[str, Any]:
    """Return our own field about the capture."""
    try:
        field = decoded(raw, lenient=False)
    except UnicodeDecodeError as error:
        raise DamageError(0) from error
    except ValueError as error:
        raise _NotHarError from error
    return field if isinstance(field, dict) else {}
