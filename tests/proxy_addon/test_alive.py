"""The health check asks the proxy itself, reaches no app, and records nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from cookietrace.addresses import Address
from cookietrace.events import Capture, Recorder
from proxy_addon.alive import NotAliveError, ask, main
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import events_of


@contextmanager
def _listening(*parts: bytes, closes: bool = True) -> Iterator[Address]:
    """Accept one connection, send some bytes, and close it or keep it open."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            kept.append(connection)
            connection.recv(100)
            for part in parts:
                connection.sendall(part)
            if closes:
                connection.close()

        kept: list[socket.socket] = []
        thread = Thread(target=serve)
        thread.start()
        yield Address("127.0.0.1", server.getsockname()[1])
        thread.join()
        for connection in kept:
            connection.close()


def test_a_proxy_is_alive(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """Each listener responds; the app sees nothing, and neither does the capture."""
    app = start_upstream({})
    proxy = start_proxy("--mode", "regular@127.0.0.1:0", "--mode", f"reverse:{app.url}@127.0.0.1:0")
    for address in proxy.addresses:
        assert main([address]) == 0
    proxy.stop()
    assert app.visits == []
    assert {type(event) for event in events_of(proxy.capture)} == {Capture, Recorder}


@pytest.mark.parametrize(
    ("parts", "closes", "why"),
    [
        ((), True, "is not a recording proxy"),
        ((b"HTTP/1.1 200 OK\r\nServer: app\r\n\r\n",), False, "is not a recording proxy"),
        ((b"HTTP/1.1 400 Bad Request\r\n", b"Server: app\r\n\r\n"), False, "not a recording proxy"),
        ((b"x" * 5000,), False, "is not a recording proxy"),
        ((), False, "does not respond within 0.2 s"),
    ],
)
def test_another_program_is_not(parts: tuple[bytes, ...], closes: bool, why: str) -> None:
    """What closes, responds otherwise, sends anything else, or nothing, is no proxy."""
    with _listening(*parts, closes=closes) as address, pytest.raises(NotAliveError, match=why):
        ask(address, 0.2)


def test_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody there is 1, a wrong address is 2, and each is one line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = f"127.0.0.1:{server.getsockname()[1]}"
    assert main([free]) == 1
    assert capsys.readouterr().err == f"cookietrace: {free} cannot be reached: Connection refused\n"
    assert main(["here"]) == 2
    assert "write it as HOST:PORT" in capsys.readouterr().err
    assert main([free, free]) == 2
    assert "give one address" in capsys.readouterr().err
