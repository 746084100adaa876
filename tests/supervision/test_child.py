"""Children that cannot be started: it is said in one line, and nothing is left open."""

from __future__ import annotations

import errno
import gc
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.publishing.options import PublishingOptions
from cookietrace.supervision.attached import Heard, attach
from cookietrace.supervision.browsers import Browser, launch
from cookietrace.supervision.child import Child
from cookietrace.supervision.devtools import DevTools
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.proxy import ProxyOptions, RunningDemoApp, RunningProxy
from cookietrace.supervision.publishing import Destination, PublishingChild
from cookietrace.supervision.web_listening import WebAddress
from cookietrace.supervision.web_page import WebPage

CAPTURE = Path("c.cookietrace")


def _browser() -> None:
    devtools = DevTools()
    try:
        launch(Browser("chromium", "/x"), proxy="127.0.0.1:1", headless=True, devtools=devtools)
    finally:
        devtools.close()


def _attached() -> None:
    heard = Heard(capture=CAPTURE, commands_fd=0, proxy="127.0.0.1:1", listeners=())
    attach(Address("127.0.0.1", 1), heard, lambda _: None)


def _page() -> None:
    with WebPage(WebAddress()) as page:
        page.load()


START: dict[str, Callable[[], object]] = {
    "browser": _browser,
    "listener to your browser": _attached,
    "proxy": lambda: RunningProxy.start(ProxyOptions(capture=CAPTURE, modes=[])),
    "demo app": RunningDemoApp.start,
    "publisher": lambda: PublishingChild(
        CAPTURE, Destination("", PublishingOptions()), lambda _: None
    ),
    "page": _page,
}


def _open_files() -> set[str]:
    gc.collect()  # what other tests dropped must not be closed meanwhile
    return {each.name for each in Path("/dev/fd").iterdir()}


@pytest.mark.parametrize("name", START)
def test_what_cannot_be_started(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipes are closed, all of them."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(subprocess, "Popen", fail)
    before = _open_files()
    with pytest.raises(LaunchError, match=f"^cannot start the {name}: no more processes$"):
        START[name]()
    assert _open_files() <= before


def test_a_start_that_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves nothing open either."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", interrupt)
    before = _open_files()
    with pytest.raises(KeyboardInterrupt):
        Child.start("page", "x", [], Lifeline())
    assert _open_files() <= before
