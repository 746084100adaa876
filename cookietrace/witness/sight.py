"""What is seen of one marked request, whatever the framework, and which request is running."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any, NamedTuple

from cookietrace.witness.notes import Notes, Station
from cookietrace.witness.report import ErrorEntry, Report
from cookietrace.witness.view_source import (
    code_of,
    innermost,
    name_of,
    short_path,
    source_of,
)
from cookietrace.witness.view_trace import Landmark, ViewTrace

MESSAGE_LIMIT = 500
"""The maximum length of an error's message, in characters."""

UNKNOWN_READS = "reads"
"""Stands in ``Report.dropped`` if it cannot be seen which cookies the app asked for."""


class Sight:
    """What is seen of one marked request.

    A framework's witness derives from it; as it is, it knows no framework: it sees the
    Set-Cookie lines of the response, and says that it sees no reads.
    """

    sees_reads = False
    """Whether the cookies that the app asks for are noted."""

    framework: str | None = None
    """What the app is made with, in lower case; None if that is not known."""

    modules: tuple[str, ...] = ()
    """The packages whose own ``repr`` may be called."""

    def __init__(self, method: str, root: str = "") -> None:
        self.method = method
        """The request's, in upper case."""
        self.notes = Notes(self.stations(), self.actors())
        self.trace = ViewTrace(
            self.notes,
            {id(code_of(function)): action for function, action in self.landmarks()},
            self._trusted,
            returned=self.view_returned,
            current=lambda: current_sight.get() is self,
            raised=self.view_raised,
        )
        self.headers_object: int | None = None
        """The identity of the response's headers object, if it is known."""
        self._root = root
        self._view: Callable[..., Any] | None = None
        self._error: ErrorEntry | None = None

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the app's code, see ``Notes``."""
        return {}

    def actors(self) -> dict[int, str]:
        """Return the functions of the framework that use cookies themselves, see ``Notes``."""
        return {}

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return functions of the framework, and what to do when each is called."""
        return ()

    def began(self, request: Any) -> None:
        """Do what must be done before the app sees a request: an ``environ``, or a scope."""

    def streamed(
        self,
        headers: Mapping[str, str],  # noqa: ARG002  (for those who know)
        status: int,  # noqa: ARG002
    ) -> bool:
        """Return whether the body is made in pieces; ``headers`` have lower-case names."""
        return False

    def is_error(self, error: Exception) -> bool:  # noqa: ARG002  (for those who know)
        """Return whether an exception is one, and not a response in that form."""
        return True

    def lines_of(self, value: object) -> Iterable[str]:  # noqa: ARG002  (for those who know)
        """Return the Set-Cookie lines in what a view returned."""
        return ()

    def noticing(self, action: Callable[..., None], *given: Any) -> None:
        """Call a function of ours; if it fails, the app continues, and reads are unknown."""
        try:
            action(*given)
        except Exception:  # noqa: BLE001  (the app must respond, whatever goes wrong here)
            self.sees_reads = False

    def choose(self, view: Any) -> None:
        """Remember the view that the framework is about to call."""
        written = innermost(view)
        if not self.trace.ran and written is not None:
            self._view = written
            self.notes.view = code_of(written)

    def choose_among(self, views: Iterable[Callable[..., Any]]) -> None:
        """Remember the views of which the framework is about to call one."""
        found = {id(code_of(view)): view for view in views}
        if not self.trace.ran:
            self.trace.candidates = {
                code: functools.partial(self.choose, view) for code, view in found.items()
            }

    def view_returned(self, value: object) -> None:
        """Remember which Set-Cookie lines the view's own return value has."""
        lines = frozenset(self.lines_of(value))
        if lines:
            self.notes.returned = lines

    def view_raised(self, error: Exception, line: int) -> None:
        """Remember an exception that left the view at this line."""
        if self.is_error(error):
            self.failed(error, line)

    def failed(self, error: Exception, line: int | None) -> None:
        """Remember an exception, if it is the first."""
        if self._error is None:
            message = str(error)[:MESSAGE_LIMIT]
            self._error = ErrorEntry(kind=type(error).__name__, message=message, line=line)

    def report(self, status: int, headers: Iterable[tuple[str, str]]) -> Report:
        """Return what was seen, for a response with this status and these headers."""
        pairs = [(name.lower(), value) for name, value in headers]
        lines = [value for name, value in pairs if name == "set-cookie"]
        report = Report(
            lines=tuple(self.trace.lines),
            reads=self.notes.reads,
            writes=self.notes.writes(lines, self.headers_object),
            locals=tuple(self.trace.locals),
            error=self._error,
            streamed=self.streamed(dict(pairs), status),
            dropped=() if self.sees_reads else (UNKNOWN_READS,),
            framework=self.framework,
        )
        code, view = self.notes.view, self._view
        if code is None or view is None or not self.trace.ran:
            return report
        return report._replace(
            function=name_of(view),
            file=short_path(code.co_filename, self._root),
            first_line=code.co_firstlineno,
            source=source_of(code),
        )

    def close(self) -> None:
        """Stop noting, and drop the references to the app's objects."""
        self.notes.closed = True
        self.trace.close()

    def _trusted(self, kind: type) -> bool:
        """Return whether a type's ``repr`` is one of the framework's, and so harmless."""
        module = getattr(kind.__repr__, "__module__", None) or ""
        return module.partition(".")[0] in self.modules


