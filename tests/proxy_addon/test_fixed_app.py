"""What is said about a fix is what mitmproxy records of the fixed app, and of a fix by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cookietrace.cookies import (
    CookieJar,
    Credentials,
    RequestContext,
    Site,
    default_public_suffixes,
    parse_target,
    profile_for,
    site_of,
)
from cookietrace.events import Event
from cookietrace.lesson.what_if import Scenario, retold, typed_change
from cookietrace.trace import Trace, fold
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import Proxy, events_of
from tests.proxy_addon.upstream import plain

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
ROWS = (
    ("path", "sid=1; Path=/login", "Path=/", "sid=1; Path=/"),
    ("none", "wide=1; Path=/; SameSite=None", "Secure", "wide=1; Path=/; SameSite=None; Secure"),
    ("host", "__Host-a=1; Secure", "Path=/", "__Host-a=1; Secure; Path=/"),
    ("domain", "b=1; Path=/; Domain=other.test", "-Domain", "b=1; Path=/"),
    ("expired", "c=1; Path=/; Max-Age=0", "Max-Age=600", "c=1; Path=/; Max-Age=600"),
)
"""What is broken, its line, what fixes it, and the line of the fixed app."""


class Script:
    """A client that keeps the rules: it stores what it gets and sends what it has to."""

    def __init__(self, proxy: Proxy, url: str) -> None:
        self._proxy = proxy
        self._url = url
        self._jar = CookieJar(profile_for(AGENT), default_public_suffixes())
        self._now = 1_790_000_000.0

    def get(self, path: str) -> None:
        """Request a page as if the user had typed its address."""
        self._now += 1.0
        target = parse_target(self._url + path)
        context = RequestContext(
            site=Site.SAME, top_level=True, unsafe=False, credentials=Credentials.INCLUDE,
            top_level_site=site_of(target, self._jar.public_suffixes), certain=True,
        )  # fmt: skip
        cookies = self._jar.select(target, context, self._now).header
        headers = [
            b"User-Agent: " + AGENT.encode(), b"Sec-Fetch-Site: none",
            b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document",
        ]  # fmt: skip
        if cookies:
            headers.append(b"Cookie: " + cookies.encode("latin-1"))
        with Wire(self._proxy.addresses[0]) as wire:
            wire.get(self._url + path, *headers)
            head, _ = wire.response()
        for field in head.decode("latin-1").split("\r\n"):
            name, _, value = field.partition(":")
            if name.lower() == "set-cookie":
                self._jar.store(value.strip(), target, context, self._now)


def told(trace: Trace) -> list[Any]:
    """Return what each exchange sends, and what becomes of the lines of its response."""
    return [
        (
            each.request.target.path,
            each.request.observed,
            [
                (result.raw, result.outcome, result.reasons, result.cookie and result.cookie.key)
                for result in (each.response.set_cookies if each.response is not None else ())
            ],
        )
        for each in trace.exchanges
    ]


@pytest.mark.parametrize("how", ["fixed", "by hand"])
def test_a_fix_that_is_imagined_is_one_that_is_recorded(
    how: str, start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Of five bugs at once: each request and each line is as in the recording of the fixed app."""
    lines = [[line for _, line, _, _ in ROWS], [line for _, _, _, line in ROWS]]
    app = start_upstream({})
    changes = [typed_change(fix, line.partition("=")[0]) for _, line, fix, _ in ROWS]
    scenario = Scenario(changes=tuple(change for _, each in changes for change in each.changes))

    def recorded(which: int, *arguments: str) -> list[Event]:
        fields = [b"Set-Cookie: " + line.encode() for line in lines[which]]
        app.answers = {"/login/": plain(b"in", *fields), "/": plain(b"ok"), "/x": plain(b"x")}
        proxy = start_proxy(*arguments)
        client = Script(proxy, app.url)
        for path in ("/", "/login/", "/", "/x"):
            client.get(path)
        proxy.stop()
        events = events_of(proxy.capture)
        proxy.capture.unlink()
        return events

    broken = recorded(0)
    if how == "fixed":
        other = recorded(1)
    else:
        edits = [f"--edit-response={change.text}" for change in scenario.changes]
        other = recorded(0, f"--edit={app.url.partition('://')[2]}", *edits)
    retelling = retold(broken, scenario)
    assert told(retelling.real) != told(retelling.imagined) == told(fold(other))
    sent = told(retelling.imagined)[-1][1]
    assert {pair.partition("=")[0] for pair in sent.split("; ")} >= {"sid", "b", "c"}
