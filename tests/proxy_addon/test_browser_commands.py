"""What a browser says about itself reaches the capture through the proxy, its only writer."""

from __future__ import annotations

import os
import select

import msgspec
import pytest

from cookietrace.events import Browser, BrowserChange, BrowserCookie
from cookietrace.protocol import (
    LONGEST_SAID,
    BrowserPieces,
    Command,
    browser_commands,
    decode_command,
)
from cookietrace.scope import Scope
from tests.processes import wait_until
from tests.proxy_addon.conftest import StartProxy
from tests.proxy_addon.proxies import events_of, of_kind

SAID = Browser(
    at=0.0, said_at=5.0, said_by="chromium-net-log", client_id="c1", exchange_id="e1", cookies=()
)


def large(name: str) -> Browser:
    """Return an event that takes many lines."""
    cookie = BrowserCookie(name=name * 9000, taken=True)
    return msgspec.structs.replace(SAID, exchange_id=name, cookies=(cookie,) * 3)


def _change(domain: str) -> BrowserChange:
    return BrowserChange(kind="added", name="a", value="1", domain=domain, path="/", script=True)


def test_lines_are_written_whole() -> None:
    """Each fits into one atomic write, so several writers do not get mixed up."""
    one, other = (browser_commands(large(name), name) for name in ("a", "b"))
    assert len(one) > 5
    assert all(len(line) <= select.PIPE_BUF for line in [*one, *other])
    pieces = BrowserPieces()
    taken = []
    for lines in zip(one, other, strict=True):
        for line in lines:
            command = decode_command(line)
            assert command is not None
            taken.append(pieces.take(command))
    assert [each for each in taken if each is not None] == [large("a"), large("b")]


@pytest.mark.parametrize(
    "piece", [b"", b"{", b"\xff", b'{"type":"recorder","at":1,"state":"stopped"}', b"[]"]
)
def test_what_is_no_event_is_passed_over(piece: bytes) -> None:
    """And what comes after it is read."""
    pieces = BrowserPieces()
    assert pieces.take(Command(type="browser", sender="a", piece=piece)) is None
    [line] = browser_commands(SAID, "a")
    command = decode_command(line)
    assert command is not None
    assert pieces.take(command) == SAID


def test_an_endless_event_is_bounded() -> None:
    """It takes no more memory than the longest one."""
    pieces = BrowserPieces()
    for _ in range(10):
        more = Command(type="browser", sender="a", piece=b"x" * LONGEST_SAID, more=True)
        assert pieces.take(more) is None
        assert sum(map(len, pieces._pieces.values())) <= 2 * LONGEST_SAID
    assert pieces.take(Command(type="browser", sender="a", piece=b"")) is None


def test_they_are_recorded(start_proxy: StartProxy) -> None:
    """With the time at which they were heard, and as far as they are about what is recorded."""
    proxy = start_proxy("--only", "shop.test:8000", "--ignore", "bank.shop.test")
    left_out = [
        msgspec.structs.replace(SAID, exchange_id=None, url="http://other.test/", unmatched="x"),
        msgspec.structs.replace(SAID, exchange_id=None, url="http://shop.test/", unmatched="x"),
        msgspec.structs.replace(SAID, exchange_id=None, changes=(_change("other.test"),)),
        msgspec.structs.replace(SAID, exchange_id=None, changes=(_change(".bank.shop.test"),)),
    ]
    kept = [
        SAID,
        large("e2"),
        msgspec.structs.replace(
            SAID, exchange_id=None, url="http://shop.test:8000/a", unmatched="x"
        ),
        msgspec.structs.replace(
            SAID, exchange_id=None, changes=(_change(".shop.test"), _change("other.test"))
        ),
    ]
    for event in [*left_out, *kept]:
        for line in browser_commands(event, "sender"):
            os.write(proxy._commands, line)
    wait_until(
        lambda: len(of_kind(events_of(proxy.capture), Browser)) == len(kept), "they are recorded"
    )
    found = of_kind(events_of(proxy.capture), Browser)
    assert all(event.at > SAID.said_at for event in found)
    kept[-1] = msgspec.structs.replace(kept[-1], changes=(_change(".shop.test"),))
    assert [msgspec.structs.replace(event, at=0.0) for event in found] == kept
    assert proxy.stop() == 0


@pytest.mark.parametrize(
    ("only", "ignore", "domain", "recorded"),
    [
        ((), (), "any.test", True),
        (("shop.test",), (), "shop.test", True),
        (("shop.test",), (), ".app.shop.test", True),
        (("shop.test",), (), "test", False),
        (("shop.test:3000",), (), "shop.test", True),
        (("[::1]:3000",), (), "[::1]", True),
        ((), ("bank.test",), ".bank.test", False),
        ((), ("bank.test:80",), "bank.test", True),
        ((), ("bank.test",), "shop.test", True),
    ],
)
def test_domains_of_cookies(
    only: tuple[str, ...], ignore: tuple[str, ...], domain: str, *, recorded: bool
) -> None:
    """A cookie has no port, so a host that is recorded on one port is enough."""
    assert Scope(only, ignore).records_any(domain) is recorded
