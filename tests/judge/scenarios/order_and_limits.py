"""The order in the Cookie header, how many cookies fit, and what ports and schemes share."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image
from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
DEEP = "https://a.www.shop.test"


def many(name: bytes, count: int, attributes: bytes = b"", first: int = 0) -> tuple[bytes, ...]:
    """Return lines with numbered names."""
    return tuple(
        b"%s%03d=1; Path=/%s" % (name, number, attributes) for number in range(first, first + count)
    )


SCENARIOS = (
    visits(
        "order-by-path-and-age",
        "One name on four paths and three domains: the longest path first, then the oldest.",
        {
            f"{WWW}/a/b/": (
                b"x=1; Path=/",
                b"x=2; Path=/a/b",
                b"x=3; Path=/; Domain=shop.test",
                b"x=4; Path=/a; Domain=shop.test",
                b"x=5; Path=/a",
                b"x=6; Path=/a/b; Domain=www.shop.test",
                b"x=7; Path=/a/",
                b"y=1; Path=/a",
            ),
            f"{WWW}/a/b/again": (b"x=8; Path=/", b"x=9; Path=/a/b", b"y=2; Path=/a; HttpOnly"),
        },
        f"{WWW}/a/b/c",
        f"{WWW}/a",
        f"{DEEP}/a/b",
        f"{SHOP}/a/b",
    ),
    visits(
        "order-after-changes",
        "What a new value, new attributes, a new lifetime and a deletion do to a cookie's place.",
        {
            f"{SHOP}/": many(b"c", 6),
            f"{SHOP}/value": (b"c000=2; Path=/",),
            f"{SHOP}/same": (b"c001=1; Path=/",),
            f"{SHOP}/attributes": (b"c002=1; Path=/; Secure; HttpOnly; SameSite=Strict",),
            f"{SHOP}/lifetime": (b"c003=1; Path=/; Max-Age=500",),
            f"{SHOP}/gone": (b"c004=; Path=/; Max-Age=0",),
            f"{SHOP}/back": (b"c004=1; Path=/", b"c005=1; Path=/; Domain=shop.test"),
        },
        f"{SHOP}/end",
    ),
    visits(
        "order-within-a-response",
        "Cookies of one response keep its order; a line that comes twice counts once.",
        {
            f"{SHOP}/": (
                b"z=1; Path=/",
                b"y=1; Path=/",
                b"x=1; Path=/",
                b"z=2; Path=/",
                b"w=1; Path=/a",
                b"y=1; Path=/",
                b"v=1; Path=/a/b",
            )
        },
        f"{SHOP}/a/b",
    ),
    visits(
        "fifty-cookies",
        "Fifty cookies per host and more are no reason to drop any.",
        {f"{SHOP}/": many(b"a", 60), f"{WWW}/": many(b"b", 60, b"; Domain=shop.test")},
        f"{WWW}/end",
        f"{SHOP}/end",
    ),
    visits(
        "limit-reached-slowly",
        "More than 180 cookies of one host, set by one response after the other.",
        {f"{SHOP}/{part}": many(b"n", 50, first=50 * part) for part in range(4)},
        f"{SHOP}/end",
    ),
    visits(
        "limit-at-once",
        "More than 180 cookies of one host in a single response.",
        {f"{SHOP}/": many(b"n", 200), f"{SHOP}/more": many(b"m", 40)},
        f"{SHOP}/end",
    ),
    visits(
        "limit-over-hosts",
        "Cookies of a host, of its sub-hosts and of its domain count together.",
        {
            f"{SHOP}/": many(b"s", 70),
            f"{WWW}/": many(b"w", 70),
            f"{DEEP}/": many(b"d", 70, b"; Domain=shop.test"),
            "https://other.test/": many(b"o", 70),
        },
        f"{SHOP}/end",
        f"{WWW}/end",
        "https://other.test/end",
    ),
    visits(
        "limit-spares-the-used",
        "Which cookies go: used ones, Secure ones, and those about to expire.",
        {
            f"{SHOP}/": (
                *many(b"k", 60, b"; Secure"),
                *many(b"p", 60),
                *many(b"t", 40, b"; Max-Age=900"),
            ),
            f"{SHOP}/x/": tuple(b"x%03d=1; Path=/x" % number for number in range(15)),
            f"{SHOP}/more": many(b"m", 30, b"; HttpOnly"),
        },
        f"{SHOP}/x/end",
    ),
    visits(
        "header-of-32-kib",
        "Eight cookies of four kibibytes are all sent.",
        {
            f"{SHOP}/{part}": tuple(
                b"big%d%d=%s; Path=/" % (part, number, b"x" * 4000) for number in range(4)
            )
            for part in range(2)
        },
        f"{SHOP}/end",
    ),
    visits(
        "secure-on-localhost",
        "Secure cookies over plain http on the names and addresses of this machine.",
        {
            "http://localhost:5000/": (
                b"a=1; Secure",
                b"b=1; SameSite=None; Secure",
                b"c=1; SameSite=None",
                b"d=1; Secure; Partitioned",
                b"e=1",
            ),
            "http://127.0.0.1:5000/": (b"f=1; Secure", b"g=1; SameSite=None; Secure", b"h=1"),
        },
        "http://localhost:5000/end",
        "https://localhost:5000/end",
        "http://127.0.0.1:5000/end",
    ),
    Scenario(
        name="ports-share-cookies",
        promise="Two apps on two ports of one host overwrite each other's cookies.",
        group="added",
        responses={
            "http://localhost:3000/": Response(set_cookies=(b"session=front", b"front=1")),
            "http://localhost:8000/": Response(set_cookies=(b"session=back", b"back=1")),
            "http://localhost:8000/gone": Response(set_cookies=(b"front=; Max-Age=0; Path=/",)),
        },
        steps=(
            Go("http://localhost:3000/"),
            Go("http://localhost:8000/"),
            Go("http://localhost:3000/end"),
            Act(add_image("http://localhost:8000/image")),
            Go("http://localhost:8000/gone"),
            Go("http://localhost:3000/end"),
            Go("https://localhost:8443/"),
        ),
    ),
    visits(
        "secure-and-insecure-hosts",
        "Over http a Secure cookie's name is taken, on its path and below, and on every sub-host.",
        {
            f"{SHOP}/": (
                *(b"a%d=1; Secure; Path=/" % number for number in range(4)),
                *(b"b%d=1; Secure; Path=/x" % number for number in range(2)),
                *(b"c%d=1; Secure; Path=/; Domain=shop.test" % number for number in range(3)),
            ),
            "http://shop.test/": (
                b"a0=2; Path=/",
                b"a1=2; Path=/x",
                b"b0=2; Path=/",
                b"b1=2; Path=/x",
                b"c0=2; Path=/",
                b"d=2; Secure; Path=/",
            ),
            "http://www.shop.test/": (
                b"a2=3; Path=/",
                b"a3=3; Path=/; Domain=shop.test",
                b"c1=3; Path=/",
                b"c2=; Path=/; Domain=shop.test; Max-Age=0",
            ),
        },
        f"{SHOP}/x",
        f"{WWW}/x",
        "http://www.shop.test/x",
    ),
)
