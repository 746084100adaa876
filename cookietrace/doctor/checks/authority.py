"""The proxy's CA certificate itself: whether it is there, and still valid."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that the CA is not where it was looked for, or has expired."""
    found = facts.authority
    if found is None or facts.proxy is None or not concerns_https(facts):
        return
    if not found.exists:
        yield Finding(
            Sure.PROBABLY,
            "The proxy's CA certificate was not found where it was expected.",
            f"There is no {found.path}. The proxy makes it when it starts, in the folder of "
            "--confdir.",
            (Fix("cookietrace doctor --confdir FOLDER", "if it was started with --confdir"),),
        )
    elif found.expires_at is not None and found.expires_at < facts.now:
        yield Finding(
            Sure.KNOWN,
            "The proxy's CA certificate has expired.",
            f"Nothing accepts what {found.path} has signed. Without it, the proxy makes a new CA, "
            "which has to be trusted again.",
            (Fix(f"mv {found.path} {found.path}.old", "then start the recorder again"),),
        )


def concerns_https(facts: Facts) -> bool:
    """Return whether traffic over TLS may be what is missing."""
    return facts.url is None or facts.url.scheme == "https"
