"""Clear-Site-Data and deletions: what they take, and what stays."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image, fetch, frame, image, page
from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
API = "https://api.shop.test"
DEEP = "https://a.www.shop.test"
OTHER = "https://other.test"
ADS = "https://ads.test"

COOKIES = b'Clear-Site-Data: "cookies"'

_TREE = {
    f"{url}/": Response(
        set_cookies=(b"host%d=1" % number, b"wide%d=1; Domain=%s" % (number, url[8:].encode()))
    )
    for number, url in enumerate((SHOP, WWW, API, DEEP))
}
"""Each host of one site sets a host-only cookie and one for its own domain."""


def clears(name: str, promise: str, url: str, response: Response) -> Scenario:
    """Return a scenario in which one URL of a site clears, and all hosts are visited again."""
    hosts = tuple(Go(f"{host}/end") for host in (SHOP, WWW, API, DEEP))
    return Scenario(
        name=name,
        promise=promise,
        group="added",
        responses={**_TREE, url: response},
        steps=(*map(Go, _TREE), Go(url), *hosts),
    )


SCENARIOS = (
    clears(
        "clear-at-the-parent",
        "Clear-Site-Data at a domain that has hosts below it.",
        f"{SHOP}/clear",
        Response(headers=(COOKIES,)),
    ),
    clears(
        "clear-at-a-child",
        "Clear-Site-Data at a host with a parent, a child and a sibling.",
        f"{WWW}/clear",
        Response(headers=(COOKIES,)),
    ),
    clears(
        "clear-everything",
        "The star clears cookies too.",
        f"{WWW}/clear",
        Response(headers=(b'Clear-Site-Data: "*"',)),
    ),
    clears(
        "clear-and-set",
        "A Set-Cookie of the response that clears, in every form of Domain.",
        f"{WWW}/clear",
        Response(
            headers=(COOKIES,),
            set_cookies=(
                b"new=1; Path=/",
                b"wide=1; Path=/; Domain=shop.test",
                b"own=1; Path=/; Domain=www.shop.test",
                b"host1=2; Path=/",
                b"host0=2; Path=/; Domain=shop.test",
            ),
        ),
    ),
    clears(
        "clear-and-delete",
        "A deletion beside Clear-Site-Data, and a refused line.",
        f"{SHOP}/clear",
        Response(
            headers=(b'Clear-Site-Data: "cookies", "storage"',),
            set_cookies=(b"host0=; Max-Age=0; Path=/", b"bad=1; Domain=other.test"),
        ),
    ),
    clears(
        "clear-by-redirect",
        "A redirect that clears, sets a cookie, and leads to a page of the same site.",
        f"{SHOP}/clear",
        Response(
            status=302, location=f"{WWW}/after", headers=(COOKIES,), set_cookies=(b"hop=1; Path=/",)
        ),
    ),
    Scenario(
        name="clear-spellings",
        promise="Only the quoted types count, in their own case, in one header field or several.",
        group="added",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"a=1; Path=/",)),
            **{
                f"{SHOP}/{number}": Response(headers=headers, set_cookies=(b"own%d=1" % number,))
                for number, headers in enumerate(
                    (
                        (b"Clear-Site-Data: cookies",),
                        (b"Clear-Site-Data: 'cookies'",),
                        (b'Clear-Site-Data: "Cookies"',),
                        (b'Clear-Site-Data: "cache", "storage"',),
                        (b'Clear-Site-Data: "cookies" "storage"',),
                        (b'Clear-Site-Data: "executionContexts"',),
                        (b'Clear-Site-Data: ["cookies"]',),
                        (b'Clear-Site-Data: "bogus","cookies"',),
                        (b'Clear-Site-Data: "storage"', b'Clear-Site-Data: "cookies"'),
                        (b'Clear-Site-Data:"cookies" ,',),
                        (b'clear-site-data: "cookies";x',),
                    )
                )
            },
        },
        steps=(
            *(step for number in range(11) for step in (Go(f"{SHOP}/"), Go(f"{SHOP}/{number}"))),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="clear-over-http",
        promise="Clear-Site-Data counts over https and on loopback, not over plain http.",
        group="added",
        responses={
            "http://shop.test/": Response(set_cookies=(b"a=1",)),
            "http://shop.test/clear": Response(headers=(COOKIES,), set_cookies=(b"b=1; Path=/",)),
            "http://localhost:5000/": Response(set_cookies=(b"c=1",)),
            "http://localhost:5000/clear": Response(headers=(COOKIES,)),
            "http://127.0.0.1:5000/": Response(set_cookies=(b"d=1",)),
            "http://127.0.0.1:5001/clear": Response(headers=(COOKIES,)),
        },
        steps=(
            Go("http://shop.test/"),
            Go("http://shop.test/clear"),
            Go("http://shop.test/end"),
            Go("http://localhost:5000/"),
            Go("http://localhost:5000/clear"),
            Go("http://localhost:5001/end"),
            Go("http://127.0.0.1:5000/"),
            Go("http://127.0.0.1:5001/clear"),
            Go("http://127.0.0.1:5000/end"),
        ),
    ),
    Scenario(
        name="clear-from-a-subresource",
        promise="An image, a fetch and a frame of another site clear that site's cookies.",
        group="added",
        responses={
            f"{ADS}/": Response(set_cookies=(b"a=1; Secure; SameSite=None", b"s=1")),
            f"{ADS}/clear": Response(
                headers=(COOKIES,), set_cookies=(b"x=1; Secure; SameSite=None",)
            ),
            f"{SHOP}/frames": Response(body=page(frame(f"{ADS}/clear"))),
            f"{SHOP}/images": Response(body=page(image(f"{ADS}/clear"))),
        },
        steps=(
            Go(f"{ADS}/"),
            Go(f"{SHOP}/images"),
            Go(f"{ADS}/one"),
            Go(f"{ADS}/"),
            Go(f"{SHOP}/page"),
            Act(fetch(f"{ADS}/clear", credentials="include")),
            Go(f"{ADS}/two"),
            Go(f"{ADS}/"),
            Go(f"{SHOP}/frames"),
            Go(f"{ADS}/three"),
        ),
    ),
    Scenario(
        name="clear-in-a-partition",
        promise="An embedded response clears its own partition, not that under another site.",
        group="added",
        responses={
            **{
                f"{top}/": Response(body=page(image(f"{ADS}/set"), frame(f"{ADS}/frame")))
                for top in (SHOP, OTHER)
            },
            f"{ADS}/set": Response(
                set_cookies=(
                    b"p=1; Secure; SameSite=None; Partitioned",
                    b"u=1; Secure; SameSite=None",
                )
            ),
            f"{ADS}/clear": Response(headers=(COOKIES,)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Act(add_image(f"{ADS}/clear")),
            Act(add_image(f"{ADS}/seen")),
            Go(f"{SHOP}/page"),
            Act(add_image(f"{ADS}/end")),
        ),
    ),
    visits(
        "delete-on-another-path",
        "A deletion removes the cookie of exactly its path; the default-path is a path like any.",
        {
            f"{SHOP}/a/b/c": (
                b"x=1; Path=/",
                b"x=2; Path=/a",
                b"x=3; Path=/a/b",
                b"x=4; Path=/a/",
                b"x=5; Path=/a/b/",
            ),
            f"{SHOP}/a/b/d": (b"x=; Max-Age=0",),
            f"{SHOP}/a/b/e": (b"x=; Max-Age=0; Path=/a",),
            f"{SHOP}/a/b/f": (b"x=; Max-Age=0; Path=/nowhere", b"x=; Max-Age=0; Path=/A"),
            f"{SHOP}/a/b/g": (b"x=; Max-Age=0; Path=/", b"x=; Max-Age=0; Path=/a/b/"),
        },
        f"{SHOP}/a/b/c",
    ),
    visits(
        "delete-on-another-domain",
        "A deletion removes the cookie of exactly its domain; a host-only one has its own.",
        {
            f"{WWW}/": (
                b"x=1",
                b"x=2; Domain=www.shop.test",
                b"x=3; Domain=shop.test",
            ),
            f"{WWW}/one": (b"x=; Max-Age=0; Path=/; Domain=.shop.test",),
            f"{WWW}/two": (b"x=; Max-Age=0; Path=/; Domain=other.test",),
            f"{WWW}/three": (b"x=; Max-Age=0; Path=/",),
            f"{SHOP}/four": (b"x=; Max-Age=0; Path=/; Domain=www.shop.test",),
            f"{DEEP}/five": (b"x=; Max-Age=0; Path=/; Domain=www.shop.test",),
        },
        f"{WWW}/end",
    ),
    visits(
        "delete-with-other-attributes",
        "Secure, HttpOnly and SameSite do not belong to a cookie's key; over http Secure protects.",
        {
            f"{SHOP}/": (
                b"a=1; Secure; HttpOnly; SameSite=Strict; Path=/",
                b"b=1; Secure; Path=/",
                b"c=1; Secure; SameSite=None; Partitioned; Path=/",
                b"d=1; Path=/; Max-Age=500",
                b"e=1; Path=/",
            ),
            f"{SHOP}/one": (
                b"a=; Max-Age=0; Path=/",
                b"c=; Max-Age=0; Path=/; Secure",
                b"d=; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Path=/",
                b"e=",
            ),
            "http://shop.test/two": (b"b=; Max-Age=0; Path=/", b"d=; Max-Age=-1; Path=/"),
            f"{SHOP}/three": (b"c=; Max-Age=0; Path=/; Secure; Partitioned",),
        },
        f"{SHOP}/end",
    ),
    visits(
        "delete-and-set-together",
        "In one response the lines take effect one after the other.",
        {
            f"{SHOP}/": (b"a=1; Path=/", b"b=1; Path=/", b"c=1; Path=/"),
            f"{SHOP}/again": (
                b"a=; Max-Age=0; Path=/",
                b"a=2; Path=/",
                b"b=2; Path=/",
                b"b=; Max-Age=0; Path=/",
                b"c=; Max-Age=0; Path=/",
                b"c=3; Path=/; Max-Age=0",
                b"d=1; Path=/",
                b"d=; Max-Age=0; Path=/",
                b"d=2; Path=/; Secure",
                b"e=; Max-Age=0; Path=/",
            ),
        },
        f"{SHOP}/end",
    ),
)
