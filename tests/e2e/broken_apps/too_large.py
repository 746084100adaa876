"""The session with all its data is kept in the cookie, until it is larger than a cookie may be."""

from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

HOST = "shop.test"
_DATA = "alice.permissions." + "a1b2c3d4" * 520


def create(fixed: bool) -> Flask:
    """Return an app that puts a user's permissions into the session cookie."""
    app = new_app(fixed)
    app.config["MAX_COOKIE_SIZE"] = 0  # no warning

    @app.get("/", host=HOST)
    def home() -> str | Response:
        return page("Hello Alice") if "session" in request.cookies else redirect("/login")

    @app.get("/login", host=HOST)
    def form() -> str:
        return page("<form method=post><button>Sign in</button></form>")

    @app.post("/login", host=HOST)
    def login() -> Response:
        response = redirect("/", 303)
        response.set_cookie(
            "session",
            "Alice-81f2" if fixed else _DATA,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in."""
    window.go(f"https://{HOST}/")
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="too-large",
    create=create,
    play=play,
    code="name-value-too-large",
    cookies=("session",),
    cause="'session' refused: 4,185 bytes, the limit is 4,096",
    fix="Keep the data on the server and store only a key in the cookie",
)
