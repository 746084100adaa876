"""Credentials: a script's request that sends and stores no cookies unless it asks to."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo_app.hosts import SHOP, readable_by_lessons

PATH = "/lessons/credentials"
NAMES = ("silent", "included", "own")

lesson = Blueprint("credentials", __name__)


@lesson.get(PATH)
def page() -> str:
    """Show which of the cookies came, and offer the ways to ask for them."""
    return render_template("credentials.html", received=_received())


@lesson.get(PATH + "/sign-in/<name>")
def sign_in(name: str) -> Response:
    """Respond to a script, and set the cookie of that name for all of shop.test."""
    response = jsonify(received=_received())
    if name in NAMES:
        response.set_cookie(name, "1", domain=SHOP, path=PATH)
    return readable_by_lessons(response)


@lesson.get(PATH + "/clear")
def clear() -> BaseResponse:
    """Delete the cookies."""
    response = redirect(PATH, 303, Response=Response)
    for name in NAMES:
        response.delete_cookie(name, domain=SHOP, path=PATH)
    return response


def _received() -> list[str]:
    """Return which of the lesson's cookies were sent with this request."""
    return [name for name in NAMES if name in request.cookies]
