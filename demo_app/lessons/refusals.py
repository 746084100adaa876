"""Refused: every Set-Cookie line that a browser rejects, and how to fix it."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, abort, make_response, render_template

from demo_app.hosts import ADS, SHOP
from demo_app.lessons.same_site import PIXEL

PATH = "/lessons/refused"
"""The lesson's path, and the Path of all its cookies."""

lesson = Blueprint("refused", __name__)


class Refusal(NamedTuple):
    """A Set-Cookie line that browsers refuse, and what to know about it."""

    code: str
    """cookietrace's reason code for it."""
    title: str
    line: str
    """The header's value, one character per byte."""
    why: str
    fixed: str
    """The line as browsers accept it over https."""
    scheme: str | None = None
    """``http`` or ``https`` if it is refused only over that."""
    first: str | None = None
    """A line to send over https beforehand."""
    cross_site: bool = False
    """True if it is refused only in a request from another site."""


def _kept(cookie: str) -> str:
    """Return the line for a cookie of this lesson that lasts ten minutes."""
    return f"{cookie}; Max-Age=600; Path={PATH}"


_ROWS = (
    Refusal(
        "control-character",
        "A control character",
        _kept("control=bell\x07rings"),
        "The value contains the byte 07. A cookie with a control character is refused.",
        _kept("control=bell%07rings"),
        scheme="http",
    ),
    Refusal(
        "name-value-too-large",
        "Too large",
        _kept("large=" + "x" * 4092),
        "Name and value together may have 4,096 bytes. These have 4,097.",
        _kept("large=" + "x" * 1000),
    ),
    Refusal(
        "empty-cookie",
        "No name and no value",
        _kept("="),
        "A cookie may lack a name, or a value, but not both.",
        _kept("=value-without-name"),
    ),
    Refusal(
        "domain-not-ascii",
        "A domain that is not ASCII",
        _kept("umlaut=1") + "; Domain=sh\xc3\xb6p.test",
        "Domain needs host names in ASCII: an international name in its xn-- form.",
        _kept("umlaut=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "public-suffix-domain",
        "A domain that belongs to everyone",
        _kept("greedy=1") + "; Domain=test",
        "Anyone can have a name under .test, so no cookie may be set for all of it.",
        _kept("greedy=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "domain-mismatch",
        "Someone else's domain",
        _kept("foreign=1") + f"; Domain={ADS}",
        f"A host can set cookies for itself and the domains it is part of, and {ADS} is neither.",
        _kept("foreign=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "secure-from-insecure",
        "Secure, over plain http",
        _kept("padlock=1") + "; Secure",
        "Plain http cannot set a Secure cookie: anyone on the network may have written it.",
        _kept("padlock=1") + "; Secure",
        scheme="http",
    ),
    Refusal(
        "would-overwrite-secure",
        "Replacing a Secure cookie over plain http",
        _kept("locked=forged"),
        "The jar has a Secure cookie of that name. Plain http may not replace it.",
        _kept("locked=changed") + "; Secure",
        scheme="http",
        first=_kept("locked=safe") + "; Secure",
    ),
    Refusal(
        "same-site-from-cross-site",
        "SameSite, set by an image on another site",
        _kept("pixel=1") + "; SameSite=Strict",
        f"A page on {ADS} shows an image from {SHOP}. Its response may not set SameSite cookies.",
        _kept("pixel=1") + "; SameSite=None; Secure",
        cross_site=True,
    ),
    Refusal(
        "same-site-none-insecure",
        "SameSite=None without Secure",
        _kept("anywhere=1") + "; SameSite=None",
        "A cookie that is sent with other sites' requests must be Secure.",
        _kept("anywhere=1") + "; SameSite=None; Secure",
    ),
    Refusal(
        "prefix-secure",
        "__Secure- without Secure",
        _kept("__Secure-id=1"),
        "The name promises the attribute, so that the server can rely on it.",
        _kept("__Secure-id=1") + "; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-host",
        "__Host- with a narrower path",
        _kept("__Host-id=1") + "; Secure",
        "The name promises Secure, Path=/ and no Domain. This one has another path.",
        "__Host-id=1; Max-Age=600; Path=/; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-nameless",
        "A prefix in a cookie without a name",
        _kept("=__Host-id") + "; Secure",
        "It would be sent as __Host-id, and look like a cookie that keeps that name's promise.",
        "__Host-id=1; Max-Age=600; Path=/; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-http",
        "__Http- without HttpOnly",
        _kept("__Http-id=1") + "; Secure",
        "The name promises that no script wrote the cookie. Newer browsers enforce that.",
        _kept("__Http-id=1") + "; Secure; HttpOnly",
        scheme="https",
    ),
    Refusal(
        "prefix-host-http",
        "__Host-Http- without HttpOnly",
        "__Host-Http-id=1; Max-Age=600; Path=/; Secure",
        "Both promises at once: one host only, and no script. Newer browsers enforce that.",
        "__Host-Http-id=1; Max-Age=600; Path=/; Secure; HttpOnly",
        scheme="https",
    ),
    Refusal(
        "partitioned-insecure",
        "Partitioned without Secure",
        _kept("apart=1") + "; Partitioned",
        "A cookie that is separate for each embedding site must be Secure.",
        _kept("apart=1") + "; Partitioned; Secure; SameSite=None",
    ),
)

REFUSALS: dict[str, Refusal] = {row.code: row for row in _ROWS}
"""The refusals by code, in the order of the specification."""


@lesson.get(PATH)
def page() -> str:
    """List every refusal, with links to try it."""
    return render_template("refused.html", refusals=REFUSALS.values(), path=PATH)


@lesson.get(PATH + "/<code>")
def refused(code: str) -> Response:
    """Send a Set-Cookie that the browser refuses."""
    refusal = _refusal(code)
    response = make_response(_show(refusal, refusal.line))
    response.headers.add("Set-Cookie", refusal.line)
    return response


@lesson.get(PATH + "/<code>/first")
def first(code: str) -> Response:
    """Set the cookie that must exist for the refusal to happen."""
    refusal = _refusal(code)
    if refusal.first is None:
        abort(404)
    response = make_response(_show(refusal, refusal.first))
    response.headers.add("Set-Cookie", refusal.first)
    return response


@lesson.get(PATH + "/<code>/fixed")
def fixed(code: str) -> Response:
    """Send the same cookie as browsers accept it."""
    refusal = _refusal(code)
    response = make_response(_show(refusal, refusal.fixed))
    response.headers.add("Set-Cookie", refusal.fixed)
    return response


@lesson.get(PATH + "/<code>/from-ads")
def from_ads(code: str) -> str:
    """The page to open on ads.test: it shows an image from shop.test."""
    return render_template("refused_from_ads.html", refusal=_refusal(code), path=PATH)


@lesson.get(PATH + "/<code>/pixel.png")
def pixel(code: str) -> Response:
    """The image, whose response tries to set the cookie."""
    response = Response(PIXEL, mimetype="image/png")
    response.headers.add("Set-Cookie", _refusal(code).line)
    return response


def _refusal(code: str) -> Refusal:
    """Return the refusal with this code, or respond with 404."""
    return REFUSALS.get(code) or abort(404)


def _show(refusal: Refusal, line: str) -> str:
    """Return the page that shows what was sent."""
    return render_template("refused_one.html", refusal=refusal, line=line, path=PATH)
