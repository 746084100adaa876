"""What is seen of a request to an app whose responses are Werkzeug's: Flask, and Quart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from types import FrameType
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.sansio.response import Response as PlainResponse

from cookietrace.witness.notes import Station
from cookietrace.witness.sight import Sight, caller_of
from cookietrace.witness.view_source import code_of, innermost, line_in
from cookietrace.witness.view_trace import Landmark


class WerkzeugSight(Sight):
    """What is seen of one marked request to a Flask or Quart app."""

    sees_reads = True
    framework = "flask"
    modules = ("flask", "quart", "werkzeug")

    def __init__(self, method: str, app: Any, request: Any) -> None:
        self.app = app
        self._request = request
        self._response: Any = None
        super().__init__(method, app.root_path)

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the app's code."""
        sessions = type(self.app.session_interface)
        names: list[tuple[Callable[..., Any], str]] = [
            (sessions.open_session, "session"),
            (sessions.save_session, "session"),
            (type(self.app).preprocess_request, "before_request"),
            (type(self.app).process_response, "after_request"),
        ]
        return {id(code_of(function)): where for function, where in names}

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return what to do when each of these functions is called."""
        kind = type(self.app)
        return (
            (kind.full_dispatch_request, self._at_dispatch),
            (kind.process_response, self._at_response),
            (kind.handle_user_exception, self._at_error),
            (kind.handle_exception, self._at_error),
            (PlainResponse.set_cookie, self._at_set_cookie),
            (Headers.add, self._at_header),
            (Headers.set, self._at_header),
        )

    def streamed(self, headers: Any, status: int) -> bool:  # noqa: ARG002
        """Return whether the body is made in pieces."""
        response = self._response
        return response is not None and response.is_streamed and "content-length" not in headers

    def view_raised(self, error: Exception, line: int) -> None:
        """Leave it to the app's own handlers, which also see what other functions raise."""

    def lines_of(self, value: object) -> Iterable[str]:
        """Return the Set-Cookie lines in what a view returned."""
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, PlainResponse):
                yield from part.headers.getlist("Set-Cookie")
            elif isinstance(part, (dict, list)):
                yield from Headers(part).getlist("Set-Cookie")

    def close(self) -> None:
        """Stop noting, and drop the references to the app's objects."""
        super().close()
        self._response = None

    def _trusted(self, kind: type) -> bool:
        return kind is not LocalProxy and super()._trusted(kind)

    def _at_dispatch(self, _frame: FrameType) -> None:
        """The request has been matched: remember the view."""
        rule = self._request.url_rule
        if rule is not None:
            view = self.app.view_functions.get(rule.endpoint)
            self.choose(_written_view(view, self._request.method))

    def _at_response(self, frame: FrameType) -> None:
        """The response is made, and about to be passed to ``after_request``."""
        response = frame.f_locals.get("response")
        if isinstance(response, PlainResponse):
            self._response = response
            self.headers_object = id(response.headers)

    def _at_error(self, frame: FrameType) -> None:
        """An exception has left the view, or other code of the app."""
        error = frame.f_locals.get("e", frame.f_locals.get("error"))
        if not isinstance(error, Exception):
            return
        line = line_in(error.__traceback__, self.notes.view)
        if line is not None or not isinstance(error, HTTPException):
            self.failed(error, line)

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: the same function does both."""
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
        if not isinstance(name, str) or name.lower() != "set-cookie":
            return
        if not caller_of(frame, code_of(PlainResponse.set_cookie)):
            line = str(given.get("value", given.get("_value")))
            self.notes.wrote_line(line, frame, id(given["self"]))


def _written_view(view: Any, method: str) -> Callable[..., Any] | None:
    """Return the function that the app's author wrote as this view, for this method."""
    view_class = getattr(view, "view_class", None)
    if isinstance(view_class, type):
        if any(base.__name__ == "MethodView" for base in view_class.__mro__):  # two packages' own
            wanted = getattr(view_class, method.lower(), None)
            view = wanted or getattr(view_class, "get", None)
        else:
            view = getattr(view_class, "dispatch_request", None)
    return innermost(view)
