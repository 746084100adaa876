"""Browsers that run now, or have a proxy setting of their own, and do not use the recorder."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import Browser, Facts, SeenClient
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.programs import chromium_through
from cookietrace.lesson.display_text import some


def check(facts: Facts) -> Iterator[Finding]:
    """Yield which running browsers do not send their traffic to the recorder.

    While requests arrive, that is no more than a guess at why others are missing.
    """
    if facts.proxy is None:
        return
    running = [browser for browser in facts.browsers if browser.running]
    through = {each.family for each in running if each.opened or _uses(facts, each)}
    elsewhere = [each for each in running if not (each.opened or _uses(facts, each))]
    others = ""
    if facts.seen.of_host if facts.url is not None else facts.seen.requests:
        # What arrives is perhaps from a browser whose settings do not show that it uses the
        # recorder, unless another one of its family does.
        came = {_family(client) for client in facts.seen.clients if client.requests} - through
        elsewhere = [browser for browser in elsewhere if browser.family not in came]
        others = " All traffic comes from other clients."
    if not elsewhere:
        return
    names = dict.fromkeys(browser.name for browser in elsewhere)
    verb = "does" if len(names) == 1 else "do"
    yield Finding(
        Sure.GUESS if others else Sure.PROBABLY,
        f"{some(names)} {verb} not use the recorder.",
        f"{'It runs' if len(names) == 1 else 'They run'} now, {_how(elsewhere)}.{others}",
        tuple(
            fix
            for family, fix in _fixes(facts.proxy, facts.system)
            if any(browser.family == family for browser in elsewhere)
        ),
    )


def _family(client: SeenClient) -> str | None:
    """Return the family of browsers that a client belongs to; None if it is no such browser."""
    return client.program if client.program in ("chromium", "firefox") else None


def _how(browsers: list[Browser]) -> str:
    settings = {_setting(browser) for browser in browsers}
    return settings.pop() if len(settings) == 1 else "with other proxy settings or none"


def _setting(browser: Browser) -> str:
    proxy = browser.proxy
    if proxy is None:
        return "with the system's proxy settings, which lead elsewhere or nowhere"
    if proxy.pac is not None:
        return "with a PAC script, which decides for each request and was not run"
    return f"with the proxy {proxy.address}" if proxy.address is not None else "without a proxy"


def _uses(facts: Facts, browser: Browser) -> bool:
    """Return whether a browser uses the recorder, by its own settings or by the system's."""
    if browser.proxy is not None:
        return facts.leads_here(browser.proxy)
    return system_leads_here(facts)


def system_leads_here(facts: Facts) -> bool:
    """Return whether what browsers take for the system's settings lead to the recorder.

    On Linux, that includes the variables.
    """
    scheme = "https" if facts.url is None else facts.url.scheme
    if any(facts.leads_here(found.of(scheme)) for found in facts.system_proxies):
        return True
    return facts.system == "linux" and variables_lead_here(facts)


def variables_lead_here(facts: Facts) -> bool:
    """Return whether any of the variables for proxies leads to the recorder."""
    return any(facts.leads_here(variable.proxy) for variable in facts.variables if variable.proxy)


def _fixes(proxy: str, system: str) -> Iterator[tuple[str, Fix]]:
    host, _, port = proxy.rpartition(":")
    yield "chromium", Fix("cookietrace watch --browser chromium", "a fresh Chromium that does")
    yield (
        "chromium",
        Fix(chromium_through(proxy, system), "your own"),
    )
    yield "firefox", Fix("cookietrace watch --browser firefox", "a fresh Firefox that does")
    yield (
        "firefox",
        Fix(
            "Settings > Network Settings > Manual proxy configuration: "
            f"{host.strip('[]')}, port {port}, also for HTTPS",
            "your own",
        ),
    )
