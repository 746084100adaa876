"""Recordings of the user's own app: which addresses they listen on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.events import Listener
from cookietrace.protocol import decode_report
from cookietrace.stores import captures_folder
from cookietrace.supervision import recording, web_listening
from cookietrace.supervision.browsers import Browser, Kind
from cookietrace.supervision.recording import (
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
    choose_addresses,
    notices_of,
    warn_if_open,
)
from tests.ports import FreePort


@pytest.mark.parametrize("flag", [LISTEN_FLAG, REVERSE_FLAG])
def test_a_default_port_is_left_to_the_app(
    flag: str, free_port: FreePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the app has one of our default ports, we move and say so, even if it does not run."""
    defaults = {name: Address("127.0.0.1", free_port()) for name in (LISTEN_FLAG, REVERSE_FLAG)}
    monkeypatch.setattr(recording, "DEFAULT_LISTEN", defaults[LISTEN_FLAG])
    monkeypatch.setattr(recording, "DEFAULT_REVERSE_LISTEN", defaults[REVERSE_FLAG])
    port = defaults[flag].port
    target = f"http://localhost:{port}"
    lines: list[str] = []
    listen, reverse_listen = choose_addresses(RecordingOptions(target=target), target, lines.append)
    assert reverse_listen is not None
    assert port not in (listen.port, reverse_listen.port)
    moved = listen if flag == LISTEN_FLAG else reverse_listen
    line = f"port {port} is the app's own: listening on {moved} instead ({flag} chooses)"
    assert line in lines


@pytest.fixture
def taken() -> Iterator[Address]:
    """An address at which another process listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Address("127.0.0.1", server.getsockname()[1])


@pytest.fixture
def too_late(taken: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """An address that was free when we looked, and is taken now."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for module in (recording, web_listening):
        monkeypatch.setattr(module, "next_free", lambda *_: taken)
        monkeypatch.setattr(module, "require_free", lambda *_: taken)
    return taken


def test_a_default_port_that_is_taken_while_the_proxy_starts(
    too_late: Address, tmp_path: Path
) -> None:
    """The next one is used, and a line says so."""
    lines: list[str] = []
    options = RecordingOptions(confdir=tmp_path / "ca")
    with recording.recording(options, lines.append) as running:
        assert running.listen.port > too_late.port
        line = f"port {too_late.port} is taken: listening on {running.listen} instead"
        assert lines[-1] == f"{line} ({LISTEN_FLAG} chooses)"


def test_a_chosen_port_that_is_taken_while_the_proxy_starts(
    too_late: Address, tmp_path: Path
) -> None:
    """The error is the one of a port that was in use before; no capture is left behind."""
    options = RecordingOptions(confdir=tmp_path / "ca", listen=str(too_late))
    with (
        pytest.raises(LaunchError, match=rf"^port {too_late.port} on 127\.0\.0\.1 is already in"),
        recording.recording(options, print),
    ):
        pass
    assert list(captures_folder().iterdir()) == []


def test_a_port_of_the_page_that_is_taken_in_the_meantime(
    too_late: Address, free_port: FreePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same goes for the page: a chosen port is an error, otherwise the next one is used."""
    with pytest.raises(LaunchError, match=f"^port {too_late.port} .* is already in use: .*--web-l"):
        web_listening.listening_socket(too_late)
    found = iter((too_late, Address("127.0.0.1", free := free_port())))
    monkeypatch.setattr(web_listening, "next_free", lambda *_: next(found))
    with web_listening.listening_socket(None) as listening:
        assert listening.getsockname()[1] == free


@pytest.mark.parametrize(
    ("options", "browser", "words"),
    [
        ({}, "firefox", []),
        ({"listen_browser": True}, "firefox", ["navigator.webdriver is true"]),
        ({"watch_scripts": True}, "chromium", ["a small script goes into every page"]),
        (
            {"watch_scripts": True, "listen_browser": True},
            "chromium",
            ["no page can tell", "a small script goes into every page"],
        ),
        ({"attach": Address("192.0.2.1", 9222)}, None, ["DevTools has no encryption"]),
        ({"attach": Address("127.0.0.1", 9222)}, None, []),
    ],
)
def test_what_to_know_of_a_browser(
    options: dict[str, Any], browser: Kind | None, words: list[str]
) -> None:
    """Each risk has a line of its own, if it is asked for."""
    opened = None if browser is None else Browser(browser, "/x")
    lines = notices_of(RecordingOptions(**options), opened)
    assert [word in line for word, line in zip(words, lines, strict=True)] == [True] * len(words)


def test_what_is_said_before_the_screen_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen gets it as well, since it covers what was said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(recording, "find_devtools", lambda _: None)
    attached = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr(recording, "attach", lambda *_: attached)
    lines: list[str] = []
    options = RecordingOptions(confdir=tmp_path / "ca", attach=Address("192.0.2.1", 9222))
    with recording.recording(options, lines.append) as running:
        told = [decode_report(line) for line in running.proxy.reports._lines]
    [warning] = [each.message for each in told if each is not None and each.type == "notice"]
    assert warning is not None
    assert "DevTools has no encryption and no login" in warning
    assert warning in lines


def test_a_listener_that_is_open_to_other_machines() -> None:
    """The risk is explained for each, with the flag that closes it; loopback needs no warning."""
    lines: list[str] = []
    warn_if_open(
        (
            Listener(mode="regular", address="0.0.0.0:8080"),
            Listener(mode="reverse", address="[::]:8081", target="http://localhost:3000"),
            Listener(mode="regular", address="127.0.0.1:8082", label="chromium"),
        ),
        lines.append,
    )
    assert len(lines) == 2
    assert "0.0.0.0:8080 is open to other machines" in lines[0]
    assert lines[0].endswith("--listen 127.0.0.1:8080")
    assert lines[1].endswith("--reverse-listen 127.0.0.1:8081")
