"""A Firefox is followed over BiDi to its end, and if that is not possible all works as before."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from cookietrace.errors import LaunchError
from cookietrace.events import Browser
from cookietrace.listening import bidi
from cookietrace.listening.bidi import EVENTS
from cookietrace.protocol import BrowserPieces, decode_command
from cookietrace.stores import START, create_capture
from cookietrace.supervision import bidi_connection, bidi_following
from cookietrace.supervision.bidi_connection import ADDRESS_FILE, address_in
from cookietrace.supervision.bidi_following import BidiFollower
from cookietrace.supervision.telling import Place
from tests.listening.bidi_messages import JAR, PAGE, recorded
from tests.processes import wait_until

Json = dict[str, Any]
URL = "http://shop.test/"


class Fake:
    """What responds instead of Firefox: by default as it does, and with one page's events."""

    def __init__(
        self,
        profile: Path,
        responses: Mapping[str, Json],
        *,
        breaks_off: bool,
        leaves_out: str = "",
    ) -> None:
        """``leaves_out`` is a command to which it never responds."""
        self._profile = profile
        self._responses = responses
        self._breaks_off = breaks_off
        self._leaves_out = leaves_out
        self.asked: list[tuple[str, Json]] = []
        self.done = threading.Event()

    def respond(self, connection: ServerConnection) -> None:
        """Respond to each command of one connection."""
        for text in connection:
            command = json.loads(text)
            method = command["method"]
            self.asked.append((method, command["params"]))
            if method == self._leaves_out:
                continue
            reply = self._responses.get(method) or {
                "type": "success",
                "result": self._result(method),
            }
            connection.send(json.dumps({"id": command["id"], **reply}))
            if method == "browsingContext.navigate":
                connection.send("{}")
                connection.send("not JSON")
                for name, params in PAGE:
                    connection.send(json.dumps({"type": "event", "method": name, "params": params}))
                if self._breaks_off:
                    return
            elif method == "storage.getCookies":
                self.done.set()

    def _result(self, method: str) -> Json:
        if method == "session.status":
            return {"ready": True, "message": ""}
        if method == "session.new":
            return {"sessionId": "1", "capabilities": {"moz:profile": str(self._profile)}}
        if method == "browsingContext.getTree":
            first = next(params for name, params in PAGE if name.endswith("contextCreated"))
            return {"contexts": [first]}
        return {"cookies": JAR} if method == "storage.getCookies" else {}


