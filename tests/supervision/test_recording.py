"""Recordings of the user's own app: which addresses they listen on."""

from __future__ import annotations

import pytest

from cookietrace.addresses import Address
from cookietrace.events import Listener
from cookietrace.supervision import recording
from cookietrace.supervision.recording import (
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
    choose_addresses,
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
