"""mitmproxy's own log on stderr: warnings and errors only, one line each, and not too many."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from proxy_addon.process.reports import print_error

_MOST_KINDS = 50
"""How many different lines are written at most."""

_KNOWN = (
    "Client TLS handshake failed. The client does not trust the proxy's certificate",
    "Client TLS handshake failed. The client may not trust the proxy's certificate",
    "Client TLS handshake failed. Client and mitmproxy cannot agree on a TLS version",
    "Client TLS handshake failed",
    "Server TLS handshake failed",
    "Initiating HTTP/2 connections with prior knowledge are currently not supported",
    "HTTP/2 cleartext connections (h2c upgrade requests) are currently not supported",
    "Received HTTP/2 push promise, even though we signalled no support",
    "The mitmproxy certificate authority has expired",
)
"""How messages begin that say something without what follows, which may come from the wire."""


_LISTENING = ("mitmproxy.addons.proxyserver", "update")
"""Where mitmproxy says that it cannot listen: we say it, or listen elsewhere."""


class OneLine(logging.Handler):
    """Writes one line for each kind of record: the first time, the 10th, the 100th and so on.

    No line holds anything from the wire, and none is a traceback: values there may be secrets.
    ``on_error`` is called with the error of each record first; if it returns True, it has said
    what there is to say.
    """

    def __init__(self, on_error: Callable[[BaseException], bool] | None = None) -> None:
        super().__init__(logging.WARNING)
        self._on_error = on_error
        self._counts: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        if (record.name, record.funcName) == _LISTENING:
            return
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and self._on_error is not None and self._on_error(error):
            return
        line = _line_of(record)
        if line not in self._counts and len(self._counts) >= _MOST_KINDS:
            return
        self._counts[line] += 1
        count = self._counts[line]
        if count == 1:
            print_error(f"proxy: {line}")
        elif str(count).strip("0") == "1":
            print_error(f"proxy: {line} ({count:,} times so far)")


def _line_of(record: logging.LogRecord) -> str:
    """Return what can be said about a record without anything from the wire."""
    if record.exc_info and record.exc_info[0] is not None:
        return f"internal error in {record.name} ({record.exc_info[0].__name__})"
    message = str(record.msg)
    for known in _KNOWN:
        if message.startswith(known):
            return known
    return f"a {record.levelname.lower()} from {record.name}, line {record.lineno}"


def log_warnings_only(on_error: Callable[[BaseException], bool] | None = None) -> None:
    """Write warnings and errors to stderr, and drop everything else."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers = [OneLine(on_error)]
