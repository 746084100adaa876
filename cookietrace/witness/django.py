"""The witness for Django: ``application = witness(get_wsgi_application())``, or ``_asgi_``.

It is on while ``settings.DEBUG`` is true, or if the environment variable
``COOKIETRACE_WITNESS`` is 1, or if the call gives a secret.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from http.cookies import BaseCookie
from types import FrameType
from typing import Any

import asgiref.sync
from django.conf import settings  # type: ignore[import-untyped]
from django.contrib.sessions.middleware import SessionMiddleware  # type: ignore[import-untyped]
from django.core.handlers.asgi import ASGIHandler  # type: ignore[import-untyped]
from django.core.handlers.base import BaseHandler  # type: ignore[import-untyped]
from django.core.handlers.exception import convert_exception_to_response  # type: ignore[import-untyped]
from django.http.response import HttpResponseBase, ResponseHeaders  # type: ignore[import-untyped]

from cookietrace.witness.notes import Station
from cookietrace.witness.recording_dict import RecordingDict
from cookietrace.witness.sight import (
    Hooks,
    Sight,
    caller_of,
    current_sight,
    nested_codes,
    watched,
)
from cookietrace.witness.threads import trace_asgiref
from cookietrace.witness.view_source import code_of
from cookietrace.witness.view_trace import Landmark
from cookietrace.witness.witnessed_asgi import WitnessedAsgi
from cookietrace.witness.witnessed_wsgi import WitnessedWsgi


def witness(application: Any, *, secret: str | None = None, ports: Iterable[int] = ()) -> Any:
    """Return the application with a report in each response to a marked request.

    ``application`` is what ``get_wsgi_application()`` or ``get_asgi_application()`` returns.
    ``secret`` and ``ports`` are those of the witness for Flask. Raises ``ValueError`` if
    ``ports`` are none.
    """
    if isinstance(application, (WitnessedWsgi, WitnessedAsgi)):
        return application
    hooks = Hooks(
        sight=DjangoSight,
        debug=lambda: bool(settings.DEBUG),
        prepare=lambda: _install(application),
    )
    around = WitnessedAsgi if isinstance(application, ASGIHandler) else WitnessedWsgi
    return around(application, hooks, secret, ports)


class DjangoSight(Sight):
    """What is seen of one marked request to a Django project."""

    sees_reads = True
    framework = "django"
    modules = ("django",)

    def __init__(self, method: str) -> None:
        super().__init__(method, _root())
        self._streaming = False

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the project's code."""
        around = {id(code): "middleware" for code in nested_codes(convert_exception_to_response)}
        inside = (BaseHandler._get_response, BaseHandler._get_response_async)
        session = (SessionMiddleware.process_request, SessionMiddleware.process_response)
        return {
            **around,
            **{id(code_of(function)): "other" for function in inside},
            **{id(code_of(function)): "session" for function in session},
        }

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return what to do when each of these functions is called."""
        return (
            (HttpResponseBase.set_cookie, self._at_set_cookie),
            (BaseCookie.__setitem__, self._at_item),
            (ResponseHeaders.__setitem__, self._at_header),
        )

    def streamed(self, headers: Mapping[str, str], status: int) -> bool:  # noqa: ARG002
        """Return whether the body is made in pieces."""
        return self._streaming and "content-length" not in headers

    def lines_of(self, value: object) -> Iterable[str]:
        """Return the Set-Cookie lines in what a view returned."""
        if not isinstance(value, HttpResponseBase):
            return ()
        return [morsel.OutputString() for morsel in value.cookies.values()]

    def requested(self, request: Any) -> None:
        """Give a request cookies that note what is asked for."""
        request.COOKIES = RecordingDict.of(request.COOKIES, self.notes)

    def responded(self, response: Any) -> None:
        """Remember what is about to be sent."""
        self._streaming = bool(response.streaming)
        self.headers_object = id(response.cookies)

    def resolved(self, view: Any) -> None:
        """Remember the view of which Django is about to call the function."""
        self.choose(_written_view(view, self.method))

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: the same function does both."""
        given = frame.f_locals
        age = given["max_age"]
        age = age.total_seconds() if hasattr(age, "total_seconds") else age
        value = None if age is not None and age <= 0 else str(given["value"])
        cookies = given["self"].cookies
        self.notes.wrote(str(given["key"]), value, frame, id(cookies), replaces=True)

    def _at_item(self, frame: FrameType) -> None:
        """A cookie is put into ``response.cookies``."""
        given = frame.f_locals
        if caller_of(frame, code_of(HttpResponseBase.set_cookie)):
            return
        name, value, cookies = str(given["key"]), str(given["value"]), given["self"]
        self.notes.wrote(name, value, frame, id(cookies), replaces=True)

    def _at_header(self, frame: FrameType) -> None:
        """A header is being set, perhaps Set-Cookie."""
        given = frame.f_locals
        if str(given["key"]).lower() == "set-cookie":
            self.notes.wrote_line(str(given["value"]), frame, 0)


def _install(application: Any) -> None:
    """Make a handler say which request, response and view it handles, if it does not yet."""
    if "_cookietrace" in vars(application):
        return
    application._cookietrace = True
    application.make_view_atomic = _saying_view(application.make_view_atomic)
    if isinstance(application, ASGIHandler):
        trace_asgiref()
        application.get_response_async = _saying_response_async(application.get_response_async)
    else:
        application.get_response = _saying_response(application.get_response)


def _saying_view(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a ``make_view_atomic`` that tells the current sight which view it is about."""

    def make_view_atomic(view: Any) -> Any:
        made = original(view)
        sight = current_sight.get()
        if not isinstance(sight, DjangoSight):
            return made
        sight.noticing(sight.resolved, view)
        if not asgiref.sync.iscoroutinefunction(made):
            return made

        # Under WSGI it runs in a loop of its own, in another thread or in this one.
        @functools.wraps(made)
        async def followed(*args: Any, **kwargs: Any) -> Any:
            return await watched(made(*args, **kwargs))

        return followed

    return make_view_atomic


def _saying_response(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a ``get_response`` that tells the current sight what goes in and comes out."""

    def get_response(request: Any) -> Any:
        sight = current_sight.get()
        if not isinstance(sight, DjangoSight):
            return original(request)
        sight.noticing(sight.requested, request)
        response = original(request)
        sight.noticing(sight.responded, response)
        return response

    return get_response


def _saying_response_async(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a ``get_response_async`` that tells the current sight, and is traced."""

    async def get_response_async(request: Any) -> Any:
        sight = current_sight.get()
        if not isinstance(sight, DjangoSight):
            return await original(request)
        sight.noticing(sight.requested, request)
        response = await watched(original(request))
        sight.noticing(sight.responded, response)
        return response

    return get_response_async


def _written_view(view: Any, method: str) -> Any:
    """Return the function that the project's author wrote as this view, for this method."""
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is None:
        return view
    name = method.lower()
    actions = getattr(view, "actions", None)  # Django REST framework's
    if isinstance(actions, dict):
        name = actions.get(name, name)
    if name == "head" and not hasattr(view_class, "head"):
        name = "get"
    return getattr(view_class, name, None) or view


def _root() -> str:
    """Return the folder of the project, empty if its settings do not say."""
    return str(getattr(settings, "BASE_DIR", ""))
