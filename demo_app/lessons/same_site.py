"""SameSite: which cookies are sent with requests from ads.test to shop.test."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo_app.hosts import readable_by_lessons

PATH = "/lessons/same-site"
NAMES = ("strict", "lax", "none", "plain")

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""An image of one pixel."""

lesson = Blueprint("same_site", __name__)


@lesson.get(PATH)
def page() -> str:
    """Explain SameSite, and offer to set the cookies."""
    return render_template("same_site.html", received=_received())


@lesson.get(PATH + "/set")
def set_cookies() -> BaseResponse:
    """Set one cookie of each kind."""
    response = redirect(PATH, 303, Response=Response)
    response.set_cookie("strict", "1", samesite="Strict", path=PATH)
    response.set_cookie("lax", "1", samesite="Lax", path=PATH)
    response.set_cookie("none", "1", samesite="None", secure=True, path=PATH)
    response.set_cookie("plain", "1", path=PATH)
    return response


@lesson.get(PATH + "/clear")
def clear() -> BaseResponse:
    """Delete the cookies."""
    response = redirect(PATH, 303, Response=Response)
    response.delete_cookie("strict", path=PATH)
    response.delete_cookie("lax", path=PATH)
    response.delete_cookie("none", path=PATH)
    response.delete_cookie("plain", path=PATH)
    return response


@lesson.get(PATH + "/from-ads")
def from_ads() -> str:
    """The page to open on ads.test: it sends every kind of request to shop.test."""
    return render_template("from_ads.html")


@lesson.route(PATH + "/arrive", methods=["GET", "POST"])
def arrive() -> str:
    """The target of links and forms: show which cookies were sent."""
    return render_template("arrived.html", received=_received(), method=request.method)


@lesson.get(PATH + "/frame")
def frame() -> str:
    """A small page for a frame on another site: show which cookies were sent."""
    return render_template("framed.html", received=_received())


@lesson.get(PATH + "/pixel.png")
def pixel() -> Response:
    """An image for another site's page."""
    return Response(PIXEL, mimetype="image/png")


@lesson.get(PATH + "/data")
def data() -> Response:
    """Return which cookies were sent, to scripts of the demo's sites."""
    return readable_by_lessons(jsonify(received=_received()))


def _received() -> list[str]:
    """Return which of the lesson's cookies were sent with this request."""
    return [name for name in NAMES if name in request.cookies]
