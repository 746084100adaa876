"""Mode 2, the execution sample: the view's source, the lines that ran, and their values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from cookietrace.events import CookieRead, CookieWrite, Local, Server
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.display_text import clip, quoted_text, times
from cookietrace.lesson.mask import Mask, is_secret, local_text, unmasked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.server_prose import cookie_values, error_text
from cookietrace.safe_text import safe, safe_lines

LINE_CELLS = 1_000
"""How much of one line of the source is shown: nobody writes longer ones by hand."""

WITNESS_LINES = (
    "from cookietrace_witness import witness",
    "witness(app)",
)
"""What adds the witness to a Flask app: once, right after the app is created.

The module is the single file, which works whether or not cookietrace is installed there.
"""

_BYPASSED_WITNESS = (
    "When a view raises an error, Flask's debug mode responds without the witness. "
    "To see such requests too, start the app with COOKIETRACE_WITNESS=1 and without --debug."
)


class LocalValue(msgspec.Struct, frozen=True):
    """A value that a line assigned to a variable, as display text."""

    name: str
    value: str

    @property
    def text(self) -> str:
        """``user = 'Alice'``."""
        return f"{self.name} = {self.value}"


class LineAction(msgspec.Struct, frozen=True):
    """What a line did with a cookie, or the error it raised; display text."""

    mark: Mark
    verb: str
    """``reads``, ``sets`` or ``raises``; empty if the text has its own verb."""
    text: str
    found_nothing: bool = False
    """True if it read a cookie that was not there."""

    @property
    def label(self) -> str:
        """``reads 'user': None``."""
        return f"{self.verb} {self.text}" if self.verb else self.text


class SampleLine(msgspec.Struct, frozen=True):
    """One line of the view's source."""

    number: int
    text: str
    turns: tuple[int, ...]
    """Its places in the order of execution, from 1; empty if it never ran."""
    ran: bool
    """True if it has run by the chosen moment."""
    current: bool
    """True for the line that runs at the chosen moment."""
    values: tuple[LocalValue, ...]
    """The values that it assigned to variables, as of the chosen moment."""
    reads: tuple[str, ...]
    """The cookies it read, e.g. ``'user': None``; empty until it has run."""
    sets: tuple[str, ...]
    """The cookies it set or deleted, e.g. ``'user'='Alice'``; empty until it has run."""
    raised: str = ""
    """The error that left the view here, if any."""

    @property
    def actions(self) -> Iterator[LineAction]:
        """Everything it did with cookies, then the error."""
        for read in self.reads:
            yield LineAction(Mark.SENT, "reads", read, found_nothing=read.endswith(": None"))
        for write in self.sets:
            yield LineAction(Mark.CHANGED, "" if write.endswith(" deleted") else "sets", write)
        if self.raised:
            yield LineAction(Mark.FAILED, "raises", self.raised)


class Sample(msgspec.Struct, frozen=True):
    """What one request did in the view, up to a chosen moment."""

    exchange_id: str
    title: str
    """``index (home.py:10)``, or why there is no view."""
    lines: tuple[SampleLine, ...]
    """Empty if no source is known."""
    moments: int
    """How many lines ran: a front end can step from moment 0 to this."""
    moment: int
    """The chosen one; 0 before the first line."""
    elsewhere: tuple[str, ...]
    """Reads and writes outside the view's own lines, each with its place."""
    notice: tuple[str, ...]
    """Sentences on what is missing and why; the lines of code to add are in ``advice``."""
    advice: tuple[str, ...] = ()
    """Lines of Python that would make the source visible."""

    @property
    def current(self) -> SampleLine | None:
        """The line that runs at the chosen moment; None before the first, or without source."""
        return next((line for line in self.lines if line.current), None)


