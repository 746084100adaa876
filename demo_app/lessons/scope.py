"""Path and Domain: which URL gets which cookie, and cookies with the same name."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo_app.hosts import ADS, SHOP, here

PATH = "/lessons/scope"
DEEP = PATH + "/deep"

lesson = Blueprint("scope", __name__)


@lesson.get(PATH)
@lesson.get(DEEP)
@lesson.get(PATH + "-nearby")
def page() -> str:
    """Show which cookies the app receives at this URL."""
    shade = request.cookies.get("shade")
    shades = request.cookies.getlist("shade")
    place = request.cookies.get("place")
    return render_template("scope.html", shade=shade, shades=shades, place=place)


@lesson.get(PATH + "/set-paths")
def set_paths() -> BaseResponse:
    """Set the same name for three paths: three cookies."""
    response = _back()
    response.set_cookie("shade", "light", path="/lessons")
    response.set_cookie("shade", "medium", path=PATH)
    response.set_cookie("shade", "dark", path=DEEP)
    return response


@lesson.get(PATH + "/set-host")
def set_host() -> BaseResponse:
    """Set a cookie without Domain: for this host only."""
    response = _back()
    response.set_cookie("place", "this-host-only", path=PATH)
    return response


@lesson.get(PATH + "/set-domain")
def set_domain() -> BaseResponse:
    """Set a cookie for shop.test and every host below it."""
    response = _back()
    response.set_cookie("place", "all-of-shop", domain=SHOP, path=PATH)
    return response


@lesson.get(PATH + "/set-deep-link")
def set_default_path() -> BaseResponse:
    """Set a cookie without Path: the browser uses the folder of this URL."""
    response = _back()
    response.set_cookie("place", "default-path", path=None)
    return response


@lesson.get(PATH + "/clear")
def clear() -> BaseResponse:
    """Delete the cookies one by one: a deletion must have the same path and domain."""
    response = _back()
    response.delete_cookie("shade", path="/lessons")
    response.delete_cookie("shade", path=PATH)
    response.delete_cookie("shade", path=DEEP)
    response.delete_cookie("place", path=PATH)
    if here() not in (None, ADS):
        response.delete_cookie("place", path=PATH, domain=SHOP)
    return response


def _back() -> BaseResponse:
    """Redirect to the lesson."""
    return redirect(PATH, 303, Response=Response)
