"""The user's browser goes away and comes back: whether it is the same one, and what is said."""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import LaunchError
from cookietrace.events import Browser, Client, Request, Response
from cookietrace.listening.passing import Passing
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


def _given(folder: Path, reports_fd: int, commands_fd: int) -> argparse.Namespace:
    return argparse.Namespace(
        address="127.0.0.1:9222",
        capture=folder / "c.cookietrace",
        proxy=LISTEN,
        listen=[LISTEN],
        only=[],
        ignore=[],
        own=[],
        reports_fd=reports_fd,
        commands_fd=commands_fd,
    )


def _sent(commands_fd: int) -> list[Browser]:
    """Return the events that were sent to the proxy."""
    pieces = BrowserPieces()
    commands = [decode_command(line) for line in os.read(commands_fd, 1 << 16).splitlines()]
    said = [pieces.take(command) for command in commands if command is not None]
    return [event for event in said if isinstance(event, Browser)]


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
    given = _given(tmp_path, report_write, command_write)
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
    events = _sent(command_read)
    assert [event.exchange_id for event in events] == ["e1", *[None] * restarts]
    again = [event for event in events if event.restarted]
    assert [event.client_id for event in again] == ["c1"] * restarts
    assert all(now <= event.said_at <= time.time() for event in again)
    reports = [decode_report(line) for line in os.read(report_read, 1 << 16).splitlines()]
    assert [report is not None and report.message is None for report in reports] == (
        [True, False] * len(paths)
    )


ELSEWHERE = "203.0.113.1:80"


def _hop(at: float, path: str, remote: str | None = ELSEWHERE) -> Hop:
    """Return what a browser says about one request."""
    url = f"http://shop.test{path}"
    return msgspec.structs.replace(HOP, at=at, ended_at=at + 1, url=url, remote=remote)


@pytest.mark.parametrize(
    ("before", "recorded", "after", "restarts", "is_told"),
    [
        ([("/", LISTEN)], True, ["/1", "/2", "/3"], 1, True),
        ([("/", LISTEN)], True, ["/1", "/2"], 1, False),
        ([("/", ELSEWHERE), ("/a", ELSEWHERE)], False, ["/1", "/2"], 0, False),
        ([("/a", ELSEWHERE), ("/b", ELSEWHERE), ("/c", ELSEWHERE)], False, ["/1"], 0, False),
        ([("/", ELSEWHERE)], True, ["/1", "/2", "/3"], 0, True),
        ([("/", LISTEN), ("/a", ELSEWHERE)], True, [], 1, False),
    ],
    ids=[
        "without the proxy",
        "not known yet",
        "neither has missed enough",
        "only the old one has",
        "it was never seen",
        "nothing was said since",
    ],
)
def test_what_is_known_of_the_browser_before(
    before: list[tuple[str, str]],
    recorded: bool,
    after: list[str],
    restarts: int,
    is_told: bool,
    pipes: tuple[int, int, int, int],
    tmp_path: Path,
) -> None:
    """What the old one said is decided first, also if it is recorded late, and is its own.

    So neither the restart nor an old request hides that the new one does not use the proxy.
    """
    now = time.time()
    store = create_capture(tmp_path / "c.cookietrace")
    store.append([Client(client_id="c1", at=now, listen=LISTEN, peer="127.0.0.1")])
    lines: list[str | None] = []
    matching = attaching._Matching(_given(tmp_path, pipes[1], pipes[3]), lines.append)
    teller = matching._open_teller(threading.Event())
    matching.attached(Passing("old Chrome", LISTEN, lambda _: True), None)
    for path, remote in before:
        matching.said(_hop(now, path, remote))
    matching.attached(Passing("new Chrome", LISTEN, lambda _: True), now + 2)
    for path in after:
        matching.said(_hop(now + 3, path))
    matching._advance(teller, 10.0, last=False)
    matching._advance(teller, 11.0, last=False)
    asked = Request(exchange_id="e1", client_id="c1", at=now, method="GET", url=HOP.url)
    if recorded:
        store.append([asked, Response(exchange_id="e1", at=now, status_code=200)])
    for seconds in (12.0, 20.0, 21.0, 30.0, 31.0):
        matching._advance(teller, seconds, last=False)
    assert not teller.waits
    teller.close()
    store.close()
    os.write(pipes[3], b"\n")  # so that there is something to be read
    assert [event.restarted for event in _sent(pipes[2])].count(True) == restarts
    assert [line for line in lines if line] == [
        f"the new Chrome does not use this proxy: start it with --proxy-server=http://{LISTEN}; "
        "it is not recorded yet"
    ] * is_told


def test_it_is_told_again(pipes: tuple[int, int, int, int], tmp_path: Path) -> None:
    """A browser that comes back, and still does not use the proxy, is told of once more."""
    now = time.time()
    create_capture(tmp_path / "c.cookietrace").close()
    lines: list[str | None] = []
    matching = attaching._Matching(_given(tmp_path, pipes[1], pipes[3]), lines.append)
    teller = matching._open_teller(threading.Event())
    for _ in range(2):
        matching.attached(Passing("Chrome", LISTEN, lambda _: True), None)
        for path in ("/1", "/2", "/3"):
            matching.said(_hop(now, path))
        matching._advance(teller, 10.0, last=True)
    teller.close()
    assert len([line for line in lines if line]) == 2


def test_nothing_is_left_at_the_end(pipes: tuple[int, int, int, int], tmp_path: Path) -> None:
    """What several browsers said is told at once, although the one waits for the other."""
    now = time.time()
    store = create_capture(tmp_path / "c.cookietrace")
    store.append([Client(client_id="c1", at=now, listen=LISTEN, peer="127.0.0.1")])
    lines: list[str | None] = []
    matching = attaching._Matching(_given(tmp_path, pipes[1], pipes[3]), lines.append)
    for number in range(3):
        matching.attached(Passing("Chrome", LISTEN, lambda _: True), now if number else None)
        for path in ("/1", "/2", "/3"):
            matching.said(_hop(now, path))
    matching.start()
    matching.finish()
    store.close()
    assert matching._queue.empty()
    assert lines[-1] is not None
    assert lines[-1].startswith("the Chrome does not use this proxy")
