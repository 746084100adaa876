"""What would have been different, in words and as JSON. The lines are display text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import msgspec

from cookietrace.cookies import is_loopback, parse_set_cookie, parse_target
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
from cookietrace.lesson.set_cookie_text import masked_line
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if.differences import Difference, differences
from cookietrace.lesson.what_if.retelling import Retelling
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

    def __init__(self, retelling: Retelling, mask: Mask = unmasked) -> None:
        self.real = Table(retelling.real, mask=mask)
        self.imagined = Table(retelling.imagined, mask=mask)
        before, after = problems(self.real), problems(self.imagined)
        kept = set(map(self._lasting, before)) & set(map(self._lasting, after))
        gone = [moment for moment in before if self._lasting(moment) not in kept]
        self.unknown = self._unknown(retelling, gone) if gone else []
        """Those of the real telling of which it is not known whether they are gone: the app was
        seen to read the cookies, and what it would have read is not known."""
        self.gone = [moment for moment in gone if moment not in self.unknown]
        self.new = [moment for moment in after if self._lasting(moment) not in kept]

    def _unknown(self, retelling: Retelling, gone: list[Moment]) -> list[Moment]:
        real, imagined = retelling.real, retelling.imagined
        unseen = {
            real.exchanges[number - 1].exchange_id
            for number in imagined.exchanges.own
            if imagined.exchanges[number - 1].server is None
        }
        reads: set[str] = set()
        for name in unseen:
            server = real.exchange(name).server
            reads |= set() if server is None else {read.name for read in server.reads}
        if not reads:
            return []
        otherwise = {each.cookie for each in differences(retelling)}
        otherwise |= {parse_set_cookie(before).name for _, before, _ in retelling.changed}
        unknown: list[Moment] = []
        for moment in gone:
            names = reads.intersection(moment.grade.cookies)
            if moment.rule == _NOT_READ:
                sent = imagined.exchange(moment.exchange_id).request.cookies
                if moment.exchange_id in unseen and any(each.name in names for each in sent):
                    unknown.append(moment)
            elif moment.rule in _MISSED and names and not names & otherwise:
                unknown.append(moment)
        return unknown

    def row(self, table: Table, moment: Moment) -> Row:
        """Return the row of the real telling that stands for the one that shows a problem.

        The imagined telling has rows of its own, whose numbers nobody has seen.
        """
        row = table.trace_row(moment.row)
        if table is self.real:
            return row
        names = {result.name for result in row.results}
        rows = map(self.real.trace_row, self.real.steps_of(row.exchange_id))
        about = (each for each in rows if names & {result.name for result in each.results})
        return next(about, self.real.trace.exchange(row.exchange_id).row)

    def _lasting(self, moment: Moment) -> tuple[object, ...]:
        """Return what a problem has in both tellings, at whatever address the app is."""
        host = self.real.trace.exchange(moment.exchange_id).request.target.host or ""
        return msgspec.structs.replace(moment, host=host).lasting


def what_if_lines(
    retelling: Retelling,
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

    every = list(differences(retelling))
    found = [each for each in every if not each.automatic]
    both = _Problems(retelling, mask)
    of = _shown_exchanges(retelling)
    differing = len({each.exchange_id for each in found})
    if found:
        yield f"{differing:,} of {plural(of, 'exchange')} would be different. First:"
    else:
        yield f"Nothing differs in {plural(of, 'exchange')}."
    for each in found[:most]:
        exchange = retelling.real.exchange(each.exchange_id)
        where = Hiding(exchange, mask).text(page(exchange))
        what = f"{quoted(each.cookie)} {EFFECTS[each.after]} ({BEFORE[each.before]})"
        yield from wrapped(f"{_step(both.real, exchange)}: {where}: {what}", "  ")
        for finding in each.reasons:
            was = "It was so because: " if each.after in ("stored", "sent") else ""
            yield from wrapped(f"{was}{reason(finding)} {section_text(finding.section)}", "    ")
    if len(found) > most:
        yield f"  and {plural(len(found) - most, 'more difference')}"
    if automatic := len({each.exchange_id for each in every if each.automatic}):
        which = plural(automatic, "automatic request")
        yield f"{which} would be different, too." if found else f"Only {which} would be different."
    for title, table, moments in (
        ("Problems gone", both.real, both.gone),
        ("Not known, since the app would get other cookies", both.real, both.unknown),
        ("Problems new", both.imagined, both.new),
    ):
        if moments:
            yield from ("", f"{title}:")
            for moment in moments:
                label = both.row(table, moment).label
                yield from wrapped(problem_line_at(label, moment), "  ")
    if every or both.gone or both.unknown or both.new:
        yield from map(outgoing, _code_lines(retelling, mask))
        yield from map(outgoing, app_test_lines(retelling, mask))
    if found:
        yield ""
        yield from wrapped(ASSUMPTION)


def _shown_exchanges(retelling: Retelling) -> int:
    """Return how many exchanges a table shows, which leaves out the browser's own requests."""
    trace = retelling.real
    return len(trace.exchanges) - len(trace.rows.housekeeping())


