"""A widget in other sites' pages keeps its session in a cookie that the browser blocks."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

HOST, WIDGET = "shop.test", "chat.test"


def create(fixed: bool) -> Flask:
    """Return a shop that embeds a widget of another site."""
    app = new_app(fixed)

    @app.get("/", host=HOST)
    def home() -> str:
        return page(f"<iframe src=https://{WIDGET}/open></iframe>")

    @app.get("/open", host=WIDGET)
    def start() -> AnyResponse:
        response = redirect("/talk")
        response.set_cookie(
            "session",
            "visitor-81f2",
            secure=True,
            httponly=True,
            samesite="None",
            partitioned=fixed,
        )
        return response

    @app.get("/talk", host=WIDGET)
    def talk() -> str | AnyResponse:
        if "session" not in request.cookies:
            return Response("No session", 401)
        return page("How can I help?")

    return app


def play(window: Window, _: Flask) -> None:
    """Open the page, with the widget in it."""
    window.go(f"https://{HOST}/")
    window.settle()


APP = BrokenApp(
    name="blocked-third-party",
    create=create,
    play=play,
    code="client-policy",
    cookies=("session",),
    cause="'session' refused: third-party cookie, no storage access",
    fix="Add Partitioned (with Secure; SameSite=None)",
    browser="chromium-blocked",
)
