"""``create_app``: the Flask app with the index, the lessons and the witness."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request
from markupsafe import Markup

from cookietrace.witness.flask import witness
from demo_app import hosts
from demo_app.lessons import LESSONS, sign_in

_TEMPLATES = Path(__file__).parent / "templates"

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="8" cy="8" r="7.5" fill="#b4713a"/><g fill="#4a2c14">'
    '<circle cx="5.5" cy="5.5" r="1.3"/><circle cx="10.5" cy="6.5" r="1.1"/>'
    '<circle cx="7.5" cy="10.8" r="1.4"/></g></svg>'
)

_front = Blueprint("front", __name__)


@_front.get("/lessons")
def index() -> str:
    """List the lessons."""
    return render_template("index.html")


@_front.get("/favicon.ico")
def icon() -> Response:
    """Return the icon that browsers request by themselves; cached for a day, no cookies."""
    response = Response(_ICON, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def create_app(
    *,
    secret_key: str | None = None,
    witness_secret: str | None = None,
) -> Flask:
    """Return a new demo app, independent of any other.

    ``secret_key`` signs the sign-in cookies (default: a random key, so that a restart signs
    everyone out). ``witness_secret`` enables the witness for marks with that secret;
    without it the witness's own rules apply.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key or secrets.token_hex(32),
        SESSION_COOKIE_PATH=sign_in.PATH,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    style, script = _inline("style.css"), _inline("lesson.js")
    app.jinja_env.globals.update(style=style, script=script, lessons=LESSONS, hosts=hosts)
    policy = _content_policy(style, script)

    @app.context_processor
    def request_facts() -> dict[str, object]:
        # The raw header, since request.cookies would hide repeated names.
        return {"cookie_header": request.headers.get("Cookie", ""), "here": hosts.here()}

    @app.after_request
    def add_security_headers(response: Response) -> Response:
        if request.path.startswith("/lessons"):
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            if response.mimetype == "text/html":
                response.headers["Content-Security-Policy"] = policy
        return response

    app.register_blueprint(_front)
    for lesson in LESSONS:
        app.register_blueprint(lesson.blueprint)
    witness(app, secret=witness_secret)
    return app


def _inline(name: str) -> Markup:
    """Return one of our style sheets or scripts, to be put into a page."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  (our own file)


def _content_policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that allows only the lessons' own requests."""
    ours = " ".join(("'self'", *hosts.ORIGINS))
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            f"img-src data: {ours}",
            f"connect-src {ours}",
            f"frame-src {ours}",
            f"form-action {ours}",
            f"frame-ancestors {ours}",
            "base-uri 'none'",
        )
    )


def _hash(text: str) -> str:
    """Return the source expression that allows exactly this inline text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
