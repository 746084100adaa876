"""Clients that reached the proxy and refused its certificate: untrusted CA, or pinning."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cookietrace.doctor.facts import Facts, SeenClient
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.programs import trusting, trusting_opened
from cookietrace.lesson.display_text import plural, some


def check(facts: Facts) -> Iterator[Finding]:
    """Yield, for each client, the hosts for which its TLS handshakes with the proxy failed."""
    for client in facts.seen.clients:
        refused = [(host, count) for host, count in client.refused if host not in client.encrypted]
        if not refused:
            continue
        if client.encrypted:
            yield _pinned(facts, client, refused)
        elif client.opened and (fixes := trusting_opened(client.program, facts.system)):
            yield _without_certutil(client, refused, fixes)
        else:
            yield _untrusted(facts, client, refused)


def _without_certutil(
    client: SeenClient, refused: list[tuple[str, int]], fixes: tuple[Fix, ...]
) -> Finding:
    return Finding(
        Sure.KNOWN,
        f"The {client.name} that cookietrace opened refuses the proxy's certificate.",
        f"{_often(refused)} ended before there was a request. cookietrace tells a new profile of "
        "its CA with certutil. Most likely that was missing: install it, close the browser and "
        "open it again.",
        fixes,
    )


def _untrusted(facts: Facts, client: SeenClient, refused: list[tuple[str, int]]) -> Finding:
    ca = "FILE" if facts.authority is None else facts.authority.path
    return Finding(
        Sure.KNOWN,
        f"{client.name} ends its TLS connections to the proxy.",
        f"{_often(refused)} ended before there was a request, and it has accepted no certificate "
        "of the proxy so far. Why is not known: probably it does not trust the proxy's CA.",
        trusting(client.program, ca, facts.system),
    )


def _pinned(facts: Facts, client: SeenClient, refused: list[tuple[str, int]]) -> Finding:
    del facts
    hosts = [host for host, _ in refused]
    return Finding(
        Sure.PROBABLY,
        f"{client.name} accepts only certain certificates for {some(hosts)}.",
        f"{_often(refused)} ended before there was a request, while others of the same client "
        "succeeded before. It pins the certificates or keys of these hosts, or it trusts the proxy "
        "only for some hosts. Pinned traffic cannot be recorded, unless the program can be told "
        "not to pin.",
        tuple(
            Fix(
                f"cookietrace watch --ignore {shlex.quote(host)}",
                "to let it pass unrecorded",
            )
            for host in hosts[:1]
        ),
    )


def _often(refused: list[tuple[str, int]]) -> str:
    total = sum(count for _, count in refused)
    return f"{plural(total, 'connection')} to {some(host for host, _ in refused)}"