@contextmanager
def serving(handler: Callable[[ServerConnection], None], profile: Path) -> Iterator[None]:
    """Serve at a port that the profile names, as Firefox does."""
    with serve(handler, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        address = {"ws_host": "127.0.0.1", "ws_port": port}
        (profile / ADDRESS_FILE).write_text(json.dumps(address))
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class Followed:
    """A follower with a capture, and what it has sent and said."""

    def __init__(self, folder: Path) -> None:
        self.profile = folder / "profile"
        self.profile.mkdir()
        self.warnings: list[str] = []
        self.troubles: list[str] = []
        self.store = create_capture(folder / "c.cookietrace")
        self._commands, writing = os.pipe()
        self.follower = BidiFollower(
            self.profile,
            Place(folder / "c.cookietrace", START, "127.0.0.1:1", writing),
            url=URL,
            failed=self.warnings.append,
            warned=self.troubles.append,
        )

    def finish(self) -> list[Browser]:
        """End as the keeper does once the browser has ended; return what was sent."""
        self.follower.finish()
        self.store.close()
        pieces, said = BrowserPieces(), list[Browser]()
        with os.fdopen(self._commands, "rb") as stream:
            for line in stream:
                command = decode_command(line)
                assert command is not None
                event = pieces.take(command)
                if event is not None:
                    said.append(event)
        return said


def test_a_page(tmp_path: Path) -> None:
    """The session begins before the page is opened; its statements find their exchanges."""
    it = Followed(tmp_path)
    fake = Fake(it.profile, {}, breaks_off=False)
    it.store.append(recorded())
    with serving(fake.respond, it.profile):
        it.follower.start()
        assert fake.done.wait(120)
        said = it.finish()
    assert [method for method, _ in fake.asked][:5] == [
        "session.status",
        "session.new",
        "browsingContext.getTree",
        "session.subscribe",
        "browsingContext.navigate",
    ]
    assert fake.asked[3][1] == {"events": list(EVENTS)}
    assert fake.asked[4][1]["url"] == URL
    assert it.warnings == []
    [about] = [event for event in said if event.exchange_id is not None]
    assert about.said_by == "firefox-bidi"
    assert [event.unmatched for event in said if event.exchange_id is None] == []


@pytest.mark.parametrize(
    ("responses", "words"),
    [
        (
            {"session.status": {"type": "success", "result": {"ready": False}}},
            "another program controls it",
        ),
        (
            {"session.new": {"type": "error", "error": "session not created", "message": "no"}},
            "it refused session.new: session not created",
        ),
        (
            {"session.new": {"type": "success", "result": {"capabilities": {"moz:profile": "/x"}}}},
            "another browser responds in its place",
        ),
    ],
)
def test_a_session_that_is_not_to_be_had(
    tmp_path: Path, responses: Mapping[str, Json], words: str
) -> None:
    """One line says why, and where to go: the page was not opened."""
    it = Followed(tmp_path)
    with serving(Fake(it.profile, responses, breaks_off=False).respond, it.profile):
        it.follower.start()
        wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
        assert it.finish() == []
    assert it.warnings == [f"{words}. Go to {URL} yourself"]


def test_a_session_that_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so; what was said before is sent."""
    monkeypatch.setattr(bidi_following, "CLOSING_SECONDS", 0.1)
    it = Followed(tmp_path)
    it.store.append(recorded())
    with serving(Fake(it.profile, {}, breaks_off=True).respond, it.profile):
        it.follower.start()
        wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
        said = it.finish()
    assert it.warnings == ["it has ended the connection"]
    assert [event.exchange_id for event in said] == ["e1"]


def test_a_jar_that_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One reading of it is waited for, however often it is asked for; and that is said once."""
    monkeypatch.setattr(bidi, "PATIENCE", 0.0)
    it = Followed(tmp_path)
    silent = Fake(it.profile, {}, breaks_off=False, leaves_out="storage.getCookies")

    def asked() -> int:
        return sum(method == "storage.getCookies" for method, _ in silent.asked)

    with serving(silent.respond, it.profile):
        it.follower.start()
        wait_until(lambda: asked() > 2, "the jar is asked for again")
        assert len(it.follower._readings) == 1
        it.finish()
    assert it.warnings == []
    assert it.troubles == [bidi.JAR_NOT_READ]


def test_a_message_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was us who broke off, so that is said at once."""
    monkeypatch.setattr(bidi_connection, "LARGEST", 65536)
    it = Followed(tmp_path)
    long = {"browsingContext.navigate": {"type": "success", "result": {"x": "y" * 100_000}}}
    with serving(Fake(it.profile, long, breaks_off=False).respond, it.profile):
        it.follower.start()
        wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
        it.finish()
    assert it.warnings == ["it said more at once than is read"]


def test_a_browser_that_ends_first(tmp_path: Path) -> None:
    """That is no trouble."""
    it = Followed(tmp_path)
    it.follower.start()
    assert it.finish() == []
    assert it.warnings == []


def test_no_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that never says where it listens speaks no BiDi."""
    monkeypatch.setattr(bidi_following, "START_SECONDS", 0.1)
    it = Followed(tmp_path)
    it.follower.start()
    wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
    assert it.finish() == []
    assert it.warnings == [f"it does not speak WebDriver BiDi. Go to {URL} yourself"]


def test_a_port_that_speaks_something_else(tmp_path: Path) -> None:
    """Whatever it says, that is not BiDi."""

    def respond() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    it = Followed(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=respond)
        thread.start()
        address = {"ws_host": "127.0.0.1", "ws_port": listener.getsockname()[1]}
        (it.profile / ADDRESS_FILE).write_text(json.dumps(address))
        it.follower.start()
        wait_until(lambda: bool(it.warnings), "it is said why nobody listens")
        thread.join()
    assert it.finish() == []
    assert it.warnings == [f"it does not speak WebDriver BiDi. Go to {URL} yourself"]


@pytest.mark.parametrize(
    "text", ["", "{", '{"ws_host": "127.0.0.1"}', '{"ws_host": 1, "ws_port": 1}']
)
def test_an_address_that_is_not_written_yet(tmp_path: Path, text: str) -> None:
    """A file that is half written is read again."""
    (tmp_path / ADDRESS_FILE).write_text(text)
    assert address_in(tmp_path) is None


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 80), ("127.0.0.1", 0)])
def test_an_address_elsewhere(tmp_path: Path, host: str, port: int) -> None:
    """Nobody connects to another machine."""
    (tmp_path / ADDRESS_FILE).write_text(json.dumps({"ws_host": host, "ws_port": port}))
    with pytest.raises(LaunchError, match="not this machine's"):
        address_in(tmp_path)
