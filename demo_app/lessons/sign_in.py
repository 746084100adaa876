"""Signing in and out: a session cookie made by hand, and Flask's own."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, session
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response as BaseResponse

PATH = "/lessons/sign-in"

lesson = Blueprint("sign_in", __name__)


@lesson.get(PATH)
def page() -> str:
    """Show who is signed in, with either cookie."""
    login = request.cookies.get("login")
    user = _signed_user(login)
    visitor = session.get("visitor")
    return render_template("sign_in.html", user=user, visitor=visitor)


@lesson.post(PATH + "/in")
def sign_in() -> BaseResponse:
    """Sign in by hand: one cookie for the server only, one that scripts may read."""
    name = _name()
    response = _back()
    response.set_cookie("login", _signer().sign(name).decode(), httponly=True, path=PATH)
    response.set_cookie("nickname", name, path=PATH)
    return response


@lesson.post(PATH + "/out")
def sign_out() -> BaseResponse:
    """Sign out by hand: delete both cookies, with the path they were set with."""
    response = _back()
    response.delete_cookie("login", path=PATH, httponly=True)
    response.delete_cookie("nickname", path=PATH)
    return response


@lesson.post(PATH + "/flask-in")
def flask_in() -> BaseResponse:
    """Sign in with Flask's session, which sets its cookie after the view returns."""
    session["visitor"] = _name()
    return _back()


@lesson.post(PATH + "/flask-out")
def flask_out() -> BaseResponse:
    """Sign out of Flask's session: an empty session deletes its cookie."""
    session.clear()
    return _back()


def _name() -> str:
    """Return the name from the form (letters and digits only), or Alice."""
    given = "".join(filter(str.isalnum, request.form.get("name", "")))
    return given.encode("ascii", "ignore").decode()[:20] or "Alice"


def _signer() -> Signer:
    """Return the signer that prevents forged login cookies."""
    return Signer(str(current_app.secret_key), salt="login")


def _signed_user(login: str | None) -> str | None:
    """Return the user named in a login cookie, None if it is missing or forged."""
    if login is None:
        return None
    try:
        return _signer().unsign(login).decode()
    except BadSignature:
        return None


def _back() -> BaseResponse:
    """Redirect to the lesson with a GET, so that a reload does not post again."""
    return redirect(PATH, 303, Response=Response)
