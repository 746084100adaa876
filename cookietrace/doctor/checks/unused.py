"""A recorder that nothing on this machine is set to use."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.checks.browsers import system_leads_here, variables_lead_here
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that no setting that was looked at leads to the recorder, which has seen nothing."""
    if facts.proxy is None or facts.seen.requests or facts.seen.clients:
        return
    if system_leads_here(facts) or variables_lead_here(facts):
        return
    if any(facts.leads_here(browser.proxy) for browser in facts.browsers):
        return
    if any(browser.running and not browser.opened for browser in facts.browsers):
        return  # that is said of each of them
    reverse = None if facts.recorder is None else facts.recorder.reverse
    page = () if reverse is None else (Fix(f"open http://{reverse.page_address}/", "your app"),)
    yield Finding(
        Sure.PROBABLY,
        "Nothing here is set to use the recorder.",
        "No browser, no setting of the system and no variable of this shell that was looked at "
        f"leads to {facts.proxy}, and it has seen no request.",
        (
            *page,
            Fix("cookietrace watch --browser chromium", "a browser that is ready to use"),
            Fix(f"export http_proxy=http://{facts.proxy} https_proxy=http://{facts.proxy}", "curl"),
        ),
    )