def sample(
    exchange: Exchange,
    moment: int | None = None,
    *,
    kind: RowKind = RowKind.EXCHANGE,
    mask: Mask = unmasked,
) -> Sample:
    """Return the view of an exchange at one moment of the request.

    ``moment`` counts the lines that ran, from 1; 0 is before the first, and None
    is the end. A moment out of range becomes the nearest one. ``kind`` is the
    kind of the step's row: on a storing or refused row the view has returned,
    so no line is current. Takes time in proportion to the source and the lines
    that ran.
    """
    server = exchange.server
    if server is None or "all" in server.dropped:
        return _without_report(exchange)
    last = len(server.lines)
    inside = kind is RowKind.EXCHANGE
    chosen = last if moment is None or not inside else max(0, min(moment, last))
    notice: list[str] = []
    if server.source is None:
        notice.append(_no_source(server))
    if "locals" in server.dropped:
        notice.append("The variables' values were left out to keep the report small.")
    if not inside:
        notice.append("The view has returned; now the client handles its response.")
    return Sample(
        exchange_id=exchange.exchange_id,
        title=_title(server),
        lines=_lines(server, chosen, mask, inside=inside),
        moments=last,
        moment=chosen,
        elsewhere=_elsewhere(server, mask),
        notice=tuple(notice),
    )


def _without_report(exchange: Exchange) -> Sample:
    """Return the sample of an exchange that has no usable witness report."""
    if exchange.server is not None:
        title, notice = "report too large", "The witness's report was too large to send."
    elif exchange.failure is not None:
        title, notice = "no response", f"The request failed: {safe(exchange.failure.message)}"
    elif exchange.response is None:
        title, notice = "no response yet", "The server is still working on this request."
    else:
        return Sample(
            exchange_id=exchange.exchange_id,
            title="no witness",
            lines=(),
            moments=0,
            moment=0,
            elsewhere=(),
            notice=(
                "No witness reported on this request, so the view's source is not known. If the "
                "app has one, its log says why; a file made by an earlier cookietrace must be made "
                "again.",
                *((_BYPASSED_WITNESS,) if exchange.response.status_code >= 500 else ()),
                "To see it, run `cookietrace witness flask > cookietrace_witness.py` in your Flask "
                "app's folder, start the app with COOKIETRACE_WITNESS=1 (or in debug mode), and "
                "add two lines to it:",
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
    if server.function is None and not server.knows_reads:
        return (
            "The witness for any WSGI or ASGI app sees what the response sets, but not the view or "
            "what it reads. The witness for your framework does: `cookietrace witness --help`."
        )
    if server.function is None:
        return "No view handled this request."
    if "source" in server.dropped:
        return "The view's source was left out to keep the report small."
    return "The view's source could not be found."


def _title(server: Server) -> str:
    if server.function is None:
        return "no view" if server.knows_reads else "unknown view"
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
                text=clip(text, LINE_CELLS),
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
    """Return the latest value of each variable that each line had assigned by a moment.

    The witness reports values in the order of assignment, each with its line but
    not with its turn. If a line runs several times, each of its turns takes one
    value per variable.
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
    """Assign to a line's turn the values that it made; return how many are assigned so far.

    ``line`` is None for what existed before any line ran: the arguments.
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
    """Return a variable's value: masked if it is a secret by its name, or as its cookies are."""
    cookies = set(cookie_values(server))
    if local.text is not None:
        hidden = local.text in cookies or is_secret(local.name, mask)
        return quoted_text(mask(local.text) if hidden else local.text)
    return safe(local_text(local.name, local.value, cookies, mask))


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
    """Return the reads and writes that the view's own lines did not make."""
    quiet = sum(
        1
        for read in server.reads
        if read.line is None and read.where == "session" and not read.value
    )
    actions = [
        f"{safe(read.where)} read {_read(read, mask)}"
        for read in server.reads
        if read.line is None and (read.where != "session" or read.value)
    ]
    actions += [
        f"{safe(write.where)} set {_write(write, mask)}"
        if write.value is not None
        else f"{safe(write.where)} deleted {quoted_text(write.name)}"
        for write in server.writes
        if write.line is None
    ]
    if quiet:
        actions.append(f"the session looked for its cookie {times(quiet)} and found none")
    return tuple(actions)
