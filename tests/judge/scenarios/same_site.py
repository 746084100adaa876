"""SameSite: every kind of request against every kind of cookie."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Answer,
    Back,
    Elapse,
    Go,
    Leave,
    Reload,
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
"""What an answer to a cross-site request tries to set."""

START = Answer(set_cookies=MATRIX)
SETS = Answer(set_cookies=BACK)
AFTER = Go(f"{SHOP}/after")

SCENARIOS = (
    Scenario(
        name="same-site-typed",
        promise="What a person types or reloads is same-site.",
        answers={f"{SHOP}/": START, f"{SHOP}/typed": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Go(f"{SHOP}/typed"), Reload()),
    ),
    Scenario(
        name="cross-site-link",
        promise="A link from another site brings all but Strict, and may set everything.",
        answers={f"{SHOP}/": START, f"{SHOP}/in": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/in")), AFTER),
    ),
    Scenario(
        name="cross-site-reload",
        promise="Reloading a page that a cross-site link had opened goes as that link went.",
        answers={f"{SHOP}/": START},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/in")), Reload()),
    ),
    Scenario(
        name="same-site-link",
        promise="A link from a subdomain is same-site.",
        answers={f"{SHOP}/": START, f"{SHOP}/in": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{WWW}/"), Leave(link(f"{SHOP}/in")), AFTER),
    ),
    Scenario(
        name="no-referrer-link",
        promise="A cross-site link that hides its Referer is still cross-site.",
        answers={f"{SHOP}/": START},
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
        promise="A form with GET is as good as a link.",
        answers={f"{SHOP}/": START, f"{SHOP}/in?": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(form(f"{SHOP}/in", "get")), AFTER),
    ),
    Scenario(
        name="cross-site-post",
        promise="A cross-site POST brings None, and for two minutes cookies without SameSite.",
        answers={f"{SHOP}/": START, f"{SHOP}/post": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(form(f"{SHOP}/post")), AFTER),
    ),
    Scenario(
        name="cross-site-post-late",
        promise="After two minutes a cookie without SameSite stays away from a cross-site POST.",
        answers={
            f"{SHOP}/": START,
            f"{SHOP}/again": Answer(set_cookies=(b"default=2; Path=/", b"young=1; Path=/")),
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
        promise="A POST within the site carries everything.",
        answers={f"{SHOP}/": START, f"{SHOP}/post": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Leave(form(f"{SHOP}/post")),
            Go(f"{WWW}/"),
            Leave(form(f"{SHOP}/p2")),
        ),
    ),
    Scenario(
        name="cross-site-image",
        promise="An image on another site's page carries and sets SameSite=None alone.",
        answers={
            f"{SHOP}/": START,
            f"{SHOP}/image": SETS,
            f"{OTHER}/": Answer(body=page(image(f"{SHOP}/image"), image(f"{SHOP}/second"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="same-site-image",
        promise="An image on a page of the same site carries and sets everything.",
        answers={
            f"{SHOP}/": Answer(
                set_cookies=MATRIX, body=page(image(f"{SHOP}/image"), image(f"{API}/image"))
            ),
            f"{SHOP}/image": SETS,
            f"{API}/image": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{API}/"), AFTER),
    ),
    Scenario(
        name="cross-site-fetch",
        promise="A cross-site fetch carries cookies only when told to, and then None alone.",
        answers={f"{SHOP}/": START, f"{SHOP}/api": SETS, f"{SHOP}/no": SETS},
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
        promise="A fetch that omits credentials neither carries nor sets cookies.",
        answers={f"{SHOP}/": START, f"{SHOP}/no": SETS, f"{API}/no": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/no", credentials="omit")),
            Act(fetch(f"{API}/no", credentials="same-origin")),
            AFTER,
        ),
    ),
    Scenario(
        name="same-site-fetch",
        promise="A fetch within the site carries everything it is told to.",
        answers={f"{SHOP}/": START, f"{SHOP}/api": SETS, f"{API}/api": SETS},
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
        promise="A preflight carries no cookies; the request after it does.",
        answers={f"{SHOP}/": START, f"{API}/put": SETS},
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
        promise="A frame of another site, and all in it, carries and sets None alone.",
        answers={
            f"{SHOP}/": START,
            f"{SHOP}/frame": Answer(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
            f"{SHOP}/in-frame": Answer(
                set_cookies=(b"i=1; SameSite=Lax", b"j=1; SameSite=None; Secure")
            ),
            f"{OTHER}/": Answer(body=page(frame(f"{SHOP}/frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="same-site-frame",
        promise="A frame of the same site, and all in it, is same-site.",
        answers={
            f"{SHOP}/": Answer(set_cookies=MATRIX, body=page(frame(f"{WWW}/frame"))),
            f"{WWW}/frame": Answer(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{WWW}/"), AFTER),
    ),
    Scenario(
        name="nested-frames",
        promise="A frame of one's own site within another site within it is cross-site.",
        answers={
            f"{SHOP}/": Answer(set_cookies=MATRIX, body=page(frame(f"{ADS}/middle"))),
            f"{ADS}/middle": Answer(body=page(frame(f"{SHOP}/inner"))),
            f"{SHOP}/inner": Answer(
                set_cookies=BACK, body=page(image(f"{SHOP}/innermost"), frame(f"{SHOP}/deep"))
            ),
        },
        steps=(Go(f"{SHOP}/"), AFTER),
    ),
    Scenario(
        name="frame-posts",
        promise="A form within a frame of another site counts as no top-level navigation.",
        answers={
            f"{SHOP}/": START,
            f"{OTHER}/": Answer(body=page(frame(f"{OTHER}/frame"))),
            f"{OTHER}/frame": Answer(
                body=page(f"<script>onload = () => {{ {form(f'{SHOP}/post')} }}</script>")
            ),
            f"{SHOP}/post": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/", until=f"{SHOP}/post"), AFTER),
    ),
    Scenario(
        name="redirect-cross-site",
        promise="A link that goes over another site is judged by the page it stands on.",
        answers={
            f"{SHOP}/": START,
            f"{OTHER}/hop": Answer(status=302, location=f"{SHOP}/in", set_cookies=(b"hop=1",)),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Leave(link(f"{OTHER}/hop")), AFTER, Go(f"{OTHER}/hop")),
    ),
    Scenario(
        name="redirect-from-cross-site",
        promise="A chain that a cross-site link began stays cross-site through every hop.",
        answers={
            f"{SHOP}/": START,
            f"{SHOP}/one": Answer(status=302, location=f"{WWW}/two", set_cookies=(b"one=1",)),
            f"{WWW}/two": Answer(
                status=303, location=f"{SHOP}/three", set_cookies=(b"two=1; Domain=shop.test",)
            ),
            f"{SHOP}/three": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/one")), AFTER),
    ),
    Scenario(
        name="redirect-typed",
        promise="A typed URL that redirects to another site is same-site all the way.",
        answers={
            f"{SHOP}/": START,
            f"{OTHER}/": Answer(status=301, location=f"{SHOP}/in"),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="redirect-post",
        promise="A cross-site POST that a 303 turns into GET, or a 307 keeps as POST.",
        answers={
            f"{SHOP}/": START,
            f"{SHOP}/see": Answer(status=303, location=f"{SHOP}/seen"),
            f"{SHOP}/keep": Answer(status=307, location=f"{SHOP}/kept"),
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
        promise="An image that goes over another site is judged by its page and its last URL.",
        answers={
            f"{SHOP}/": Answer(set_cookies=MATRIX),
            f"{SHOP}/page": Answer(body=page(image(f"{ADS}/hop"), image(f"{SHOP}/out"))),
            f"{ADS}/hop": Answer(
                status=302,
                location=f"{SHOP}/in",
                set_cookies=(b"x=1", b"y=1; SameSite=None; Secure"),
            ),
            f"{SHOP}/out": Answer(status=302, location=f"{ADS}/end", set_cookies=(b"out=1",)),
            f"{ADS}/end": Answer(set_cookies=(b"z=1; SameSite=None; Secure", b"w=1; SameSite=Lax")),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), AFTER, Go(f"{ADS}/")),
    ),
    Scenario(
        name="popup",
        promise="A window that a page opens is as cross-site as that page.",
        answers={f"{SHOP}/": START, f"{SHOP}/popup": SETS},
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
        promise="Going back repeats the request as it was.",
        answers={f"{SHOP}/": START},
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
        promise="A script's image on a cross-site page is cross-site, as one in its HTML.",
        answers={f"{SHOP}/": START, f"{SHOP}/image": SETS},
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Act(add_image(f"{SHOP}/image")), AFTER),
    ),
    Scenario(
        name="meta-refresh",
        promise="A page that sends itself elsewhere after a while navigates cross-site.",
        answers={
            f"{SHOP}/": START,
            f"{OTHER}/": Answer(body=f'<meta http-equiv="refresh" content="0;url={SHOP}/in">'),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/", until=f"{SHOP}/in"), AFTER),
    ),
)
