"""The format of a flow in mitmproxy's files: which one it is, and what to do if it is not read."""

from __future__ import annotations

from typing import Any, BinaryIO

from mitmproxy.io import tnetstring
from mitmproxy.version import FLOW_FORMAT_VERSION, VERSION

Version = tuple[int, ...]
"""A format: its number, or (0, 18) for one that mitmproxy 0.18 wrote. Older ones are smaller."""

CURRENT: Version = (FLOW_FORMAT_VERSION,)
"""What the installed mitmproxy writes."""

_OLDEST = (0, 11)
"""The oldest format that any mitmproxy converts."""


def written_in(file: BinaryIO, start: int) -> Version | None:
    """Return the format of the flow at a position; None if that cannot be read."""
    try:
        file.seek(start)
        state: Any = tnetstring.load(file)
        found = state.get("version", state.get(b"version"))
        if isinstance(found, int):
            return (found,)
        return tuple(int(part) for part in found[:2]) or None
    except Exception:  # noqa: BLE001 - mitmproxy checks little of what it reads
        return None


def complaint(written: Version) -> str:
    """Return in one line why a flow in another format is not read, and what helps."""
    numbered = len(written) == 1
    if numbered and written > CURRENT:
        return (
            f"it is in mitmproxy's flow format {written[0]}, and mitmproxy {VERSION} reads up to "
            f"{FLOW_FORMAT_VERSION}: upgrade mitmproxy, as a newer one wrote it"
        )
    if not numbered and written < _OLDEST:
        by = ".".join(map(str, written))
        return (
            f"it is too old: mitmproxy {by} wrote it, and no later mitmproxy converts what was "
            "written before 0.11: record the traffic again"
        )
    by = f"mitmproxy {'.'.join(map(str, written))}" if not numbered else f"flow format {written[0]}"
    return (
        f"it is too old, or damaged: mitmproxy {VERSION} cannot convert it from {by}. "
        "A mitmproxy between that one and this may: `mitmdump -nr OLD -w NEW`"
    )
