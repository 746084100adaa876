"""Mode 2, the execution sample: the view's source, the lines that ran, and what they made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from cookietrace.events import CookieRead, CookieWrite, Local, Server
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.display_text import quoted_text
from cookietrace.lesson.mask import Mask, masked_within, unmasked
from cookietrace.lesson.prose import times
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.server_prose import cookie_values, error_text
from cookietrace.safe_text import safe, safe_lines

WITNESS_LINES = (
    "from cookietrace.witness.flask import witness",
    "witness(app)",
)
"""What lets a Flask app tell which lines ran: once, right after the app is made."""


_PAST_THE_WITNESS = (
    "Where a view raises, Flask's debug mode answers past the witness: "
    "start the app with COOKIETRACE_WITNESS=1 and without --debug to see that, too."
)


class LocalValue(msgspec.Struct, frozen=True):
    """The value that a line gave a variable, as display text."""

    name: str
    value: str

    @property
    def text(self) -> str:
        """``user = 'Alice'``."""
        return f"{self.name} = {self.value}"


class LineAction(msgspec.Struct, frozen=True):
    """What a line did with a cookie, or the error it raised, as display text."""

    mark: Mark
    verb: str
    """``reads``, ``sets`` or ``raises``; empty where the text says it itself."""
    text: str
    found_nothing: bool = False
    """True for a cookie that was asked for and not there."""

    @property
    def label(self) -> str:
        """``reads 'user': None``."""
        return f"{self.verb} {self.text}" if self.verb else self.text


class SampleLine(msgspec.Struct, frozen=True):
    """One line of the view's source."""

    number: int
    text: str
    turns: tuple[int, ...]
    """Its places in the order of execution, from 1; empty where it never ran."""
    ran: bool
    """True where it has run by the chosen moment."""
    current: bool
    """True for the one line that the chosen moment stands on."""
    values: tuple[LocalValue, ...]
    """What it gave the variables, as of the chosen moment."""
    reads: tuple[str, ...]
    """The cookies it asked for, e.g. ``'user': None``; only where it has run."""
    sets: tuple[str, ...]
    """The cookies it set or deleted, e.g. ``'user'='Alice'``; only where it has run."""
    raised: str = ""
    """The error that left the view here, where one did."""

    @property
    def actions(self) -> Iterator[LineAction]:
        """All that it did with cookies, then the error."""
        for read in self.reads:
            yield LineAction(Mark.SENT, "reads", read, found_nothing=read.endswith(": None"))
        for done in self.sets:
            yield LineAction(Mark.CHANGED, "" if done.endswith(" deleted") else "sets", done)
        if self.raised:
            yield LineAction(Mark.FAILED, "raises", self.raised)


class Sample(msgspec.Struct, frozen=True):
    """What one request did in the view, up to one moment inside it."""

    exchange_id: str
    title: str
    """``index (home.py:10)``, or what there is instead of a view."""
    lines: tuple[SampleLine, ...]
    """Empty where no source is known."""
    moments: int
    """How many lines ran: a front end may step through moments 1 to this."""
    moment: int
    """The chosen one; 0 before the first line."""
    elsewhere: tuple[str, ...]
    """Reads and sets that no line of the view made, each with its place."""
    notice: tuple[str, ...]
    """What to tell where something is missing; the lines of code to add are ``advice``."""
    advice: tuple[str, ...] = ()
    """Lines of Python that would make the source visible here."""

    @property
    def current(self) -> SampleLine | None:
        """The line that the chosen moment stands on; None before the first and without source."""
        return next((line for line in self.lines if line.current), None)


def moments_in(exchange: Exchange) -> int:
    """Return how many lines of the view ran in an exchange, as far as is known."""
    return len(exchange.server.lines) if exchange.server is not None else 0


def sample(
    exchange: Exchange,
    moment: int | None = None,
    *,
    kind: RowKind = RowKind.EXCHANGE,
    mask: Mask = unmasked,
) -> Sample:
    """Return the view of an exchange as it stood at one moment inside the request.

    ``moment`` counts the lines that ran, from 1; 0 is before the first, and None
    is the end. A moment out of range is taken to the nearest. ``kind`` is the
    kind of the step's row: on a storing or refusing row the view has returned,
    so that no line is the current one. Takes time in proportion to the source
    and the lines that ran.
    """
    server = exchange.server
    if server is None or "all" in server.dropped:
        return _unseen(exchange)
    last = len(server.lines)
    inside = kind is RowKind.EXCHANGE
    chosen = last if moment is None or not inside else max(0, min(moment, last))
    notice: list[str] = []
    if server.source is None:
        notice.append(_no_source(server))
    if "locals" in server.dropped:
        notice.append("The values of the variables were left out to keep the report small.")
    if not inside:
        notice.append("The view has returned; now the client acts on its answer.")
    return Sample(
        exchange_id=exchange.exchange_id,
        title=_title(server),
        lines=_lines(server, chosen, mask, inside=inside),
        moments=last,
        moment=chosen,
        elsewhere=_elsewhere(server, mask),
        notice=tuple(notice),
    )


