"""SameSite: each kind of request with each kind of cookie."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Back,
    Elapse,
    Go,
    Leave,
    Reload,
    Response,
    Scenario,
    add_image,
    fetch,
    form,
    frame,
    image,
    link,
    page,
)

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
API = "https://api.shop.test"
OTHER = "https://other.test"
ADS = "https://ads.test"

MATRIX = (
    b"strict=1; SameSite=Strict",
    b"lax=1; SameSite=Lax",
    b"none=1; SameSite=None; Secure",
    b"default=1",
    b"wide=1; Domain=shop.test; SameSite=Strict",
)
BACK = (
    b"b_strict=1; SameSite=Strict; Path=/",
    b"b_lax=1; SameSite=Lax; Path=/",
    b"b_none=1; SameSite=None; Secure; Path=/",
    b"b_default=1; Path=/",
)
"""What the response to a cross-site request tries to set."""

START = Response(set_cookies=MATRIX)
SETS = Response(set_cookies=BACK)
AFTER = Go(f"{SHOP}/after")

SCENARIOS = (
    Scenario(
        name="same-site-typed",
        promise="A typed address and a reload are same-site.",
        responses={f"{SHOP}/": START, f"{SHOP}/typed": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Go(f"{SHOP}/typed"), Reload()),
    ),
    Scenario(
        name="cross-site-link",
        promise="A link from another site sends everything except Strict, and may set everything.",
        responses={f"{SHOP}/": START, f"{SHOP}/in": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/in")), AFTER),
    ),
    Scenario(
        name="cross-site-reload",
        promise="Reloading a page that a cross-site link opened repeats that request.",
        responses={f"{SHOP}/": START},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/in")), Reload()),
    ),
    Scenario(
        name="same-site-link",
        promise="A link from a subdomain is same-site.",
        responses={f"{SHOP}/": START, f"{SHOP}/in": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{WWW}/"), Leave(link(f"{SHOP}/in")), AFTER),
    ),
    Scenario(
        name="no-referrer-link",
        promise="A cross-site link that hides its Referer is still cross-site.",
        responses={f"{SHOP}/": START},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Leave(
                "Object.assign(document.createElement('a'),"
                f" {{href: '{SHOP}/in', referrerPolicy: 'no-referrer'}}).click()"
            ),
            AFTER,
        ),
    ),
    Scenario(
        name="cross-site-get-form",
        promise="A GET form behaves like a link.",
        responses={f"{SHOP}/": START, f"{SHOP}/in?": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(form(f"{SHOP}/in", "get")), AFTER),
    ),
    Scenario(
        name="cross-site-post",
        promise="A cross-site POST sends None and, for two minutes, cookies without SameSite.",
        responses={f"{SHOP}/": START, f"{SHOP}/post": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(form(f"{SHOP}/post")), AFTER),
    ),
    Scenario(
        name="cross-site-post-late",
        promise="After two minutes a cross-site POST does not send a cookie without SameSite.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/again": Response(set_cookies=(b"default=2; Path=/", b"young=1; Path=/")),
        },
        steps=(
            Go(f"{SHOP}/"),
            Elapse(121.0),
            Go(f"{SHOP}/again"),
            Go(f"{OTHER}/"),
            Leave(form(f"{SHOP}/post")),
            AFTER,
        ),
    ),
    Scenario(
        name="same-site-post",
        promise="A same-site POST sends everything.",
        responses={f"{SHOP}/": START, f"{SHOP}/post": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Leave(form(f"{SHOP}/post")),
            Go(f"{WWW}/"),
            Leave(form(f"{SHOP}/p2")),
        ),
    ),
    Scenario(
        name="cross-site-image",
        promise="An image on another site's page sends and sets SameSite=None only.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/image": SETS,
            f"{OTHER}/": Response(body=page(image(f"{SHOP}/image"), image(f"{SHOP}/second"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="same-site-image",
        promise="An image on a page of the same site sends and sets everything.",
        responses={
            f"{SHOP}/": Response(
                set_cookies=MATRIX, body=page(image(f"{SHOP}/image"), image(f"{API}/image"))
            ),
            f"{SHOP}/image": SETS,
            f"{API}/image": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{API}/"), AFTER),
    ),
    Scenario(
        name="cross-site-fetch",
        promise="A cross-site fetch sends cookies only with credentials, and then None only.",
        responses={f"{SHOP}/": START, f"{SHOP}/api": SETS, f"{SHOP}/no": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(fetch(f"{SHOP}/api", credentials="include")),
            Act(fetch(f"{SHOP}/api", credentials="include", mode="no-cors")),
            AFTER,
        ),
    ),
    Scenario(
        name="fetch-without-credentials",
        promise="A fetch without credentials neither sends nor sets cookies.",
        responses={f"{SHOP}/": START, f"{SHOP}/no": SETS, f"{API}/no": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/no", credentials="omit")),
            Act(fetch(f"{API}/no", credentials="same-origin")),
            AFTER,
        ),
    ),
    Scenario(
        name="same-site-fetch",
        promise="A same-site fetch with credentials sends everything.",
        responses={f"{SHOP}/": START, f"{SHOP}/api": SETS, f"{API}/api": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/api")),
            Act(fetch(f"{API}/api", credentials="include")),
            Act(fetch(f"{SHOP}/post", method="POST")),
            AFTER,
        ),
    ),
    Scenario(
        name="preflight",
        promise="A preflight sends no cookies; the request after it does.",
        responses={f"{SHOP}/": START, f"{API}/put": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{API}/"),
            Go(f"{SHOP}/page"),
            Act(fetch(f"{API}/put", method="PUT", credentials="include")),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="cross-site-frame",
        promise="A frame of another site, and everything in it, sends and sets None only.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/frame": Response(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
            f"{SHOP}/in-frame": Response(
                set_cookies=(b"i=1; SameSite=Lax", b"j=1; SameSite=None; Secure")
            ),
            f"{OTHER}/": Response(body=page(frame(f"{SHOP}/frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="same-site-frame",
        promise="A frame of the same site, and everything in it, is same-site.",
        responses={
            f"{SHOP}/": Response(set_cookies=MATRIX, body=page(frame(f"{WWW}/frame"))),
            f"{WWW}/frame": Response(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{WWW}/"), AFTER),
    ),
    Scenario(
        name="nested-frames",
        promise="A frame of the page's own site inside a frame of another site is cross-site.",
        responses={
            f"{SHOP}/": Response(set_cookies=MATRIX, body=page(frame(f"{ADS}/middle"))),
            f"{ADS}/middle": Response(body=page(frame(f"{SHOP}/inner"))),
            f"{SHOP}/inner": Response(
                set_cookies=BACK, body=page(image(f"{SHOP}/innermost"), frame(f"{SHOP}/deep"))
            ),
        },
        steps=(Go(f"{SHOP}/"), AFTER),
    ),
    Scenario(
        name="frame-posts",
        promise="A form in a frame of another site is not a top-level navigation.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/": Response(body=page(frame(f"{OTHER}/frame"))),
            f"{OTHER}/frame": Response(
                body=page(f"<script>onload = () => {{ {form(f'{SHOP}/post')} }}</script>")
            ),
            f"{SHOP}/post": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/", until=f"{SHOP}/post"), AFTER),
    ),
    Scenario(
        name="redirect-cross-site",
        promise="A link redirected through another site is judged by the page with the link.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/hop": Response(status=302, location=f"{SHOP}/in", set_cookies=(b"hop=1",)),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Leave(link(f"{OTHER}/hop")), AFTER, Go(f"{OTHER}/hop")),
    ),
    Scenario(
        name="redirect-from-cross-site",
        promise="A redirect chain that starts with a cross-site link is cross-site at every hop.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/one": Response(status=302, location=f"{WWW}/two", set_cookies=(b"one=1",)),
            f"{WWW}/two": Response(
                status=303, location=f"{SHOP}/three", set_cookies=(b"two=1; Domain=shop.test",)
            ),
            f"{SHOP}/three": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/one")), AFTER),
    ),
    Scenario(
        name="redirect-typed",
        promise="A typed URL that redirects to another site is same-site at every hop.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/": Response(status=301, location=f"{SHOP}/in"),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="redirect-post",
        promise="A cross-site POST that a 303 turns into a GET, or that a 307 keeps a POST.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/see": Response(status=303, location=f"{SHOP}/seen"),
            f"{SHOP}/keep": Response(status=307, location=f"{SHOP}/kept"),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Leave(form(f"{SHOP}/see")),
            Go(f"{OTHER}/"),
            Leave(form(f"{SHOP}/keep")),
            AFTER,
        ),
    ),
    Scenario(
        name="redirect-image",
        promise="An image redirected through another site is judged by its page and its last URL.",
        responses={
            f"{SHOP}/": Response(set_cookies=MATRIX),
            f"{SHOP}/page": Response(body=page(image(f"{ADS}/hop"), image(f"{SHOP}/out"))),
            f"{ADS}/hop": Response(
                status=302,
                location=f"{SHOP}/in",
                set_cookies=(b"x=1", b"y=1; SameSite=None; Secure"),
            ),
            f"{SHOP}/out": Response(status=302, location=f"{ADS}/end", set_cookies=(b"out=1",)),
            f"{ADS}/end": Response(
                set_cookies=(b"z=1; SameSite=None; Secure", b"w=1; SameSite=Lax")
            ),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), AFTER, Go(f"{ADS}/")),
    ),
    Scenario(
        name="popup",
        promise="A window opened by a page is cross-site if the page is.",
        responses={f"{SHOP}/": START, f"{SHOP}/popup": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(f"void window.open('{SHOP}/popup')", until=f"{SHOP}/popup"),
            AFTER,
            Act(f"void window.open('{SHOP}/again')", until=f"{SHOP}/again"),
        ),
    ),
    Scenario(
        name="history-back",
        promise="Going back repeats the original request.",
        responses={f"{SHOP}/": START},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Leave(link(f"{SHOP}/in")),
            Go(f"{OTHER}/x"),
            Back(),
            AFTER,
        ),
    ),
    Scenario(
        name="late-image",
        promise="An image that a script adds on a cross-site page is cross-site.",
        responses={f"{SHOP}/": START, f"{SHOP}/image": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Act(add_image(f"{SHOP}/image")), AFTER),
    ),
    Scenario(
        name="meta-refresh",
        promise="A page that refreshes to another site navigates cross-site.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/": Response(body=f'<meta http-equiv="refresh" content="0;url={SHOP}/in">'),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/", until=f"{SHOP}/in"), AFTER),
    ),
)
