"""The witness for Flask: ``witness(app)`` reports what the app did with its cookies.

It is on in development only: while ``app.debug`` is true, or if the environment
variable ``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret. It then follows
requests that carry the proxy's mark and come from this machine. For all other
requests the app runs exactly as if the witness were not there.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextvars import ContextVar
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, request
from flask.views import MethodView
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.utils import cached_property

from cookietrace.witness.arrival import wsgi_arrival
from cookietrace.witness.mark import MARK_HEADER
from cookietrace.witness.notes import Notes
from cookietrace.witness.report import REPORT_HEADER, REPORT_PREFIX, ErrorEntry, Report, encode
from cookietrace.witness.trust import Trust, Verdict, switched_on
from cookietrace.witness.view_source import (
    code_of,
    innermost,
    line_in,
    name_of,
    short_path,
    source_of,
)
from cookietrace.witness.view_trace import ViewTrace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MARK_KEY = "HTTP_" + MARK_HEADER.upper().replace("-", "_")
_MESSAGE_LIMIT = 500

_AsyncToSync = Callable[[Callable[..., Coroutine[Any, Any, Any]]], Callable[..., Any]]


def witness(app: Flask, *, secret: str | None = None, ports: Iterable[int] = ()) -> None:
    """Add a report of what the app did to each response to a marked request.

    Call it after the app is created; a second call changes nothing. ``secret`` is for
    an app that can read neither the user's secret file nor ``COOKIETRACE_SECRET``;
    it also switches the witness on. ``ports`` are those of other servers on this machine
    that pass requests on to the app, such as a development server for the front end; those
    in ``COOKIETRACE_PORTS`` are added. Raises ``ValueError`` if ``ports`` are none.
    """
    trust = Trust(secret, ports)
    if not isinstance(app.wsgi_app, _WitnessedApp):
        app.wsgi_app = _WitnessedApp(app, app.wsgi_app, secret, trust)  # type: ignore[method-assign,assignment]
        if switched_on(debug=app.debug, secret=secret):
            trust.check_ports()


class _Sight:
    """What is seen of one marked request."""

    def __init__(self, app: Flask) -> None:
        self.notes = Notes(_stations(app))
        self.trace = ViewTrace(
            self.notes,
            self._landmarks(app),
            _trusted,
            returned=self._view_returned,
            current=lambda: _sight.get() is self,
        )
        self._app = app
        self._view: Callable[..., Any] | None = None
        self._response: Response | None = None
        self._error: ErrorEntry | None = None

    def report(self, header_list: Iterable[tuple[str, str]]) -> Report:
        """Return what was seen, for a response with these headers."""
        headers = Headers(list(header_list))
        lines = headers.getlist("Set-Cookie")
        response = self._response
        report = Report(
            lines=tuple(self.trace.lines),
            reads=self.notes.reads,
            writes=self.notes.writes(lines, None if response is None else id(response.headers)),
            locals=tuple(self.trace.locals),
            error=self._error,
            streamed=response is not None
            and response.is_streamed
            and "Content-Length" not in headers,
        )
        code, view = self.notes.view, self._view
        if code is None or view is None or not self.trace.ran:
            return report
        return report._replace(
            function=name_of(view),
            file=short_path(code.co_filename, self._app.root_path),
            first_line=code.co_firstlineno,
            source=source_of(code),
        )

    def close(self) -> None:
        """Stop noting, and drop the references to the app's objects."""
        self.notes.closed = True
        self.trace.close()
        self._response = None

    def _landmarks(self, app: Flask) -> dict[int, Callable[[FrameType], None]]:
        """Return what to do when each of these functions is called."""
        kind = type(app)
        landmarks: list[tuple[Callable[..., Any], Callable[[FrameType], None]]] = [
            (kind.full_dispatch_request, self._at_dispatch),
            (kind.process_response, self._at_response),
            (kind.handle_user_exception, self._at_error),
            (kind.handle_exception, self._at_error),
            (Response.set_cookie, self._at_set_cookie),
            (Headers.add, self._at_header),
            (Headers.set, self._at_header),
        ]
        return {id(code_of(function)): action for function, action in landmarks}

    def _at_dispatch(self, _frame: FrameType) -> None:
        """The request has been matched: remember the view."""
        rule = request.url_rule
        if rule is not None:
            self._view = _written_view(self._app.view_functions.get(rule.endpoint), request.method)
            self.notes.view = code_of(self._view)

    def _at_response(self, frame: FrameType) -> None:
        """The response is made, and about to be passed to ``after_request``."""
        response = frame.f_locals.get("response")
        if isinstance(response, Response):
            self._response = response

    def _at_error(self, frame: FrameType) -> None:
        """An exception has left the view, or other code of the app."""
        error = frame.f_locals.get("e")
        if self._error is not None or not isinstance(error, Exception):
            return
        line = line_in(error.__traceback__, self.notes.view)
        if line is None and isinstance(error, HTTPException):
            return
        message = str(error)[:_MESSAGE_LIMIT]
        self._error = ErrorEntry(kind=type(error).__name__, message=message, line=line)

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: Flask uses the same function for both."""
        given = frame.f_locals
        age, expires = given["max_age"], given["expires"]
        age = age.total_seconds() if isinstance(age, timedelta) else age
        deleted = (age is not None and age <= 0) or (age is None and expires == 0)
        value = None if deleted else str(given["value"])
        self.notes.wrote(str(given["key"]), value, frame, id(given["self"].headers))

    def _at_header(self, frame: FrameType) -> None:
        """A header is being added, perhaps a Set-Cookie."""
        given = frame.f_locals
        name = given.get("key", given.get("_key"))
        caller = frame.f_back
        if not isinstance(name, str) or name.lower() != "set-cookie":
            return
        if caller is not None and caller.f_code is code_of(Response.set_cookie):
            return
        line = str(given.get("value", given.get("_value")))
        self.notes.wrote_line(line, frame, id(given["self"]))

    def _view_returned(self, value: object) -> None:
        """Remember which Set-Cookie lines the view's own return value has."""
        lines: list[str] = []
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Response):
                lines += part.headers.getlist("Set-Cookie")
            elif isinstance(part, (dict, list)):
                lines += Headers(part).getlist("Set-Cookie")
        self.notes.returned = frozenset(lines)


