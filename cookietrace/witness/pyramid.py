"""The witness for Pyramid: ``app = witness(config.make_wsgi_app())``.

It is on if the environment variable ``COOKIETRACE_WITNESS`` is 1, or if the call gives a
secret.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from pyramid import session as pyramid_session  # type: ignore[import-untyped]
from pyramid import view as pyramid_view
from pyramid.httpexceptions import HTTPException  # type: ignore[import-untyped]
from webob.cookies import RequestCookies  # type: ignore[import-untyped]
from webob.headers import ResponseHeaders  # type: ignore[import-untyped]
from webob.response import Response  # type: ignore[import-untyped]

from cookietrace.witness.notes import Station
from cookietrace.witness.sight import Hooks, Sight, nested_codes, streams_without_length
from cookietrace.witness.view_source import innermost
from cookietrace.witness.view_trace import Landmark
from cookietrace.witness.witnessed_wsgi import WitnessedWsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def witness(
    app: WSGIApplication, *, secret: str | None = None, ports: Iterable[int] = ()
) -> WSGIApplication:
    """Return the app with a report in each response to a marked request.

    ``app`` is what ``config.make_wsgi_app()`` returns. ``secret`` and ``ports`` are those of
    the witness for Flask. Raises ``ValueError`` if ``ports`` are none.
    """
    around = WitnessedWsgi(app, Hooks(sight=PyramidSight), secret, ports)
    return app if isinstance(app, WitnessedWsgi) else around


class PyramidSight(Sight):
    """What is seen of one marked request to a Pyramid app."""

    sees_reads = True
    framework = "pyramid"

    def stations(self) -> dict[int, Station]:
        """Return the functions that call the app's code."""
        return {
            id(code): "session" for code in nested_codes(pyramid_session.BaseCookieSessionFactory)
        }

    def landmarks(self) -> Iterable[tuple[Callable[..., Any], Landmark]]:
        """Return what to do when each of these functions is called."""
        return (
            (pyramid_view._call_view, self._at_view),
            (RequestCookies.__getitem__, self._at_read),
            (RequestCookies.get, self._at_read),
            (RequestCookies.__contains__, self._at_read),
            (RequestCookies.keys, self._at_read_all),
            (RequestCookies.values, self._at_read_all),
            (RequestCookies.items, self._at_read_all),
            (RequestCookies.__iter__, self._at_read_all),
            (Response.set_cookie, self._at_set_cookie),
            (ResponseHeaders.add, self._at_header),
            (ResponseHeaders.__setitem__, self._at_header),
        )

    def streamed(self, headers: Mapping[str, str], status: int) -> bool:
        """Return whether the body is made in pieces."""
        return streams_without_length(headers, status, self.method)

    def is_error(self, error: Exception) -> bool:
        """Return whether an exception is one: redirects are raised, too."""
        return not isinstance(error, HTTPException) or error.status_int >= 400

    def lines_of(self, value: object) -> Iterable[str]:
        """Return the Set-Cookie lines in what a view returned."""
        if isinstance(value, Response):
            return [line for name, line in value.headerlist if name.lower() == "set-cookie"]
        return ()

    def _at_view(self, frame: FrameType) -> None:
        """Pyramid is about to try the views that may respond."""
        given = frame.f_locals
        request = given["request"]
        found = pyramid_view._find_views(
            given["registry"],
            given["request_iface"] or request.request_iface,
            given["context_iface"],
            given["view_name"],
            view_types=given["view_types"],
            view_classifier=given["view_classifier"],
        )
        self.choose_among(filter(None, map(_written_view, _single_views(found, request))))

    def _at_read(self, frame: FrameType) -> None:
        """One name is asked for."""
        given = frame.f_locals
        self._note(given["name"], given["self"], frame)

    def _at_read_all(self, frame: FrameType) -> None:
        """All names are asked for."""
        cookies = frame.f_locals["self"]
        for name in list(cookies._cache):
            self._note(name, cookies, frame)

    def _note(self, name: object, cookies: Any, frame: FrameType) -> None:
        value = cookies._cache.get(name)
        self.notes.saw_read(name, value, frame.f_back)

    def _at_set_cookie(self, frame: FrameType) -> None:
        """A cookie is being set, or deleted: the same function does both."""
        given = frame.f_locals
        name, value = (
            item.decode("utf-8", "replace") if isinstance(item, bytes) else item
            for item in (given["name"], given["value"])
        )
        if given["max_age"] == 0:
            value = None
        text = None if value is None else str(value)
        self.notes.wrote(str(name), text, frame, 0, replaces=bool(given["overwrite"]))

    def _at_header(self, frame: FrameType) -> None:
        """A header is being added, perhaps a Set-Cookie."""
        given = frame.f_locals
        if str(given["key"]).lower() == "set-cookie":
            self.notes.wrote_line(str(given["value"]), frame, 0)


def _single_views(views: Iterable[Any], request: Any) -> Iterator[Any]:
    """Yield views, those of a group of views one by one."""
    for view in views:
        group = getattr(view, "get_views", None)
        if group is None:
            yield view
        else:
            yield from (each for _, each, _ in group(request))


def _written_view(view: Any) -> Callable[..., Any] | None:
    """Return the function that the app's author wrote as this view."""
    written = getattr(view, "__original_view__", None) or view
    if inspect.isclass(written):
        name = getattr(view, "__view_attr__", None) or "__call__"
        return innermost(getattr(written, name, None))
    if (getattr(written, "__module__", None) or "").partition(".")[0] == "pyramid":
        return None  # the framework's own, for errors
    attribute = getattr(view, "__view_attr__", None)
    return innermost(getattr(written, attribute) if attribute else written)
