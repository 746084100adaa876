"""Secure and insecure connections, and sites that differ only in scheme."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Go,
    Leave,
    Response,
    Scenario,
    add_image,
    form,
    image,
    link,
    page,
)

HTTP = "http://shop.test"
HTTPS = "https://shop.test"

_ALL = (
    b"strict=1; SameSite=Strict",
    b"lax=1; SameSite=Lax",
    b"none=1; SameSite=None; Secure",
    b"default=1",
)

SCENARIOS = (
    Scenario(
        name="secure-stays",
        promise="A Secure cookie is set and sent over https only.",
        responses={
            f"{HTTPS}/": Response(set_cookies=(b"s=1; Secure", b"p=1")),
            f"{HTTP}/": Response(set_cookies=(b"t=1; Secure", b"u=1")),
        },
        steps=(Go(f"{HTTPS}/"), Go(f"{HTTP}/"), Go(f"{HTTPS}/"), Go(f"{HTTP}/x")),
    ),
    Scenario(
        name="leave-secure-alone",
        promise="Plain http may not overwrite a Secure cookie, except on a path above it.",
        responses={
            f"{HTTPS}/x/": Response(
                set_cookies=(
                    b"a=1; Secure; Path=/",
                    b"b=1; Secure; Path=/x",
                    b"c=1; Secure; Domain=shop.test",
                    b"d=1; Secure; Path=/x/y",
                    b"e=1; Path=/",
                )
            ),
            f"{HTTP}/": Response(
                set_cookies=(
                    b"a=2",
                    b"a=2; Path=/x",
                    b"b=2; Path=/",
                    b"b=2; Path=/x/y",
                    b"c=2",
                    b"d=2; Path=/x",
                    b"e=2",
                    b"a=; Max-Age=0",
                    b"A=2",
                )
            ),
            "http://www.shop.test/": Response(
                set_cookies=(
                    b"a=3; Domain=shop.test",
                    b"c=3; Path=/x",
                    b"b=3; Domain=shop.test",
                    b"f=3",
                )
            ),
        },
        steps=(Go(f"{HTTPS}/x/"), Go(f"{HTTP}/"), Go("http://www.shop.test/"), Go(f"{HTTPS}/x/y")),
    ),
    Scenario(
        name="schemeful-link",
        promise="A link from http to https on one domain is cross-site: Strict is withheld.",
        responses={f"{HTTPS}/": (Response(set_cookies=_ALL), Response())},
        steps=(Go(f"{HTTPS}/"), Go(f"{HTTP}/"), Leave(link(f"{HTTPS}/in")), Go(f"{HTTPS}/typed")),
    ),
    Scenario(
        name="schemeful-image",
        promise="An https image on an http page of the same domain is cross-site.",
        responses={
            f"{HTTPS}/": Response(set_cookies=_ALL),
            f"{HTTPS}/image": Response(
                set_cookies=(b"img=1", b"img_none=1; SameSite=None; Secure")
            ),
            f"{HTTP}/page": Response(body=page(image(f"{HTTPS}/image"))),
        },
        steps=(Go(f"{HTTPS}/"), Go(f"{HTTP}/page"), Go(f"{HTTPS}/end")),
    ),
    Scenario(
        name="http-same-site",
        promise="Pages, images and links within plain http are same-site.",
        responses={
            f"{HTTP}/": Response(
                set_cookies=(b"strict=1; SameSite=Strict", b"lax=1; SameSite=Lax", b"default=1"),
                body=page(image(f"{HTTP}/image"), image("http://www.shop.test/image")),
            ),
            f"{HTTP}/image": Response(set_cookies=(b"img=1; SameSite=Strict",)),
        },
        steps=(Go(f"{HTTP}/"), Leave(link(f"{HTTP}/b")), Leave(form(f"{HTTP}/post"))),
    ),
    Scenario(
        name="http-cross-site",
        promise="SameSite applies to links, images and posts from another plain-http site.",
        responses={
            f"{HTTP}/": Response(
                set_cookies=(b"strict=1; SameSite=Strict", b"lax=1; SameSite=Lax", b"default=1"),
            ),
            f"{HTTP}/image": Response(set_cookies=(b"img=1; SameSite=Lax", b"dflt=1")),
        },
        steps=(
            Go(f"{HTTP}/"),
            Go("http://other.test/"),
            Act(add_image(f"{HTTP}/image")),
            Leave(link(f"{HTTP}/link")),
            Go("http://other.test/"),
            Leave(form(f"{HTTP}/post")),
        ),
    ),
    Scenario(
        name="loopback-secure",
        promise="Loopback may set and receive Secure cookies over plain http.",
        responses={
            "http://localhost:5000/": Response(
                set_cookies=(
                    b"s=1; Secure",
                    b"n=1; SameSite=None; Secure",
                    b"p=1; Secure; Partitioned",
                )
            ),
            "http://127.0.0.1:5000/": Response(set_cookies=(b"i=1; Secure",)),
        },
        steps=(
            Go("http://localhost:5000/"),
            Go("http://localhost:5000/x"),
            Go("http://127.0.0.1:5000/"),
            Go("http://127.0.0.1:5000/x"),
            Go("https://localhost:5000/"),
        ),
    ),
)
