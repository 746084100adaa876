"""Journeys: the ways in which pages are loaded, ahead of time, again, by upgrade and by mistake."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Back,
    Go,
    Leave,
    Reload,
    Response,
    Scenario,
    UntilHeld,
    fetch,
    form,
    image,
    link,
    page,
)
from tests.judge.scenarios.journeys import on_load

SHOP = "https://shop.test"
HTTP = "http://shop.test"
WWW = "https://www.shop.test"
NEWS = "https://news.test"

_NO_RULES = "Firefox has no speculation rules."
_NO_PRERENDER = "With DevTools attached, Chromium fetches such a page but does not render it."

STATE = Response(
    set_cookies=(
        b"session=1; Path=/; HttpOnly; Secure; SameSite=Lax",
        b"strict=1; Path=/; Secure; SameSite=Strict",
        b"none=1; Path=/; Secure; SameSite=None",
    )
)


def speculates(kind: str, url: str) -> str:
    """Return a script element with speculation rules."""
    rules = f'{{"{kind}": [{{"urls": ["{url}"], "eagerness": "immediate"}}]}}'
    return f'<script type="speculationrules">{rules}</script>'


SCENARIOS = (
    Scenario(
        name="service-worker-answers",
        promise="A service worker installs, claims the page, and fetches what the page asks for.",
        group="journey",
        responses={
            f"{SHOP}/": STATE,
            f"{SHOP}/sw.js": Response(
                headers=(b"Content-Type: text/javascript",),
                set_cookies=(b"script=1; Path=/",),
                body="oninstall = e => e.waitUntil(fetch('/precache').then(() => skipWaiting()));"
                "onactivate = e => e.waitUntil(clients.claim());"
                "onfetch = e => { const path = new URL(e.request.url).pathname;"
                " if (path === '/api') e.respondWith(fetch(e.request));"
                " if (path === '/bare') e.respondWith(fetch('/bare', {credentials: 'omit'})) }",
            ),
            f"{SHOP}/precache": Response(set_cookies=(b"precached=1; Path=/",)),
            f"{SHOP}/api": Response(set_cookies=(b"api=1; Path=/",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "new Promise(done => { navigator.serviceWorker.oncontrollerchange = () => done();"
                " navigator.serviceWorker.register('/sw.js') })"
            ),
            Act(fetch(f"{SHOP}/api")),
            Act(fetch(f"{SHOP}/bare")),
            Act(fetch(f"{SHOP}/passed")),
            Act("navigator.serviceWorker.getRegistration().then(one => one.unregister())"),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="prefetched-link",
        promise="A link that is prefetched: its cookies come before the user follows it.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE.set_cookies,
                body=page('<link rel="prefetch" href="/next">'),
            ),
            f"{SHOP}/next": Response(
                headers=(b"Cache-Control: max-age=60",), set_cookies=(b"next=1; Path=/",)
            ),
        },
        steps=(Go(f"{SHOP}/", until=f"{SHOP}/next"), Leave(link(f"{SHOP}/after")), Reload()),
    ),
    Scenario(
        name="prefetched-by-rules",
        promise="A page that speculation rules prefetch sends its cookies and stores its own.",
        group="journey",
        seen=True,
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE.set_cookies, body=page(speculates("prefetch", "/next"))
            ),
            f"{SHOP}/next": Response(set_cookies=(b"next=1; Path=/",)),
        },
        steps=(Go(f"{SHOP}/", until=f"{SHOP}/next"), Leave(link(f"{SHOP}/after")), Reload()),
        cannot={"firefox": _NO_RULES},
    ),
    Scenario(
        name="prerender-fetched",
        promise="A page that is fetched to be prerendered sends its cookies and stores its own.",
        group="journey",
        seen=True,
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE.set_cookies, body=page(speculates("prerender", "/next"))
            ),
            f"{SHOP}/next": Response(set_cookies=(b"next=1; Path=/",)),
        },
        steps=(Go(f"{SHOP}/", until=f"{SHOP}/next"), Leave(link(f"{SHOP}/after")), Reload()),
        cannot={"firefox": _NO_RULES},
    ),
    Scenario(
        name="prerendered-page",
        promise="The images of a page that is prerendered send and store cookies before it shows.",
        group="journey",
        seen=True,
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE.set_cookies, body=page(speculates("prerender", "/next"))
            ),
            f"{SHOP}/next": Response(
                set_cookies=(b"next=1; Path=/",), body=page(image(f"{SHOP}/image"))
            ),
            f"{SHOP}/image": Response(set_cookies=(b"image=1; Path=/",)),
        },
        steps=(Go(f"{SHOP}/", until=f"{SHOP}/image"), Leave(link(f"{SHOP}/after")), Reload()),
        cannot={
            "chromium": _NO_PRERENDER,
            "chromium-blocked": _NO_PRERENDER,
            "firefox": _NO_RULES,
        },
    ),
    Scenario(
        name="back-and-forward",
        promise="Going back after a sign-out loads the page again, without the session.",
        group="journey",
        responses={
            f"{SHOP}/": STATE,
            f"{SHOP}/account": Response(set_cookies=(b"viewed=1; Path=/",)),
            f"{SHOP}/logout": Response(
                status=303, location="/bye", set_cookies=(b"session=; Path=/; Max-Age=0; Secure",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/account"),
            Leave(form(f"{SHOP}/logout")),
            Back(),
            Go(f"{NEWS}/"),
            Back(),
            Reload(),
        ),
    ),
    Scenario(
        name="new-windows",
        promise="Links to new windows of the same site and of another one, and what they set.",
        group="journey",
        responses={
            f"{SHOP}/": STATE,
            f"{SHOP}/help": Response(set_cookies=(b"help=1; Path=/",)),
            f"{NEWS}/": Response(),
            f"{SHOP}/from-news": Response(set_cookies=(b"from=1; Path=/; SameSite=Strict",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("void window.open('/help', 'help')", until=f"{SHOP}/help"),
            Act(f"void window.open('{WWW}/blog', '_blank', 'noopener')", until=f"{WWW}/blog"),
            Go(f"{NEWS}/"),
            Act(f"void window.open('{SHOP}/from-news')", until=f"{SHOP}/from-news"),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="meta-refresh-to-login",
        promise="A page that refreshes to a sign-in on its own site, which refreshes back.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE.set_cookies,
                body='<meta http-equiv="refresh" content="0;url=/login">',
            ),
            f"{SHOP}/login": Response(
                set_cookies=(b"login=1; SameSite=Strict",),
                body=f'<meta http-equiv="refresh" content="0;url={WWW}/home">',
            ),
        },
        steps=(Go(f"{SHOP}/", until=f"{WWW}/home"), Go(f"{SHOP}/end")),
    ),
    Scenario(
        name="post-kept-by-307",
        promise="A form that moves to another host by 307 and to https by 308 stays a POST.",
        group="journey",
        responses={
            f"{SHOP}/": STATE,
            f"{SHOP}/order": Response(
                status=307, location=f"{WWW}/order", set_cookies=(b"order=1; Domain=shop.test",)
            ),
            f"{WWW}/order": Response(
                status=308, location=f"{SHOP}/v2/order", set_cookies=(b"moved=1; Domain=shop.test",)
            ),
            f"{SHOP}/v2/order": Response(
                status=303, location="/done", set_cookies=(b"receipt=1; Path=/",)
            ),
        },
        steps=(Go(f"{SHOP}/"), Leave(form(f"{SHOP}/order")), Reload(), Go(f"{WWW}/end")),
    ),
    Scenario(
        name="unchanged-since",
        promise="A page and an image that are revalidated: 304 with new cookies, page after page.",
        group="journey",
        responses={
            f"{SHOP}/": (
                Response(
                    headers=(b'ETag: "1"', b"Cache-Control: no-cache"),
                    set_cookies=(b"session=1", b"seen=1"),
                ),
                Response(
                    status=304,
                    headers=(b'ETag: "1"', b"Cache-Control: no-cache"),
                    set_cookies=(b"session=2", b"seen=; Max-Age=0", b"also=1"),
                ),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/other"), Go(f"{SHOP}/"), Go(f"{SHOP}/other")),
    ),
    Scenario(
        name="download",
        promise="A download keeps the page, and stores its cookies.",
        group="journey",
        responses={
            f"{SHOP}/": STATE,
            f"{SHOP}/file": Response(
                headers=(
                    b"Content-Type: application/octet-stream",
                    b'Content-Disposition: attachment; filename="report.bin"',
                ),
                set_cookies=(b"downloaded=1; Path=/",),
            ),
            f"{SHOP}/get": Response(status=302, location="/file", set_cookies=(b"token=1",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(link(f"{SHOP}/get"), until=f"{SHOP}/file"),
            UntilHeld("downloaded"),
            Go(f"{SHOP}/after"),
            Go(f"{NEWS}/"),
            Act(link(f"{SHOP}/file"), until=f"{SHOP}/file"),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="upgrade-to-https",
        promise="A typed http address, upgraded by a redirect and from then on by the browser.",
        group="journey",
        responses={
            f"{HTTP}/": Response(
                status=301, location=f"{SHOP}/", set_cookies=(b"plain=1", b"secure=1; Secure")
            ),
            f"{SHOP}/": Response(
                headers=(b"Strict-Transport-Security: max-age=600",),
                set_cookies=(b"session=1; Secure; HttpOnly", b"plain=2"),
            ),
        },
        steps=(
            Go(f"{HTTP}/"),
            Go(f"{HTTP}/page"),
            Leave(link(f"{HTTP}/next")),
            Act(fetch(f"{SHOP}/api")),
        ),
    ),
    Scenario(
        name="localhost-hop",
        promise="An app on localhost whose sign-in runs on 127.0.0.1: they share no cookie.",
        group="journey",
        responses={
            "http://localhost:3000/": Response(set_cookies=(b"visit=1",)),
            "http://localhost:3000/login": Response(
                status=302,
                location="http://127.0.0.1:8000/authorize",
                set_cookies=(b"state=1; HttpOnly; SameSite=Lax",),
            ),
            "http://127.0.0.1:8000/authorize": Response(
                status=302,
                location="http://127.0.0.1:3000/callback",
                set_cookies=(b"sso=1; Secure", b"flow=1"),
            ),
            "http://127.0.0.1:3000/callback": Response(
                status=302,
                location="http://localhost:3000/home",
                set_cookies=(b"session=1; HttpOnly",),
            ),
        },
        steps=(
            Go("http://localhost:3000/"),
            Leave(link("http://localhost:3000/login")),
            Act(fetch("http://127.0.0.1:8000/api", credentials="include")),
            Go("http://127.0.0.1:3000/"),
        ),
    ),
    Scenario(
        name="pages-that-fail",
        promise="Error pages set cookies as others do, also from images and from a reload.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                status=503,
                headers=(b"Retry-After: 1",),
                set_cookies=(b"queue=1",),
                body=page(image(f"{SHOP}/missing")),
            ),
            f"{SHOP}/missing": Response(status=404, set_cookies=(b"lost=1",)),
            f"{SHOP}/gone": Response(
                status=410, set_cookies=(b"queue=; Max-Age=0",), body=page("gone")
            ),
        },
        steps=(Go(f"{SHOP}/"), Reload(), Go(f"{SHOP}/gone"), Go(f"{SHOP}/end")),
    ),
    Scenario(
        name="push-state",
        promise="A single-page app changes its address without a request; fetches keep the site.",
        group="journey",
        responses={
            f"{SHOP}/app/": Response(set_cookies=(b"app=1", b"root=1; Path=/; SameSite=Strict")),
            f"{SHOP}/app/api": Response(set_cookies=(b"api=1",)),
        },
        steps=(
            Go(f"{SHOP}/app/"),
            Act("history.pushState({}, '', '/other/page')"),
            Act(fetch(f"{SHOP}/app/api")),
            Act(fetch(f"{SHOP}/other/api")),
            Reload(),
            Leave(link(f"{SHOP}/app/end")),
        ),
    ),
    Scenario(
        name="opened-from-a-message",
        promise="A page opened from another program, and an onward link from its first page.",
        group="journey",
        responses={
            f"{SHOP}/invite": Response(
                set_cookies=(b"invite=1; Path=/; SameSite=Strict", b"lax=1; Path=/"),
                body=page(on_load(fetch(f"{SHOP}/api"))),
            ),
        },
        steps=(
            Go(f"{SHOP}/invite", until=f"{SHOP}/api"),
            Leave(link(f"{SHOP}/join")),
            Go("about:blank"),
            Leave(link(f"{SHOP}/again")),
        ),
    ),
)
