"""The URL of the app itself, beside a listener that stands in front of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cookietrace.cookies import Target, is_loopback, parse_target
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that the app was opened directly, where the recorder is in front of it."""
    url = facts.url
    reverse = None if facts.recorder is None else facts.recorder.reverse
    if url is None or reverse is None or facts.seen.by_its_url or not is_app(facts):
        return
    page = f"http://{reverse.page_address}{url.path}"
    yield Finding(
        Sure.PROBABLY,
        f"{url.origin} is the app itself.",
        "The recorder is in front of the app, at its own address. What a browser opens "
        "at the app's own address does not go through it, unless that browser uses the proxy for "
        "that address too.",
        (Fix(f"open {shlex.quote(page)}", "in the browser"),),
    )


def is_app(facts: Facts) -> bool:
    """Return whether the URL is that of the app behind the recorder."""
    reverse = None if facts.recorder is None else facts.recorder.reverse
    if facts.url is None or reverse is None or not reverse.target:
        return False
    return _same(parse_target(reverse.target), facts.url)


def is_front(facts: Facts) -> bool:
    """Return whether the URL is that of the listener in front of an app: it needs no proxy."""
    reverse = None if facts.recorder is None else facts.recorder.reverse
    if facts.url is None or reverse is None:
        return False
    return _same(parse_target(f"http://{reverse.page_address}"), facts.url)


def _same(app: Target, url: Target) -> bool:
    """Return whether two URLs lead to one app; this machine has several names."""
    if (app.scheme, app.port) != (url.scheme, url.port):
        return False
    return app.host == url.host or (is_loopback(app.host) and is_loopback(url.host))
