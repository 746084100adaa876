"""The errors that the user can act on.

Each holds one line that says what went wrong and what to do about it. The command line
prints that line and exits with status 2, without a traceback.
"""

from __future__ import annotations


class CookietraceError(Exception):
    """An error that the user can act on; ``str(error)`` is one complete line."""

    exit_status = 2


class CaptureError(CookietraceError):
    """A capture cannot be opened, read or written."""


class BusyError(CaptureError):
    """Another program holds a lock on a capture; the same may work in a moment."""


class SchemaError(CaptureError):
    """A capture was written by a newer cookietrace than this one."""


class FormatError(CookietraceError):
    """A file is not valid in its format, or the format is unknown."""


class LaunchError(CookietraceError):
    """A proxy, an app, a browser or the screen could not be started."""


class EndedError(CookietraceError):
    """A second process, which did part of the work, was ended; too little memory, most often."""
