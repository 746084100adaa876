"""What the doctor says while nothing is recorded."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import msgspec

from cookietrace.lesson.display_text import shown
from cookietrace.stores import captures_folder

DOCTOR: Final = "cookietrace doctor"


class Advice(msgspec.Struct, frozen=True):
    """One reason why nothing is recorded, in short."""

    sure: str
    """``known``, ``probably`` or ``a guess``."""
    what: str
    fix: str
    """What to type, or to set; empty if nothing short helps."""


def doctor_command(capture: object) -> str:
    """Return the command that says why nothing comes into a capture, safe to show.

    It finds those in the data folder by itself.
    """
    if not isinstance(capture, Path) or capture.absolute().parent == captures_folder().absolute():
        return DOCTOR
    return f"{DOCTOR} --capture {shown(shlex.quote(str(capture)))}"
