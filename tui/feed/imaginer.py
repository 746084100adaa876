"""The thread that folds a capture twice: as it was, and as it would have been."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from textual.message import Message

from cookietrace.errors import CookietraceError, FormatError
from cookietrace.events import Event
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.what_if import Scenario, retold, what_if_lines
from cookietrace.recorders import Place, place_events
from tui.messages import WhatIfTold

_MOST: Final = 200
"""How many differences are listed."""

_UNWRAPPED: Final = 100_000
"""The dialog breaks the lines for the width that it has."""

_BETWEEN: Final = 128
"""After how many events the screen gets its turn."""

_PAUSE: Final = 0.001
_TELLS: Final = 0.1
"""Seconds between two messages about how far it is."""


class _CancelledError(Exception):
    """Nobody waits for the result any more."""


class Imaginer:
    """One what-if, read and folded on a thread of its own."""

    def __init__(
        self,
        place: Place,
        scenario: Scenario,
        browser: str,
        mask: Mask,
        post: Callable[[Message], object],
        run: int,
        *,
        lenient: bool,
        begun: frozenset[str],
    ) -> None:
        """``WhatIfTold`` messages with the number ``run`` report on it.

        ``begun`` are the exchanges with which fresh browsers begin on the screen only.
        """
        self._place = place
        self._scenario = scenario
        self._browser = browser
        self._mask = mask
        self._post = post
        self._run = run
        self._lenient = lenient
        self._begun = begun
        self._cancelled = threading.Event()
        self._total = 1
        self._thread = threading.Thread(target=self._imagine, name="what-if", daemon=True)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the thread to end; it sends nothing any more. Safe to call twice."""
        self._cancelled.set()

    def _imagine(self) -> None:
        try:
            lines, first = self._report()
        except _CancelledError:
            return
        except CookietraceError as error:
            self._tell(lines=(str(error),), failed=True)
        else:
            self._tell(lines=lines, first=first)

    def _report(self) -> tuple[tuple[str, ...], str | None]:
        with place_events(self._place, lenient=self._lenient) as stored:
            self._total = max(1, stored.about())
            events: Iterable[Event] = stored
            if self._begun:
                events = list(NewSessions(self._begun).all(stored))
            found = retold(events, self._scenario, self._browser, passing=self._passing)
            if self._scenario.changes and not found.changed:
                if found.set_so_already:
                    raise FormatError("It is already set that way.")
                raise FormatError("No response in this capture sets that cookie there.")
            lines = what_if_lines(found, mask=self._mask, width=_UNWRAPPED, most=_MOST)
            first = next((each.exchange_id for each in found.differences()), None)
            return tuple(lines), first

    def _passing(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass the events on, with pauses in which the screen is drawn and keys are taken."""
        told = time.monotonic()
        for number, event in enumerate(events):
            if number % _BETWEEN == 0:
                if self._cancelled.wait(_PAUSE):
                    raise _CancelledError
                now = time.monotonic()
                if now - told >= _TELLS:
                    told = now
                    self._post(WhatIfTold(self._run, progress=min(1.0, number / self._total)))
            yield event

    def _tell(
        self, *, lines: tuple[str, ...], first: str | None = None, failed: bool = False
    ) -> None:
        if not self._cancelled.is_set():
            self._post(WhatIfTold(self._run, progress=1.0, lines=lines, first=first, failed=failed))
