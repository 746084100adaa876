"""Two requests at once change the cart, which is kept in a cookie: the last response wins."""

from __future__ import annotations

from threading import Event

from flask import Flask, Response, request

from tests.e2e.broken_apps.app import BrokenApp, is_fixed, new_app, page
from tests.judge.browser import PATIENCE, Window

HOST = "shop.test"


def create(fixed: bool) -> Flask:
    """Return an app whose cart is slow to take books; fixed, its page waits for each response."""
    app = new_app(fixed)
    arrived, may_respond = Event(), Event()
    app.extensions["slow"] = (arrived, may_respond)

    @app.get("/", host=HOST)
    def home() -> Response:
        response = Response(page("A book, a pen"))
        _set_cart(response, "empty")
        return response

    @app.post("/add/<item>", host=HOST)
    def add(item: str) -> Response:
        cart = request.cookies["cart"]
        if item == "book":
            arrived.set()
            may_respond.wait(PATIENCE)
        response = Response(status=204)
        _set_cart(response, f"{cart}.{item}")
        return response

    return app


def _set_cart(response: Response, content: str) -> None:
    response.set_cookie("cart", content, secure=True, httponly=True, samesite="Lax")


def play(window: Window, app: Flask) -> None:
    """Add a book, and a pen while that is going on unless it is fixed; then look at the cart."""
    arrived, may_respond = app.extensions["slow"]
    window.go(f"https://{HOST}/")
    if is_fixed(app):
        may_respond.set()
    window.act("void (window.first = fetch('/add/book', {method: 'POST'}))")
    arrived.wait(PATIENCE)
    wait = "window.first.then(() => 0)" if is_fixed(app) else "Promise.resolve()"
    window.act(f"{wait}.then(() => fetch('/add/pen', {{method: 'POST'}})).then(() => null)")
    may_respond.set()
    window.act("window.first.then(() => null)")
    window.settle()


APP = BrokenApp(
    name="late-response",
    create=create,
    play=play,
    code="late-response",
    cookies=("cart",),
    cause="'cart': late response overwrote it",
    fix="Let one request at a time renew 'cart', and let the others wait for it",
)
