"""Lets responses through that mitmproxy would lose, and records what does not reach the browser."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from mitmproxy import http
from mitmproxy.addonmanager import Loader
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from cookietrace.events import Recorder
from cookietrace.safe_text import safe
from proxy_addon.flows import convert
from proxy_addon.hooks import marks
from proxy_addon.hooks.replacement import Replacement
from proxy_addon.http1.informational import Informational, without_informational
from proxy_addon.http1.trailers import without_trailers
from proxy_addon.journal.journal import Journal

_MOST_NOTICES = 50
_MOST_PER_CONNECTION = 4

UNCORRECTED = (
    "A {status} response was treated as the final one, as mitmproxy does over HTTP/1.1, and "
    "cookietrace could not correct that. The response after it is lost: turn off informational "
    "responses in the server while you record."
)


class Http1:
    """Corrects how mitmproxy reads HTTP/1.1, from ``load`` to ``done``, where it has to.

    What to correct is found out by trying. If mitmproxy has changed so that it cannot be corrected
    from here, it stays as it is; a notice is recorded when a response is lost for that reason.
    """

    name = "cookietrace_http1"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._replacements: list[Replacement] = []
        self._seen: dict[str, list[Informational]] = {}
        """Server connection -> what set cookies there before the response that is awaited."""
        self._noticed: set[str] = set()

    def load(self, loader: Loader) -> None:
        """Correct what does not work."""
        del loader
        try:
            internals = importlib.import_module("mitmproxy.proxy.layers.http._http1")
            probes = importlib.import_module("proxy_addon.http1.probes")
            error = internals.h11.RemoteProtocolError
        except (ImportError, AttributeError):  # another mitmproxy than we know
            return
        self._correct(
            probes.reads_informational,
            getattr(internals, "Http1Client", None),
            "read_headers",
            lambda original: without_informational(original, self._cookies_set),
        )
        self._correct(
            probes.reads_trailers,
            internals,
            "make_body_reader",
            lambda original: without_trailers(original, error),
        )

    def _correct(
        self,
        works: Callable[[], bool],
        owner: type | ModuleType | None,
        name: str,
        make: Callable[[Any], Any],
    ) -> None:
        """Replace a function if that makes work what does not."""
        if works() or owner is None or name not in vars(owner):
            return
        replacement = Replacement(owner, name, make)
        if works():
            self._replacements.append(replacement)
        else:
            replacement.undo()

    def done(self) -> None:
        """Leave mitmproxy as it was."""
        while self._replacements:
            self._replacements.pop().undo()
        self._seen.clear()

    def _cookies_set(self, connection_id: str, informational: Informational) -> None:
        """Remember an informational response with cookies until its final one comes."""
        if self._replacements:
            known = self._seen.setdefault(connection_id, [])
            if len(known) < _MOST_PER_CONNECTION:
                known.append(informational)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Record a notice if the server set cookies before its final response, or that was lost."""
        informational = self._seen.pop(flow.server_conn.id, [])
        if flow.response is None or marks.EXCHANGE_ID not in flow.metadata:
            return
        status = flow.response.data.status_code
        if 100 <= status < 200 and status != 101:
            self._notice(UNCORRECTED.format(status=status))
        for each in informational:
            host = convert.host_of(convert.requested_url(flow)) or "The server"
            self._notice(_notice_of(host, each))

    def _notice(self, message: str) -> None:
        """Record a notice, once."""
        if message not in self._noticed and len(self._noticed) < _MOST_NOTICES:
            self._noticed.add(message)
            self._journal.append_soon(Recorder(at=time.time(), state="gap", message=message))

    def server_disconnected(self, data: ServerConnectionHookData) -> None:
        """Forget the connection."""
        self._seen.pop(data.server.id, None)


def _notice_of(host: str, informational: Informational) -> str:
    """Return what is said about an informational response that set cookies."""
    names = [
        f"'{safe(name)}'" if name else "one without a name" for name in informational.cookie_names
    ]
    cookies = f"the cookie{'s' * (len(names) > 1)} {', '.join(names)}"
    return (
        f"{safe(host)} set {cookies} in a {informational.status_code} response, which is not "
        "passed on. Browsers store no cookie from an informational response: set it in the final "
        "response."
    )
