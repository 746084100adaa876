"""Browsers that load the demo's pages in turns, each timed by the browser itself.

Each page carries a script of ours behind its own: once the page has loaded, it sends what the
browser says that this took, waits for its turn, and goes to the next page. Nobody else controls
the browsers, so one that is not listened to is really left alone.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask, Response, request

from cookietrace.witness.shared_secret import shared_secret
from demo_app.app import create_app
from demo_app.lessons import LESSONS
from demo_app.server import DemoServer

ORIGIN = "http://shop.test"

PAGES = tuple(f"{ORIGIN}{lesson.path}" for lesson in LESSONS)
"""The pages, in the order in which they are opened."""

WARM_UP = 2
"""How often each page is opened before: the first time, everything is compiled."""

PAUSE = 0.4
"""Seconds between two loads: what one browser's load leaves to do must not delay the other's."""

PATIENCE = 120.0
"""Seconds that one load may take, the browser's start included."""

Loads = dict[str, list[float]]
"""By page, the milliseconds that each of its loads took."""

_TURN = "/benchmark/turn"

_SCRIPT = """
addEventListener("load", () => setTimeout(async () => {
  const [{ duration }] = performance.getEntriesByType("navigation");
  const turn = await fetch("TURN?took=" + duration, { method: "POST", credentials: "omit" });
  const next = await turn.text();
  if (next) location.href = next;
}));
""".replace("TURN", _TURN)


class Turns:
    """Which of several browsers loads a page now, and how long each load took."""

    def __init__(self, rounds: int, browsers: int = 2) -> None:
        """Each browser loads each page ``rounds`` times, after the warm-up."""
        self._browsers = browsers
        self._changed = threading.Condition()
        self._order: list[tuple[int, str, bool]] = []
        """Which browser, which page, and whether it counts."""
        for number in range(WARM_UP + rounds):
            for place, page in enumerate(PAGES):
                for each in range(browsers):
                    # Each of them is the first as often as the others, so that none gains by it.
                    browser = (number + place + each) % browsers
                    self._order.append((browser, page, number >= WARM_UP))
        self._now = -1
        self._free_at = 0.0
        self._ready: set[int] = set()
        self._loading: set[int] = set()
        self.took: list[Loads] = [{} for _ in range(browsers)]
        """What each browser's loads took."""

    def turn(self, browser: int, took: float) -> str:
        """Take what a browser's last load took, and return its next page; "" at the end."""
        with self._changed:
            if browser in self._loading:
                self._loading.discard(browser)
                _, page, counts = self._order[self._now]
                if counts:
                    self.took[browser].setdefault(page, []).append(took)
                self._next()
            self._ready.add(browser)
            self._changed.notify_all()
            while not self._is_turn(browser):
                if not self._changed.wait(PATIENCE):
                    return ""
            if self._now >= len(self._order):
                return ""
            left = self._free_at - time.monotonic()
        if left > 0:
            time.sleep(left)
        with self._changed:
            self._loading.add(browser)
            return self._order[self._now][1]

    def wait(self, *, warm: bool) -> None:
        """Wait until the warm-up is over, or all is. Raises ``RuntimeError`` if a load hangs."""
        goal = self._browsers * WARM_UP * len(PAGES) if warm else len(self._order)
        with self._changed:
            before = self._now - 1
            while self._now < goal:
                if before == self._now:
                    raise RuntimeError("a browser does not load the demo's pages")
                before = self._now
                deadline = time.monotonic() + PATIENCE
                while self._now == before and (left := deadline - time.monotonic()) > 0:
                    self._changed.wait(left)

    def _next(self) -> None:
        self._now += 1
        self._free_at = time.monotonic() + PAUSE

    def _is_turn(self, browser: int) -> bool:
        if self._now < 0 and len(self._ready) == self._browsers:
            self._next()
            self._changed.notify_all()
        if self._now >= len(self._order):
            return True
        return self._now >= 0 and self._order[self._now][0] == browser


def medians(loads: Sequence[Loads]) -> float:
    """Return the mean over the pages of the median milliseconds of each, all loads together."""
    return statistics.mean(
        statistics.median(took for each in loads for took in each[page]) for page in PAGES
    )


@contextmanager
def demo_app(browser: int, turns: Turns) -> Iterator[str]:
    """Serve the demo with our script in its pages to one of them; yield its URL."""
    server = DemoServer(timed_app(browser, turns))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def timed_app(browser: int, turns: Turns) -> Flask:
    """Return the demo with our script in the lessons' pages, which may run it."""
    app = create_app(witness_secret=shared_secret())
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()

    @app.post(_TURN)
    def turn() -> str:
        return turns.turn(browser, float(request.args["took"]))

    def add_script(response: Response) -> Response:
        if f"{ORIGIN}{request.path}" in PAGES and response.mimetype == "text/html":
            response.set_data(response.get_data() + f"<script>{_SCRIPT}</script>".encode())
            policy = response.headers.get("Content-Security-Policy", "")
            policy = policy.replace("script-src ", f"script-src 'sha256-{digest}' ")
            if policy:
                response.headers["Content-Security-Policy"] = policy
        return response

    # The first of them is called last, once the policy is there.
    app.after_request_funcs.setdefault(None, []).insert(0, add_script)
    return app
