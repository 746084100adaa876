"""Which hosts are recorded: ``--only`` and ``--ignore``, for the recorder and for mitmproxy.

Never recorded is ``--own``: where cookietrace itself serves a page. A browser that uses the proxy
also for this machine would otherwise record the page that shows what is recorded.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")

DEMO_HOSTS = frozenset({"shop.test", "www.shop.test", "api.shop.test", "ads.test"})
"""The made-up hosts of the demo."""


def host_pattern(host: str) -> str:
    """Return a regular expression for ``host:port`` strings, as mitmproxy's options take them.

    A name also matches its subdomains, with or without a leading ``*.`` or ``.``. With a
    port only that port matches.
    """
    name, port = host.strip().lower(), r"\d+"
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", name)
    with_port = re.fullmatch(r"([^:]*):(\d+)", name)
    if bracketed:
        name, port = bracketed[1], bracketed[2] or port
    elif with_port:
        name, port = with_port[1], with_port[2]
    name = name.removeprefix("*").removeprefix(".").rstrip(".")
    return rf"^(?:[^:]*\.)?\[?{re.escape(name)}\]?\.?:{port}$"


class Scope:
    """The hosts to record."""

    def __init__(
        self, only: Sequence[str] = (), ignore: Sequence[str] = (), own: Sequence[str] = ()
    ) -> None:
        ignore = (*ignore, *own)
        self._own_ports = frozenset(int(each.rpartition(":")[2]) for each in own)
        self.allow_hosts = [host_pattern(host) for host in only]
        """For mitmproxy's ``allow_hosts``: all other hosts are tunnelled untouched."""
        self.ignore_hosts = [host_pattern(host) for host in ignore]
        """For mitmproxy's ``ignore_hosts``: these are tunnelled untouched."""
        self._only = [re.compile(text, re.IGNORECASE) for text in self.allow_hosts]
        self._only_hosts = [re.compile(host_pattern(_without_port(host)), re.I) for host in only]
        self._ignore = [re.compile(text, re.IGNORECASE) for text in self.ignore_hosts]

        self.everything = not (only or ignore)
        """Whether every host is recorded."""

    def allow(self, url: str) -> None:
        """Let mitmproxy intercept connections to an app's URL even if ``only`` leaves it out."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.allow_hosts.append(host_pattern(f"[{parts.hostname}]:{port}"))

    def records_url(self, url: str) -> bool:
        """Return whether exchanges with the host of a URL are recorded."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
            return self.records(parts.hostname, port)
        except ValueError:
            return self.everything

    def records_any(self, domain: str) -> bool:
        """Return whether exchanges with a host are recorded, on any port.

        A cookie's domain has none; with a leading dot it is that of several hosts.
        """
        if self.everything:
            return True
        host = domain.lower().strip(".[]")
        if self._only_hosts and not any(
            pattern.search(f"{host}:0") for pattern in self._only_hosts
        ):
            return False
        return not any(pattern.search(f"{host}:0") for pattern in self._ignore)

    def records(self, host: str | None, port: int) -> bool:
        """Return whether exchanges with a host are recorded; IPv6 with or without brackets."""
        if self.everything:
            return True
        name = f"{host}:{port}"
        if self._only and not any(pattern.search(name) for pattern in self._only):
            return False
        if any(pattern.search(name) for pattern in self._ignore):
            return False
        return not (port in self._own_ports and host is not None and _is_own_address(host))


def _without_port(host: str) -> str:
    """Return a host as the options write it, without its port."""
    name, colon, port = host.strip().rpartition(":")
    return name if colon and port.isdigit() and ("]" in name or ":" not in name) else host


@lru_cache(256)
def _is_own_address(host: str) -> bool:
    """Return whether a host is an IP address of this machine: one that a socket can be bound to."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as attempt:
            attempt.bind((str(address), 0))
    except OSError:
        return False
    return True
