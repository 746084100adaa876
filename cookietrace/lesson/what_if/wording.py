"""What would have been different, in words and as JSON. The lines are display text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, Final

import msgspec

from cookietrace.cookies import Finding, is_loopback, parse_set_cookie, parse_target
from cookietrace.events import Server
from cookietrace.fold.exchange import Exchange, Row
from cookietrace.lesson.corrections import (
    FRAMEWORKS,
    WITNESSED,
    SetCookieLine,
    code_of,
    is_probable,
    line_of_result,
    setting_of,
)
from cookietrace.lesson.display_text import plural, quoted
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problem_texts import problem_line_at
from cookietrace.lesson.problems import problems
from cookietrace.lesson.prose import page, reason, section_text
from cookietrace.lesson.set_cookie_text import hidden_line
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if.retelling import Raised, Retold
from cookietrace.safe_text import safe

EFFECTS: Final = {
    "sent": "is sent",
    "not-sent": "is not sent",
    "other-value": "is sent with another value",
    "stored": "is stored",
    "refused": "is refused",
    "deleted": "is deleted",
    "no-effect": "has no effect",
    None: "is not set",
}
BEFORE: Final = {
    "sent": "it was sent",
    "not-sent": "it was not sent",
    "other-value": "it had another value",
    "stored": "it was stored",
    "refused": "it was refused",
    "deleted": "it was deleted",
    "no-effect": "it had no effect",
    None: "it was not set",
}

_WORD = re.compile(r"[\w.-]+", re.ASCII)
_NO_WORD = re.compile(r"\W", re.ASCII)
_PATH = re.compile(r"[\w./~-]+", re.ASCII)

_NOT_WSGI: Final = {
    "server": re.compile(r"uvicorn|hypercorn|daphne|granian|kestrel|puma", re.IGNORECASE),
    "x-powered-by": re.compile(r"express|php|asp\.net", re.IGNORECASE),
}
"""The response headers, and how their values begin, of servers that do not call a WSGI app."""

_NOT_READ: Final = "not-read"
_MISSED: Final = frozenset(
    {"refused", "not-as-assumed", "withheld", "wrong-host", "other-host", "missing", "expired"}
)
"""The rules about cookies that a request lacks: how bad that is, what the app reads can say."""

ASSUMPTION: Final = (
    "This assumes that the app responds as it did. What it would have sent to a client with other "
    "cookies is unknown."
)


class _Problems:
    """The problems that only one of two tellings has."""

    def __init__(self, retold: Retold, mask: Mask = unmasked) -> None:
        self.real = Table(retold.real, mask=mask)
        before = problems(self.real)
        after = retold.raised(mask)
        kept = set(map(self._lasting, before)) & {self._lasting(each.moment) for each in after}
        gone = [moment for moment in before if self._lasting(moment) not in kept]
        self.unknown = self._unknown(retold, gone) if gone else []
        """Those of the real telling of which it is not known whether they are gone: the app was
        seen to read the cookies, and what it would have read is not known."""
        self.gone = [moment for moment in gone if moment not in self.unknown]
        self.new = [each for each in after if self._lasting(each.moment) not in kept]

    def _unknown(self, retold: Retold, gone: list[Moment]) -> list[Moment]:
        unseen = retold.sent_otherwise  # the app would have read other cookies
        reads: set[str] = set()
        for name in unseen:
            server = retold.real.exchange(name).server
            reads |= set() if server is None else {read.name for read in server.reads}
        if not reads:
            return []
        otherwise = {each.cookie for each in retold.differences()}
        otherwise |= {parse_set_cookie(before).name for _, before, _ in retold.changed}
        unknown: list[Moment] = []
        for moment in gone:
            names = reads.intersection(moment.grade.cookies)
            if moment.rule == _NOT_READ:
                if moment.exchange_id in unseen:
                    sent = retold.imagined_exchange(moment.exchange_id).request.cookies
                    if any(each.name in names for each in sent):
                        unknown.append(moment)
            elif moment.rule in _MISSED and names and not names & otherwise:
                unknown.append(moment)
        return unknown

    def rows_gone(self, moments: Iterable[Moment]) -> list[tuple[Row, Moment]]:
        """Return problems of the real telling with the rows that show them."""
        return [(self.real.trace_row(moment.row), moment) for moment in moments]

    @property
    def rows_new(self) -> list[tuple[Row, Moment]]:
        """The problems of the imagined telling, each with the row of the real one for it.

        The imagined telling has rows of its own, whose numbers nobody has seen.
        """
        return [(self._row(each), each.moment) for each in self.new]

    def _row(self, new: Raised) -> Row:
        rows = map(self.real.trace_row, self.real.steps_of(new.exchange_id))
        about = (each for each in rows if new.names & {one.name for one in each.results})
        return next(about, self.real.trace.exchange(new.exchange_id).row)

    def _lasting(self, moment: Moment) -> tuple[object, ...]:
        """Return what a problem has in both tellings, at whatever address the app is."""
        host = self.real.trace.exchange(moment.exchange_id).request.target.host or ""
        return msgspec.structs.replace(moment, host=host).lasting


def what_if_lines(
    retold: Retold,
    outgoing: Callable[[str], str] = str,
    mask: Mask = unmasked,
    *,
    width: int,
    most: int,
) -> Iterator[str]:
    """Yield a report: what differs, the first difference first, and what becomes of problems.

    At most ``most`` differences are listed. ``outgoing`` makes each text fit to leave the machine,
    ``mask`` a cookie's value. Lines of code may be longer than ``width``.
    """

    def wrapped(text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(
            outgoing(text), width, initial_indent=indent, subsequent_indent=indent + "  "
        )

    both = _Problems(retold, mask)
    every = retold.differences()
    found = [each for each in every if not each.automatic]
    of = _shown_exchanges(retold)
    differing = len({each.exchange_id for each in found})
    if found:
        yield f"{differing:,} of {plural(of, 'exchange')} would be different:"
    elif both.gone or both.unknown or both.new:
        yield from wrapped(
            f"No cookie would be stored or sent differently in {plural(of, 'exchange')}, "
            "but the problems would differ."
        )
    else:
        yield f"Nothing would be different in {plural(of, 'exchange')}."
    for each in found[:most]:
        exchange = retold.real.exchange(each.exchange_id)
        where = Hiding(exchange, mask).text(page(exchange))
        what = f"{quoted(each.cookie)} {EFFECTS[each.after]} ({BEFORE[each.before]})"
        yield from wrapped(f"{_step(both.real, exchange)}: {where}: {what}", "  ")
        for finding in each.reasons:
            was = "It was because: " if each.after in ("stored", "sent") else ""
            yield from wrapped(f"{was}{reason(finding)} {section_text(finding.section)}", "    ")
    if len(found) > most:
        yield f"  and {plural(len(found) - most, 'more difference')}"
    if automatic := len({each.exchange_id for each in every if each.automatic}):
        which = plural(automatic, "automatic request")
        yield f"{which} would be different too." if found else f"Only {which} would be different."
    for title, rows in (
        ("Problems gone", both.rows_gone(both.gone)),
        ("Unknown, because the app would receive other cookies", both.rows_gone(both.unknown)),
        ("New problems", both.rows_new),
    ):
        if rows:
            yield from ("", f"{title}:")
            for row, moment in rows:
                yield from wrapped(problem_line_at(row.label, moment), "  ")
    if every or both.gone or both.unknown or both.new:
        yield from map(outgoing, _code_lines(retold, mask))
        yield from map(outgoing, app_test_lines(retold, mask))
    if found:
        yield ""
        yield from wrapped(ASSUMPTION)


def _shown_exchanges(retold: Retold) -> int:
    """Return how many exchanges a table shows, which leaves out the browser's own requests."""
    trace = retold.real
    return len(trace.exchanges) - len(trace.rows.housekeeping())


