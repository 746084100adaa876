"""Apps on this machine: Chromium and Firefox do not send their requests to a proxy."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import is_loopback
from cookietrace.doctor.checks.app_itself import is_app
from cookietrace.doctor.facts import Browser, Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.programs import chromium_through

_RULE = (
    "Chromium and Firefox bypass a proxy for localhost, names that end in .localhost, 127.0.0.1 "
    "and [::1], over http and https, whatever the proxy settings are, unless one setting says "
    "otherwise."
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that requests for this machine bypass the proxy."""
    if facts.proxy is None or facts.seen.of_host:
        return
    if facts.url is None:
        if facts.seen.requests or facts.recorder is None or facts.recorder.reverse is not None:
            return
        yield Finding(
            Sure.GUESS,
            "If your app is on localhost, browsers bypass the proxy.",
            _RULE,
            (Fix("cookietrace watch http://localhost:PORT"), *_settings(facts)),
        )
        return
    if not is_loopback(facts.url.host) or is_app(facts):
        return
    guilty = [browser.name for browser in facts.browsers if _bypasses(facts, browser)]
    if guilty:
        what = f"{' and '.join(guilty)} does not send requests for {facts.url.host} to the proxy."
    else:
        what = f"Browsers do not send requests for {facts.url.host} to the proxy."
    yield Finding(
        Sure.KNOWN if guilty else Sure.PROBABLY,
        what,
        _RULE,
        (
            Fix(f"cookietrace watch {facts.url.origin}"),
            *_settings(facts),
        ),
    )


def _settings(facts: Facts) -> tuple[Fix, ...]:
    return (
        Fix(chromium_through(facts.proxy or "", facts.system), "Chromium"),
        Fix("about:config > network.proxy.allow_hijacking_localhost = true", "Firefox"),
    )


def _bypasses(facts: Facts, browser: Browser) -> bool:
    """Return whether a browser uses the proxy, and bypasses it for this machine."""
    return facts.leads_here(browser.proxy) and not browser.proxies_loopback
