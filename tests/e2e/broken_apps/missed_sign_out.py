"""Signing out deletes a cookie of another Domain, so the user stays signed in."""

from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window

HOST, DOMAIN = "www.shop.test", "shop.test"


def create(fixed: bool) -> Flask:
    """Return an app whose sign-out forgets the Domain."""
    app = new_app(fixed)

    @app.get("/", host=HOST)
    def home() -> str:
        inside = "session" in request.cookies
        action, text = ("/logout", "Sign out") if inside else ("/login", "Sign in")
        return page(f"<form method=post action={action}><button>{text}</button></form>")

    @app.post("/login", host=HOST)
    def login() -> Response:
        response = redirect("/", 303)
        response.set_cookie(
            "session", "Alice-81f2", domain=DOMAIN, secure=True, httponly=True, samesite="Lax"
        )
        return response

    @app.post("/logout", host=HOST)
    def logout() -> Response:
        response = redirect("/", 303)
        response.delete_cookie(
            "session",
            domain=DOMAIN if fixed else None,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in, and out again."""
    window.go(f"https://{HOST}/")
    for _step in ("in", "out"):
        window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="missed-sign-out",
    create=create,
    play=play,
    code="deleted-nothing",
    cookies=("session",),
    cause="'session' not deleted: stored with Domain=shop.test",
    fix="Delete it with Domain=shop.test",
)