def _step(table: Table, exchange: Exchange) -> str:
    steps = table.steps_of(exchange.exchange_id)
    return f"Step {table.label(steps[0])}" if steps else "Between the steps"


def _code_lines(retelling: Retelling, mask: Mask) -> Iterator[str]:
    """Yield what to write in the app for each line that was changed, once per cookie."""
    seen: set[str] = set()
    for exchange_id, _, after in retelling.changed:
        exchange = retelling.imagined.exchange(exchange_id)
        response = exchange.response
        for result in () if response is None else response.set_cookies:
            if result.raw != after or result.name in seen:
                continue
            seen.add(result.name)
            line = line_of_result(result, exchange.request.target, exchange.request.at)
            yield ""
            yield f"Set-Cookie: {line.text(mask)}"
            server = retelling.real.exchange(exchange_id).server
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


def app_test_lines(retelling: Retelling, mask: Mask = unmasked) -> Iterator[str]:
    """Yield a test for pytest that fails until the app sets its cookies so, one per cookie."""
    changed: dict[str, tuple[str, str, str | None]] = {}
    for exchange_id, before, after in retelling.changed:
        name = parse_set_cookie(before).name
        if _WORD.fullmatch(name):
            changed.setdefault(name, (exchange_id, before, after))
    urls = {exchange_id: _url(retelling, exchange_id) for exchange_id, _, _ in changed.values()}
    if changed:
        yield ""
        yield "A test that fails until your app does so (it needs cookietrace and requests):"
        yield "    import requests"
        if None in urls.values():
            yield "    from your_app import create_app"
    for name, (exchange_id, before, after) in changed.items():
        exchange = retelling.imagined.exchange(exchange_id)
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


def _url(retelling: Retelling, exchange_id: str) -> str | None:
    """Return where an app runs that its server cannot have called as WSGI; None if it may have."""
    exchange = retelling.real.exchange(exchange_id)
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


def what_if_entry(retelling: Retelling, mask: Mask = unmasked) -> dict[str, Any]:
    """Return the same as plain JSON types, with every difference.

    ``mask`` masks the values of the lines that were changed.
    """
    both = _Problems(retelling)
    return {
        "exchanges": _shown_exchanges(retelling),
        "differences": [
            _entry(each, retelling.real.exchange(each.exchange_id), both.real)
            for each in differences(retelling)
        ],
        "problems_gone": [_moment(both.row(both.real, moment), moment) for moment in both.gone],
        "problems_unknown": [
            _moment(both.row(both.real, moment), moment) for moment in both.unknown
        ],
        "problems_new": [_moment(both.row(both.imagined, moment), moment) for moment in both.new],
        "changed": [
            {
                "exchange_id": exchange_id,
                "before": masked_line(before, mask),
                "after": None if after is None else masked_line(after, mask),
            }
            for exchange_id, before, after in retelling.changed
        ],
    }


def _entry(each: Difference, exchange: Exchange, table: Table) -> dict[str, Any]:
    steps = table.steps_of(exchange.exchange_id)
    return {
        "step": int(table.trace_row(steps[0]).number) if steps else None,
        "exchange_id": each.exchange_id,
        "automatic": each.automatic,
        "method": exchange.request.event.method,
        "url": exchange.request.event.url,
        "cookie": each.cookie,
        "before": each.before,
        "after": each.after,
        "reasons": [
            {"code": one.code.value, "section": one.section, "sentence": reason(one)}
            for one in each.reasons
        ],
    }


def _moment(row: Row, moment: Moment) -> dict[str, Any]:
    return {
        "severity": moment.severity.value,
        "code": moment.grade.code,
        "host": moment.host,
        "cookies": list(moment.grade.cookies),
        "step": row.number,
        "text": problem_line_at(row.label, moment),
    }
