"""What a Firefox said over BiDi: recorded with Firefox ESR 153, cut down to what matters.

``scripts`` is a page whose script changes one cookie, deletes one, and tries to change an HttpOnly
one; of ``lines``, three containers and a private window have lines of many kinds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cookietrace.events import Client, Event, Request, Response
from cookietrace.listening.bidi import BidiReader, Reading
from cookietrace.listening.said import Change, Hop, Said

FOLDER = Path(__file__).parent / "messages"


class Row(NamedTuple):
    """An event, or the reply to a reading of a jar."""

    now: float
    method: str
    """``ask`` for a reading, ``jar`` for its reply; both have ``userContext``."""
    params: dict[str, Any]


def rows(name: str) -> list[Row]:
    """Return what was said, in its order."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [Row(*json.loads(line)) for line in lines]


def read(given: Sequence[Row], recorded_lines: Sequence[str] = ()) -> list[Said]:
    """Return what a reader makes of it; the first window is not private."""
    reader = BidiReader()
    reader.recorded(recorded_lines)
    return list(_read(reader, given))


def _read(reader: BidiReader, given: Sequence[Row]) -> Iterator[Said]:
    reader.tree([given[0].params])
    asked: dict[str, Reading] = {}
    for row in given:
        if row.method == "ask":
            asked |= {reading.user_context: reading for reading in reader.wanted(row.now)}
        elif row.method == "jar":
            cookies, at = row.params["cookies"], row.params["at"]
            yield from reader.jar(asked[row.params["userContext"]], cookies, row.now, at)
        else:
            yield from reader.event(row.method, row.params, row.now)
    yield from reader.end(given[-1].now)


def hops(said: Sequence[Said]) -> list[Hop]:
    """Return what was said about requests."""
    return [one for one in said if isinstance(one, Hop)]


def changes(said: Sequence[Said]) -> list[Change]:
    """Return the changes of the jar that no response made."""
    return [one for one in said if isinstance(one, Change)]


_SCRIPTS = rows("scripts")

PAGE = [(row.method, row.params) for row in _SCRIPTS if "." in row.method][1:3]
"""The events of one page."""

JAR = next(row.params["cookies"] for row in _SCRIPTS if row.method == "jar")
"""The jar after it."""


def recorded() -> list[Event]:
    """Return that page as a recorder would have recorded it."""
    hop = hops(read(_SCRIPTS))[0]
    assert hop.response_headers is not None
    return [
        Client(client_id="c1", at=hop.at - 1, listen="127.0.0.1:1", peer="127.0.0.1"),
        Request(
            exchange_id="e1",
            client_id="c1",
            at=hop.at,
            method=hop.method,
            url=hop.url,
            headers=hop.request_headers,
        ),
        Response(
            exchange_id="e1",
            at=hop.ended_at,
            status_code=hop.status_code or 0,
            headers=hop.response_headers,
        ),
    ]
