"""The thread that looks why nothing is recorded. It reads files and settings, and sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.errors import CookietraceError
from cookietrace.lesson.live.recording import Recording
from cookietrace.stores import CaptureStore
from tui.advice import Advice
from tui.messages import DoctorSpoke


def start_diagnosis(
    store: CaptureStore, recording: Recording, post: Callable[[Message], object]
) -> threading.Thread:
    """Start to look; a ``DoctorSpoke`` message has the result, the surest first."""

    def look() -> None:
        # A screen on which traffic appears at once needs none of it.
        from cookietrace.doctor import brief_findings

        try:
            found = brief_findings(store, recording)
        except CookietraceError:
            return  # the capture cannot be read, which the screen says by itself
        post(DoctorSpoke(tuple(Advice(*each) for each in found)))

    thread = threading.Thread(target=look, name="doctor", daemon=True)
    thread.start()
    return thread
