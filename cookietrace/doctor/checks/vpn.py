"""A VPN: a guess from the interface that takes the traffic for every address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cookietrace.cookies import is_loopback
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure

_TUNNEL = re.compile(
    r"(?:tun|tap|utun|wg|ppp|ipsec|tailscale|nordlynx|proton|gpd|cscotun|zt|mullvad)\S*"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that the default route leads into what looks like a tunnel."""
    tunnels = [route.interface for route in facts.routes if _TUNNEL.fullmatch(route.interface)]
    if not tunnels or facts.seen.of_host:
        return
    if facts.url is not None and is_loopback(facts.url.host):
        return
    show = {"macos": "netstat -rn", "windows": "route print"}.get(facts.system, "ip route")
    yield Finding(
        Sure.GUESS,
        "A VPN may take the traffic.",
        f"The default route leads to {tunnels[0]}, which is a tunnel, judging by its name. A VPN "
        "program may filter what browsers send before it reaches a proxy, or set a proxy of its "
        "own.",
        (Fix(show, "to see where traffic goes"), Fix("disconnect the VPN and try again")),
    )
