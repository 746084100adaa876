"""Lifetimes: how long a cookie is kept, and how to delete one."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

PATH = "/lessons/lifetimes"
YEAR = 365 * 24 * 60 * 60

lesson = Blueprint("lifetimes", __name__)


@lesson.get(PATH)
def page() -> str:
    """Show which of the lesson's cookies still exist."""
    brief = request.cookies.get("brief")
    visit = request.cookies.get("visit")
    keep = request.cookies.get("keep")
    return render_template("lifetimes.html", cookies={"brief": brief, "visit": visit, "keep": keep})


@lesson.get(PATH + "/brief")
def brief() -> BaseResponse:
    """Set a cookie that lives for ten seconds."""
    response = _back()
    response.set_cookie("brief", "ten-seconds", max_age=10, path=PATH)
    return response


@lesson.get(PATH + "/visit")
def visit() -> BaseResponse:
    """Set a cookie without a lifetime: it lasts until the browser is closed."""
    response = _back()
    response.set_cookie("visit", "until-you-close-me", path=PATH)
    return response


@lesson.get(PATH + "/keep")
def keep() -> BaseResponse:
    """Set a cookie that is kept for a year."""
    response = _back()
    response.set_cookie("keep", "a-year", max_age=YEAR, path=PATH)
    return response


@lesson.get(PATH + "/too-long")
def too_long() -> BaseResponse:
    """Ask for ten years; browsers allow at most 400 days."""
    response = _back()
    response.set_cookie("keep", "ten-years", max_age=10 * YEAR, path=PATH)
    return response


@lesson.get(PATH + "/both")
def both() -> BaseResponse:
    """Set both Max-Age and Expires: Max-Age wins."""
    response = _back()
    response.headers.add(
        "Set-Cookie",
        f"brief=max-age-wins; Expires=Tue, 01 Jan 2030 00:00:00 GMT; Max-Age=10; Path={PATH}",
    )
    return response


@lesson.get(PATH + "/nonsense")
def nonsense() -> BaseResponse:
    """Send an invalid date: the attribute is ignored, and the cookie lasts for the visit."""
    response = _back()
    response.headers.add("Set-Cookie", f"visit=no-such-date; Expires=tomorrow; Path={PATH}")
    return response


@lesson.get(PATH + "/delete-wrong")
def delete_wrong() -> BaseResponse:
    """Delete ``keep`` with a path other than it was set with: nothing happens."""
    response = _back()
    response.delete_cookie("keep")
    return response


@lesson.get(PATH + "/delete-right")
def delete_right() -> BaseResponse:
    """Delete ``keep`` with the path it was set with."""
    response = _back()
    response.delete_cookie("keep", path=PATH)
    return response


def _back() -> BaseResponse:
    """Redirect to the lesson."""
    return redirect(PATH, 303, Response=Response)
