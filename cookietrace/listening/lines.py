"""Which Set-Cookie line of a response is meant by what a browser said about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from cookietrace.events import BrowserChange, BrowserCookie
from cookietrace.listening.said import Change, CookieSaid, has_expired, name_of, text_of
from cookietrace.listening.script_reports import Write

MOST_COMPARED: Final = 250_000
"""How many pairs of a statement and a line are compared; of more, no line is told."""


def cookie_of(said: CookieSaid, line: int | None = None) -> BrowserCookie:
    """Return what was said about one cookie, for an event."""
    return BrowserCookie(
        name=said.name,
        domain=said.domain,
        path=said.path,
        taken=said.taken,
        reasons=said.reasons,
        warnings=said.warnings,
        partition_key=said.partition_key,
        line=line,
    )


def change_of(change: Change) -> BrowserChange:
    """Return a change of the cookie store, for an event."""
    return BrowserChange(
        kind=change.kind,
        name=change.name,
        value=change.value,
        domain=change.domain,
        path=change.path,
        secure=change.secure,
        http_only=change.http_only,
        same_site=change.same_site,
        cause=change.cause,
        script=change.script,
        source=change.source,
        line=change.line,
    )


def attempt_of(write: Write, cause: str | None) -> BrowserChange:
    """Return a write that the store refused, for an event: its value was never a cookie's.

    Its domain is the page's host, since the Domain that it asks for may be why it was refused.
    """
    return BrowserChange(
        kind="added",
        name=write.name,
        value="",
        domain=write.host,
        path=write.path or "/",
        cause=cause,
        script=True,
        source=write.source,
        line=write.line,
    )


def about_lines(
    stored: Sequence[CookieSaid], lines: Sequence[str], at: float
) -> tuple[BrowserCookie, ...]:
    """Return what was said about a response's lines, each with the line that it is about.

    Statements come in the order of the lines. A browser may say nothing about a line that has
    expired ``at`` this time, since there may be nothing to delete. A statement without a name can
    be about any line. Its line is told if every way to divide them has the same one. If the
    reader knows the lines, they are those.
    """
    if any(one.line is not None for one in stored):
        return tuple([cookie_of(one, one.line) for one in stored])
    found = _lines(
        [None if one.name is None else text_of(one.name) for one in stored],
        [text_of(name_of(line)) for line in lines],
        [has_expired(line, at) for line in lines],
    )
    return tuple([cookie_of(one, line) for one, line in zip(stored, found, strict=True)])


def _lines(
    said: Sequence[str | None], names: Sequence[str], silent: Sequence[bool]
) -> Sequence[int | None]:
    """Return the line of each statement; None for those of which it is not certain."""
    many, most = len(said), len(names)
    if many == most and all(one in (None, name) for one, name in zip(said, names, strict=True)):
        return range(many)
    if many * most > MOST_COMPARED:
        return [None] * many
    # before[i][j]: the first i statements can be about the first j lines; after: the same of the
    # statements and the lines from i and j on.
    before = [[False] * (most + 1) for _ in range(many + 1)]
    after = [[False] * (most + 1) for _ in range(many + 1)]
    for i in range(many + 1):
        for j in range(most + 1):
            before[i][j] = (
                i == j == 0
                or (j > 0 and silent[j - 1] and before[i][j - 1])
                or (
                    i > 0 and j > 0 and said[i - 1] in (None, names[j - 1]) and before[i - 1][j - 1]
                )
            )
    for i in range(many, -1, -1):
        for j in range(most, -1, -1):
            after[i][j] = (
                (i == many and j == most)
                or (j < most and silent[j] and after[i][j + 1])
                or (i < many and j < most and said[i] in (None, names[j]) and after[i + 1][j + 1])
            )
    if not before[many][most]:
        return _by_name(said, names)
    found: list[int | None] = []
    for i, one in enumerate(said):
        possible = [
            j
            for j, name in enumerate(names)
            if one in (None, name) and before[i][j] and after[i + 1][j + 1]
        ]
        found.append(possible[0] if len(possible) == 1 else None)
    return found


def _by_name(said: Sequence[str | None], names: Sequence[str]) -> list[int | None]:
    """Return the lines of statements out of order: of those whose name occurs once."""
    in_lines, in_said = Counter(names), Counter(said)
    return [
        names.index(one) if one is not None and in_lines[one] == in_said[one] == 1 else None
        for one in said
    ]