def _step(table: Table, exchange: Exchange) -> str:
    steps = table.steps_of(exchange.exchange_id)
    return f"Step {table.label(steps[0])}" if steps else "Between the steps"


def _code_lines(retold: Retold, mask: Mask) -> Iterator[str]:
    """Yield what to write in the app for each line that was changed, once per cookie."""
    seen: set[str] = set()
    for exchange_id, _, after in retold.changed:
        exchange = retold.imagined_exchange(exchange_id)
        response = exchange.response
        for result in () if response is None else response.set_cookies:
            if result.raw != after or result.name in seen:
                continue
            seen.add(result.name)
            line = line_of_result(result, exchange.request.target, exchange.request.at)
            yield ""
            yield f"Set-Cookie: {line.text(mask)}"
            server = retold.real.exchange(exchange_id).server
            for name, code in _codes(line, server):
                yield f"  {name}:"
                yield from (f"    {part}" for part in code.splitlines())


def _codes(line: SetCookieLine, server: Server | None) -> Iterator[tuple[str, str]]:
    """Yield each framework that can send a line, with the code: the likeliest first.

    That is the one that the server witness named, then those whose own session cookie it is. A
    cookie that a view was seen to set is no framework's own.
    """
    said = None if server is None else server.framework
    witnessed = said if isinstance(said, str) else ""
    known = WITNESSED.get(witnessed)
    written = server is not None and any(
        each.name == line.name and each.where == "view" for each in server.writes
    )
    for framework in sorted(
        FRAMEWORKS,
        key=lambda each: (each.name != known, written or setting_of(each, line) is None),
    ):
        write = framework.code if written else partial(code_of, framework)
        code = write(line, hide_value=True)
        if code is not None:
            quart = framework.name == known and witnessed == "quart"
            guessed = not written and is_probable(framework, line)
            guess = " (probably its session, by the value)" if guessed else ""
            yield ("Quart" if quart else framework.name) + guess, code


