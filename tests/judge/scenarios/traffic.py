"""Scripts, statuses, redirects, caches, sockets, parallel requests, private windows, evictions."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    ClearCookies,
    Go,
    Leave,
    Reload,
    Response,
    Scenario,
    fetch,
    form,
    image,
    page,
)

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
SIDE = tuple(f"https://side{number}.shop.test/" for number in range(8))
"""URLs for parallel requests: one host each, so that no request waits for a connection."""


def _websocket(url: str) -> str:
    return (
        f"new Promise(done => {{ const s = new WebSocket('{url}');"
        " s.onopen = s.onerror = () => { s.close(); done(); }; })"
    )


SCENARIOS = (
    Scenario(
        name="script-sets",
        promise="A cookie that a script sets is unexplained, and never missing.",
        responses={f"{SHOP}/": (Response(set_cookies=(b"server=1",)), Response())},
        steps=(
            Go(f"{SHOP}/"),
            Act("document.cookie = 'js=1'"),
            Reload(),
            Act("document.cookie = 'js=; Max-Age=0'"),
            Reload(),
            Reload(),
        ),
        by_script=frozenset({"js"}),
    ),
    Scenario(
        name="script-changes",
        promise="A script can delete or change a cookie, but not an HttpOnly one.",
        responses={
            f"{SHOP}/": (Response(set_cookies=(b"a=1", b"b=1", b"c=1; HttpOnly")), Response())
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("for (const c of ['a=2', 'b=; Max-Age=0', 'c=2']) document.cookie = c"),
            Reload(),
            Reload(),
        ),
        by_script=frozenset({"a", "b"}),
    ),
    Scenario(
        name="server-takes-over",
        promise="A Set-Cookie replaces a cookie that a script set, and is predicted from then on.",
        responses={
            f"{SHOP}/": Response(),
            f"{SHOP}/set": Response(set_cookies=(b"mine=2; Path=/", b"theirs=2; Path=/")),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("document.cookie = 'mine=1; Path=/'"),
            Go(f"{SHOP}/seen"),
            Go(f"{SHOP}/set"),
            Go(f"{SHOP}/after"),
            Go(f"{SHOP}/last"),
        ),
        by_script=frozenset({"mine"}),
    ),
    Scenario(
        name="cleared",
        promise="After the user has cleared the cookies none are sent.",
        responses={
            f"{SHOP}/": (Response(set_cookies=(b"gone=1",)), Response()),
            f"{SHOP}/new": Response(set_cookies=(b"fresh=1",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Reload(),
            ClearCookies(),
            Reload(),
            Reload(),
            Go(f"{SHOP}/new"),
            Reload(),
        ),
        by_script=frozenset({"gone"}),
    ),
    Scenario(
        name="clear-site-data",
        promise="Clear-Site-Data removes the cookies of the whole site, and of no other.",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"a=1", b"b=1; Domain=shop.test")),
            f"{WWW}/": Response(set_cookies=(b"c=1", b"d=1; Domain=shop.test")),
            "https://other.test/": Response(set_cookies=(b"e=1",)),
            f"{WWW}/clear": Response(
                headers=(b'Clear-Site-Data: "cache", "cookies"',), set_cookies=(b"f=1; Path=/",)
            ),
            "http://shop.test/clear": Response(headers=(b'Clear-Site-Data: "cookies"',)),
            f"{SHOP}/set": Response(set_cookies=(b"g=1; Path=/",)),
            f"{SHOP}/storage": Response(headers=(b'Clear-Site-Data: "storage"',)),
            f"{SHOP}/all": Response(headers=(b'Clear-Site-Data: "*"',)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{WWW}/"),
            Go("https://other.test/"),
            Go(f"{WWW}/clear"),
            Go(f"{WWW}/after"),
            Go(f"{SHOP}/set"),
            Go("http://shop.test/clear"),
            Go(f"{SHOP}/storage"),
            Go(f"{SHOP}/all"),
            Go(f"{SHOP}/end"),
            Go("https://other.test/end"),
        ),
    ),
    Scenario(
        name="clear-site-data-in-part",
        promise="Clear-Site-Data does not affect other partitions, and works for subresources.",
        responses={
            f"{SHOP}/": Response(body=page(image("https://ads.test/set"))),
            "https://ads.test/set": Response(
                set_cookies=(
                    b"p=1; Path=/; Secure; SameSite=None; Partitioned",
                    b"u=1; Path=/; Secure; SameSite=None",
                )
            ),
            "https://ads.test/": Response(
                set_cookies=(b"own=1; Secure; SameSite=None; Partitioned",)
            ),
            "https://ads.test/clear": Response(headers=(b'Clear-Site-Data: "cookies"',)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go("https://ads.test/"),
            Go("https://ads.test/clear"),
            Go("https://ads.test/end"),
            Go(f"{SHOP}/"),
            Act(fetch("https://ads.test/clear", mode="no-cors", credentials="omit")),
            Act(fetch("https://ads.test/clear", mode="no-cors", credentials="include")),
            Go(f"{SHOP}/"),
            Go("https://ads.test/end"),
        ),
    ),
    Scenario(
        name="statuses",
        promise="Cookies are stored whatever the status code.",
        responses={
            f"{SHOP}/{status}": Response(
                status=status, set_cookies=(b"s%d=1" % status,), body=page("no")
            )
            for status in (400, 401, 403, 404, 410, 418, 429, 500, 503)
        },
        steps=(
            *(Go(f"{SHOP}/{status}") for status in (400, 401, 403, 404, 410, 418, 429, 500, 503)),
            Go(f"{SHOP}/"),
        ),
    ),
    Scenario(
        name="no-content",
        promise="Cookies of a response without content are stored.",
        responses={f"{SHOP}/204": Response(status=204, set_cookies=(b"a=1",))},
        steps=(Go(f"{SHOP}/"), Act(fetch(f"{SHOP}/204")), Reload()),
    ),
    Scenario(
        name="redirects-set",
        promise="Each hop of a redirect stores its cookies before the next request.",
        responses={
            f"{SHOP}/1": Response(status=301, location="/2", set_cookies=(b"one=1",)),
            f"{SHOP}/2": Response(status=302, location="/x/3", set_cookies=(b"two=1; Path=/",)),
            f"{SHOP}/x/3": Response(
                status=307,
                location=f"{WWW}/4",
                set_cookies=(b"three=1", b"one=; Max-Age=0; Path=/"),
            ),
            f"{WWW}/4": Response(
                status=308, location=f"{SHOP}/x/5", set_cookies=(b"four=1; Domain=shop.test",)
            ),
            f"{SHOP}/x/5": Response(set_cookies=(b"two=2; Path=/",)),
        },
        steps=(Go(f"{SHOP}/1"), Go(f"{SHOP}/"), Go(f"{SHOP}/x/")),
    ),
    Scenario(
        name="login",
        promise="A login (POST, redirect, page), then a logout.",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"visit=1",)),
            f"{SHOP}/login": Response(
                status=303,
                location="/home",
                set_cookies=(b"session=abc; HttpOnly; Secure; SameSite=Lax",),
            ),
            f"{SHOP}/logout": Response(
                status=303, location="/", set_cookies=(b"session=; Max-Age=0; HttpOnly; Secure",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Leave(form(f"{SHOP}/login")),
            Reload(),
            Leave(form(f"{SHOP}/logout")),
        ),
    ),
    Scenario(
        name="not-modified",
        promise="A 304 response may set cookies.",
        responses={
            f"{SHOP}/": (
                Response(headers=(b'ETag: "1"', b"Cache-Control: no-cache"), set_cookies=(b"a=1",)),
                Response(
                    status=304,
                    headers=(b'ETag: "1"', b"Cache-Control: no-cache"),
                    set_cookies=(b"a=2", b"b=1"),
                ),
            )
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="websocket",
        promise="A WebSocket handshake sends and sets cookies.",
        responses={
            f"{SHOP}/": (
                Response(set_cookies=(b"a=1; SameSite=Strict", b"b=1; SameSite=None; Secure")),
                Response(),
            ),
            f"{SHOP}/ws": (
                Response(websocket=True, set_cookies=(b"ws=1; Path=/",)),
                Response(
                    websocket=True,
                    set_cookies=(b"ws=2; Path=/", b"wn=2; Path=/; SameSite=None; Secure"),
                ),
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(_websocket("wss://shop.test/ws")),
            Reload(),
            Go("https://other.test/"),
            Act(_websocket("wss://shop.test/ws")),
            Go(f"{SHOP}/"),
        ),
    ),
    Scenario(
        name="websocket-plain",
        promise="A WebSocket handshake over plain http sends and sets cookies.",
        responses={
            "http://shop.test/": (
                Response(set_cookies=(b"a=1; SameSite=Strict", b"b=1")),
                Response(),
            ),
            "http://shop.test/ws": Response(websocket=True, set_cookies=(b"ws=1; Path=/",)),
        },
        steps=(Go("http://shop.test/"), Act(_websocket("ws://shop.test/ws")), Reload()),
    ),
    Scenario(
        name="parallel",
        promise="Each of several parallel requests sends the cookies from when it started.",
        seen=True,
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"a=1; Domain=shop.test",), body=page(*map(image, SIDE))
            ),
            **{
                url: Response(set_cookies=(b"n%d=1; Domain=shop.test" % number,), after=SIDE)
                for number, url in enumerate(SIDE)
            },
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/end")),
    ),
    Scenario(
        name="out-of-order",
        promise="Responses store their cookies in the order of their arrival.",
        responses={
            f"{SHOP}/slow": Response(set_cookies=(b"a=slow; Path=/",), after=(f"{SHOP}/fast",)),
            f"{SHOP}/fast": Response(set_cookies=(b"a=fast; Path=/",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(f"Promise.all([{fetch(f'{SHOP}/slow')}, {fetch(f'{SHOP}/fast')}])"),
        ),
        by_script=frozenset({"a"}),
    ),
    Scenario(
        name="private-window",
        promise="A private window has a jar of its own.",
        responses={
            f"{SHOP}/": (
                Response(set_cookies=(b"a=1",)),
                Response(set_cookies=(b"a=2",)),
                Response(),
            )
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/", "private"),
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/", "private"),
        ),
    ),
    Scenario(
        name="many-cookies",
        promise="Of more than 180 cookies of one site the oldest are evicted, down to 150.",
        responses={
            f"{SHOP}/": Response(set_cookies=tuple(b"n%03d=1" % number for number in range(180))),
            f"{WWW}/more": Response(set_cookies=(b"n180=1", b"n181=1")),
            f"{SHOP}/page": Response(body=page(image(f"{SHOP}/image"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{WWW}/more"), Go(f"{SHOP}/page")),
    ),
    Scenario(
        name="many-cookies-secure",
        promise="Insecure cookies are evicted before Secure ones.",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(
                    *(b"s%03d=1; Secure" % number for number in range(100)),
                    *(b"p%03d=1" % number for number in range(81)),
                )
            ),
            f"{SHOP}/secure": Response(
                set_cookies=tuple(b"t%03d=1; Secure" % number for number in range(100))
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/secure"), Go(f"{SHOP}/end")),
    ),
    Scenario(
        name="head-and-put",
        promise="Same-site requests send the same cookies whatever the method.",
        responses={f"{SHOP}/": Response(set_cookies=(b"a=1; SameSite=Strict", b"b=1"))},
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/m", method="HEAD")),
            Act(fetch(f"{SHOP}/m", method="PUT")),
            Act(fetch(f"{SHOP}/m", method="DELETE")),
            Act(fetch(f"{SHOP}/m", method="PATCH")),
        ),
    ),
    Scenario(
        name="stylesheet-and-script",
        promise="Stylesheets, scripts and images of a stylesheet are judged by the page.",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"a=1; SameSite=Strict; Domain=shop.test", b"b=1"),
                body='<link rel="stylesheet" href="/style"><script src="/script"></script>',
            ),
            f"{SHOP}/style": Response(
                headers=(b"Content-Type: text/css",),
                body=f"body {{ background: url({WWW}/image) }}",
                set_cookies=(b"css=1",),
            ),
            f"{SHOP}/script": Response(
                headers=(b"Content-Type: text/javascript",), body=";", set_cookies=(b"js=1",)
            ),
        },
        steps=(Go(f"{SHOP}/"), Reload()),
    ),
)
