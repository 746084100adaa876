"""A visitor's session has the name of the user's, and a longer path, so it comes first."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cookietrace.witness.flask import witness
from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window
from tests.judge.proxy import SECRET
from tests.judge.scenario import link

HOST = "shop.test"
_GUEST = "guest-5d0c"


def create(fixed: bool) -> Flask:
    """Return an app whose two parts set cookies of one name."""
    app = new_app(fixed)
    witness(app, secret=SECRET)

    @app.get("/orders/", host=HOST)
    def orders() -> AnyResponse:
        session = request.cookies.get("session")
        if session is None:
            response = Response(page("<a href=/login>Sign in to see them</a>"))
            response.set_cookie(
                "session",
                _GUEST,
                path="/" if fixed else "/orders",
                secure=True,
                httponly=True,
                samesite="Lax",
            )
            return response
        return Response("Not yours", 403) if session == _GUEST else Response(page("Your orders"))

    @app.get("/login", host=HOST)
    def form() -> str:
        return page("<form method=post><button>Sign in</button></form>")

    @app.post("/login", host=HOST)
    def login() -> AnyResponse:
        response = redirect("/orders/", 303)
        response.set_cookie("session", "Alice-81f2", secure=True, httponly=True, samesite="Lax")
        return response

    return app


def play(window: Window, _: Flask) -> None:
    """Visit a page that needs a user, sign in, and get back to it."""
    window.go(f"https://{HOST}/orders/")
    window.leave(link("/login"))
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="duplicate-name",
    create=create,
    play=play,
    code="duplicate-name",
    cookies=("session",),
    cause="'session': 2 of this name, the older one was taken",
    fix="Always set 'session' with the same Domain and Path",
)
