"""Plays all broken apps, and their fixed forms, behind one recorder; a capture for each play."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask, Response

from cookietrace import events as ev
from cookietrace.formats import read_capture
from demo_app.server import DemoServer
from tests.e2e.broken_apps.app import BrokenApp
from tests.judge.browser import Browser
from tests.judge.proxy import Proxy
from tests.judge.recorded import by_label
from tests.judge.server import SCENARIO_HEADER
from tests.judge.variants import VARIANTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_BACKGROUND = "background"
_LABEL = "HTTP_" + SCENARIO_HEADER.upper().replace("-", "_")
_NOTHING = Response(status=404)
_AT_ONCE = 4

Played = Mapping[tuple[str, bool], Sequence[ev.Event]]
"""App and whether it was fixed -> what was recorded, as if it had a capture to itself."""


def play_all(apps: Iterable[BrokenApp], folder: Path, confdir: Path) -> Played:
    """Play each app twice, broken and fixed, every time in a window with a jar of its own."""
    plays = {
        _label(one, fixed): (one, one.create(fixed)) for one in apps for fixed in (False, True)
    }
    server = DemoServer(_Apps({label: app for label, (_, app) in plays.items()}))
    capture = folder / "all.cookietrace"
    thread = Thread(target=server.run)
    thread.start()
    try:
        with Proxy(capture, confdir, server.url, [_BACKGROUND, *plays], bodies=True) as proxy:
            for variant in dict.fromkeys(one.browser for one, _ in plays.values()):
                start = VARIANTS[variant].start
                with (
                    start(proxy.addresses[_BACKGROUND], proxy.ca) as browser,
                    ThreadPoolExecutor(_AT_ONCE) as pool,
                ):
                    running = [
                        pool.submit(_play, browser, proxy.addresses[label], one, app)
                        for label, (one, app) in plays.items()
                        if one.browser == variant
                    ]
                    for each in running:
                        each.result()
    finally:
        server.stop()
        thread.join()
    recorded = by_label(each for each in read_capture(capture) if not isinstance(each, ev.Capture))
    return {
        (one.name, fixed): recorded[_label(one, fixed)]
        for one, _ in plays.values()
        for fixed in (False, True)
    }


class _Apps:
    """A WSGI app that passes each request to the app of the listener that it came by."""

    def __init__(self, apps: Mapping[str, Flask]) -> None:
        self._apps = apps

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self._apps.get(environ[_LABEL], _NOTHING)  # the browser's own traffic has no app
        return app(environ, start_response)


def _play(browser: Browser, proxy: str, one: BrokenApp, app: Flask) -> None:
    window = browser.open(proxy, private=False, seen=False)
    try:
        one.play(window, app)
    finally:
        window.close()


def _label(one: BrokenApp, fixed: bool) -> str:
    return f"{one.name}/{'fixed' if fixed else 'broken'}"
