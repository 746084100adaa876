"""What became of the request that the doctor sent through the recorder."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.checks.scope import leaves_out
from cookietrace.doctor.facts import Attempt, Facts, Passed
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield why the request did not pass, or was not recorded."""
    tried = facts.attempt
    if tried is None or facts.url is None:
        return
    origin = facts.url.origin
    if tried.outcome is Passed.PASSED:
        if tried.recorded is False and not leaves_out(facts):
            yield Finding(
                Sure.KNOWN,
                "The request went through the proxy but was not recorded.",
                f"{tried.through} passed it on ({tried.detail}), but it is not in the capture. "
                "Another recorder may be writing this capture, or the recorder cannot write at "
                "present: its screen says so, and so does the terminal of `cookietrace proxy`.",
                (Fix("cookietrace captures", "which of them are being recorded"),),
            )
        return
    yield _FINDINGS[tried.outcome](tried, origin)


def _not_connected(tried: Attempt, origin: str) -> Finding:
    return Finding(
        Sure.KNOWN,
        f"The proxy at {tried.through} accepts no connection.",
        f"A request for {origin} could not even be sent to it: {tried.detail}.",
        (Fix(f"cookietrace watch {origin}"),),
    )


def _no_proxy(tried: Attempt, origin: str) -> Finding:
    return Finding(
        Sure.PROBABLY,
        f"{tried.through} is not a recorder.",
        "You named it with --proxy. It behaves like a web server, not like a proxy: it responded "
        f"to the request to connect to {origin}, with {tried.detail}.",
        (
            Fix(f"cookietrace doctor {origin}", "if a recorder runs on this machine"),
            Fix(f"cookietrace watch {origin}", "if none runs"),
        ),
    )


def _refused(tried: Attempt, origin: str) -> Finding:
    recorded = " The request did reach the recorder." if tried.recorded else ""
    return Finding(
        Sure.KNOWN,
        f"The proxy cannot get {origin}.",
        f"It responded instead of the server: {tried.detail}.{recorded}",
        (Fix(f"curl -v {origin}/", "to see whether the server runs"),),
    )


def _untrusted(tried: Attempt, origin: str) -> Finding:
    return Finding(
        Sure.KNOWN,
        f"The proxy at {tried.through} uses a different CA from the one that was checked.",
        f"Its certificate for {origin} does not verify: {tried.detail}. A program that trusts one "
        "CA does not trust the other.",
        (Fix(f"cookietrace doctor {origin} --confdir FOLDER", "the folder of that proxy's CA"),),
    )


def _broken(tried: Attempt, origin: str) -> Finding:
    return Finding(
        Sure.KNOWN,
        f"A request for {origin} through {tried.through} got no response.",
        f"The connection was made, and then: {tried.detail}.",
        (Fix(f"curl -v -x {tried.through} {origin}/", "to see where it stops"),),
    )


_FINDINGS = {
    Passed.NOT_CONNECTED: _not_connected,
    Passed.NO_PROXY: _no_proxy,
    Passed.REFUSED: _refused,
    Passed.UNTRUSTED: _untrusted,
    Passed.BROKEN: _broken,
}
