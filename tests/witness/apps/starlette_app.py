"""The views, in Starlette."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route


def make_app() -> Starlette:
    """Return the app, without a witness."""
    views = [hello, helper, reads, delete, raw, returned, lost, fails, aborts, elsewhere, stream]
    routes: list[Any] = [
        Route(f"/{view.__name__}", view) for view in [*views, twice, later, together, visits]
    ]
    return Starlette(
        routes=[*routes, Route("/class", Profile), Mount("/mounted", routes=[*routes])],
        middleware=[
            Middleware(SessionMiddleware, secret_key="k", session_cookie="sid"),
            Middleware(BaseHTTPMiddleware, dispatch=early),
            Middleware(BaseHTTPMiddleware, dispatch=inner),
        ],
        exception_handlers={KeyError: handled},
    )


async def early(request: Request, call_next: Any) -> Any:
    """Read a cookie, and respond for one path before any view can."""
    if request.url.path != "/early":
        return await call_next(request)
    response = PlainTextResponse("early", status_code=403)
    response.set_cookie("early", str(request.cookies.get("early")))
    return response


async def inner(request: Request, call_next: Any) -> Any:
    """Set a cookie in a middleware that another one runs in a task."""
    response = await call_next(request)
    if request.url.path == "/lost":
        response.set_cookie("inner", "1")
    return response


async def handled(_request: Request, _error: Exception) -> Any:
    """Respond for a view that failed."""
    response = PlainTextResponse("failed", status_code=500)
    response.set_cookie("failed", "1")
    return response


def hello(request: Request) -> Any:
    """Greet."""
    user = request.cookies.get("user")
    response = PlainTextResponse(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response


def helper(request: Request) -> Any:
    """Read through another function."""
    return PlainTextResponse(str(look_up(request, "user")))


def look_up(request: Request, name: str) -> Any:
    """Read a cookie for a view."""
    return request.cookies.get(name)


async def reads(request: Request) -> Any:
    """Read in several ways."""
    cookies = request.cookies
    if "in" in cookies:
        cookies["user"]
    names = ",".join(cookies.keys())
    return PlainTextResponse(names)


async def delete(_request: Request) -> Any:
    """Delete."""
    response = PlainTextResponse("deleted")
    response.delete_cookie("one")
    return response


async def raw(_request: Request) -> Any:
    """Write a whole header."""
    response = PlainTextResponse("raw")
    response.headers.append("Set-Cookie", "first=1; Path=/")
    return response


async def returned(_request: Request) -> Any:
    """Return headers with the body."""
    return PlainTextResponse("returned", headers={"Set-Cookie": "tuple=1; Path=/"})


async def lost(_request: Request) -> Any:
    """Set a cookie on a response that is never sent."""
    other = PlainTextResponse("never sent")
    other.set_cookie("lost", "1")
    return PlainTextResponse("sent")


async def fails(_request: Request) -> Any:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise KeyError(caught)


async def aborts(_request: Request) -> Any:
    """Abort."""
    raise HTTPException(403)


async def elsewhere(_request: Request) -> Any:
    """Set a cookie on a redirect."""
    response = RedirectResponse("/hello")
    response.set_cookie("went", "1")
    return response


async def stream(_request: Request) -> Any:
    """Respond in pieces."""
    return StreamingResponse(pieces())


async def pieces() -> AsyncIterator[bytes]:
    """Yield a body."""
    yield b"a"
    yield b"b"


async def twice(_request: Request) -> Any:
    """Set a cookie twice: both lines are sent."""
    response = PlainTextResponse("twice")
    response.set_cookie("twice", "1")
    response.set_cookie("twice", "2")
    return response


async def later(request: Request) -> Any:
    """Wait, and continue."""
    user = request.cookies.get("user")
    await asyncio.sleep(0.01)
    response = PlainTextResponse(f"later {user}")
    response.set_cookie("user", "Bob")
    return response


async def together(request: Request) -> Any:
    """Wait while other requests run in the same thread."""
    user = request.cookies.get("user")
    for _ in range(3):
        await asyncio.sleep(0)
    return PlainTextResponse(str(user))


async def visits(request: Request) -> Any:
    """Count in the session."""
    request.session["visits"] = 1
    return PlainTextResponse("1")


class Profile(HTTPEndpoint):
    """A view with a method for each HTTP method."""

    def get(self, request: Request) -> Any:
        """Read."""
        return PlainTextResponse(str(request.cookies.get("user")))

    async def post(self, _request: Request) -> Any:
        """Write."""
        return PlainTextResponse("saved")
