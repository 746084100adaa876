"""Third-party cookies: a widget of ads.test in a page of shop.test, and what it may keep."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo_app.hosts import ADS, SHOP

PATH = "/lessons/third-party"
NAMES = ("account", "tracker", "widget")

lesson = Blueprint("third_party", __name__)


@lesson.get(PATH)
def page() -> str:
    """The page to open on shop.test: it embeds the widget of ads.test."""
    return render_template("third_party.html")


@lesson.get(PATH + "/widget")
def widget() -> Response:
    """The widget: show which cookies it received, and set one of each kind."""
    response = Response(render_template("framed.html", received=_received()))
    response.set_cookie("tracker", "1", samesite="None", secure=True, path=PATH)
    response.set_cookie("widget", "1", samesite="None", secure=True, partitioned=True, path=PATH)
    return response


@lesson.get(PATH + "/visit")
def visit() -> Response:
    """The page of ads.test itself: in the address bar, its cookies are first-party."""
    response = Response(render_template("third_party_visit.html", received=_received()))
    response.set_cookie("account", "1", samesite="None", secure=True, path=PATH)
    return response


@lesson.get(PATH + "/clear")
def clear() -> BaseResponse:
    """Delete the cookies of ads.test that are not partitioned, and return to shop.test."""
    response = redirect(f"https://{SHOP}{PATH}", 303, Response=Response)
    if request.host.partition(":")[0] == ADS:
        response.delete_cookie("account", path=PATH, secure=True, samesite="None")
        response.delete_cookie("tracker", path=PATH, secure=True, samesite="None")
    return response


def _received() -> list[str]:
    """Return which of the lesson's cookies were sent with this request."""
    return [name for name in NAMES if name in request.cookies]
