"""Steps and times of a capture as a user writes them: ``12``, ``12a``, ``12:30``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from cookietrace.cutting.stretch import Stretch
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import Exchange, Row, RowKind
from cookietrace.safe_text import safe
from cookietrace.trace import Trace

_STEP = re.compile(r"[0-9]{1,15}[a-z]{0,8}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")

EXPECTED = "a step, such as 12, or a time, such as 12:30 or 2026-01-31T12:30"


def chosen_stretch(trace: Trace, first: str | None, last: str | None) -> Stretch:
    """Return the exchanges from one place to another, both included.

    A place is a step, as texts call it, or a local time; None is the start or the end. Raises
    ``FormatError`` if a place is neither, if the capture has no such step, or if there is no
    exchange between the two.
    """
    since = None if first is None else _first_from(trace, first)
    until = None if last is None else _last_until(trace, last)
    begins = 0 if since is None else since
    ends = len(trace.exchanges) - 1 if until is None else until
    if begins > ends:
        raise FormatError("there is no exchange between --from and --to")
    return Stretch(
        None if since is None else trace.exchanges[begins].exchange_id,
        None if until is None else trace.exchanges[ends].exchange_id,
    )


def _first_from(trace: Trace, text: str) -> int:
    """Return the index of the first exchange of a place."""
    if _STEP.fullmatch(text):
        row = row_at(trace, text, "--from")
        return trace.exchange(row.exchange_id).number - 1
    at = _time(trace.exchanges, text, "--from")
    return _index(trace.exchanges, at, after=False)


def _last_until(trace: Trace, text: str) -> int:
    """Return the index of the last exchange of a place, -1 if there is none."""
    if _STEP.fullmatch(text):
        row = row_at(trace, text, "--to")
        return (
            max(
                trace.exchange(each.exchange_id).number
                for each in trace.rows[: row.index + 1]
                if each.kind is RowKind.EXCHANGE
            )
            - 1
        )
    at = _time(trace.exchanges, text, "--to")
    return _index(trace.exchanges, at, after=True) - 1


def _index(exchanges: Sequence[Exchange], at: float, *, after: bool) -> int:
    """Return the index of the first exchange at a time or later, or only later."""
    for index, exchange in enumerate(exchanges):
        if exchange.request.at > at or (not after and exchange.request.at == at):
            return index
    return len(exchanges)


def row_at(trace: Trace, label: str, flag: str) -> Row:
    """Return the row of a step, as texts call it.

    Raises ``FormatError``, which names the option ``flag``, if there is none.
    """
    for row in trace.rows:
        if row.label == label:
            return row
    labels = [row.label for row in trace.rows if not row.aside]
    have = f"its steps are {labels[0]} to {labels[-1]}" if labels else "it has no steps"
    raise FormatError(f"{flag}: there is no step {label} in this capture: {have}")


def _time(exchanges: Sequence[Exchange], text: str, flag: str) -> float:
    """Return a local time, or one with its own offset, as Unix time."""
    clock = _CLOCK.fullmatch(text)
    try:
        if clock is None:
            if "-" not in text:
                raise ValueError
            return datetime.fromisoformat(text).astimezone().timestamp()
        hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        day = _only_day(exchanges, flag)
        moment = datetime.combine(day, time(hours, minutes, seconds))
        return moment.astimezone().timestamp()
    except (ValueError, OverflowError):
        raise FormatError(f"{flag} must be {EXPECTED}, not {safe(text)!r}") from None


def _only_day(exchanges: Sequence[Exchange], flag: str) -> date:
    """Return the local date of all exchanges. Raises ``FormatError`` if they have several."""
    days = {_day(each.request.at) for each in (*exchanges[:1], *exchanges[-1:])}
    if len(days) != 1 or None in days:
        raise FormatError(
            f"{flag}: give the date too, as 2026-01-31T12:30: the capture covers more than one day"
        )
    (day,) = days
    assert day is not None
    return day


def _day(at: float) -> date | None:
    try:
        return datetime.fromtimestamp(at).astimezone().date()
    except (OverflowError, OSError, ValueError):
        return None
