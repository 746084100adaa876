"""The thread that looks why nothing is recorded. It reads files and settings, and sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.lesson.live.recording import Recording
from cookietrace.stores import CaptureStore
from tui.advice import Advice
from tui.messages import DoctorSpoke

_MOST = 3
"""More than that is for the command."""


def start_diagnosis(
    store: CaptureStore, recording: Recording, post: Callable[[Message], object]
) -> threading.Thread:
    """Start to look; a ``DoctorSpoke`` message has the result, the surest first.

    It has no guesses: the screen says by itself what is often the cause.
    """

    def look() -> None:
        # A screen on which traffic appears at once needs none of it.
        from cookietrace.doctor import LABELS, diagnose, of_listeners, short_fix, without_guesses

        ca = None if recording.ca is None else Path(recording.ca)
        try:
            facts = of_listeners(store, recording.shown_listeners, ca)
        except CookietraceError:
            return  # the capture cannot be read, which the screen says by itself
        found = without_guesses(diagnose(facts))[:_MOST]
        post(
            DoctorSpoke(
                tuple(
                    Advice(LABELS[each.finding.sure], each.finding.what, short_fix(each.finding))
                    for each in found
                )
            )
        )

    thread = threading.Thread(target=look, name="doctor", daemon=True)
    thread.start()
    return thread
