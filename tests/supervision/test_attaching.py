"""The user's browser goes away and comes back: whether it is the same one, and what is said."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import LaunchError
from cookietrace.events import Browser, Client, Request, Response
from cookietrace.listening.said import Hop
from cookietrace.protocol import BrowserPieces, decode_command, decode_report
from cookietrace.stores import create_capture
from cookietrace.supervision import attaching
from cookietrace.supervision.attaching import Attached
from cookietrace.supervision.devtools_address import Endpoint

LISTEN = "127.0.0.1:8080"
HOP = Hop(
    at=0.0,
    ended_at=1.0,
    method="GET",
    url="http://shop.test/",
    status_code=200,
    response_headers=(),
    remote=LISTEN,
)


class _Fake:
    """A browser that says once what it requested, and is gone, as often as there are endpoints."""

    def __init__(self, said: list[Hop]) -> None:
        self._said = said

    def read(self, _seconds: float) -> bool:
        if not self._said:
            raise LaunchError("gone")
        return True

    def said(self, _silent: float) -> list[Hop]:
        said = self._said[:]
        self._said.clear()
        return said

    def end(self) -> list[Hop]:
        return []

    def close(self) -> None:
        """Do nothing."""


def _endpoint(path: str) -> Endpoint:
    return Endpoint("Chrome/156.0", "127.0.0.1", 9222, f"/devtools/browser/{path}")


@pytest.fixture
def pipes() -> Iterator[tuple[int, int, int, int]]:
    """The ends of two pipes: of reports, and of commands."""
    ends = (*os.pipe(), *os.pipe())
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("paths", "restarts"),
    [(["a", "a"], 0), (["a", "b"], 1), (["a", "b", "b", "c"], 2)],
    ids=["only its DevTools were closed", "another one", "more than once"],
)
def test_whether_it_was_started_again(
    paths: list[str],
    restarts: int,
    pipes: tuple[int, int, int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is recorded if another process responds there; if it is the same one, nothing is."""
    now = time.time()
    store = create_capture(tmp_path / "c.cookietrace")
    store.append(
        [
            Client(client_id="c1", at=now, listen=LISTEN, peer="127.0.0.1"),
            Request(exchange_id="e1", client_id="c1", at=now, method="GET", url=HOP.url),
            Response(exchange_id="e1", at=now, status_code=200),
        ]
    )
    report_read, report_write, command_read, command_write = pipes
    given = argparse.Namespace(
        address="127.0.0.1:9222",
        capture=tmp_path / "c.cookietrace",
        proxy=LISTEN,
        listen=[LISTEN],
        only=[],
        ignore=[],
        own=[],
        reports_fd=report_write,
        commands_fd=command_write,
    )
    left = [_endpoint(path) for path in paths]
    attached = Attached(given)

    def find(_address: object) -> Endpoint:
        if not left:
            attached._ending.set()
            raise LaunchError("gone") from ConnectionRefusedError()
        return left.pop(0)

    hops = [msgspec.structs.replace(HOP, at=now, ended_at=now + 1)]
    monkeypatch.setattr(attaching, "find_devtools", find)
    monkeypatch.setattr(attaching, "_Browser", lambda _: _Fake(hops))
    monkeypatch.setattr(attaching, "AGAIN_SECONDS", 0.0)
    attached._attach(find(None))
    attached._matching.start()
    attached.follow()
    store.close()
    pieces = BrowserPieces()
    commands = [decode_command(line) for line in os.read(command_read, 1 << 16).splitlines()]
    said = [pieces.take(command) for command in commands if command is not None]
    events = [event for event in said if isinstance(event, Browser)]
    assert [event.exchange_id for event in events] == ["e1", *[None] * restarts]
    again = [event for event in events if event.restarted]
    assert [event.client_id for event in again] == ["c1"] * restarts
    assert all(now <= event.said_at <= time.time() for event in again)
    reports = [decode_report(line) for line in os.read(report_read, 1 << 16).splitlines()]
    assert [report is not None and report.message is None for report in reports] == (
        [True, False] * len(paths)
    )