def _unseen(exchange: Exchange) -> Sample:
    """Return the sample of an exchange of which no witness told."""
    if exchange.server is not None:
        title, notice = "report too large", "The witness's report was too large to send."
    elif exchange.failure is not None:
        title, notice = "no answer", f"The request failed: {safe(exchange.failure.message)}"
    elif exchange.response is None:
        title, notice = "no answer yet", "The server is still at work on this request."
    else:
        return Sample(
            exchange_id=exchange.exchange_id,
            title="no witness",
            lines=(),
            moments=0,
            moment=0,
            elsewhere=(),
            notice=(
                "No witness saw this request inside the server, so its source is not known.",
                *((_PAST_THE_WITNESS,) if exchange.response.status_code >= 500 else ()),
                "In a Flask app in development, these two lines let it tell:",
            ),
            advice=WITNESS_LINES,
        )
    return Sample(
        exchange_id=exchange.exchange_id,
        title=title,
        lines=(),
        moments=0,
        moment=0,
        elsewhere=(),
        notice=(notice,),
    )


def _no_source(server: Server) -> str:
    if server.function is None:
        return "No view answered this request."
    if "source" in server.dropped:
        return "The source of the view was left out to keep the report small."
    return "The source of the view could not be found."


def _title(server: Server) -> str:
    if server.function is None:
        return "no view"
    at = f" ({safe(server.file)}:{server.first_line})" if server.file is not None else ""
    return f"{safe(server.function)}{at}"


def _lines(server: Server, moment: int, mask: Mask, *, inside: bool) -> tuple[SampleLine, ...]:
    if server.source is None:
        return ()
    first = server.first_line or 1
    turns: dict[int, list[int]] = defaultdict(list)
    for turn, line in enumerate(server.lines, 1):
        turns[line].append(turn)
    values = _values(server, moment, mask)
    reads, sets = _by_line(server, mask)
    current = server.lines[moment - 1] if moment and inside else None
    error = server.error
    made = []
    for number, text in enumerate(safe_lines(server.source.rstrip("\n")), first):
        ran = bool(turns[number]) and turns[number][0] <= moment
        failed = error is not None and error.line == number and moment == len(server.lines)
        made.append(
            SampleLine(
                number=number,
                text=text,
                turns=tuple(turns[number]),
                ran=ran,
                current=number == current,
                values=tuple(values.get(number, ())),
                reads=tuple(reads[number]) if ran else (),
                sets=tuple(sets[number]) if ran else (),
                raised=error_text(server, mask) if failed else "",
            )
        )
    return tuple(made)


def _values(server: Server, moment: int, mask: Mask) -> dict[int, list[LocalValue]]:
    """Return what each line had given the variables by a moment, the latest a variable.

    The witness tells values in the order in which they came about, each with
    its line but not with its turn: where a line runs several times, each of its
    turns takes one value a variable.
    """
    waiting = list(server.locals)
    latest: dict[int, dict[str, LocalValue]] = defaultdict(dict)
    taken = _take(waiting, 0, None, latest, server, mask)
    for line in server.lines[:moment]:
        taken = _take(waiting, taken, line, latest, server, mask)
    return {line: list(values.values()) for line, values in latest.items()}


def _take(
    waiting: list[Local],
    start: int,
    line: int | None,
    latest: dict[int, dict[str, LocalValue]],
    server: Server,
    mask: Mask,
) -> int:
    """Hand a line's turn the values that it made; return how many are handed out by then.

    ``line`` is None for what was there before any line ran: the arguments.
    """
    names: set[str] = set()
    at = start
    ran = set(server.lines) if line is None else frozenset[int]()
    while at < len(waiting):
        local = waiting[at]
        mine = local.line not in ran if line is None else local.line == line
        if not mine or local.name in names:
            break
        names.add(local.name)
        latest[local.line][local.name] = LocalValue(safe(local.name), _local(local, server, mask))
        at += 1
    return at


def _local(local: Local, server: Server, mask: Mask) -> str:
    """Return a variable's value; the values of cookies in it are masked like the cookies."""
    cookies = set(cookie_values(server))
    if local.text is not None:
        return quoted_text(mask(local.text) if local.text in cookies else local.text)
    return safe(masked_within(local.value, cookies, mask))


def _read(read: CookieRead, mask: Mask) -> str:
    found = "None" if read.value is None else quoted_text(mask(read.value))
    return f"{quoted_text(read.name)}: {found}"


def _write(write: CookieWrite, mask: Mask) -> str:
    if write.value is None:
        return f"{quoted_text(write.name)} deleted"
    return f"{quoted_text(write.name)}={quoted_text(mask(write.value))}"


def _by_line(server: Server, mask: Mask) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    reads: dict[int, list[str]] = defaultdict(list)
    sets: dict[int, list[str]] = defaultdict(list)
    for read in server.reads:
        if read.line is not None:
            reads[read.line].append(_read(read, mask))
    for write in server.writes:
        if write.line is not None:
            sets[write.line].append(_write(write, mask))
    return reads, sets


def _elsewhere(server: Server, mask: Mask) -> tuple[str, ...]:
    """Return the reads and sets that the view's own lines did not make."""
    quiet = sum(
        1
        for read in server.reads
        if read.line is None and read.where == "session" and not read.value
    )
    told = [
        f"{safe(read.where)} read {_read(read, mask)}"
        for read in server.reads
        if read.line is None and (read.where != "session" or read.value)
    ]
    told += [
        f"{safe(write.where)} set {_write(write, mask)}"
        if write.value is not None
        else f"{safe(write.where)}: {_write(write, mask)}"
        for write in server.writes
        if write.line is None
    ]
    if quiet:
        told.append(f"the session looked for its cookie {times(quiet)} and found none")
    return tuple(told)
