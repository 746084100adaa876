"""The views, in Pyramid."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator  # type: ignore[import-untyped]
from pyramid.httpexceptions import HTTPForbidden, HTTPFound  # type: ignore[import-untyped]
from pyramid.response import Response  # type: ignore[import-untyped]
from pyramid.session import SignedCookieSessionFactory  # type: ignore[import-untyped]

READY = threading.Barrier(2, timeout=120)


def make_app() -> Any:
    """Return the app, without a witness."""
    views = [hello, helper, reads, delete, raw, returned, lost, fails, aborts, elsewhere, stream]
    with Configurator() as config:
        config.set_session_factory(SignedCookieSessionFactory("k", cookie_name="sid"))
        for view in [*views, twice, together, visits]:
            config.add_route(view.__name__, f"/{view.__name__}")
            config.add_view(view, route_name=view.__name__)
        config.add_route("class", "/class")
        config.add_view(Profile, attr="show", route_name="class", request_method="GET")
        config.add_view(Profile, attr="save", route_name="class", request_method="POST")
        config.add_tween(f"{__name__}.early")
        return config.make_wsgi_app()


def early(handler: Callable[[Any], Any], _registry: Any) -> Callable[[Any], Any]:
    """Read a cookie, and respond for one path before any view can."""

    def tween(request: Any) -> Any:
        if request.path != "/early":
            return handler(request)
        response = Response("early", status=403)
        response.set_cookie("early", str(request.cookies.get("early")))
        return response

    return tween


def hello(request: Any) -> Any:
    """Greet."""
    user = request.cookies.get("user")
    response = Response(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response


def helper(request: Any) -> Any:
    """Read through another function."""
    return Response(str(look_up(request, "user")))


def look_up(request: Any, name: str) -> Any:
    """Read a cookie for a view."""
    return request.cookies.get(name)


def reads(request: Any) -> Any:
    """Read in several ways."""
    cookies = request.cookies
    if "in" in cookies:
        cookies["user"]
    names = ",".join(cookies.keys())
    return Response(names)


def delete(request: Any) -> Any:
    """Delete."""
    request.response.delete_cookie("one")
    return request.response


def raw(request: Any) -> Any:
    """Write a whole header."""
    request.response.headers.add("Set-Cookie", "first=1; Path=/")
    return request.response


def returned(_request: Any) -> Any:
    """Return headers with the body."""
    return Response(b"returned", headerlist=[("Set-Cookie", "tuple=1; Path=/")])


def lost(_request: Any) -> Any:
    """Set a cookie on a response that is never sent."""
    other = Response("never sent")
    other.set_cookie("lost", "1")
    return Response("sent")


def fails(_request: Any) -> Any:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise KeyError(caught)


def aborts(_request: Any) -> Any:
    """Abort."""
    raise HTTPForbidden


def elsewhere(_request: Any) -> Any:
    """Set a cookie on a redirect."""
    response = HTTPFound("/hello")
    response.set_cookie("went", "1")
    raise response


def stream(_request: Any) -> Any:
    """Respond in pieces."""
    return Response(app_iter=iter([b"a", b"b"]))


def twice(_request: Any) -> Any:
    """Set a cookie twice: both lines are sent."""
    response = Response("twice")
    response.set_cookie("twice", "1")
    response.set_cookie("twice", "2")
    return response


def together(request: Any) -> Any:
    """Wait for another request."""
    READY.wait()
    user = request.cookies.get("user")
    READY.wait()
    return Response(str(user))


def visits(request: Any) -> Any:
    """Count in the session."""
    request.session["visits"] = 1
    return Response("1")


class Profile:
    """A view with a method for each HTTP method."""

    def __init__(self, request: Any) -> None:
        self.request = request

    def show(self) -> Any:
        """Read."""
        return Response(str(self.request.cookies.get("user")))

    def save(self) -> Any:
        """Write."""
        return Response("saved")
