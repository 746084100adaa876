"""Journeys: requests that scripts and the browser make for a page: streams, beacons, reports."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Go,
    Leave,
    Response,
    Scenario,
    UntilHeld,
    fetch,
    image,
    link,
    page,
)
from tests.judge.scenarios.journeys import on_load

SHOP = "https://shop.test"
API = "https://api.shop.test"
NEWS = "https://news.test"
REPORTS = "https://reports.test"

STATE = (
    b"session=1; Path=/; Domain=shop.test; HttpOnly; Secure; SameSite=Lax",
    b"strict=1; Path=/; Domain=shop.test; Secure; SameSite=Strict",
    b"none=1; Path=/; Domain=shop.test; Secure; SameSite=None",
)


def socket(url: str) -> str:
    """Return a script that opens a WebSocket, and closes it once it is open."""
    return (
        f"new Promise(done => {{ const s = new WebSocket('{url}');"
        " s.onopen = s.onerror = () => { s.close(); done() } })"
    )


def events(url: str, options: str = "") -> str:
    """Return a script that reads an event stream until the server ends it for good."""
    return (
        f"new Promise(done => {{ const e = new EventSource('{url}'{options});"
        " e.onerror = () => { if (e.readyState === 2) done() } })"
    )


SCENARIOS = (
    Scenario(
        name="event-stream",
        promise="An event stream that reconnects sends the cookies of that moment.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=STATE),
            f"{SHOP}/events": (
                Response(
                    headers=(b"Content-Type: text/event-stream",),
                    body="retry: 1\ndata: one\n\n",
                    set_cookies=(b"stream=1",),
                ),
                Response(status=204, set_cookies=(b"stream=; Max-Age=0", b"ended=1")),
            ),
            f"{API}/events": Response(status=204, set_cookies=(b"other=1",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(events("/events")),
            Act(events(f"{API}/events", ", {withCredentials: true}")),
            Act(events(f"{API}/bare")),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="live-chat",
        promise="WebSockets of the page's own host, of its API, and from another site's page.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=STATE),
            f"{SHOP}/ws": Response(websocket=True, set_cookies=(b"ws=1; Path=/",)),
            f"{API}/ws": Response(
                websocket=True, set_cookies=(b"api=1; Path=/; Secure; SameSite=None",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(socket("wss://shop.test/ws")),
            Act(socket("wss://api.shop.test/ws")),
            Go(f"{NEWS}/"),
            Act(socket("wss://api.shop.test/ws")),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="beacon-on-leaving",
        promise="A beacon as the page goes carries the cookies of that moment.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=STATE,
                body=page(
                    "<script>onpagehide = () => navigator.sendBeacon('/beacon', 'x')</script>"
                ),
            ),
            f"{SHOP}/beacon": Response(status=204, set_cookies=(b"beacon=1",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Leave(link(f"{NEWS}/"), until=f"{SHOP}/beacon"),
            UntilHeld("beacon"),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="policy-reports",
        promise="Reports of a content policy, to the page's own host and to another site.",
        group="journey",
        responses={
            f"{REPORTS}/": Response(set_cookies=(b"id=1; Secure; SameSite=None",)),
            f"{SHOP}/": Response(set_cookies=STATE),
            f"{SHOP}/own": Response(
                headers=(b"Content-Security-Policy: img-src 'none'; report-uri /csp",),
                body=page(image(f"{SHOP}/blocked")),
            ),
            f"{SHOP}/csp": Response(status=204, set_cookies=(b"reported=1",)),
            f"{SHOP}/foreign": Response(
                headers=(
                    b"Content-Security-Policy: img-src 'none'; report-uri https://reports.test/csp",
                ),
                body=page(image(f"{SHOP}/blocked")),
            ),
            f"{REPORTS}/csp": Response(
                status=204, set_cookies=(b"got=1; Path=/; Secure; SameSite=None",)
            ),
        },
        steps=(
            Go(f"{REPORTS}/"),
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/own", until=f"{SHOP}/csp"),
            Go(f"{SHOP}/foreign", until=f"{REPORTS}/csp"),
            Go(f"{SHOP}/end"),
            Go(f"{REPORTS}/end"),
        ),
    ),
    Scenario(
        name="reporting-endpoints",
        promise="Reports that the browser collects and delivers later, to either kind of site.",
        group="journey",
        responses={
            f"{REPORTS}/": Response(set_cookies=(b"id=1; Secure; SameSite=None",)),
            f"{SHOP}/": Response(set_cookies=STATE),
            **{
                f"{SHOP}/{kind}": Response(
                    headers=(
                        b'Reporting-Endpoints: csp="%s/reports"' % site.encode(),
                        b"Content-Security-Policy: img-src 'none'; report-to csp",
                    ),
                    body=page(image(f"{SHOP}/blocked")),
                )
                for kind, site in (("own", SHOP), ("foreign", REPORTS))
            },
            f"{REPORTS}/reports": Response(
                status=204, set_cookies=(b"got=1; Path=/; Secure; SameSite=None",)
            ),
        },
        steps=(
            Go(f"{REPORTS}/"),
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/own", until=f"{SHOP}/reports"),
            Go(f"{SHOP}/foreign", until=f"{REPORTS}/reports"),
            Go(f"{SHOP}/end"),
            Go(f"{REPORTS}/end"),
        ),
    ),
    Scenario(
        name="fetch-credentials",
        promise="fetch with each kind of credentials, to the same origin, a sibling, another site.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=STATE),
            f"{NEWS}/": Response(set_cookies=(b"news=1; Secure; SameSite=None",)),
            **{
                f"{site}/{kind}": Response(
                    set_cookies=(
                        b"%s=1; Path=/; Secure; SameSite=None" % kind.encode().replace(b"-", b"_"),
                    )
                )
                for site in (SHOP, API, NEWS)
                for kind in ("omit", "same-origin", "include")
            },
        },
        steps=(
            Go(f"{NEWS}/"),
            Go(f"{SHOP}/"),
            *(
                Act(fetch(f"{site}/{kind}", credentials=kind))
                for site in (SHOP, API, NEWS)
                for kind in ("omit", "same-origin", "include")
            ),
            Go(f"{API}/end"),
            Go(f"{NEWS}/end"),
        ),
    ),
    Scenario(
        name="login-by-fetch-without-credentials",
        promise="A sign-in by fetch that forgets its credentials: nothing is stored.",
        group="journey",
        responses={
            f"{API}/login": Response(
                set_cookies=(b"session=1; Path=/; Secure; HttpOnly; SameSite=None",)
            ),
            f"{API}/me": Response(set_cookies=(b"me=1; Path=/; Secure; SameSite=None",)),
        },
        steps=(
            Go(f"{NEWS}/"),
            Act(fetch(f"{API}/login", method="POST")),
            Act(fetch(f"{API}/me", credentials="include")),
            Act(fetch(f"{API}/login", method="POST", credentials="include")),
            Act(fetch(f"{API}/me", credentials="include")),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="api-with-preflight",
        promise="A JSON API on another site: preflights carry nothing, the calls after them do.",
        group="journey",
        responses={
            f"{API}/": Response(set_cookies=STATE),
            f"OPTIONS {API}/put": Response(status=204, set_cookies=(b"pre=1; Path=/",)),
            f"{API}/put": (
                Response(set_cookies=(b"put=1; Path=/; Secure; SameSite=None",)),
                Response(set_cookies=(b"put=2; Path=/; Secure; SameSite=None",)),
            ),
        },
        steps=(
            Go(f"{API}/"),
            Go(f"{NEWS}/"),
            Act(fetch(f"{API}/put", method="PUT", credentials="include")),
            Act(fetch(f"{API}/put", method="PUT")),
            Go(f"{API}/end"),
        ),
    ),
    Scenario(
        name="parallel-first-visit",
        promise="A page whose images all start a session of their own: the last one stays.",
        group="journey",
        problems=frozenset({"late-response"}),
        races=True,
        responses={
            f"{SHOP}/": Response(body=page(*(image(f"{SHOP}/i{number}") for number in range(6)))),
            **{
                f"{SHOP}/i{number}": Response(
                    set_cookies=(b"session=%d; Path=/" % number, b"i%d=1; Path=/" % number)
                )
                for number in range(6)
            },
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/end"), Go(f"{SHOP}/last")),
        by_script=frozenset({"session"}),
    ),
    Scenario(
        name="polling",
        promise="A page that asks again and again: the cookie that ends it is sent once.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"job=1",),
                body=page(on_load(f"{fetch('/poll')}.then(() => {fetch('/again')})")),
            ),
            f"{SHOP}/poll": (
                Response(set_cookies=(b"progress=50",)),
                Response(),
            ),
            f"{SHOP}/again": (
                Response(set_cookies=(b"progress=; Max-Age=0", b"job=; Max-Age=0", b"done=1")),
                Response(),
            ),
        },
        steps=(Go(f"{SHOP}/", until=f"{SHOP}/again"), Act(fetch("/poll")), Act(fetch("/again"))),
    ),
)
