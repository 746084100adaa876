"""A page's script calls the API of another host without its cookies."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

HOST, API = "shop.test", "api.shop.test"


def create(fixed: bool) -> Flask:
    """Return a page and its API, which allows credentials for that page."""
    app = new_app(fixed)

    @app.get("/", host=HOST)
    def home() -> str:
        if "session" not in request.cookies:
            return page("<form method=post action=/login><button>Sign in</button></form>")
        options = "{credentials: 'include'}" if fixed else "{}"
        return page(
            f"<script>loaded = fetch('https://{API}/me', {options}).then(r => r.text())</script>"
        )

    @app.post("/login", host=HOST)
    def login() -> AnyResponse:
        response = redirect("/", 303)
        response.set_cookie(
            "session", "Alice-81f2", domain=HOST, secure=True, httponly=True, samesite="Lax"
        )
        return response

    @app.get("/me", host=API)
    def me() -> Response:
        inside = "session" in request.cookies
        response = Response("Alice" if inside else "Who?", 200 if inside else 401)
        response.headers["Access-Control-Allow-Origin"] = f"https://{HOST}"
        response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in, and wait for what the page's script shows."""
    window.go(f"https://{HOST}/")
    window.leave("document.querySelector('button').click()")
    window.act("loaded")
    window.settle()


APP = BrokenApp(
    name="without-credentials",
    create=create,
    play=play,
    code="without-credentials",
    cookies=("session",),
    cause="'session' withheld: request without credentials",
    fix="If it is needed, use fetch with credentials: 'include'",
)