def app_test_lines(retold: Retold, mask: Mask = unmasked) -> Iterator[str]:
    """Yield a test for pytest that fails until the app sets its cookies so, one per cookie."""
    changed: dict[str, tuple[str, str, str | None]] = {}
    for exchange_id, before, after in retold.changed:
        name = parse_set_cookie(before).name
        if _WORD.fullmatch(name):
            changed.setdefault(name, (exchange_id, before, after))
    urls = {exchange_id: _url(retold, exchange_id) for exchange_id, _, _ in changed.values()}
    if changed:
        yield ""
        yield "A test that fails until your app does so (it needs cookietrace and requests):"
        yield "    import requests"
        if None in urls.values():
            yield "    from your_app import create_app"
    for name, (exchange_id, before, after) in changed.items():
        exchange = retold.imagined_exchange(exchange_id)
        request = exchange.request
        path = safe(Hiding(exchange, mask)(request.target.path))
        method = request.event.method.upper()
        if not _PATH.fullmatch(path) or not _WORD.fullmatch(method):
            path = "/"
        url = urls[exchange_id]
        yield ""
        yield f"    def test_{_NO_WORD.sub('_', name).lower()}(cookietrace):"
        app, note = "create_app()", "a WSGI app, or the URL of any app"
        if url is not None:
            app, note = json.dumps(url), "where your app runs"
        yield f"        recorder = cookietrace({app})  # {note}"
        yield f'        requests.request("{method}", f"{{recorder.base_url}}{path}")'
        if after is None:
            yield f'        assert not recorder.set_cookies("{name}")'
            continue
        old, new = _attributes(before), _attributes(after)
        yield f'        line = recorder.set_cookies("{name}")[0].raw'
        yield '        attributes = {part.strip().lower() for part in line.split(";")[1:]}'
        if new - old:
            wanted = ", ".join(map(json.dumps, sorted(new - old)))
            yield f"        assert {{{wanted}}} <= attributes"
        if gone := {each.partition("=")[0] for each in old} - {
            each.partition("=")[0] for each in new
        }:
            unwanted = ", ".join(map(json.dumps, sorted(gone)))
            yield '        names = {each.split("=")[0] for each in attributes}'
            yield f"        assert not {{{unwanted}}} & names"


