"""The views, in Django: one project, served by WSGI and by ASGI."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import django  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]
from django.core.exceptions import PermissionDenied  # type: ignore[import-untyped]
from django.http import (  # type: ignore[import-untyped]
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path  # type: ignore[import-untyped]
from django.views import View  # type: ignore[import-untyped]

READY = threading.Barrier(2, timeout=120)
NAME = __name__

SETTINGS = {
    "SECRET_KEY": "k",
    "ROOT_URLCONF": NAME,
    "ALLOWED_HOSTS": ["*"],
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "SESSION_COOKIE_NAME": "sid",
    "LOGGING_CONFIG": None,
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware", f"{NAME}.early"],
}


def make_app(*, is_async: bool) -> Any:
    """Return the app, without a witness."""
    if not settings.configured:
        settings.configure()
    for name, value in SETTINGS.items():  # other tests of this process may have configured it
        setattr(settings, name, value)
    django.setup()
    if is_async:
        from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]

        return get_asgi_application()
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]

    return get_wsgi_application()


def early(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read a cookie, and respond for one path before any view can."""

    def middleware(request: Any) -> Any:
        if request.path != "/early":
            return get_response(request)
        response = HttpResponse("early", status=403)
        response.set_cookie("early", str(request.COOKIES.get("early")))
        return response

    return middleware


def hello(request: Any) -> Any:
    """Greet."""
    user = request.COOKIES.get("user")
    response = HttpResponse(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response


def helper(request: Any) -> Any:
    """Read through another function."""
    return HttpResponse(str(look_up(request, "user")))


def look_up(request: Any, name: str) -> Any:
    """Read a cookie for a view."""
    return request.COOKIES.get(name)


def reads(request: Any) -> Any:
    """Read in several ways."""
    cookies = request.COOKIES
    if "in" in cookies:
        cookies["user"]
    names = ",".join(cookies.keys())
    return HttpResponse(names)


def delete(_request: Any) -> Any:
    """Delete."""
    response = HttpResponse("deleted")
    response.delete_cookie("one")
    return response


def raw(_request: Any) -> Any:
    """Write into the cookies of the response."""
    response = HttpResponse("raw")
    response.cookies["first"] = "1"
    return response


def lost(_request: Any) -> Any:
    """Set a cookie on a response that is never sent."""
    other = HttpResponse("never sent")
    other.set_cookie("lost", "1")
    return HttpResponse("sent")


def fails(_request: Any) -> Any:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise KeyError(caught)


def aborts(_request: Any) -> Any:
    """Abort."""
    raise PermissionDenied


def elsewhere(_request: Any) -> Any:
    """Set a cookie on a redirect."""
    response = HttpResponseRedirect("/hello")
    response.set_cookie("went", "1")
    return response


def stream(_request: Any) -> Any:
    """Respond in pieces."""
    return StreamingHttpResponse(iter([b"a", b"b"]))


def signed(request: Any) -> Any:
    """Set and read a signed cookie."""
    response = HttpResponse(str(request.get_signed_cookie("signed", None)))
    response.set_signed_cookie("signed", "text")
    return response


def twice(_request: Any) -> Any:
    """Set a cookie twice: the last call counts."""
    response = HttpResponse("twice")
    response.set_cookie("twice", "1")
    response.set_cookie("twice", "2")
    return response


def together(request: Any) -> Any:
    """Wait for another request."""
    READY.wait()
    user = request.COOKIES.get("user")
    READY.wait()
    return HttpResponse(str(user))


def visits(request: Any) -> Any:
    """Count in the session."""
    request.session["visits"] = 1
    return HttpResponse("1")


async def later(request: Any) -> Any:
    """Wait, and continue."""
    user = request.COOKIES.get("user")
    await asyncio.sleep(0.01)
    response = HttpResponse(f"later {user}")
    response.set_cookie("user", "Bob")
    return response


class Profile(View):  # type: ignore[misc]
    """A view with a method for each HTTP method."""

    def get(self, request: Any) -> Any:
        """Read."""
        return HttpResponse(str(request.COOKIES.get("user")))

    def post(self, _request: Any) -> Any:
        """Write."""
        return HttpResponse("saved")


VIEWS = [hello, helper, reads, delete, raw, lost, fails, aborts, elsewhere, stream, signed, twice]
urlpatterns = [
    *(path(view.__name__, view) for view in [*VIEWS, together, visits, later]),
    path("class", Profile.as_view()),
]
