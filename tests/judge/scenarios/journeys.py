"""Requests that are harder to classify: frames, popups, workers, beacons, odd initiators."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Go,
    Leave,
    Reload,
    Response,
    Scenario,
    fetch,
    form,
    frame,
    image,
    link,
    page,
)
from tests.judge.scenarios.same_site import (
    ADS,
    AFTER,
    API,
    BACK,
    MATRIX,
    OTHER,
    SETS,
    SHOP,
    START,
    WWW,
)


def on_load(script: str) -> str:
    """Return a script element that runs a script once its page has loaded."""
    return f"<script>onload = () => {{ {script} }}</script>"


SCENARIOS = (
    Scenario(
        name="after-cross-site-link",
        promise="A page's own requests are same-site even if a cross-site link led to the page.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/in": Response(body=page(image(f"{SHOP}/image"), frame(f"{WWW}/frame"))),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Leave(link(f"{SHOP}/in")),
            Act(fetch(f"{SHOP}/api")),
            Leave(link(f"{SHOP}/next")),
        ),
    ),
    Scenario(
        name="frame-opens-top",
        promise="A frame of another site that navigates the top window does so cross-site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": Response(body=page(on_load(f"top.location = '{SHOP}/in'"))),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(f"void setTimeout(() => location = '{SHOP}/page')", until=f"{SHOP}/in"),
            AFTER,
        ),
        cannot={"firefox": "It does not let a frame of another site navigate the top window."},
    ),
    Scenario(
        name="frame-navigates-itself",
        promise="A frame of another site that navigates itself to the page's own site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": Response(body=page(on_load(f"location = '{SHOP}/framed'"))),
            f"{SHOP}/framed": Response(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page", until=f"{SHOP}/in-frame"), AFTER),
    ),
    Scenario(
        name="frame-redirects-home",
        promise="A frame of another site's URL that is redirected to the page's own site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(body=page(frame(f"{ADS}/hop"))),
            f"{ADS}/hop": Response(status=302, location=f"{SHOP}/framed"),
            f"{SHOP}/framed": Response(set_cookies=BACK, body=page(image(f"{SHOP}/in-frame"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), AFTER),
    ),
    Scenario(
        name="frame-link-within",
        promise="A link within a cross-site frame stays cross-site.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/": Response(body=page(frame(f"{SHOP}/one"))),
            f"{SHOP}/one": Response(body=page(on_load(f"location = '{SHOP}/two'"))),
            f"{SHOP}/two": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/", until=f"{SHOP}/two"), AFTER),
    ),
    Scenario(
        name="frame-sandboxed",
        promise="A sandboxed frame of the page's own site is cross-site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(
                body=page(f'<iframe sandbox="allow-scripts" src="{SHOP}/boxed"></iframe>')
            ),
            f"{SHOP}/boxed": Response(set_cookies=BACK, body=page(image(f"{SHOP}/in-box"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), AFTER),
    ),
    Scenario(
        name="frame-srcdoc",
        promise="A frame without a URL of its own inherits the site of its parent.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(
                body=page(f"<iframe srcdoc=\"<img src='{SHOP}/image'>\"></iframe>")
            ),
            f"{OTHER}/": Response(
                body=page(f"<iframe srcdoc=\"<img src='{SHOP}/cross'>\"></iframe>")
            ),
            f"{SHOP}/cross": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="frame-post-same-site",
        promise="A form posted in a frame of the page's own site is same-site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/page": Response(body=page(frame(f"{WWW}/frame"))),
            f"{WWW}/frame": Response(body=page(on_load(form(f"{SHOP}/post")))),
            f"{SHOP}/post": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page", until=f"{SHOP}/post"), AFTER),
    ),
    Scenario(
        name="popup-noopener",
        promise="A link to a new window is as cross-site as one in the same window.",
        responses={f"{SHOP}/": START, f"{SHOP}/popup": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(
                "Object.assign(document.createElement('a'),"
                f" {{href: '{SHOP}/popup', target: '_blank', rel: 'noopener'}}).click()",
                until=f"{SHOP}/popup",
            ),
            AFTER,
        ),
    ),
    Scenario(
        name="popup-steered",
        promise="A window navigated by its opener is judged by the opener.",
        responses={f"{SHOP}/": START},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act("void (window.w = window.open('/popup'))", until=f"{OTHER}/popup"),
            Act(f"void (w.location = '{SHOP}/steered')", until=f"{SHOP}/steered"),
            AFTER,
        ),
    ),
    Scenario(
        name="popup-post",
        promise="A form posted into a new window is a top-level POST.",
        responses={f"{SHOP}/": START},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(
                form(f"{SHOP}/post").replace("f.submit()", "f.target = '_blank'; f.submit()"),
                until=f"{SHOP}/post",
            ),
            AFTER,
        ),
    ),
    Scenario(
        name="typed-http-to-https",
        promise="A typed http URL that redirects to https is same-site at every hop.",
        responses={
            f"{SHOP}/": START,
            "http://shop.test/": Response(
                status=301, location=f"{SHOP}/in", set_cookies=(b"plain=1",)
            ),
            f"{SHOP}/in": SETS,
        },
        steps=(Go(f"{SHOP}/"), Go("http://shop.test/"), AFTER),
    ),
    Scenario(
        name="link-http-to-https",
        promise="A link on an http page, redirected to https on its own site, is cross-site there.",
        responses={
            f"{SHOP}/": START,
            "http://shop.test/go": Response(status=302, location=f"{SHOP}/in"),
            f"{SHOP}/in": SETS,
        },
        steps=(
            Go(f"{SHOP}/"),
            Go("http://shop.test/page"),
            Leave(link("http://shop.test/go")),
            AFTER,
        ),
    ),
    Scenario(
        name="neighbours-under-suffix",
        promise="Two names under one public suffix are two sites.",
        responses={
            "https://a.github.io/": Response(set_cookies=MATRIX[:4]),
            "https://b.github.io/": Response(body=page(image("https://a.github.io/image"))),
            "https://a.github.io/image": Response(set_cookies=BACK),
        },
        steps=(
            Go("https://a.github.io/"),
            Go("https://b.github.io/"),
            Leave(link("https://a.github.io/in")),
            Go("https://a.github.io/end"),
        ),
    ),
    Scenario(
        name="beacons",
        promise="A beacon sends what a POST from within a page would.",
        responses={f"{SHOP}/": START, f"{SHOP}/beacon": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Act(f"navigator.sendBeacon('{SHOP}/own')", until=f"{SHOP}/own"),
            Go(f"{OTHER}/"),
            Act(f"navigator.sendBeacon('{SHOP}/beacon')", until=f"{SHOP}/beacon"),
            AFTER,
        ),
    ),
    Scenario(
        name="cross-site-fetch-post",
        promise="The two minutes are for navigations: a POST by fetch sends None only.",
        responses={f"{SHOP}/": START, f"{SHOP}/api": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(fetch(f"{SHOP}/api", method="POST", credentials="include")),
            AFTER,
        ),
    ),
    Scenario(
        name="fetch-redirects",
        promise="A fetch that is redirected is judged hop by hop.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/one": Response(status=302, location=f"{API}/two", set_cookies=(b"one=1",)),
            f"{API}/two": Response(status=307, location=f"{SHOP}/three", set_cookies=(b"two=1",)),
            f"{SHOP}/three": SETS,
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/one", credentials="include")),
            AFTER,
            Go(f"{API}/"),
        ),
    ),
    Scenario(
        name="embedded-things",
        promise="Objects, embeds, media, scripts and modules are judged by their page.",
        responses={
            f"{SHOP}/": START,
            f"{OTHER}/": Response(
                body=page(
                    f'<object data="{SHOP}/object"></object><embed src="{SHOP}/embed">',
                    f'<script src="{SHOP}/script"></script><video src="{SHOP}/video"></video>',
                    f'<link rel="stylesheet" href="{SHOP}/style">',
                    f'<script type="module" src="{SHOP}/module"></script>',
                    f'<img crossorigin src="{SHOP}/anonymous">',
                    f'<img crossorigin="use-credentials" src="{SHOP}/named">',
                )
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), AFTER),
    ),
    Scenario(
        name="worker",
        promise="A worker's requests are judged by its page.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/worker": Response(
                headers=(b"Content-Type: text/javascript",),
                body=f"fetch('{SHOP}/from-worker').then(() => postMessage(1))",
            ),
            f"{SHOP}/from-worker": SETS,
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("new Promise(done => { new Worker('/worker').onmessage = () => done() })"),
            AFTER,
        ),
    ),
    Scenario(
        name="service-worker",
        promise="A service worker's requests are judged by its own site.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/sw": Response(
                headers=(b"Content-Type: text/javascript",),
                body="onactivate = e => e.waitUntil(clients.claim());"
                f"onfetch = e => e.respondWith(fetch('{SHOP}/from-sw',"
                " {credentials: 'include'}));",
            ),
            f"{SHOP}/from-sw": SETS,
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "new Promise(done => { navigator.serviceWorker.oncontrollerchange = () => done();"
                " navigator.serviceWorker.register('/sw') })"
            ),
            Act(fetch(f"{SHOP}/intercepted")),
            Go(f"{WWW}/end"),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="event-source-and-xhr",
        promise="XMLHttpRequest and EventSource behave like fetch.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/events": Response(
                headers=(b"Content-Type: text/event-stream",), set_cookies=(b"ev=1",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "new Promise(done => { const e = new EventSource('/events');"
                " e.onerror = () => { e.close(); done() } })"
            ),
            Act(
                "new Promise(done => { const x = new XMLHttpRequest(); x.onloadend = () => done();"
                f" x.open('POST', '{API}/xhr'); x.withCredentials = true; x.send() }})"
            ),
            AFTER,
        ),
    ),
    Scenario(
        name="preflight-sets",
        promise="The response to a preflight sets no cookies.",
        responses={
            f"{SHOP}/": START,
            f"OPTIONS {API}/put": Response(
                status=204, set_cookies=(b"preflight=1; Domain=shop.test",)
            ),
            f"{API}/put": Response(set_cookies=(b"put=1; Domain=shop.test",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{API}/put", method="PUT", credentials="include")),
            AFTER,
        ),
    ),
    Scenario(
        name="reload-of-post",
        promise="Reloading the page that a form led to posts the form again.",
        responses={f"{SHOP}/": START, f"{SHOP}/post": Response(set_cookies=(b"posted=1",))},
        steps=(Go(f"{SHOP}/"), Leave(form(f"{SHOP}/post")), Reload(), AFTER),
    ),
    Scenario(
        name="navigation-without-content",
        promise="A navigation with a 204 response keeps the page, and stores the cookies.",
        responses={
            f"{SHOP}/": START,
            f"{SHOP}/204": Response(status=204, set_cookies=(b"kept=1",)),
        },
        steps=(Go(f"{SHOP}/"), Act("void (location = '/204')", until=f"{SHOP}/204"), AFTER),
    ),
    Scenario(
        name="data-page",
        promise="A page with an opaque origin is cross-site to every site.",
        responses={f"{SHOP}/": START, f"{SHOP}/image": SETS, f"{SHOP}/in": SETS},
        steps=(
            Go(f"{SHOP}/"),
            Go(f"data:text/html,<img src='{SHOP}/image'>"),
            Leave(link(f"{SHOP}/in")),
            AFTER,
        ),
    ),
)
