"""The session cookie is Secure, and the app is served over plain http."""

from __future__ import annotations

from flask import Flask, request
from flask import redirect as see
from werkzeug.wrappers import Response

from tests.e2e.broken_apps.app import BrokenApp, is_fixed, new_app, page
from tests.judge.browser import Window

HOST = "intranet.test"


def create(fixed: bool) -> Flask:
    """Return an app that is deployed with the settings of production."""
    app = new_app(fixed)

    @app.get("/", host=HOST)
    def home() -> str | Response:
        user = request.cookies.get("session")
        return page(f"Hello {user}") if user else see("/login")

    @app.get("/login", host=HOST)
    def form() -> str:
        return page("<form method=post><button>Sign in</button></form>")

    @app.post("/login", host=HOST)
    def login() -> Response:
        response = see("/", 303)
        response.set_cookie("session", "Alice-81f2", secure=True, httponly=True, samesite="Lax")
        return response

    return app


def play(window: Window, app: Flask) -> None:
    """Sign in, over https once that is fixed."""
    window.go(f"{'https' if is_fixed(app) else 'http'}://{HOST}/")
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="secure-on-http",
    create=create,
    play=play,
    code="secure-from-insecure",
    cookies=("session",),
    cause="'session' refused: Secure, set over plain http",
    fix="Serve the page over https",
)
