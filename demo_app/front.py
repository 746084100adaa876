"""The index of the lessons, and the icon that browsers ask for unbidden."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

front = Blueprint("front", __name__)

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="8" cy="8" r="7.5" fill="#b4713a"/><g fill="#4a2c14">'
    '<circle cx="5.5" cy="5.5" r="1.3"/><circle cx="10.5" cy="6.5" r="1.1"/>'
    '<circle cx="7.5" cy="10.8" r="1.4"/></g></svg>'
)


@front.get("/lessons")
def index() -> str:
    """List the lessons."""
    return render_template("index.html")


@front.get("/favicon.ico")
def icon() -> Response:
    """Give the icon, once a day, without any cookie."""
    response = Response(_ICON, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
