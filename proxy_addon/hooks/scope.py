"""Which hosts are recorded: ``--only`` and ``--ignore``, for the recorder and for mitmproxy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


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

    def __init__(self, only: Sequence[str] = (), ignore: Sequence[str] = ()) -> None:
        self.allow_hosts = [host_pattern(host) for host in only]
        """For mitmproxy's ``allow_hosts``: all other hosts are tunnelled untouched."""
        self.ignore_hosts = [host_pattern(host) for host in ignore]
        """For mitmproxy's ``ignore_hosts``: these are tunnelled untouched."""
        self._only = [re.compile(text, re.IGNORECASE) for text in self.allow_hosts]
        self._ignore = [re.compile(text, re.IGNORECASE) for text in self.ignore_hosts]

        self.everything = not (only or ignore)
        """Whether every host is recorded."""

    def allow(self, url: str) -> None:
        """Let mitmproxy intercept connections to an app's URL even if ``only`` leaves it out."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.allow_hosts.append(host_pattern(f"[{parts.hostname}]:{port}"))

    def records(self, host: str | None, port: int) -> bool:
        """Return whether exchanges with a host are recorded; IPv6 with or without brackets."""
        if self.everything:
            return True
        name = f"{host}:{port}"
        if self._only and not any(pattern.search(name) for pattern in self._only):
            return False
        return not any(pattern.search(name) for pattern in self._ignore)
