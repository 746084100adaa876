"""The views, in Quart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from quart import Quart, Response, abort, make_response, redirect, request, session
from quart.views import MethodView


def make_app() -> Quart:
    """Return the app, without a witness."""
    app = Quart(__name__)
    app.config.update(SECRET_KEY="k", SESSION_COOKIE_NAME="sid")
    views = [hello, helper, reads, delete, raw, returned, lost, fails, aborts, elsewhere, stream]
    for view in [*views, twice, later, together, visits]:
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    app.add_url_rule("/class", view_func=Profile.as_view("profile"))
    app.before_request(before)
    return app


async def before() -> Any:
    """Read a cookie, and respond for one path before any view can."""
    if request.path != "/early":
        return None
    response = await make_response("early", 403)
    response.set_cookie("early", str(request.cookies.get("early")))
    return response


def hello() -> Any:
    """Greet."""
    user = request.cookies.get("user")
    response = Response(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response


async def helper() -> str:
    """Read through another function."""
    return str(look_up("user"))


def look_up(name: str) -> Any:
    """Read a cookie for a view."""
    return request.cookies.get(name)


async def reads() -> str:
    """Read in several ways."""
    cookies = request.cookies
    if "in" in cookies:
        cookies["user"]
    names = ",".join(cookies.keys())
    return names  # noqa: RET504  (the line and the local are wanted)


async def delete() -> Any:
    """Delete."""
    response = await make_response("deleted")
    response.delete_cookie("one")
    return response


async def raw() -> Any:
    """Write a whole header."""
    response = await make_response("raw")
    response.headers.add("Set-Cookie", "first=1; Path=/")
    return response


async def returned() -> Any:
    """Return headers with the body."""
    return "returned", 200, {"Set-Cookie": "tuple=1; Path=/"}


async def lost() -> Any:
    """Set a cookie on a response that is never sent."""
    other = await make_response("never sent")
    other.set_cookie("lost", "1")
    return "sent"


async def fails() -> Any:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise KeyError(caught)


async def aborts() -> Any:
    """Abort."""
    abort(403)


async def elsewhere() -> Any:
    """Set a cookie on a redirect."""
    response = redirect("/hello")
    response.set_cookie("went", "1")
    return response


async def stream() -> Any:
    """Respond in pieces."""
    return pieces()


async def pieces() -> AsyncIterator[bytes]:
    """Yield a body."""
    yield b"a"
    yield b"b"


async def twice() -> Any:
    """Set a cookie twice: both lines are sent."""
    response = await make_response("twice")
    response.set_cookie("twice", "1")
    response.set_cookie("twice", "2")
    return response


async def later() -> Any:
    """Wait, and continue."""
    user = request.cookies.get("user")
    await asyncio.sleep(0.01)
    response = await make_response(f"later {user}")
    response.set_cookie("user", "Bob")
    return response


async def together() -> Any:
    """Wait while other requests run in the same thread."""
    user = request.cookies.get("user")
    for _ in range(3):
        await asyncio.sleep(0)
    return str(user)


async def visits() -> Any:
    """Count in the session."""
    session["visits"] = 1
    return "1"


class Profile(MethodView):
    """A view with a method for each HTTP method."""

    def get(self) -> str:
        """Read."""
        return str(request.cookies.get("user"))

    async def post(self) -> str:
        """Write."""
        return "saved"
