"""What is noted down about the cookies of one request while the app answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import CodeType, FrameType
from typing import NamedTuple

from cookietrace.events import CookieRead, CookieWrite

ENTRIES_LIMIT = 500
"""The most reads, and the most writes, that are noted for one request."""

_TEXT_LIMIT = 8192
_DELETES = re.compile(r";\s*max-age\s*=\s*(?:0+|-\d+)\s*(?:;|$)", re.IGNORECASE)


class _Write(NamedTuple):
    """One call that set a cookie, and the headers object that it set it in."""

    entry: CookieWrite
    headers: int


class Notes:
    """The reads and writes of one request, and who made them.

    ``stations`` names the functions of the framework under which the app's own
    code runs: the identity of a code object, and the ``where`` it stands for.
    """

    def __init__(self, stations: Mapping[int, str]) -> None:
        self.view: CodeType | None = None
        """The code of the view that is to answer, once the framework has chosen it."""
        self.muted = False
        """True while the witness itself looks at the app's values."""
        self.closed = False
        """True when the answer is on its way, and nothing more is noted."""
        self.returned: frozenset[str] = frozenset()
        """The raw Set-Cookie lines in what the view returned."""
        self._stations = stations
        self._reads: dict[CookieRead, None] = {}
        self._writes: list[_Write] = []

    @property
    def reads(self) -> tuple[CookieRead, ...]:
        """What was asked for, in order, each question once."""
        return tuple(self._reads)

    def read(self, name: object, value: str | None, frame: FrameType | None) -> None:
        """Note that the app asked for a request cookie; ``frame`` is whoever asks."""
        if self.muted or self.closed or len(self._reads) >= ENTRIES_LIMIT:
            return
        if not isinstance(name, str):
            return
        where, line = self._place(frame)
        cut = None if value is None else _cut(value)
        entry = CookieRead(name=_cut(name), value=cut, where=where, line=line)
        self._reads.setdefault(entry)

    def wrote(self, name: str, value: str | None, frame: FrameType | None, headers: int) -> None:
        """Note that the app set a response cookie, or deleted it (``value`` None)."""
        if self.closed or len(self._writes) >= ENTRIES_LIMIT:
            return
        where, line = self._place(frame)
        cut = None if value is None else _cut(value)
        entry = CookieWrite(name=_cut(name), value=cut, where=where, line=line)
        self._writes.append(_Write(entry, headers))

    def wrote_line(self, line: str, frame: FrameType | None, headers: int) -> None:
        """Note that the app wrote a whole Set-Cookie line by hand."""
        name, value = _pair(line)
        self.wrote(name, None if deletes(line) else value, frame, headers)

    def writes(
        self, set_cookie_lines: Iterable[str], headers: int | None
    ) -> tuple[CookieWrite, ...]:
        """Return one entry for each Set-Cookie line of the answer, in its order.

        A line that no noted call accounts for (a header written by hand) is told
        with its raw value. A call whose response was thrown away is not told.
        ``headers`` is the identity of the answer's headers object, where known.
        """
        left = list(self._writes)
        entries: list[CookieWrite] = []
        for line in set_cookie_lines:
            name, value = _pair(line)
            same = [write for write in left if write.entry.name == name]
            noted = next((write for write in same if write.headers == headers), None)
            noted = noted or next(iter(same), None)
            if noted is not None:
                left.remove(noted)
                entry = noted.entry
            else:
                raw = None if deletes(line) else value
                entry = CookieWrite(name=name, value=raw, where="other")
            if entry.where == "other" and line in self.returned:
                entry = CookieWrite(name=entry.name, value=entry.value, where="view")
            entries.append(entry)
        return tuple(entries[:ENTRIES_LIMIT])

    def _place(self, frame: FrameType | None) -> tuple[str, int | None]:
        """Return ``where`` a call was made, and the view's line if the view made it."""
        while frame is not None:
            code = frame.f_code
            if code is self.view:
                return "view", frame.f_lineno
            where = self._stations.get(id(code))
            if where is not None:
                return where, None
            frame = frame.f_back
        return "other", None


def deletes(set_cookie: str) -> bool:
    """Tell whether a Set-Cookie line asks for its cookie to be removed at once."""
    return _DELETES.search(set_cookie) is not None


def _pair(line: str) -> tuple[str, str]:
    """Return the name and the value in a Set-Cookie line; the name may be empty."""
    pair = line.partition(";")[0]
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    return _cut(name.strip()), _cut(value.strip())


def _cut(text: str) -> str:
    """Return the text, at most so much of it as a report may hold."""
    return text[:_TEXT_LIMIT]