_sight: ContextVar[_Sight | None] = ContextVar("cookietrace_sight", default=None)


class _WitnessedApp:
    """The WSGI app with the witness around it."""

    def __init__(
        self, app: Flask, inner: WSGIApplication, secret: str | None, trust: Trust
    ) -> None:
        self._app = app
        self._inner = inner
        self._secret = secret
        self._trust = trust
        self._installing = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Respond to a request; watch it if it has the right mark."""
        verdict = self._verdict(environ)
        if verdict is not Verdict.IGNORE:
            del environ[_MARK_KEY]
        if verdict is Verdict.FOLLOW:
            return self._watch(environ, start)
        if verdict is Verdict.OTHER_VERSION:
            start = _telling_version(start)
        if _sight.get() is None:
            return self._inner(environ, start)
        # A request that the app makes to itself, inside one that was marked.
        token = _sight.set(None)
        try:
            return self._inner(environ, start)
        finally:
            _sight.reset(token)

    def _verdict(self, environ: WSGIEnvironment) -> Verdict:
        """Return what to do about the request's mark, if it has one and the witness is on."""
        value = environ.get(_MARK_KEY)
        if value is not None and switched_on(debug=self._app.debug, secret=self._secret):
            with contextlib.suppress(Exception):  # the app must respond, whatever goes wrong here
                return self._trust.judge(value, wsgi_arrival(environ))
        return Verdict.IGNORE

    def _watch(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Respond to a marked request, and add the report to the response."""
        with self._installing:
            _install(self._app)
        sight = _Sight(self._app)

        def start_with_report(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: Any = None,
        ) -> Callable[[bytes], object]:
            # The response goes out even if the report fails.
            with contextlib.suppress(Exception):
                headers = [*headers, (REPORT_HEADER, encode(sight.report(headers)))]
            return start(status, headers, exc_info) if exc_info else start(status, headers)

        token = _sight.set(sight)
        try:
            with sight.trace.installed():
                return self._inner(environ, start_with_report)
        finally:
            sight.close()
            _sight.reset(token)


def _telling_version(start: StartResponse) -> StartResponse:
    """Return a ``start_response`` that adds the version of the protocol, and no report."""

    def start_with_version(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        headers = [*headers, (REPORT_HEADER, REPORT_PREFIX)]
        return start(status, headers, exc_info) if exc_info else start(status, headers)

    return start_with_version


class RecordingCookies(ImmutableMultiDict[str, str]):
    """``request.cookies``, noting each name that the app asks for."""

    _notes: Notes | None = None

    @classmethod
    def of(cls, cookies: ImmutableMultiDict[str, str], notes: Notes) -> RecordingCookies:
        """Return the same cookies, which write to these notes."""
        recording = cls(cookies)
        recording._notes = notes
        return recording

    def _asked(self, name: object) -> None:
        if self._notes is not None:
            stored: Any = dict.get(cast("dict[Any, Any]", self), name)
            first = stored[0] if isinstance(stored, list) and stored else None
            self._notes.read(name, first, sys._getframe(2))

    def _asked_all(self) -> None:
        for name in list(dict.__iter__(self)):
            self._asked(name)

    def __getitem__(self, key: str) -> str:
        self._asked(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._asked_all()
        return super().__iter__()

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002
        """Return all values of one name."""
        self._asked(key)
        return super().getlist(key, type)

    def keys(self) -> Any:
        """Return the names."""
        self._asked_all()
        return super().keys()

    def items(self, multi: bool = False) -> Any:
        """Return the pairs of name and value."""
        self._asked_all()
        return super().items(multi)

    def lists(self) -> Any:
        """Return each name with all its values."""
        self._asked_all()
        return super().lists()

    def values(self) -> Any:
        """Return the first value of each name."""
        self._asked_all()
        return super().values()

    def listvalues(self) -> Any:
        """Return the lists of values."""
        self._asked_all()
        return super().listvalues()


def _install(app: Flask) -> None:
    """Make the app use our request class and ``async_to_sync``, if it does not yet."""
    if not getattr(app.request_class, "_cookietrace", False):
        app.request_class = _recording(app.request_class)
    if not getattr(app.async_to_sync, "_cookietrace", False):
        app.async_to_sync = _following(app.async_to_sync)  # type: ignore[method-assign,assignment]


def _recording(base: type[Request]) -> type[Request]:
    """Return a request class that differs from ``base`` only during a marked request."""

    def cookies(self: Request) -> ImmutableMultiDict[str, str]:
        plain: ImmutableMultiDict[str, str] = super(recording, self).cookies
        sight = _sight.get()
        if sight is None or type(plain) is not ImmutableMultiDict:
            return plain
        return RecordingCookies.of(plain, sight.notes)

    body = {
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
        "_cookietrace": True,
        "cookies": cached_property(cookies),
    }
    recording: type[Request] = type(base.__name__, (base,), body)
    return recording


def _following(original: _AsyncToSync) -> _AsyncToSync:
    """Return an ``async_to_sync`` that also traces in the thread that it uses."""

    def async_to_sync(function: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        sight = _sight.get()
        if sight is None:
            return original(function)

        @functools.wraps(function)
        async def followed(*args: Any, **kwargs: Any) -> Any:
            with sight.trace.installed():
                return await function(*args, **kwargs)

        return original(followed)

    async_to_sync._cookietrace = True  # type: ignore[attr-defined]
    return async_to_sync


def _stations(app: Flask) -> dict[int, str]:
    """Return the functions that call the app's code, and what its callees are reported as."""
    sessions = type(app.session_interface)
    names: list[tuple[Callable[..., Any], str]] = [
        (sessions.open_session, "session"),
        (sessions.save_session, "session"),
        (type(app).preprocess_request, "before_request"),
        (type(app).process_response, "after_request"),
    ]
    return {id(code_of(function)): where for function, where in names}


def _written_view(view: Any, method: str) -> Callable[..., Any] | None:
    """Return the function that the app's author wrote as this view, for this method."""
    view_class = getattr(view, "view_class", None)
    if isinstance(view_class, type):
        if issubclass(view_class, MethodView):
            wanted = getattr(view_class, method.lower(), None)
            view = wanted or getattr(view_class, "get", None)
        else:
            view = getattr(view_class, "dispatch_request", None)
    return innermost(view)


def _trusted(kind: type) -> bool:
    """Return whether a type's ``repr`` is Flask's or Werkzeug's own, and so harmless."""
    if kind is LocalProxy:
        return False
    module = getattr(kind.__repr__, "__module__", None) or ""
    return module.partition(".")[0] in ("flask", "werkzeug")
