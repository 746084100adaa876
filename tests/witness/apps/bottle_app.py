"""The views, in Bottle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import bottle  # type: ignore[import-untyped]
from bottle import request, response

READY = threading.Barrier(2, timeout=120)


def make_app() -> Any:
    """Return the app, without a witness."""
    app = bottle.Bottle()
    views = [hello, helper, reads, delete, raw, returned, lost, fails, aborts, elsewhere, stream]
    for view in [*views, signed, twice, early, together]:
        app.route(f"/{view.__name__}", callback=view)
    app.add_hook("before_request", before)
    return app


def before() -> None:
    """Read a cookie, and respond for one path before any view can."""
    if request.path == "/early":
        early_response = bottle.HTTPResponse("early", 403)
        early_response.set_cookie("early", str(request.cookies.get("early")))
        raise early_response


def hello() -> str:
    """Greet."""
    user = request.cookies.get("user")
    body = f"Hello {user}"
    response.set_cookie("user", "Alice")
    return body


def helper() -> str:
    """Read through another function."""
    return str(look_up("user"))


def look_up(name: str) -> Any:
    """Read a cookie for a view."""
    return request.get_cookie(name)


def reads() -> str:
    """Read in several ways."""
    cookies = request.cookies
    if "in" in cookies:
        cookies["user"]
    names = ",".join(cookies.keys())
    return names  # noqa: RET504  (the line and the local are wanted)


def delete() -> str:
    """Delete."""
    response.delete_cookie("one")
    return "deleted"


def raw() -> str:
    """Write a whole header."""
    response.add_header("Set-Cookie", "first=1; Path=/")
    return "raw"


def returned() -> Any:
    """Return headers with the body."""
    return bottle.HTTPResponse("returned", headers={"Set-Cookie": "tuple=1; Path=/"})


def lost() -> Any:
    """Set a cookie on a response that is never sent."""
    other = bottle.HTTPResponse("never sent")
    other.set_cookie("lost", "1")
    return "sent"


def fails() -> str:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = "yes"
    raise KeyError(caught)


def aborts() -> str:
    """Abort."""
    bottle.abort(403)
    return ""


def elsewhere() -> str:
    """Set a cookie on a redirect."""
    response.set_cookie("went", "1")
    bottle.redirect("/hello")
    return ""


def stream() -> Iterator[str]:
    """Respond in pieces."""
    yield "a"
    yield "b"


def signed() -> str:
    """Set and read a signed cookie."""
    response.set_cookie("signed", "text", secret="k")
    return str(request.get_cookie("signed", secret="k"))


def twice() -> str:
    """Set a cookie twice: the last call counts."""
    response.set_cookie("twice", "1")
    response.set_cookie("twice", "2")
    return "twice"


def early() -> str:
    """Never run."""
    return "late"


def together() -> str:
    """Wait for another request."""
    READY.wait()
    user = request.cookies.get("user")
    READY.wait()
    return str(user)
