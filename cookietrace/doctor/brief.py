"""What a screen or a page says by itself while nothing is recorded: the first findings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cookietrace.doctor.finding import Finding
from cookietrace.doctor.looking.gather import of_listeners
from cookietrace.doctor.report import LABELS, diagnose, short_fix, without_guesses
from cookietrace.lesson.live.recording import Recording
from cookietrace.stores import CaptureStore

_MOST: Final = 3
"""More than that is for the command."""


def brief_findings(store: CaptureStore, recording: Recording) -> tuple[tuple[str, str, str], ...]:
    """Return the surest findings: how sure, what, and a short fix, which may be empty.

    There are no guesses among them: a screen says by itself what is often the cause. Reads files
    and settings, and sends nothing. Raises ``CaptureError`` if the capture cannot be read.
    """
    ca = None if recording.ca is None else Path(recording.ca)
    facts = of_listeners(store, recording.shown_listeners, ca)
    return tuple(_brief(each.finding) for each in without_guesses(diagnose(facts))[:_MOST])


def _brief(finding: Finding) -> tuple[str, str, str]:
    return LABELS[finding.sure], finding.what, short_fix(finding)
