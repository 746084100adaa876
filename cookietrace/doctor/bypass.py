"""Lists of hosts that are not sent to a proxy: ``NO_PROXY`` and the lists of systems."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from cookietrace.cookies import Target


def split(text: str) -> tuple[str, ...]:
    """Return the entries of a list that is separated by commas, semicolons, bars or spaces."""
    for separator in (",", ";", "|"):
        text = text.replace(separator, " ")
    return tuple(text.split())


def bypassing(target: Target, entries: Iterable[str]) -> str | None:
    """Return the entry because of which a URL's host is not sent to the proxy; None if none is.

    Programs differ in details. An entry counts if one of those in wide use takes it so: a host and
    its subdomains, with or without ``*.`` or ``.``, with or without a port, an address, a network
    such as ``10.0.0.0/8``, ``*`` for everything, ``<local>`` for names without a dot.
    """
    return next((entry for entry in entries if _covers(entry, target)), None)


def _covers(entry: str, target: Target) -> bool:
    host = (target.host or target.raw_host).strip("[]").rstrip(".").lower()
    text = entry.strip().lower()
    if text == "*":
        return True
    if text == "<local>":
        return "." not in host and ":" not in host
    if text.startswith("<"):  # such as <-loopback>, which is the opposite
        return False
    text = text.partition("://")[2] or text
    if "/" in text:
        return _in_network(host, text)
    if text.startswith("[") or text.count(":") == 1:
        name, colon, port = text.rpartition(":")
        if colon and port.isdecimal():
            if int(port) != target.port:
                return False
            text = name
    name = text.strip("[]").removeprefix("*").removeprefix(".").rstrip(".")
    if not name:
        return False
    if name.endswith(".*"):
        return host.startswith(name[:-1])
    return host == name or host.endswith(f".{name}")


def _in_network(host: str, network: str) -> bool:
    try:
        within = ipaddress.ip_network(network, strict=False)
        if host == "localhost":
            return ipaddress.ip_address("127.0.0.1") in within
        return ipaddress.ip_address(host) in within
    except (ValueError, TypeError):
        return False
