"""Hello, cookie: the view at ``/``, and views that read, change and delete its cookie."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import escape

PATH = "/lessons/greeting"

lesson = Blueprint("greeting", __name__)


@lesson.get("/")
def hello() -> Response:
    """Greet the user named in the cookie."""
    user = request.cookies.get("user")
    response = make_response(f"Hello {escape(user)}")
    response.set_cookie("user", "Alice")
    return response


@lesson.get(PATH)
def page() -> str:
    """Explain the view at ``/``."""
    return render_template("greeting.html")


@lesson.get(PATH + "/quiet")
def quiet() -> Response:
    """Greet without setting the cookie again."""
    user = request.cookies.get("user")
    return make_response(f"Hello again {escape(user)}")


@lesson.get(PATH + "/rename")
def rename() -> Response:
    """Change the cookie's value."""
    user = request.cookies.get("user")
    response = make_response(f"Goodbye {escape(user)}, hello Bob")
    response.set_cookie("user", "Bob")
    return response


@lesson.get(PATH + "/forget")
def forget() -> Response:
    """Delete the cookie."""
    response = make_response("Who was that?")
    response.delete_cookie("user")
    return response
