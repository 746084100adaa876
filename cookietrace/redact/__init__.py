"""Redaction of what leaves the machine: tokens replace cookie values, verdicts are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookietrace.events import Capture
from cookietrace.late_names import late_names

if TYPE_CHECKING:
    from cookietrace.redact.explanations import redacted_explanations
    from cookietrace.redact.key import redaction_key, shared_key
    from cookietrace.redact.live import LiveRedactor
    from cookietrace.redact.redacted_events import redacted
    from cookietrace.redact.redactor import PREFIX, Redactor, learned
    from cookietrace.redact.verdicts import VerdictRedactor
else:  # to make them takes longer than many a command
    __getattr__ = late_names(
        __name__,
        {
            "redacted_explanations": "explanations",
            **dict.fromkeys(("redaction_key", "shared_key"), "key"),
            "LiveRedactor": "live",
            "redacted": "redacted_events",
            **dict.fromkeys(("PREFIX", "Redactor", "learned"), "redactor"),
            "VerdictRedactor": "verdicts",
        },
    )

__all__ = [
    "PREFIX",
    "LiveRedactor",
    "Redactor",
    "VerdictRedactor",
    "learned",
    "needs_redaction",
    "redacted",
    "redacted_explanations",
    "redaction_key",
    "shared_key",
]


def needs_redaction(info: Capture) -> bool:
    """Return whether a capture holds real secrets."""
    return info.sensitive and not info.redacted
