"""Which lines of one view ran, in order, and the values that its locals took.

It uses ``sys.settrace`` during one request, in the threads that run it, and between two
waits of a coroutine only: another task is never traced. A trace function that was set
before (a debugger's, a coverage tool's) still receives every event, and is set again at
the end.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

from cookietrace.witness.notes import Notes
from cookietrace.witness.report import LocalEntry
from cookietrace.witness.values import Trusted, shown, text_of
from cookietrace.witness.view_source import def_line

LINES_LIMIT = 2000
"""The maximum number of lines noted for one request."""

LOCALS_LIMIT = 300
"""The maximum number of values of locals noted for one request."""

Landmark = Callable[[FrameType], None]
"""Called as a function of the framework is entered, with that function's frame."""

_Trace = Callable[[FrameType, str, Any], Any]


class _Previous(threading.local):
    """The trace function that each thread had before."""

    trace: _Trace | None = None


class _Installed(contextlib.AbstractContextManager[None]):
    """Sets a trace function, and then the one before again.

    It is no generator, since the block of a coroutine ends with StopIteration.
    """

    def __init__(self, trace: _Trace, previous: _Previous) -> None:
        self._trace = trace
        self._previous = previous
        self._before: Any = None
        self._outer: _Trace | None = None
        self._changed = False

    def __enter__(self) -> None:
        self._before = sys.gettrace()
        if self._before is self._trace:
            return
        self._changed = True
        self._outer, self._previous.trace = self._previous.trace, self._before
        sys.settrace(self._trace)

    def __exit__(self, *_error: object) -> None:
        if not self._changed:
            return
        # Leave a trace function that someone set since (a debugger that was started).
        if sys.gettrace() is self._trace:
            sys.settrace(self._before)
        self._previous.trace = self._outer


class ViewTrace:
    """Follows the view that ``notes.view`` names, once the framework has chosen it.

    ``current`` returns whether the running code belongs to this request, and not
    to one that the app makes to itself. ``returned`` is called with what the view
    returns, and ``trusted`` decides whose ``repr`` may be called. ``raised`` is called with
    an exception that leaves the view, and the line at which it does.
    """

    def __init__(
        self,
        notes: Notes,
        landmarks: Mapping[int, Landmark],
        trusted: Trusted,
        returned: Callable[[object], None],
        current: Callable[[], bool],
        raised: Callable[[Exception, int], None] | None = None,
    ) -> None:
        self.lines: list[int] = []
        self.locals: list[LocalEntry] = []
        self.ran = False
        """True once the view has been entered."""
        self.candidates: Mapping[int, Callable[[], None]] = {}
        """What to do when one of several views is entered: the identity of its code first."""
        self._notes = notes
        self._landmarks = landmarks
        self._trusted = trusted
        self._returned = returned
        self._current = current
        self._raised = raised
        self._leaving: tuple[Exception, int] | None = None
        self._previous = _Previous()
        self._previous_local: Any = None
        self._frame: FrameType | None = None
        self._line = 0
        self._last: dict[str, tuple[str, str | None]] = {}
        # One bound method object, so that it can be compared by identity.
        self._global: _Trace = self._enter

    def installed(self) -> contextlib.AbstractContextManager[None]:
        """Trace the current thread inside the block."""
        return _Installed(self._global, self._previous)

    def close(self) -> None:
        """Drop the references to the view's frame and exception."""
        self._frame = None
        self._leaving = None
        self.candidates = {}

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Handle a call: this is the interpreter's global trace function."""
        inner = None
        before = self._previous.trace
        if before is not None:
            inner = before(frame, event, arg)
            # A coverage tool written in C installs itself when it is called.
            if sys.gettrace() is before:
                sys.settrace(self._global)
        if event != "call" or self._notes.closed:
            return inner
        code = frame.f_code
        if not self.ran and id(code) in self.candidates and self._current():
            with self._unseen():
                self.candidates[id(code)]()
        landmark = self._landmarks.get(id(code))
        if landmark is not None:
            if self._current():
                with self._unseen():
                    landmark(frame)
        elif code is self._notes.view and self._current() and self._follows(frame):
            self._previous_local = inner
            return self._step
        return inner

    def _follows(self, frame: FrameType) -> bool:
        """Return whether this is the view's first run: entered now, or resumed."""
        if not self.ran:
            self.ran = True
            self._frame = frame
            with self._unseen():
                self._line = def_line(frame.f_code)
                self._observe(frame)
        return frame is self._frame

    def _step(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Handle an event in the view: this is the local trace function of its frame."""
        if self._previous_local is not None:
            self._previous_local = self._previous_local(frame, event, arg)
        with self._unseen():
            if event == "line":
                self._leaving = None
                if len(self.lines) < LINES_LIMIT:
                    self._observe(frame)
                    self._line = frame.f_lineno
                    self.lines.append(self._line)
            elif event == "exception":
                # What ends a wait or a loop is no error, and neither is the end of a task.
                error = arg[1]
                ends = isinstance(error, (StopIteration, StopAsyncIteration))
                is_one = isinstance(error, Exception) and not ends
                self._leaving = (error, frame.f_lineno) if is_one else None
            elif event == "return":
                self._observe(frame)
                if self._leaving is not None and self._raised is not None:
                    self._raised(*self._leaving)
                self._leaving = None
                self._returned(arg)
                # A coroutine also returns at each await, and is resumed later.
                if not frame.f_code.co_flags & inspect.CO_COROUTINE:
                    self._frame = None
        return self._step

    def _observe(self, frame: FrameType) -> None:
        """Note the locals whose value changed in the line that has just run."""
        free = frame.f_code.co_freevars
        for name, value in list(frame.f_locals.items()):
            if name.startswith(".") or name in free or len(self.locals) >= LOCALS_LIMIT:
                continue
            now = (shown(value, self._trusted), text_of(value))
            if self._last.get(name) != now:
                self._last[name] = now
                entry = LocalEntry(name=name, value=now[0], line=self._line, text=now[1])
                self.locals.append(entry)

    @contextlib.contextmanager
    def _unseen(self) -> Iterator[None]:
        """Hide from the app what the witness does, and any error in it."""
        muted, self._notes.muted = self._notes.muted, True
        try:
            with contextlib.suppress(Exception):
                yield
        finally:
            self._notes.muted = muted
