"""Makes apps cheap to start and drive in a test, without changing what they draw.

Textual parses every stylesheet anew for each app, and takes the app for idle once it has used
hardly any CPU for 20 ms, which is slow on a quiet machine and wrong on a busy one. Real starts,
with nothing of this, are in ``test_process.py`` and in ``tests/e2e``.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

RARE_COLLECTIONS = (20_000, 20, 20)
"""A started app has so many objects that Python's own thresholds cost a fifth of a test."""

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def parse_once(sheet: Stylesheet, css: str, *where: Any, **options: Any) -> list[RuleSet]:
    """Return the rules of a text, parsed once per process for each set of variables.

    Textual reads rules and never changes them: ``test_headless.py`` holds it to that.
    """
    variables = tuple(sheet._variables.items())
    key = (css, where, tuple(options.items()), variables)
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, *where, **options)
    return _parsed[key]


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Return once the event loop has nothing left to run, or after ``max_sleep`` seconds."""
    ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    end = time.monotonic() + max_sleep
    await asyncio.sleep(min_sleep)
    while ready and time.monotonic() < end:
        await asyncio.sleep(0)


@contextmanager
def quick_apps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parse each stylesheet once, wait for events rather than time, collect garbage rarely."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*RARE_COLLECTIONS)
    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_once)
    for module in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{module}.wait_for_idle", wait_for_idle)
    monkeypatch.setattr("tui.app.problems.PAUSE", 0.0)
    monkeypatch.setattr("tui.app.doctoring.QUIET_SECONDS", 3600.0)
    yield
    gc.set_threshold(*thresholds)
