"""Firefox's log is followed to its end; one that cannot be understood is no trouble otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cookietrace.events import Client, Request, Response
from cookietrace.supervision import firefox_log_following
from cookietrace.supervision.browser_profile import MOZ_LOG, log_environment, log_path
from cookietrace.supervision.firefox_log_following import (
    ENOUGH,
    NOT_UNDERSTOOD,
    FirefoxLogFollower,
)
from tests.listening.firefox_logs import URL, Log, hops, mozlog, read
from tests.processes import wait_until
from tests.supervision.followed_log import LISTEN, FollowedLog

CLIENT = Client(at=0.0, client_id="c1", peer="127.0.0.1", listen=LISTEN, user_agent=None)


def request(number: int) -> Request:
    """Return a request of the browser, as it was recorded."""
    return Request(
        at=float(number),
        exchange_id=f"e{number}",
        client_id="c1",
        method="GET",
        url=URL,
        headers=(),
    )


def response(number: int, *fields: tuple[str, str]) -> Response:
    """Return the response to it."""
    return Response(at=number + 0.5, exchange_id=f"e{number}", status_code=200, headers=fields)


def test_a_log_is_sent_to_its_end(tmp_path: Path) -> None:
    """Every statement arrives, also about what was not recorded; then the pipes are closed."""
    it = FollowedLog(tmp_path, FirefoxLogFollower)
    it.write(mozlog("page"))
    said = [event for event in it.finish() if event.url is not None]
    assert {event.said_by for event in said} == {"firefox-log"}
    expected = [hop.url for hop in hops(read(mozlog("page")))]
    assert sorted(event.url or "" for event in said) == sorted(expected)
    assert it.warnings == []


def test_a_statement_finds_its_exchange(tmp_path: Path) -> None:
    """It is sent while the browser is open."""
    it = FollowedLog(tmp_path, FirefoxLogFollower)
    it.store.append([CLIENT, request(1), response(1, ("Set-Cookie", "a=1"))])
    log = Log()
    log.request()
    log.respond(1, "a=1")
    log.look()
    log.accept("a=1")
    it.write(bytes(log.data))
    [event] = it.finish()
    assert event.exchange_id == "e1"
    assert [(each.line, each.taken) for each in event.set_cookies or ()] == [(0, True)]


def test_a_log_that_cannot_be_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, once; the browser can write on, and never waits for us."""
    monkeypatch.setattr(firefox_log_following, "PATIENCE", 0.0)
    monkeypatch.setattr(firefox_log_following, "CHECK_SECONDS", 0.0)
    it = FollowedLog(tmp_path, FirefoxLogFollower)
    it.store.append([CLIENT, *map(request, range(ENOUGH)), *map(response, range(ENOUGH))])
    it.write(b"2026-01-01 in another format\n")
    wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
    it.write(b"x" * (4 << 20))
    assert it.finish() == []
    assert it.warnings == [NOT_UNDERSTOOD]


def test_a_flood(tmp_path: Path) -> None:
    """Whatever a page makes Firefox write is read, also while the proxy takes nothing."""
    it = FollowedLog(tmp_path, FirefoxLogFollower)
    log = Log()
    for number in range(300):
        log.accept("", f"n{number}", "x" * 1000)
    for _ in range(20):
        it.write(bytes(log.data))
    changes = [each for event in it.finish() for each in event.changes]
    assert len(changes) == 6000
    assert it.warnings == []


def test_its_pipe(tmp_path: Path) -> None:
    """Only the user can open it, and its name leaves no room for those of other processes."""
    it = FollowedLog(tmp_path, FirefoxLogFollower)
    assert it.pipe.path.stat().st_mode & 0o777 == 0o600
    path = log_path("firefox", tmp_path)
    environment = log_environment("firefox", path)
    assert environment == {"MOZ_LOG": MOZ_LOG, "MOZ_LOG_FILE": str(path)[: -len(".moz_log")]}
    path.touch()
    with pytest.raises(OSError, match="File name too long"):
        Path(f"{environment['MOZ_LOG_FILE']}.child-1.moz_log").touch()
    it.finish()
    with pytest.raises(OSError, match="No such device"):
        os.open(it.pipe.path, os.O_WRONLY | os.O_NONBLOCK)


def test_others_write_no_log(tmp_path: Path) -> None:
    """Of Chromium, its command line says where the log is; without a log, nothing is set."""
    assert log_environment("chromium", log_path("chromium", tmp_path)) == {}
    assert log_environment("firefox", None) == {}
