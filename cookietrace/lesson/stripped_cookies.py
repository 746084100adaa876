"""Files whose cookies may have been taken out before they were read."""

from __future__ import annotations

from cookietrace.fold.exchange import NoteKind
from cookietrace.trace import Trace

NO_COOKIES = (
    "This HAR has no Cookie or Set-Cookie headers: no cookies in this file, or a sanitised export. "
    "Some browsers leave cookies out of a HAR that is exported without sensitive data. If there "
    "should be cookies, export it again with sensitive data."
)
"""What a reader records at the start of a file without any cookie."""

LEFT_OUT = (
    'Chrome has left the cookies out of this log. Choose "Include cookies and credentials" on '
    "chrome://net-export, and export it again."
)
"""What a reader records at the start of a file from which cookies certainly were taken out."""

_FIRST = 8
"""How many notes are searched: readers make theirs before the first request."""


def may_be_stripped(trace: Trace) -> bool:
    """Return whether a trace was read from a file that shows no cookies at all."""
    return _says(trace, NO_COOKIES) or are_left_out(trace)


def are_left_out(trace: Trace) -> bool:
    """Return whether a trace was read from a file that says that it had cookies, and has none."""
    return _says(trace, LEFT_OUT)


def _says(trace: Trace, text: str) -> bool:
    return any(note.kind is NoteKind.GAP and text in note.message for note in trace.notes[:_FIRST])
