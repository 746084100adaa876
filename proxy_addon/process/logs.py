"""mitmproxy's own log, as far as it concerns a user: warnings, one line each, on stderr."""

from __future__ import annotations

import logging

from proxy_addon.process.reports import complain

_LONGEST = 300


class OneLine(logging.Handler):
    """Writes one bounded line a record, and never a traceback: its values may be secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        if record.exc_info and record.exc_info[0] is not None:
            message = f"internal error in {record.name} ({record.exc_info[0].__name__})"
        else:
            message = record.getMessage().partition("\n")[0][:_LONGEST]
        complain(f"proxy: {message}")


def quieten() -> None:
    """Send warnings and errors to stderr, and everything else nowhere."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers = [OneLine()]