current_sight: ContextVar[Sight | None] = ContextVar("cookietrace_sight", default=None)
"""What is seen of the request that runs here; tasks and most threads inherit it."""


class Hooks(NamedTuple):
    """What the witness of a framework gives to the one around its app."""

    sight: Callable[[str], Sight]
    """Makes what is seen of one request, given its method."""
    debug: Callable[[], bool] = lambda: False
    """Returns whether the app is in debug mode."""
    prepare: Callable[[], None] = lambda: None
    """Called as a marked request arrives, before ``sight``; changes the framework once."""


def streams_without_length(headers: Mapping[str, str], status: int, method: str) -> bool:
    """Return whether a framework that always knows its bodies' length left it out."""
    has_body = method != "HEAD" and status >= 200 and status not in (204, 304)
    return has_body and "content-length" not in headers


def nested_codes(function: Any) -> list[CodeType]:
    """Return the code of a function and of all that are defined in it; empty if it has none."""
    code = code_of(inspect.unwrap(function)) if callable(function) else None
    found = [] if code is None else [code]
    for each in found:
        found += [const for const in each.co_consts if isinstance(const, CodeType)]
    return found


def watching(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is traced in whatever thread it runs, for the current request."""
    sight = current_sight.get()
    if sight is None or sight.notes.closed:
        return function

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        with sight.trace.installed():
            return function(*args, **kwargs)

    return watched


async def watched(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Await a coroutine, tracing it for the current request while it runs, not while it waits."""
    sight = current_sight.get()
    if sight is None or sight.notes.closed or not hasattr(coroutine, "send"):
        return await coroutine
    return await _Stepped(coroutine, sight)


class _Stepped(Awaitable[Any]):
    """A coroutine that is traced from each resumption to its next wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], sight: Sight) -> None:
        self._coroutine = coroutine
        self._sight = sight

    def __await__(self) -> Any:
        return self

    def __iter__(self) -> _Stepped:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        """Resume the coroutine with a value."""
        if self._sight.notes.closed:
            return self._coroutine.send(value)
        with self._sight.trace.installed():
            return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Resume the coroutine with an exception."""
        if self._sight.notes.closed:
            return self._coroutine.throw(*error)
        with self._sight.trace.installed():
            return self._coroutine.throw(*error)

    def close(self) -> None:
        """End the coroutine."""
        self._coroutine.close()


def caller_of(frame: FrameType, *codes: CodeType | None) -> bool:
    """Return whether the caller of a frame is one of these functions."""
    caller = frame.f_back
    return caller is not None and any(caller.f_code is code for code in codes)
