"""Which cookies the app read and set during one request, and where in its code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FrameType
from typing import NamedTuple, Union

from cookietrace.witness.report import ReadEntry, WriteEntry

ENTRIES_LIMIT = 500
"""The maximum number of reads, and of writes, that are noted for one request."""

Station = Union[str, Callable[[FrameType], str]]  # noqa: UP007  (Python 3.9 reads it)
"""What is reported of the callees of a function: ``where``, or how its frame tells that."""

_ENTRY_LENGTH = 8192
_NEAR = 2
_DELETES = re.compile(r";\s*max-age\s*=\s*(?:0+|-\d+)\s*(?:;|$)", re.IGNORECASE)


class _Write(NamedTuple):
    """One call that set a cookie, and the headers object that it set it in."""

    entry: WriteEntry
    headers: int
    as_sent: bool
    """Whether the value is that of the Set-Cookie line, since the app's is another (signed)."""


class Notes:
    """The reads and writes of one request, and where they were made.

    ``stations`` names the functions of the framework that call the app's own code:
    the identity of a code object, and the ``where`` that its callees are reported as.
    ``actors`` are functions of the framework that read or set cookies themselves: what
    is called further in is not theirs, even if they are waiting for it.
    """

    def __init__(
        self, stations: Mapping[int, Station], actors: Mapping[int, str] | None = None
    ) -> None:
        self.view: CodeType | None = None
        """The code of the view, once the framework has chosen it."""
        self.muted = False
        """True while the witness itself looks at the app's values."""
        self.closed = False
        """True once the response is on its way; nothing is noted after that."""
        self.returned: frozenset[str] = frozenset()
        """The raw Set-Cookie lines in what the view returned."""
        self._stations = stations
        self._actors = actors or {}
        self._reads: dict[ReadEntry, None] = {}
        self._writes: list[_Write] = []

    @property
    def reads(self) -> tuple[ReadEntry, ...]:
        """What the app asked for, in order, equal reads once."""
        return tuple(self._reads)

    def read(self, name: object, value: str | None, frame: FrameType | None) -> None:
        """Note that the app asked for a request cookie; ``frame`` is the caller's."""
        if not self.muted:
            self.saw_read(name, value, frame)

    def saw_read(self, name: object, value: str | None, frame: FrameType | None) -> None:
        """Note a read that the witness noticed itself, ``muted`` or not."""
        if self.closed or len(self._reads) >= ENTRIES_LIMIT or not isinstance(name, str):
            return
        where, line = self._place(frame)
        cut = None if value is None else _cut(value)
        entry = ReadEntry(name=_cut(name), value=cut, where=where, line=line)
        self._reads.setdefault(entry)

    def wrote(
        self,
        name: str,
        value: str | None,
        frame: FrameType | None,
        headers: int,
        *,
        as_sent: bool = False,
        replaces: bool = False,
    ) -> None:
        """Note that the app set a response cookie, or deleted it (``value`` None).

        ``as_sent`` says that only the response's own line has the value. ``replaces`` says
        that the framework keeps one cookie of each name: this call makes earlier ones void.
        """
        if self.closed or len(self._writes) >= ENTRIES_LIMIT:
            return
        where, line = self._place(frame)
        cut = None if value is None else _cut(value)
        entry = WriteEntry(name=_cut(name), value=cut, where=where, line=line)
        if replaces:
            self._writes = [
                write
                for write in self._writes
                if write.headers != headers or write.entry.name != entry.name
            ]
        self._writes.append(_Write(entry, headers, as_sent))

    def wrote_line(self, line: str, frame: FrameType | None, headers: int) -> None:
        """Note that the app wrote a whole Set-Cookie line itself."""
        name, value = _pair(line)
        self.wrote(name, None if deletes(line) else value, frame, headers)

    def writes(
        self, set_cookie_lines: Iterable[str], headers: int | None
    ) -> tuple[WriteEntry, ...]:
        """Return one entry for each Set-Cookie line of the response, in its order.

        A line that no noted call explains is reported with its raw value. A call on
        a response that was never sent is not reported. ``headers`` is the identity
        of the response's headers object, if known.
        """
        left = list(self._writes)
        entries: list[WriteEntry] = []
        for line in set_cookie_lines:
            name, value = _pair(line)
            same = [write for write in left if write.entry.name == name]
            noted = next((write for write in same if write.headers == headers), None)
            noted = noted or next(iter(same), None)
            if noted is not None:
                left.remove(noted)
                entry = noted.entry
                if noted.as_sent and entry.value is not None:
                    entry = entry._replace(value=value)
            else:
                raw = None if deletes(line) else value
                entry = WriteEntry(name=name, value=raw, where="other")
            if entry.where == "other" and line in self.returned:
                entry = WriteEntry(name=entry.name, value=entry.value, where="view")
            entries.append(entry)
        return tuple(entries[:ENTRIES_LIMIT])

    def _place(self, frame: FrameType | None) -> tuple[str, int | None]:
        """Return ``where`` a call was made, and the view's line if the view made it."""
        near = _NEAR
        while frame is not None:
            code = frame.f_code
            if code is self.view:
                return "view", frame.f_lineno
            station = self._stations.get(id(code))
            if station is None and near > 0:
                station = self._actors.get(id(code))
            if station is not None:
                return station if isinstance(station, str) else station(frame), None
            near -= 1
            frame = frame.f_back
        return "other", None


def deletes(set_cookie: str) -> bool:
    """Return whether a Set-Cookie line asks for its cookie to be removed at once."""
    return _DELETES.search(set_cookie) is not None


def _pair(line: str) -> tuple[str, str]:
    """Return the name and the value in a Set-Cookie line; the name may be empty."""
    pair = line.partition(";")[0]
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    return _cut(name.strip()), _cut(value.strip())


def _cut(text: str) -> str:
    """Return as much of the text as an entry may hold."""
    return text[:_ENTRY_LENGTH]
