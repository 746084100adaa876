"""A DevTools connection to a whole browser: every target is attached to, and none is disturbed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools_targets import LEFT_OUT, Command, Target, Targets

ENABLED = Command("Network.enable", {"maxTotalBufferSize": 0})


class Wire:
    """A transport whose other end is this test: it keeps what is sent, and gives what is said."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str | None]] = []
        self.parameters: list[dict[str, Any]] = []
        self.numbers: list[int] = []
        self.said: deque[bytes] = deque()

    def send(self, message: bytes) -> None:
        """Keep a command."""
        read = msgspec.json.decode(message)
        self.sent.append((read["method"], read.get("sessionId")))
        self.parameters.append(read["params"])
        self.numbers.append(read["id"])

    def receive(self, timeout: float) -> bytes | None:
        """Return the next message."""
        return self.said.popleft() if self.said else None

    def say(self, **message: object) -> None:
        """Let the browser say something."""
        self.said.append(msgspec.json.encode(message))


class Heard:
    """A connection, and what came of it."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.events: list[tuple[str | None, str]] = []
        self.targets = Targets(self.wire, enabled=self._enabled, event=self._event)

    def _enabled(self, target: Target) -> Iterator[Command]:
        if target.type != "worker":
            yield ENABLED

    def _event(self, target: Target | None, method: str, _: object) -> None:
        self.events.append((None if target is None else target.type, method))

    def read(self) -> None:
        """Take all that was said."""
        while self.targets.read(0.0):
            pass

    def attached(self, session: str, kind: str, *, waits: bool = True) -> None:
        """Let the browser attach to a target."""
        info = {"targetId": f"t-{session}", "type": kind, "url": "http://shop.test/"}
        params = {"sessionId": session, "targetInfo": info, "waitingForDebugger": waits}
        self.wire.say(method="Target.attachedToTarget", params=params)
        self.read()


@pytest.fixture
def heard() -> Heard:
    """A connection that has attached."""
    heard = Heard()
    heard.targets.attach()
    return heard


def test_everything_new_is_attached_to(heard: Heard) -> None:
    """Except what is no page of the user. It waits until all is enabled in it."""
    assert heard.wire.sent == [("Target.setAutoAttach", None)]
    [asked] = heard.wire.parameters
    assert asked["autoAttach"]
    assert asked["waitForDebuggerOnStart"]
    assert asked["flatten"]
    assert {each["type"] for each in asked["filter"][:-1]} == LEFT_OUT
    assert all(each["exclude"] for each in asked["filter"][:-1])
    assert asked["filter"][-1] == {}


@pytest.mark.parametrize(
    ("kind", "waits", "sent"),
    [
        ("page", False, ["Target.setAutoAttach", "Network.enable"]),
        (
            "page",
            True,
            ["Target.setAutoAttach", "Network.enable", "Runtime.runIfWaitingForDebugger"],
        ),
        (
            "iframe",
            True,
            ["Target.setAutoAttach", "Network.enable", "Runtime.runIfWaitingForDebugger"],
        ),
        ("worker", True, ["Target.setAutoAttach", "Runtime.runIfWaitingForDebugger"]),
    ],
)
def test_a_new_target(heard: Heard, kind: str, *, waits: bool, sent: list[str]) -> None:
    """Its own children are attached to as well; it continues only once all is enabled in it.

    Nothing is evaluated in it: that can crash a worker that waits.
    """
    heard.wire.sent.clear()
    heard.attached("s1", kind, waits=waits)
    assert heard.wire.sent == [(each, "s1") for each in sent]
    assert heard.events == [(kind, "Target.attachedToTarget")]
    assert [(each.session_id, each.waits) for each in heard.targets.targets] == [("s1", waits)]


def test_events_come_with_their_target(heard: Heard) -> None:
    """Of a session that is not known, or not any more, and of the browser, without one."""
    heard.attached("s1", "page")
    heard.attached("s2", "iframe")
    heard.wire.say(method="Network.dataReceived", params={}, sessionId="s2")
    heard.wire.say(method="Network.dataReceived", params={}, sessionId="s1")
    heard.wire.say(method="Target.detachedFromTarget", params={"sessionId": "s1"})
    heard.wire.say(method="Network.dataReceived", params={}, sessionId="s1")
    heard.wire.say(method="Target.targetCreated", params={})
    heard.read()
    assert heard.events[2:] == [
        ("iframe", "Network.dataReceived"),
        ("page", "Network.dataReceived"),
        ("page", "Target.detachedFromTarget"),
        (None, "Network.dataReceived"),
        (None, "Target.targetCreated"),
    ]
    assert [each.session_id for each in heard.targets.targets] == ["s2"]


def test_a_result_comes_to_who_asked(heard: Heard) -> None:
    """In any order; None if the command was refused. Other results are passed over."""
    heard.attached("s1", "page")
    [page] = heard.targets.targets
    found: list[object] = []
    heard.targets.send(Command("Page.navigate", {"url": "http://shop.test/"}), page, found.append)
    heard.targets.send(Command("Storage.getCookies"), None, found.append)
    *_, first, second = heard.wire.numbers
    heard.wire.say(id=second, result={"cookies": []})
    heard.wire.say(id=first, error={"code": -32001, "message": "Session not found"}, sessionId="s1")
    heard.wire.say(id=first, result={})
    heard.wire.say(id=99, result={})
    heard.read()
    assert found == [{"cookies": []}, None]
    assert heard.wire.sent[-2:] == [("Page.navigate", "s1"), ("Storage.getCookies", None)]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"not JSON",
        b'"text"',
        b'{"id": "text"}',
        b"[" * 100_000,
        b'{"method": "Target.attachedToTarget"}',
        b'{"method": "Target.attachedToTarget", "params": {"sessionId": 1, "targetInfo": {}}}',
        b'{"method": "Target.attachedToTarget", "params": {"sessionId": "s", "targetInfo": 1}}',
        b'{"method": "Target.detachedFromTarget", "params": {"sessionId": []}}',
        b'{"method": "a", "sessionId": "\xff"}',
    ],
)
def test_a_message_that_makes_no_sense(heard: Heard, message: bytes) -> None:
    """It is passed over, and the next one is read."""
    heard.wire.said.append(message)
    heard.attached("s1", "page")
    assert heard.events[-1] == ("page", "Target.attachedToTarget")
    assert len(heard.targets.targets) == 1


def test_a_browser_that_is_gone() -> None:
    """Whoever reads or sends is told."""

    class Gone:
        def send(self, message: bytes) -> None:
            raise LaunchError("the browser has ended")

        def receive(self, timeout: float) -> bytes | None:
            raise LaunchError("the browser has ended")

    targets = Targets(Gone(), enabled=lambda _: (), event=lambda *_: None)
    with pytest.raises(LaunchError, match="has ended"):
        targets.attach()
    with pytest.raises(LaunchError, match="has ended"):
        targets.read(0.0)