def _url(retold: Retold, exchange_id: str) -> str | None:
    """Return where an app runs that its server cannot have called as WSGI; None if it may have."""
    exchange = retold.real.exchange(exchange_id)
    headers = () if exchange.response is None else exchange.response.event.headers
    if not any(
        (known := _NOT_WSGI.get(name.lower())) is not None and known.match(value)
        for name, value in headers
    ):
        return None
    target = parse_target(exchange.request.upstream or exchange.request.url)
    return target.origin if is_loopback(target.host) else "http://127.0.0.1:8000"


def _attributes(line: str) -> set[str]:
    parts = (part.strip().lower() for part in line.split(";")[1:])
    return {part for part in parts if part}


def what_if_entry(
    retold: Retold, mask: Mask = unmasked, outgoing: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return the same as plain JSON types, with every difference.

    ``mask`` masks the values of the lines that were changed, ``outgoing`` makes each text fit to
    leave the machine; the ids of exchanges are none.
    """
    hide = cache(outgoing)
    if mask is not unmasked:
        mask = cache(mask)
    both = _Problems(retold)
    return {
        "exchanges": _shown_exchanges(retold),
        "differences": _differences(retold, both.real, hide),
        "problems_gone": _moments(both.real, both.rows_gone(both.gone), hide),
        "problems_unknown": _moments(both.real, both.rows_gone(both.unknown), hide),
        "problems_new": _moments(both.real, both.rows_new, hide),
        "changed": [
            {
                "exchange_id": exchange_id,
                "before": hidden_line(before, mask, hide),
                "after": None if after is None else hidden_line(after, mask, hide),
            }
            for exchange_id, before, after in retold.changed
        ],
    }


def _differences(retold: Retold, table: Table, hide: Callable[[str], str]) -> list[dict[str, Any]]:
    @cache
    def reasons(found: tuple[Finding, ...]) -> list[dict[str, str]]:
        return [
            {
                "code": hide(one.code.value),
                "section": hide(one.section),
                "sentence": hide(reason(one)),
            }
            for one in found
        ]

    entries: list[dict[str, Any]] = []
    exchange: Exchange | None = None
    step: int | None = None
    for each in retold.differences():
        if exchange is None or each.exchange_id != exchange.exchange_id:
            exchange = retold.real.exchange(each.exchange_id)
            steps = table.steps_of(each.exchange_id)
            step = int(table.trace_row(steps[0]).number) if steps else None
        event = exchange.request.event
        entries.append(
            {
                "step": step,
                "exchange_id": each.exchange_id,
                "automatic": each.automatic,
                "method": hide(event.method),
                "url": hide(event.url),
                "cookie": hide(each.cookie),
                "before": None if each.before is None else hide(each.before),
                "after": None if each.after is None else hide(each.after),
                "reasons": reasons(each.reasons),
            }
        )
    return entries


def _moments(
    table: Table, found: Iterable[tuple[Row, Moment]], hide: Callable[[str], str]
) -> list[dict[str, Any]]:
    return [
        {
            "severity": hide(moment.severity.value),
            "code": hide(moment.grade.code),
            "host": hide(moment.host),
            "cookies": list(map(hide, moment.grade.cookies)),
            "step": table.trace.exchange(row.exchange_id).row.number,
            "row": row.number,
            "text": hide(problem_line_at(row.label, moment)),
        }
        for row, moment in found
    ]
