"""SameSite: what the requests that ads.test provokes bring along to shop.test."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo_app.hosts import ORIGINS

PATH = "/lessons/same-site"
NAMES = ("strict", "lax", "none", "plain")

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one dot."""

lesson = Blueprint("same_site", __name__)


@lesson.get(PATH)
def page() -> str:
    """Explain, and offer the cookies."""
    return render_template("same_site.html", came=_came())


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
    """Delete them again."""
    response = redirect(PATH, 303, Response=Response)
    response.delete_cookie("strict", path=PATH)
    response.delete_cookie("lax", path=PATH)
    response.delete_cookie("none", path=PATH)
    response.delete_cookie("plain", path=PATH)
    return response


@lesson.get(PATH + "/from-ads")
def from_ads() -> str:
    """The page to be opened on ads.test: it reaches over to shop.test in every way."""
    return render_template("from_ads.html")


@lesson.route(PATH + "/arrive", methods=["GET", "POST"])
def arrive() -> str:
    """Where links and forms lead: say which cookies came along."""
    return render_template("arrived.html", came=_came(), method=request.method)


@lesson.get(PATH + "/frame")
def frame() -> str:
    """A small page to be framed by another site: say which cookies came along."""
    return render_template("framed.html", came=_came())


@lesson.get(PATH + "/pixel.png")
def pixel() -> Response:
    """A picture to be shown by another site."""
    return Response(PIXEL, mimetype="image/png")


@lesson.get(PATH + "/data")
def data() -> Response:
    """Tell a script, of any of the demo's sites, which cookies came along."""
    response = jsonify(came=_came())
    origin = request.headers.get("Origin")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Access-Control-Allow-Credentials"] = "true"
    response.vary.add("Origin")
    return response


def _came() -> list[str]:
    """Return which of the lesson's cookies this request brought."""
    return [name for name in NAMES if name in request.cookies]
