"""A capture with one exchange for each row of the table, and every output that is shared."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import cache

from cookietrace.checking import REPORTERS, Severity, check
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    Event,
    Headers,
    Local,
    Request,
    Response,
    Server,
    ServerError,
)
from cookietrace.formats import FormatTable, export, outgoing, outgoing_explanations, writable
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import problem_lines, summary_lines
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import WIDTH, transcript
from cookietrace.trace import fold
from tests.redact.spellings import ROWS, Row

BASE = "http://shop.test"


def capture(rows: Mapping[int, Row], *, sensitive: bool = True) -> list[Event]:
    """Return the events of a capture in which each row, by its number, is one exchange."""
    events: list[Event] = [
        Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test", sensitive=sensitive),
        Client(client_id="c1", at=1.0, listen="l", peer="p", user_agent="UA"),
    ]
    for number, row in rows.items():
        events += exchange(number, row)
    return events


def exchange(number: int, row: Row) -> list[Event]:
    """Return the request that carries a row's cookie, and the response that hides its value."""
    value, content = row.make(number)
    hidden = row.hide(content)
    text = hidden if isinstance(hidden, str) else ""
    at, name = 10.0 * (number + 1), f"e{number}"
    url = f"{BASE}/r{number}"
    events: list[Event] = [
        Request(
            exchange_id=name, client_id="c1", at=at, method="GET", url=url,
            headers=(("Cookie", f"c{number}={value}"),) if value else (),
        )
    ]  # fmt: skip
    if row.place in ("local", "source", "error"):
        events.append(
            Server(
                exchange_id=name, at=at + 1, function="view", file="app.py", first_line=1,
                source=text if row.place == "source" else None,
                locals=(Local(name="v", value=repr(text), line=1, text=text),)
                if row.place == "local" else (),
                error=ServerError(kind="E", message=text) if row.place == "error" else None,
            )
        )  # fmt: skip
    headers: Headers = ()
    if row.place in ("body", "header", "set-cookie"):
        headers = (("Content-Type", row.kind) if row.place == "body" else (row.kind, text),)
    status = 302 if row.kind == "Location" else 200
    events.append(Response(exchange_id=name, at=at + 2, status_code=status, headers=headers))
    if row.place == "body":
        data = hidden if isinstance(hidden, bytes) else None
        events.append(
            Body(
                exchange_id=name, at=at + 2, of="response", content_type=row.kind,
                size=len(hidden), content=None if data is not None else text,
                base64=None if data is None else base64.b64encode(data).decode(),
            )
        )  # fmt: skip
    if row.place == "next url":
        events.append(
            Request(
                exchange_id=f"{name}n", client_id="c1", at=at + 3, method="GET", url=BASE + text
            )
        )
        events.append(Response(exchange_id=f"{name}n", at=at + 4, status_code=200))
    return events


def _export(name: str) -> Callable[[list[Event]], str]:
    return lambda events: b"".join(export(events, name)).decode()


def _explained(events: list[Event]) -> str:
    table = Table(fold(outgoing(events)))
    lines = [*summary_lines(table, problems(table), WIDTH), *transcript(table.trace)]
    for problem in distinct(problems(table)):
        lines += problem_lines(table, problem, WIDTH)
    return "\n".join(lines)


def _explained_as_json(events: list[Event]) -> str:
    return b"".join(outgoing_explanations(events, jar=True)).decode()


def _checked(name: str) -> Callable[[list[Event]], str]:
    return lambda events: REPORTERS[name].write(check(events, source="a"), Severity.WARNING)


OUTPUTS: Mapping[str, Callable[[list[Event]], str]] = {
    **{known.name: _export(known.name) for known in writable(FormatTable(group="no.such.group"))},
    "explain": _explained,
    "explain --json": _explained_as_json,
    **{f"check {name}": _checked(name) for name in REPORTERS},
}
"""Every output, as text."""


@cache
def written(name: str, *, sensitive: bool = True) -> str:
    """Return an output of the capture with all rows, without the lines that every output has."""
    text = OUTPUTS[name](capture(dict(enumerate(ROWS)), sensitive=sensitive))
    own = set(OUTPUTS[name](capture({})).splitlines())
    return "\n".join(line for line in text.splitlines() if line not in own)
