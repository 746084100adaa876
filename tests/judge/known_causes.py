"""Journeys whose cause is known: a small app that works, and the same app with one mistake."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import msgspec
from flask import Flask, Response, redirect, request

from tests.judge.scenario import Go, Leave, Scenario, Step, form, frame, link, page

SHOP = "https://shop.example"
SIGN_IN = Go(f"{SHOP}/login")
ACCOUNT = Go(f"{SHOP}/account")
BOTH = ("chromium", "firefox")

SetsCookie = Callable[[Response], None]


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """One journey, what is wrong with it, and what would put it right."""

    name: str
    app: Callable[[bool], Flask]
    """Makes the app, as it works or with its mistake."""
    steps: tuple[Step, ...]
    kind: Literal["set", "stored", "sent"] = "set"
    """Of the first difference."""
    cookie: str = "sid"
    words: str
    """In what the first difference says about the app with the mistake."""
    code: str | None = None
    """A reason that the report gives for the app with the mistake."""
    fix: str | None
    """A change of the cookie, ``drop`` for none of its lines; None if no attribute is wrong."""
    at: str | None = None
    """The path of the only response that the fix changes."""
    browsers: tuple[str, ...] = ("chromium",)

    def scenario(self, *, works: bool) -> Scenario:
        """Return what a browser plays."""
        return Scenario(
            name=f"{self.name}-{'good' if works else 'bad'}",
            promise=f"the cause is found: {self.words}",
            responses={},
            steps=self.steps,
        )


def shop(sets: SetsCookie, *, name: str = "sid", to: str | None = None) -> Flask:
    """Return an app with a sign-in that sets a cookie, and an account that asks for it.

    After the sign-in it continues ``to`` a URL. Other hosts are other people's pages.
    """
    app = Flask("shop")
    app.config["MAX_COOKIE_SIZE"] = 0  # what is too large is sent anyway

    def login() -> Response:
        response = Response(page("Welcome"), mimetype="text/html")
        if to is not None:
            response.status_code, response.location = 302, to
        sets(response)
        return response

    def account() -> Response:
        known = name in request.cookies
        return Response(page("Hello" if known else "Who is it?"), status=200 if known else 401)

    def home() -> Response:
        if request.host == "portal.example":
            return Response(page(frame(f"{SHOP}/widget")))
        return Response(page("Home"))

    def widget() -> Response:
        response = Response(page(frame(f"{SHOP}/account")))
        sets(response)
        return response

    app.add_url_rule("/", "home", home)
    for path in ("/login", "/auth/login"):
        app.add_url_rule(path, path, login)
    app.add_url_rule("/account", "account", account, methods=["GET", "POST"])
    app.add_url_rule("/widget", "widget", widget)
    return app


def session(response: Response, **attributes: object) -> None:
    """Set the session cookie, with these attributes instead of the usual ones."""
    usual = {"secure": True, "httponly": True, "samesite": "Lax", "value": "abc123"}
    response.set_cookie("sid", **{**usual, **attributes})  # type: ignore[arg-type]


def differing(good: dict[str, object], bad: dict[str, object]) -> Callable[[bool], Flask]:
    """Return the app whose session cookie has other attributes if it works than if not."""
    return lambda works: shop(lambda response: session(response, **(good if works else bad)))


def prefixed(works: bool) -> Flask:
    """Set a cookie with the prefix ``__Host-``, which asks for ``Path=/``."""

    def sets(response: Response) -> None:
        response.set_cookie("__Host-sid", "abc123", secure=True, path="/" if works else "/account")

    return shop(sets, name="__Host-sid")


def skewed(works: bool) -> Flask:
    """Compute when the session ends from a clock that is two hours slow."""
    now = time.time() - (0 if works else 7200)
    return shop(lambda response: session(response, expires=now + 3600))


def overwriting(works: bool) -> Flask:
    """Have a page whose code for guests clears the session."""
    app = shop(session)

    def news() -> Response:
        response = Response(page("News"))
        if not works:
            response.delete_cookie("sid", secure=True)
        return response

    app.add_url_rule("/news", "news", news)
    return app


def twice(works: bool) -> Flask:
    """Have code that runs after each response and sets an empty session once more."""

    def sets(response: Response) -> None:
        session(response)
        if not works:
            session(response, value="", max_age=0)

    return shop(sets)


def redirecting(works: bool) -> Flask:
    """Sign in on one host, and go on to another."""
    domain = "shop.example" if works else None
    return shop(lambda response: session(response, domain=domain), to=f"{SHOP}/account")


def signing_out(works: bool) -> Flask:
    """Delete a cookie with another Path than it was set with."""
    app = shop(session)

    def logout() -> Response:
        response = Response(page("Goodbye"))
        session(response, value="", max_age=0, path="/" if works else "/auth")
        return response

    app.add_url_rule("/auth/logout", "logout", logout)
    return app


def moving(works: bool) -> Flask:
    """Redirect to a host that the cookie is not for, after it was set."""
    app = shop(lambda response: session(response, path="/" if works else "/auth"))

    def start() -> Response:
        return redirect("/auth/login")  # type: ignore[return-value]

    app.add_url_rule("/start", "start", start)
    return app


JOURNEYS = (
    Journey(
        name="strict",
        app=differing({}, {"samesite": "Strict"}),
        steps=(SIGN_IN, Go("https://idp.example/"), Leave(link(f"{SHOP}/account"))),
        words="SameSite=Strict",
        code="same-site-strict",
        fix="sid: SameSite=Lax",
        browsers=BOTH,
    ),
    Journey(
        name="posted",
        app=differing({"samesite": "None"}, {}),
        steps=(SIGN_IN, Go("https://pay.example/"), Leave(form(f"{SHOP}/account"))),
        words="SameSite=Lax",
        code="same-site-lax",
        fix="sid: SameSite=None",
        browsers=BOTH,
    ),
    Journey(
        name="none-insecure",
        app=differing({"samesite": "None"}, {"samesite": "None", "secure": False}),
        steps=(SIGN_IN, ACCOUNT),
        words="no Secure",
        code="same-site-none-insecure",
        fix="sid: Secure",
    ),
    Journey(
        name="secure-over-http",
        app=differing({"secure": False}, {}),
        steps=(Go("http://shop.example/login"), Go("http://shop.example/account")),
        words="Secure",
        code="secure-from-insecure",
        fix="sid: -Secure",
        browsers=BOTH,
    ),
    Journey(
        name="host-only",
        app=differing({"domain": "shop.example"}, {}),
        steps=(Go("https://www.shop.example/login"), Go("https://api.shop.example/account")),
        words="no Domain",
        fix="sid: Domain=shop.example",
    ),
    Journey(
        name="domain-mismatch",
        app=differing({}, {"domain": "shop.test"}),
        steps=(SIGN_IN, ACCOUNT),
        words="Domain=shop.test",
        code="domain-mismatch",
        fix="sid: -Domain",
    ),
    Journey(
        name="path",
        app=moving,
        steps=(Go(f"{SHOP}/start"), ACCOUNT),
        words="Path=/auth",
        code="path-mismatch",
        fix="sid: Path=/",
    ),
    Journey(
        name="partitioned",
        app=differing(
            {"samesite": "None", "partitioned": True}, {"samesite": "None"}
        ),
        steps=(Go("https://portal.example/"),),
        words="no Partitioned",
        fix="sid: Partitioned",
        browsers=("chromium-blocked",),
    ),
    Journey(
        name="prefix",
        app=prefixed,
        steps=(SIGN_IN, ACCOUNT),
        cookie="__Host-sid",
        words="Path=/account",
        code="prefix-host",
        fix="__Host-sid: Path=/",
        browsers=BOTH,
    ),
    Journey(
        name="clock",
        app=skewed,
        steps=(SIGN_IN, ACCOUNT),
        words="lifetime=expired",
        fix="sid: Max-Age=3600",
        browsers=BOTH,
    ),
    Journey(
        name="overwritten",
        app=overwriting,
        steps=(SIGN_IN, Go(f"{SHOP}/news"), ACCOUNT),
        words="set",
        fix="drop",
        at="/news",
    ),
    Journey(
        name="set-twice",
        app=twice,
        steps=(SIGN_IN, ACCOUNT),
        words="set 2 times",
        fix=None,
    ),
    Journey(
        name="redirected",
        app=redirecting,
        steps=(Go("https://www.shop.example/login"),),
        words="no Domain",
        fix="sid: Domain=shop.example",
        browsers=BOTH,
    ),
    Journey(
        name="signed-out",
        app=signing_out,
        steps=(SIGN_IN, Go(f"{SHOP}/auth/logout"), ACCOUNT),
        words="Path=/auth",
        fix="sid: Path=/",
        at="/auth/logout",
    ),
    Journey(
        name="too-large",
        app=differing({"value": "x" * 2000}, {"value": "x" * 5000}),
        steps=(SIGN_IN, ACCOUNT),
        kind="stored",
        words="refused",
        code="name-value-too-large",
        fix=None,
    ),
)  # fmt: skip
