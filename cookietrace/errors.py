"""The few errors that callers tell apart.

Every one of them carries one line, written for the person at the keyboard,
that says what went wrong and what to do about it. The command line prints that
line and exits with status 2; it never prints a traceback for these.
"""

from __future__ import annotations


class CookietraceError(Exception):
    """Something the user can act on; ``str(error)`` is one complete line."""

    exit_status = 2


class CaptureError(CookietraceError):
    """A capture cannot be opened, read or written."""


class SchemaError(CaptureError):
    """A capture was written by a newer cookietrace than this one."""


class FormatError(CookietraceError):
    """A file is not what its format says, or the format is not known."""


class LaunchError(CookietraceError):
    """A proxy, an app, a browser or the screen could not be started."""
