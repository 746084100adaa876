"""The sign-in host names its sibling as the Domain of the session cookie."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

LOGIN, APP_HOST = "login.shop.test", "my.shop.test"


def create(fixed: bool) -> Flask:
    """Return an app on two hosts of one site."""
    app = new_app(fixed)

    @app.get("/", host=LOGIN)
    def form() -> str:
        return page("<form method=post><button>Sign in</button></form>")

    @app.post("/", host=LOGIN)
    def login() -> AnyResponse:
        response = redirect(f"https://{APP_HOST}/orders", 303)
        response.set_cookie(
            "session",
            "Alice-81f2",
            domain="shop.test" if fixed else APP_HOST,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response

    @app.get("/orders", host=APP_HOST)
    def orders() -> str | AnyResponse:
        if "session" not in request.cookies:
            return Response("Sign in first", 401)
        return page("Your orders")

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in."""
    window.go(f"https://{LOGIN}/")
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="sibling-domain",
    create=create,
    play=play,
    code="domain-mismatch",
    cookies=("session",),
    cause="'session' refused: Domain=my.shop.test does not cover login.shop.test",
    fix="Write Domain=shop.test, which covers both hosts",
)
