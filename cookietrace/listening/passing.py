"""Whether what a browser requests passes through our proxy at all.

It cannot be asked which proxy it uses. It says what it requests, and each request that passes
through the proxy is recorded. One went another way if no equal request was recorded, and if its
connection did not end where the proxy listens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from cookietrace.cookies import is_loopback

ENOUGH: Final = 3
"""How many requests must have gone another way before that is said."""


class Passing:
    """Counts the requests of one browser that were recorded, and those that were not."""

    def __init__(self, browser: str, proxy: str, is_recorded: Callable[[str], bool]) -> None:
        """``browser`` is what texts call it; it should use the ``proxy`` at this ``host:port``.

        ``is_recorded`` tells of a URL whether its host is one of those that are recorded.
        """
        self._browser = browser
        self._proxy = proxy
        self._is_recorded = is_recorded
        self._passed = False
        self._loopback_passed = False
        self._missed = 0
        self._loopback_missed = 0

    def passed(self, url: str) -> None:
        """Take the URL of a request that was recorded."""
        self._passed = True
        self._loopback_passed = self._loopback_passed or _is_loopback(url)

    def missed(self, url: str) -> None:
        """Take the URL of a request on the wire that went another way."""
        if not url.startswith(("http://", "https://", "ws://", "wss://")):
            return
        if not self._is_recorded(url):
            return
        if _is_loopback(url):
            self._loopback_missed += 1
        else:
            self._missed += 1

    @property
    def line(self) -> str | None:
        """What the user should do, in one line; None if all is well as far as is known."""
        proxy = f"--proxy-server=http://{self._proxy}"
        bypass = "--proxy-bypass-list='<-loopback>'"
        if not self._passed and self._missed + self._loopback_missed >= ENOUGH:
            # A browser that uses the proxy, but not for this machine, looks the same then.
            what = (
                f"the {self._browser} does not use this proxy"
                if self._missed
                else f"the {self._browser} sends no request for this machine's own hosts through "
                "this proxy"
            )
            also = f" {bypass}" if self._loopback_missed else ""
            return f"{what}: start it with {proxy}{also}; it is not recorded yet"
        if self._loopback_missed >= ENOUGH and not self._loopback_passed:
            return (
                f"the {self._browser} does not use this proxy for this machine's own hosts: start "
                f"it with {bypass} as well; requests to them are not recorded yet"
            )
        return None


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return is_loopback(f"[{host}]" if ":" in host else host)
