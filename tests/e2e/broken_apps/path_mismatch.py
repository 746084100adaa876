"""The session cookie has the path of the sign-in page, and the account is elsewhere."""

from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

HOST = "shop.test"


def create(fixed: bool) -> Flask:
    """Return an app whose sign-in limits the cookie to itself."""
    app = new_app(fixed)

    @app.get("/auth/login", host=HOST)
    def form() -> str:
        return page("<form method=post><button>Sign in</button></form>")

    @app.post("/auth/login", host=HOST)
    def login() -> Response:
        response = redirect("/account", 303)
        response.set_cookie(
            "session",
            "Alice-81f2",
            path="/" if fixed else "/auth",
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response

    @app.get("/account", host=HOST)
    def account() -> str | Response:
        return page("Your account") if "session" in request.cookies else redirect("/auth/login")

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in."""
    window.go(f"https://{HOST}/auth/login")
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="path-mismatch",
    create=create,
    play=play,
    code="path-mismatch",
    cookies=("session",),
    cause="'session' withheld: Path=/auth does not cover /account",
    fix="Set it with Path=/",
)
