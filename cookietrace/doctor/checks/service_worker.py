"""Service workers: a page's own script that may respond instead of the server."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.lesson.display_text import some


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the origins whose pages have a service worker, of the URL's host if there is one."""
    found = sorted(
        origin
        for origin in facts.seen.workers
        if facts.url is None or origin.partition("://")[2] == facts.url.origin.partition("://")[2]
    )
    if not found:
        return
    yield Finding(
        Sure.GUESS if facts.url is None else Sure.PROBABLY,
        f"A service worker of {some(found)} may respond by itself.",
        "A browser fetched its script. What it serves from its cache never leaves the browser, so "
        "the proxy sees no request.",
        (
            Fix("DevTools > Application > Service workers > Bypass for network", "Chromium"),
            Fix("about:debugging#/runtime/this-firefox > Unregister", "Firefox"),
            Fix("Shift + reload", "for one page"),
        ),
    )
