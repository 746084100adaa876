"""The state cookie of a sign-in is withheld when the identity provider posts the user back."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cookietrace.witness.flask import witness
from tests.e2e.broken_apps.app import BrokenApp, new_app, page
from tests.judge.browser import Window
from tests.judge.proxy import SECRET
from tests.judge.scenario import link

SHOP, PROVIDER = "shop.test", "accounts.test"


def create(fixed: bool) -> Flask:
    """Return an app that signs in with response_mode=form_post, and its provider."""
    app = new_app(fixed)
    witness(app, secret=SECRET)

    @app.get("/", host=SHOP)
    def home() -> str:
        user = request.cookies.get("session")
        return page(f"Hello {user}" if user else "<a href=/sign-in>Sign in</a>")

    @app.get("/sign-in", host=SHOP)
    def sign_in() -> AnyResponse:
        response = redirect(f"https://{PROVIDER}/authorize?response_mode=form_post&state=af0ifjsl")
        same_site = "None" if fixed else "Lax"
        response.set_cookie(
            "oauth_state", "af0ifjsl", secure=True, httponly=True, samesite=same_site
        )
        return response

    @app.get("/authorize", host=PROVIDER)
    def authorize() -> str:
        return page(
            f"<form method=post action=https://{SHOP}/callback>"
            f"<input name=state value={request.args['state']}><input name=code value=4711>"
            "<button>Continue as Alice</button></form>"
        )

    @app.post("/callback", host=SHOP)
    def callback() -> AnyResponse:
        if request.cookies.get("oauth_state") != request.form["state"]:
            return Response("State mismatch", 400)
        response = redirect("/")
        response.set_cookie("session", "Alice-81f2", secure=True, httponly=True, samesite="Lax")
        response.delete_cookie("oauth_state", secure=True, httponly=True, samesite="None")
        return response

    return app


def play(window: Window, _: Flask) -> None:
    """Sign in at the provider, and come back."""
    window.go(f"https://{SHOP}/")
    window.leave(link("/sign-in"))
    window.leave("document.querySelector('button').click()")
    window.settle()


APP = BrokenApp(
    name="form-post-state",
    create=create,
    play=play,
    code="same-site-lax",
    cookies=("oauth_state",),
    cause="'oauth_state' withheld: SameSite=Lax, cross-site POST",
    fix="If other sites must cause it to be sent, use SameSite=None; Secure",
)
