"""mitmproxy's own log on stderr: warnings and errors only, one line each."""

from __future__ import annotations

import logging

from proxy_addon.hooks.secrecy import without_macs
from proxy_addon.process.reports import print_error

_LONGEST = 300


class OneLine(logging.Handler):
    """Writes one bounded line per record, and never a traceback: its values may be secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        if record.exc_info and record.exc_info[0] is not None:
            message = f"internal error in {record.name} ({record.exc_info[0].__name__})"
        else:
            message = record.getMessage().partition("\n")[0][:_LONGEST]
        print_error(f"proxy: {without_macs(message)}")


def log_warnings_only() -> None:
    """Write warnings and errors to stderr, and drop everything else."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers = [OneLine()]
