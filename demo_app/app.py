"""``create_app``: the Flask app with its lessons, its page furniture and the witness."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

from cookietrace.witness.flask import witness
from demo_app import front, hosts
from demo_app.counting import RequestCount
from demo_app.lessons import LESSONS, sign_in

_TEMPLATES = Path(__file__).parent / "templates"


def create_app(
    *,
    secret_key: str | None = None,
    witness_secret: str | None = None,
    request_count: RequestCount | None = None,
) -> Flask:
    """Return a new demo app; nothing is shared between two of them.

    ``secret_key`` signs the sign-in cookies (default: a random one, so that a
    restart signs everybody out). ``witness_secret`` switches the witness on for
    marks that bear it; without one the witness's own rules hold. Every request
    is counted in ``request_count``.
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
    def what_came() -> dict[str, object]:
        # The header is shown as it came; request.cookies would hide repeated names.
        return {"cookie_header": request.headers.get("Cookie", ""), "here": hosts.here()}

    @app.after_request
    def guard(response: Response) -> Response:
        if request.path.startswith("/lessons"):
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            if response.mimetype == "text/html":
                response.headers["Content-Security-Policy"] = policy
        return response

    app.register_blueprint(front.front)
    for lesson in LESSONS:
        app.register_blueprint(lesson.blueprint)
    count = request_count or RequestCount()
    app.wsgi_app = count.counted(app.wsgi_app)  # type: ignore[method-assign,assignment]
    witness(app, secret=witness_secret)
    return app


def _inline(name: str) -> Markup:
    """Return a style or script of ours as it stands in the page."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  (our own file)


def _content_policy(style: str, script: str) -> str:
    """Return a policy that lets the pages load nothing but the lessons' own requests."""
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
