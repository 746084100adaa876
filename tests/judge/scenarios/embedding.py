"""Journeys: widgets, pixels and frames of other sites inside a page."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Leave, Response, Scenario, fetch, frame, image, link, page
from tests.judge.scenarios.journeys import on_load
from tests.judge.scenarios.partition_forms import asks_for_access

SHOP = "https://shop.test"
NEWS = "https://news.test"
CHAT = "https://chat.test"
LOGIN = "https://login.test"
PIXEL = "https://pixel.test"
PARTNER = "https://partner.test"
VIDEO = "https://video.test"


def widget(name: str, promise: str, *set_cookies: bytes) -> Scenario:
    """Return a scenario in which a chat widget on two sites keeps a conversation."""
    return Scenario(
        name=name,
        promise=promise,
        group="journey",
        responses={
            **{
                f"{site}/{path}": Response(body=page(frame(f"{CHAT}/widget")))
                for site in (SHOP, NEWS)
                for path in ("", "next")
            },
            f"{CHAT}/widget": Response(
                set_cookies=set_cookies, body=page(on_load(fetch("/messages")))
            ),
            f"{CHAT}/messages": Response(set_cookies=(b"read=1; Path=/; Secure; SameSite=None",)),
        },
        steps=(
            Go(f"{SHOP}/", until=f"{CHAT}/messages"),
            Leave(link(f"{SHOP}/next"), until=f"{CHAT}/messages"),
            Go(f"{NEWS}/", until=f"{CHAT}/messages"),
            Go(f"{CHAT}/"),
        ),
    )


SCENARIOS = (
    widget(
        "widget-unpartitioned",
        "A chat widget with SameSite=None: one conversation for all sites, or none.",
        b"chat=1; Path=/; Secure; HttpOnly; SameSite=None",
    ),
    widget(
        "widget-partitioned",
        "A chat widget with Partitioned: one conversation per site.",
        b"__Host-chat=1; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
    ),
    widget(
        "widget-with-defaults",
        "A chat widget whose cookie names no SameSite.",
        b"chat=1; Path=/; Secure; HttpOnly",
        b"lax=1; Path=/; Secure; SameSite=Lax",
    ),
    Scenario(
        name="login-frame-with-access",
        promise="A sign-in frame of another site that asks for storage access after a visit there.",
        group="journey",
        responses={
            f"{LOGIN}/": Response(
                set_cookies=(
                    b"sso=1; Path=/; Secure; HttpOnly; SameSite=None",
                    b"csrf=1; Path=/; Secure; SameSite=Strict",
                )
            ),
            f"{SHOP}/": Response(set_cookies=(b"session=1",), body=page(frame(f"{LOGIN}/button"))),
            f"{LOGIN}/button": asks_for_access(f"{LOGIN}/me"),
            f"{LOGIN}/me": Response(set_cookies=(b"seen=1; Path=/; Secure; SameSite=None",)),
        },
        steps=(
            Go(f"{LOGIN}/"),
            Go(f"{SHOP}/", until=f"{LOGIN}/me"),
            Leave(link(f"{LOGIN}/account")),
            Go(f"{SHOP}/", until=f"{LOGIN}/me"),
        ),
    ),
    Scenario(
        name="pixels-match-users",
        promise="A pixel that is redirected to a partner and back, on two sites and at its own.",
        group="journey",
        responses={
            **{f"{site}/": Response(body=page(image(f"{PIXEL}/p"))) for site in (SHOP, NEWS)},
            f"{PIXEL}/p": Response(
                status=302,
                location=f"{PARTNER}/match",
                set_cookies=(b"uid=p; Path=/; Secure; SameSite=None; Max-Age=31536000",),
            ),
            f"{PARTNER}/match": Response(
                status=302,
                location=f"{PIXEL}/done",
                set_cookies=(
                    b"uid=m; Path=/; Secure; SameSite=None",
                    b"old=m; Path=/; Secure",
                ),
            ),
            f"{PIXEL}/done": Response(
                set_cookies=(b"matched=1; Path=/; Secure; SameSite=None; Partitioned",)
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{NEWS}/"), Go(f"{PIXEL}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="video-in-frames",
        promise="A player in a frame, its advert in a frame of that, and the player's own page.",
        group="journey",
        responses={
            f"{NEWS}/": Response(body=page(frame(f"{VIDEO}/player"))),
            f"{VIDEO}/player": Response(
                set_cookies=(
                    b"volume=3; Path=/; Secure; SameSite=None; Partitioned",
                    b"visitor=1; Path=/; Secure; SameSite=None",
                ),
                body=page(frame(f"{PIXEL}/advert"), image(f"{VIDEO}/thumb")),
            ),
            f"{PIXEL}/advert": Response(
                set_cookies=(b"ad=1; Path=/; Secure; SameSite=None",),
                body=page(image(f"{PIXEL}/view"), image(f"{VIDEO}/view")),
            ),
        },
        steps=(Go(f"{NEWS}/"), Go(f"{NEWS}/"), Go(f"{VIDEO}/watch"), Go(f"{PIXEL}/end")),
    ),
    Scenario(
        name="widget-opens-sign-in",
        promise="A comment widget that opens a window to sign in, and is loaded again after it.",
        group="journey",
        responses={
            f"{NEWS}/": Response(body=page(frame(f"{CHAT}/comments"))),
            f"{CHAT}/comments": Response(
                set_cookies=(b"anon=1; Path=/; Secure; SameSite=None; Partitioned",)
            ),
            f"{CHAT}/login": Response(
                set_cookies=(
                    b"user=1; Path=/; Secure; SameSite=None",
                    b"strict=1; Path=/; Secure; SameSite=Strict",
                )
            ),
        },
        steps=(
            Go(f"{NEWS}/"),
            Act(f"void window.open('{CHAT}/login', 'login')", until=f"{CHAT}/login"),
            Go(f"{NEWS}/"),
            Act(fetch(f"{CHAT}/count", credentials="include")),
        ),
    ),
    Scenario(
        name="stylesheets-and-fonts",
        promise="Fonts and scripts of another site are loaded without credentials, images with.",
        group="journey",
        responses={
            f"{CHAT}/": Response(set_cookies=(b"id=1; Path=/; Secure; SameSite=None",)),
            f"{NEWS}/": Response(
                body=page(
                    f'<link rel="stylesheet" href="{CHAT}/style">',
                    f'<script crossorigin src="{CHAT}/module.js"></script>',
                    f'<script src="{CHAT}/plain.js"></script>',
                    f'<link rel="preload" as="font" crossorigin href="{CHAT}/font">',
                    image(f"{CHAT}/image"),
                )
            ),
            f"{CHAT}/style": Response(
                headers=(b"Content-Type: text/css",),
                body=f"body {{ background: url({CHAT}/background) }}",
            ),
        },
        steps=(Go(f"{CHAT}/"), Go(f"{NEWS}/"), Go(f"{CHAT}/end")),
    ),
)
