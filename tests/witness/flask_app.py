"""A Flask app with a view of every shape that the witness reports on.

It imports Flask alone and runs on Python 3.9: the single file is tested with it as well.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, abort, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from flask.views import MethodView, View


def make_app() -> Flask:
    """Return the app, without a witness."""
    app = Flask(__name__, static_folder=None)
    app.config.update(SECRET_KEY="k", SESSION_COOKIE_NAME="sid")
    app.register_blueprint(views)
    app.before_request(before)
    app.after_request(after)
    app.register_error_handler(KeyError, handled)
    app.add_url_rule("/class", view_func=Profile.as_view("profile"))
    app.add_url_rule("/plain-class", view_func=Plain.as_view("plain"))
    app.add_url_rule("/partial", "partial", functools.partial(partially, "given"))
    return app


views = Blueprint("views", __name__)


def before() -> ResponseReturnValue | None:
    """Read a cookie, and respond for one path before any view can."""
    if request.path == "/early":
        response = make_response(f"early {request.cookies.get('early')}")
        response.set_cookie("early", "1")
        return response
    return None


def after(response: Response) -> Response:
    """Set a cookie after the view of one path."""
    if request.path == "/after" and "asked" not in request.cookies:
        response.set_cookie("asked", "1")
    return response


def handled(error: KeyError) -> ResponseReturnValue:
    """Respond for a view that failed."""
    response = make_response(f"no {error}", 500)
    response.set_cookie("failed", "1")
    return response


def decorated(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the view in a wrapper that names what it wraps."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return wrapper


@views.get("/")
def hello() -> Response:
    """Greet."""
    user = request.cookies.get("user")
    response = make_response(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response


@views.get("/decorated")
@decorated
def below_decorators() -> str:
    """Return a value from below a decorator."""
    answer = "ok"
    return answer  # noqa: RET504


@views.get("/reads")
def reads() -> str:
    """Read in every way."""
    cookies = request.cookies
    if "in" in cookies:
        cookies["user"]
    cookies.getlist("twice")
    names = list(cookies)
    return ",".join(names)


@views.get("/helper")
def through_helper() -> str:
    """Read through another function."""
    return str(look_up("user"))


def look_up(name: str) -> str | None:
    """Read a cookie for a view."""
    return request.cookies.get(name)


@views.get("/branch/<int:number>")
def branch(number: int) -> str:
    """Run some lines, and not others."""
    if number > 1:  # noqa: SIM108  (two branches are the point)
        kind = "many"
    else:
        kind = "few"
    for _ in range(2):
        number += 1
    return kind


@views.get("/session")
def visits() -> str:
    """Count in Flask's own session."""
    session["visits"] = session.get("visits", 0) + 1
    return str(session["visits"])


@views.get("/session-end")
def forget() -> str:
    """Empty the session."""
    session.clear()
    return "gone"


@views.get("/delete")
def delete() -> Response:
    """Delete in three ways."""
    response = make_response("deleted")
    response.delete_cookie("one")
    response.set_cookie("two", "", max_age=0, expires=0)
    response.headers.add("Set-Cookie", "three=x; Max-Age=0")
    return response


@views.get("/raw")
def raw() -> Response:
    """Write whole headers."""
    response = make_response("raw")
    response.headers["Set-Cookie"] = "first=1"
    response.headers.add("Set-Cookie", "=no-name")
    return response


@views.get("/tuple")
def in_tuple() -> ResponseReturnValue:
    """Return headers with the body."""
    return "tuple", 201, {"Set-Cookie": "tuple=1; Path=/"}


@views.get("/thrown-away")
def thrown_away() -> str:
    """Set a cookie on a response that is never sent."""
    response = make_response("never sent")
    response.set_cookie("lost", "1")
    return "sent"


@views.get("/redirect")
def elsewhere() -> ResponseReturnValue:
    """Set a cookie on a redirect."""
    response = redirect("/")
    response.set_cookie("went", "1")
    return response


@views.get("/fails")
def fails() -> str:
    """Catch one error, and raise another."""
    try:
        int("x")
    except ValueError:
        caught = True
    raise KeyError(str(caught))


@views.get("/abort")
def aborts() -> str:
    """Abort."""
    abort(403)


@views.get("/stream")
def stream() -> Response:
    """Respond in pieces."""

    def bits() -> Iterator[str]:
        yield "a"
        yield "b"

    return Response(bits())


@views.get("/async")
async def later() -> Response:
    """Wait, and continue."""
    user = request.cookies.get("user")
    await asyncio.sleep(0)
    response = make_response(f"later {user}")
    response.set_cookie("user", "Bob")
    return response


@views.get("/hostile")
def hostile() -> str:
    """Hold a value whose ``repr`` must not be called."""

    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("repr was called")

    value = Hostile()
    return str(value is None)


@views.get("/loop")
def loop() -> str:
    """Run more lines than are noted."""
    total = 0
    for number in range(5000):
        total += number
    return str(total)


@views.get("/after")
def before_after() -> str:
    """Leave the cookie to ``after_request``."""
    return "after"


class Profile(MethodView):
    """A view with a function for each HTTP method."""

    def get(self) -> str:
        """Read."""
        return str(request.cookies.get("user"))

    def post(self) -> str:
        """Write."""
        return "posted"


class Plain(View):
    """A view with one function for all HTTP methods."""

    def dispatch_request(self) -> str:
        """Respond."""
        return "plain"


def partially(given: str) -> str:
    """Respond with what the partial was given."""
    return given
