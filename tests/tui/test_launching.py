"""What ``b`` says if it cannot open a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from cookietrace.errors import LaunchError
from cookietrace.events import Listener
from cookietrace.lesson.live.recording import Recording
from tui.feed.launcher import Launcher
from tui.feed.proxy_pipes import Commands

PROXY = Listener(mode="regular", address="127.0.0.1:8080")
APP = Listener(mode="reverse", address="127.0.0.1:8081", target="http://127.0.0.1:5000")


@pytest.fixture
def commands() -> Iterator[Commands]:
    """A pipe to a proxy, without a reader."""
    reading, writing = os.pipe()
    yield Commands(writing)
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
@pytest.mark.parametrize(
    ("listeners", "advice"),
    [
        ((APP, PROXY), "open http://127.0.0.1:8081/ in your own browser"),
        ((APP,), "open http://127.0.0.1:8081/ in your own browser"),
        (
            (PROXY,),
            "set your own browser's proxy to 127.0.0.1:8080 (browsers bypass it for localhost: "
            "`cookietrace ca` has the setting)",
        ),
    ],
)
def test_without_a_display_the_address_is_named(
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    listeners: tuple[Listener, ...],
    advice: str,
) -> None:
    """The message says where to point another browser, and names no command-line option."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    recording = Recording("x", attached=True, listeners=listeners)
    with pytest.raises(LaunchError) as caught:
        Launcher(commands, lambda _: None).found(recording)
    assert str(caught.value) == f"no display found to open a browser on: {advice}"
