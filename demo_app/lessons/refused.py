"""Refused: each Set-Cookie that a browser will not keep, and how to mend it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template

from demo_app.lessons.refusals import PATH, REFUSALS, Refusal
from demo_app.lessons.same_site import PIXEL

lesson = Blueprint("refused", __name__)


@lesson.get(PATH)
def page() -> str:
    """List every refusal, with links to provoke it."""
    return render_template("refused.html", refusals=REFUSALS.values(), path=PATH)


@lesson.get(PATH + "/<code>")
def refused(code: str) -> Response:
    """Send a Set-Cookie that the browser refuses."""
    refusal = _refusal(code)
    response = make_response(_tell(refusal, refusal.line))
    response.headers.add("Set-Cookie", refusal.line)
    return response


@lesson.get(PATH + "/<code>/first")
def before(code: str) -> Response:
    """Send the cookie that has to be there before the refusal can happen."""
    refusal = _refusal(code)
    if refusal.first is None:
        abort(404)
    response = make_response(_tell(refusal, refusal.first))
    response.headers.add("Set-Cookie", refusal.first)
    return response


@lesson.get(PATH + "/<code>/mended")
def mended(code: str) -> Response:
    """Send the same cookie as it would be kept."""
    refusal = _refusal(code)
    response = make_response(_tell(refusal, refusal.mended))
    response.headers.add("Set-Cookie", refusal.mended)
    return response


@lesson.get(PATH + "/<code>/from-ads")
def from_ads(code: str) -> str:
    """The page to be opened on ads.test: it shows a picture of shop.test's."""
    return render_template("refused_from_ads.html", refusal=_refusal(code), path=PATH)


@lesson.get(PATH + "/<code>/pixel.png")
def pixel(code: str) -> Response:
    """The picture, which tries to set the cookie."""
    response = Response(PIXEL, mimetype="image/png")
    response.headers.add("Set-Cookie", _refusal(code).line)
    return response


def _refusal(code: str) -> Refusal:
    """Return the refusal of this name, or answer 404."""
    return REFUSALS.get(code) or abort(404)


def _tell(refusal: Refusal, line: str) -> str:
    """Return the page that shows what was sent."""
    return render_template("refused_one.html", refusal=refusal, line=line, path=PATH)
