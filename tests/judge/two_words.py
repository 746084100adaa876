"""What a browser says over a protocol, beside what its own log says of the same requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.listening.lines import about_lines
from cookietrace.listening.said import Hop, Said, text_of
from tests.judge.own_word import serial_of


class TwoWords(msgspec.Struct):
    """How what was said twice compares."""

    verdicts: int = 0
    """Those on which both speak."""
    differences: list[str] = msgspec.field(default_factory=list)


def two_words(protocol: Iterable[Iterable[Said]], logs: Iterable[Iterable[Said]]) -> TwoWords:
    """Compare every verdict that DevTools or BiDi state with the log's, of the same response."""
    found = TwoWords()
    logged = {serial: hop for log in logs for serial, hop in _by_serial(log)}
    for heard in protocol:
        for serial, hop in _by_serial(heard):
            if serial in logged:
                _compare(hop, logged[serial], found)
    return found


def _by_serial(said: Iterable[Said]) -> Iterator[tuple[str, Hop]]:
    for one in said:
        if isinstance(one, Hop) and (serial := serial_of(one.response_headers or ())):
            yield serial, one


def _compare(hop: Hop, logged: Hop, found: TwoWords) -> None:
    where = f"{hop.method} {hop.url}"
    theirs = {
        (text_of(one.name or ""), one.domain, one.path, one.partition_key): one.taken
        for one in logged.sent or ()
    }
    for one in hop.sent or ():
        key = (text_of(one.name or ""), one.domain, one.path, one.partition_key)
        if key in theirs:
            found.verdicts += 1
            if theirs[key] is not one.taken:
                found.differences.append(f"{where}: {one}")
    lines = logged.set_cookie_lines
    if lines != hop.set_cookie_lines:  # BiDi leaves out fields that are empty
        return
    by_line = {
        one.line: one.taken
        for one in about_lines(logged.stored or (), lines, logged.ended_at)
        if one.line is not None
    }
    for one in hop.stored or ():
        if one.line in by_line:
            found.verdicts += 1
            if by_line[one.line] is not one.taken:
                found.differences.append(f"{where}: {lines[one.line]!r}: {one}")
