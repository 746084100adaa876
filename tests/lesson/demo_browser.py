"""A simulated browser: it visits the demo app, keeps a jar, and is recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from cookietrace import events as ev
from cookietrace.cookies import parse_target
from cookietrace.lesson.jar_simulation import jar_after, simulate_visit
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.report import REPORT_HEADER
from demo_app import create_app
from tests.lesson.random_traces import WITHIN_CONTEXT
from tests.lesson.visits import WITHIN
from tests.story import TYPED, Story

SECRET = "of-the-test"
KEY = mark_key(SECRET)
LOCAL = "http://127.0.0.1:5000"

FORM = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)
"""The headers of a form submitted from a page of the same site."""


class DemoBrowser:
    """Plays a lesson; ``trace`` and ``table`` are what a user would see."""

    def __init__(self, base: str = LOCAL) -> None:
        self.story = Story(base)
        self.trace = Trace()
        self._app = create_app(witness_secret=SECRET).test_client(use_cookies=False)
        self._applied = 0
        self._apply()

    def open(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = TYPED,
        after: float = 1.0,
    ) -> None:
        """Request an address, store the response's cookies, and follow redirects."""
        full = url if "://" in url else self.story.base + url
        headers = tuple(headers)
        cookies = self._cookies(full, within=headers == WITHIN, at=self.story.now + after)
        exchange_id = self.story.ask(
            full, cookies or None, method=method, headers=headers, after=after
        )
        self._apply()
        parts = urlsplit(full)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        response = self._app.open(
            parts.path + (f"?{parts.query}" if parts.query else ""),
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=method,
            headers=[
                *headers,
                (MARK_HEADER, mark(exchange_id, f"localhost:{port}", time.time(), KEY)),
                *([("Cookie", cookies)] if cookies else []),
            ],
            environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
        )
        report = response.headers.get(REPORT_HEADER)
        seen = decode(report, exchange_id, self.story.now) if report is not None else None
        assert isinstance(seen, ev.Server), "the demo's witness did not report"
        hidden = {"set-cookie", REPORT_HEADER.lower()}
        self.story.respond(
            exchange_id,
            *response.headers.getlist("Set-Cookie"),
            status=response.status_code,
            headers=[(n, v) for n, v in response.headers if n.lower() not in hidden],
            body=response.get_data(as_text=True)
            if (response.mimetype or "").startswith("text/")
            else None,
            server=seen,
        )
        self._apply()
        if response.status_code == 303:
            self.open(response.headers["Location"], headers=headers, after=0.1)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.story.now += seconds

    @property
    def table(self) -> Table:
        """The whole execution table."""
        return Table(self.trace)

    def _cookies(self, url: str, *, within: bool, at: float) -> str:
        if not self.trace.clients:
            return ""
        jar = jar_after(self.trace, self.trace.clients[0].client_id, self.trace.position)
        jar.expire(at)
        target = parse_target(url)
        if within:
            return jar.select(target, WITHIN_CONTEXT, at).header
        return simulate_visit(jar, target, at).header

    def _apply(self) -> None:
        for event in self.story.events[self._applied :]:
            self.trace.apply(event)
        self._applied = len(self.story.events)
