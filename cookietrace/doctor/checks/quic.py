"""HTTP/3 over QUIC, which goes past a proxy for HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import is_loopback
from cookietrace.doctor.facts import Browser, Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.programs import chromium_through


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that the host offers HTTP/3, which browsers use if they bypass the proxy."""
    url = facts.url
    if url is None or url.host not in facts.seen.http3 or facts.seen.of_host:
        return
    running = [browser for browser in facts.browsers if browser.running]
    if facts.proxy is None or is_loopback(url.host) or (running and not any(map(_has, running))):
        return
    yield Finding(
        Sure.GUESS,
        f"{url.host} offers HTTP/3, which does not go through the proxy.",
        "Its response has an Alt-Svc field with h3. A browser that uses the proxy for the host "
        "uses TCP, but one that bypasses it reaches the server over QUIC (UDP), even in modes in "
        "which a firewall redirects TCP to the recorder.",
        (
            Fix(chromium_through(facts.proxy, facts.system, "--disable-quic"), "Chromium"),
            Fix("about:config > network.http.http3.enable = false", "Firefox"),
        ),
    )


def _has(browser: Browser) -> bool:
    return browser.quic
