"""Reads a log of ``chrome://net-export``: the exchanges in it, with Chrome's own verdicts.

The log holds what Chrome's network service did, in its order. Each request on the wire becomes an
exchange, as a recorder would have made it, and what Chrome says about its cookies is beside it.
Bodies are not in it. Cookies are only if the log was made with cookies and credentials.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cookietrace.errors import FormatError
from cookietrace.events import (
    SCHEMA,
    Browser,
    Capture,
    Client,
    Event,
    Failure,
    Headers,
    Recorder,
    Request,
    Response,
    decode,
    encode,
)
from cookietrace.formats.format import Format, Lost
from cookietrace.formats.kept_pieces import KeptPieces
from cookietrace.formats.packing import opened
from cookietrace.lesson.stripped_cookies import LEFT_OUT
from cookietrace.listening.lines import about_lines, change_of, cookie_of
from cookietrace.listening.net_log import NetLogReader
from cookietrace.listening.said import Change, Hop
from cookietrace.safe_text import safe

SAID_BY: Final = "chromium-net-export"

NO_REQUESTS: Final = "This log has no requests that were on the wire."

_BEGINNING = re.compile(rb'\s*\{\s*"constants"\s*:\s*\{')
_ELIDED = re.compile(r"\[[0-9]+ bytes were stripped\]")
_READ = 1 << 20
_OF_COOKIES = frozenset({"cookie", "set-cookie"})


def is_net_log(start: bytes) -> bool:
    """Return whether a file begins like a net log."""
    return _BEGINNING.match(start.removeprefix(b"\xef\xbb\xbf")) is not None


def read_net_log(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a log in the order in which it happened.

    There is one client per User-Agent. The log may end anywhere, as that of a browser that was
    killed does. Lines that cannot be read are passed over, and reported to ``lost``. Raises
    ``FormatError``.
    """
    reading = _Reading(safe(str(path)))
    try:
        digest = reading.read(path, lost)
        yield Capture(
            capture_id=digest[:32], schema=SCHEMA, at=reading.began, producer="chrome://net-export"
        )
        if reading.stripped:
            yield Recorder(at=reading.began, state="gap", message=LEFT_OUT)
        elif not reading.clients:
            yield Recorder(at=reading.began, state="gap", message=NO_REQUESTS)
        yield from reading.events()
    finally:
        reading.pieces.close()


class _Reading:
    """One pass through a file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.pieces = KeptPieces()
        self._order = array("q")
        """Where in the log each piece belongs."""
        self.clients: dict[str | None, str] = {}
        """By User-Agent."""
        self._latest: str | None = None
        self.began = 0.0
        self.stripped = False
        self._count = 0

    def read(self, path: Path, lost: Lost | None) -> str:
        """Read the file to its end, and return its digest."""
        reader, digest = NetLogReader(), hashlib.sha256()
        try:
            with opened(path, lost) as file:
                while data := file.read(_READ):
                    digest.update(data)
                    for said in reader.feed(data):
                        self._take(said)
            for said in reader.end():
                self._take(said)
        except FormatError as error:
            raise FormatError(f"{self._name} is {error}") from None
        if not reader.begun:
            raise FormatError(f"{self._name} is not a net log: it ends before its first line does")
        if reader.passed_over and lost is not None:
            lost(f"{self._name}: {reader.passed_over} of its lines cannot be read")
        return digest.hexdigest()

    def events(self) -> Iterator[Event]:
        """Yield everything in the order of the log."""
        for number in sorted(range(len(self._order)), key=self._order.__getitem__):
            yield decode(self.pieces.piece(number))

    def _add(self, order: int, event: Event) -> None:
        self._order.append(order)
        self.pieces.add(encode(event))

    def _take(self, said: Hop | Change) -> None:
        at = said.at
        self.began = min(self.began or at, at)
        if isinstance(said, Change):
            self._change(said)
            return
        self._count += 1
        sent, read, ended = said.order
        name = f"e{self._count}"
        headers = self._without_stripped(said.request_headers)
        client_id = self._client(sent, at, headers)
        self._add(
            sent,
            Request(
                exchange_id=name,
                client_id=client_id,
                at=at,
                method=said.method,
                url=re.sub("^ws", "http", said.url),
                http_version=said.http_version,
                headers=headers,
            ),
        )
        if said.response_headers is None:
            failure = Failure(
                exchange_id=name,
                client_id=client_id,
                at=said.ended_at,
                kind="aborted",
                message="there is no response in the log",
            )
            self._add(ended, failure)
        else:
            lines = tuple(
                value for field, value in said.response_headers if field.lower() == "set-cookie"
            )
            response = Response(
                exchange_id=name,
                at=said.responded_at or said.ended_at,
                status_code=said.status_code or 0,
                reason=said.reason,
                http_version=said.http_version,
                headers=self._without_stripped(said.response_headers),
            )
            self._add(read, response)
        self._add(
            ended,
            Browser(
                at=said.ended_at,
                said_at=at,
                said_by=SAID_BY,
                client_id=client_id,
                exchange_id=name,
                initiator=said.initiator,
                site_for_cookies=said.site_for_cookies,
                credentials=said.credentials,
                cookies=None if said.sent is None else tuple(map(cookie_of, said.sent)),
                set_cookies=None
                if said.stored is None
                else about_lines(said.stored, lines, said.ended_at),
            ),
        )

    def _client(self, order: int, at: float, headers: Headers) -> str:
        agent = next((value for name, value in headers if name.lower() == "user-agent"), None)
        known = self.clients.get(agent)
        if known is None:
            known = self.clients[agent] = f"c{len(self.clients) + 1}"
            client = Client(client_id=known, at=at, listen="", peer="", user_agent=agent)
            self._add(order, client)
        if agent is not None:
            self._latest = known
        return known

    def _without_stripped(self, headers: Headers) -> Headers:
        """Return header fields without those of cookies that Chrome has left out."""
        kept = tuple(
            [
                (name, value)
                for name, value in headers
                if not (name.lower() in _OF_COOKIES and _ELIDED.fullmatch(value))
            ]
        )
        self.stripped = self.stripped or len(kept) < len(headers)
        return kept

    def _change(self, said: Change) -> None:
        """Add a change of the store; it is taken for that of the browser seen last."""
        self._add(
            said.order,
            Browser(
                at=said.at,
                said_at=said.at,
                said_by=SAID_BY,
                client_id=self._latest,
                changes=(change_of(said),),
            ),
        )


FORMAT = Format(
    name="net-log",
    title="Chrome's own log (chrome://net-export)",
    suffixes=(".json", ".netlog"),
    reads=read_net_log,
    recognises=is_net_log,
    unpacks=True,
)
