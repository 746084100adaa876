"""A recorder that nothing on this machine is set to use."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.checks.app_itself import is_app, is_front
from cookietrace.doctor.checks.browsers import system_leads_here, variables_lead_here
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that no setting that was looked at leads to the recorder, where nothing arrives."""
    if facts.proxy is None or _arrives(facts) or is_front(facts):
        return
    if system_leads_here(facts) or variables_lead_here(facts):
        return
    if is_left_to_browsers(facts):
        return
    reverse = None if facts.recorder is None else facts.recorder.reverse
    page = (
        (Fix(f"open http://{reverse.page_address}/", "your app"),)
        if reverse is not None and (facts.url is None or is_app(facts))
        else ()
    )
    missing = (
        ""
        if not facts.is_read
        else ", and it has seen no request"
        if facts.url is None
        else f", and no request for {facts.url.origin} was recorded"
    )
    yield Finding(
        Sure.PROBABLY,
        "Nothing here is set to use the recorder.",
        "No browser, system setting or variable of this shell that was checked leads to "
        f"{facts.proxy}{missing}. Browsers and programs then connect directly.",
        (
            *page,
            Fix("cookietrace watch --browser chromium", "a browser that is ready to use"),
            Fix(f"export http_proxy=http://{facts.proxy} https_proxy=http://{facts.proxy}", "curl"),
        ),
    )


def is_left_to_browsers(facts: Facts) -> bool:
    """Return whether other checks say whether browsers use the recorder, as some run or do."""
    return any(
        facts.leads_here(browser.proxy) or (browser.running and not browser.opened)
        for browser in facts.browsers
    )


def _arrives(facts: Facts) -> bool:
    """Return whether a client came to the recorder; with a URL, one that wanted its host."""
    seen, url = facts.seen, facts.url
    if url is None:
        return bool(seen.requests or seen.clients)
    refused = {host for client in seen.clients for host, _ in client.refused}
    return bool(seen.of_host) or (url.host or "") in refused
