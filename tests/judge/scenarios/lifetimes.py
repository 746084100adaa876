"""Expires, Max-Age, the lifetime cap, deletion and expiry."""

from __future__ import annotations

from tests.judge.scenario import Go, Reload, Response, Scenario, UntilGone
from tests.judge.scenarios.attributes import lines

SHOP = "https://shop.test/"

SCENARIOS = (
    lines(
        "dates",
        "Dates are parsed as browsers parse them.",
        b"a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
        b"b=1; Expires=01 Jan 2027 10:20:30",
        b"c=1; Expires=Fri, 01-Jan-27 10:20:30 GMT",
        b"d=1; Expires=Jan 1 2027 10:20:30 PST",
        b"e=1; Expires=2027-01-01T10:20:30Z",
        b"f=1; Expires=nonsense",
        b"g=1; Expires=",
        b"h=1; Expires=Thu Jan  1 10:20:30 2027",
        b"i=1; Expires=1 Jan 2027 1:2:3",
        b"j=1; Expires=32 Jan 2027 10:20:30",
        b"k=1; Expires=1 Jan 2027 24:00:00",
        b"l=1; Expires=10:20:30 1 jAnUaRy 2027",
        b"m=1; Expires=1 Jan 2027",
    ),
    lines(
        "dates-past",
        "A cookie with a date in the past is not stored.",
        b"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        b"b=1; Expires=01 Jan 1601 00:00:00 GMT",
        b"c=1; Expires=01 Jan 1600 00:00:00 GMT",
        b"d=1; Expires=01 Jan 70 00:00:00 GMT",
        b"e=1; Expires=01 Jan 69 00:00:00 GMT",
        b"f=1; Expires=31 Feb 2027 00:00:00 GMT",
        b"g=1; Expires=01 Jan 1969 00:00:00 GMT",
        b"ok=1",
    ),
    lines(
        "max-age",
        "Max-Age is in seconds and overrides Expires.",
        b"a=1; Max-Age=1000",
        b"b=1; Max-Age=0",
        b"c=1; Max-Age=-1",
        b"d=1; Max-Age=",
        b"e=1; Max-Age=abc",
        b"f=1; Max-Age=10x",
        b"g=1; Max-Age=1.5",
        b"h=1; Max-Age=+100",
        b'i=1; Max-Age="100"',
        b"j=1; Max-Age=00100",
        b"k=1; Max-Age=-abc",
        b"l=1; Max-Age=-",
        b"m=1; Max-Age=1000; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        b"n=1; Max-Age=0; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
        b"o=1; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        b"p=1; Max-Age= 100 ",
    ),
    lines(
        "lifetime-cap",
        "No cookie lives longer than 400 days, however large the number.",
        b"a=1; Max-Age=34560000",
        b"b=1; Max-Age=34560001",
        b"c=1; Max-Age=99999999999",
        b"d=1; Max-Age=9999999999999999999999999999",
        b"e=1; Expires=31 Dec 9999 23:59:59 GMT",
        b"f=1; Max-Age=-9999999999999999999999999999",
        b"g=1; Max-Age=34559000",
    ),
    Scenario(
        name="deletion",
        promise="An expiry in the past deletes the cookie with that key, and no other.",
        responses={
            SHOP: (
                Response(
                    set_cookies=(b"a=1", b"b=1; Domain=shop.test", b"c=1; Path=/x", b"d=1; Secure")
                ),
                Response(
                    set_cookies=(
                        b"a=; Max-Age=0",
                        b"b=; Max-Age=0",
                        b"c=; Max-Age=0",
                        b"d=; Max-Age=-5",
                        b"none=; Max-Age=0",
                    )
                ),
                Response(
                    set_cookies=(b"b=; Max-Age=0; Domain=.shop.test", b"c=; Max-Age=0; Path=/x")
                ),
                Response(),
            ),
        },
        steps=(Go(SHOP), Reload(), Reload(), Go("https://shop.test/x"), Go(SHOP)),
    ),
    Scenario(
        name="expiry",
        promise="A cookie is removed once it has expired.",
        responses={
            SHOP: (Response(set_cookies=(b"short=1; Max-Age=2", b"long=1; Max-Age=90")), Response())
        },
        steps=(Go(SHOP), UntilGone("short"), Reload()),
    ),
    Scenario(
        name="lifetime-renewed",
        promise="A cookie that is set again gets the new lifetime: longer, or the session only.",
        responses={
            SHOP: (
                Response(set_cookies=(b"a=1; Max-Age=1000", b"b=1", b"c=1; Max-Age=1000")),
                Response(set_cookies=(b"c=1; Max-Age=5000", b"b=1; Max-Age=1000", b"a=1")),
                Response(set_cookies=(b"a=1; SameSite=Strict", b"b=1; HttpOnly", b"c=2; Secure")),
                Response(),
            )
        },
        steps=(Go(SHOP), Reload(), Reload(), Reload()),
    ),
    Scenario(
        name="skewed-date",
        promise="Expires is read by the server's clock, which Date shows to be wrong.",
        responses={
            SHOP: (
                Response(
                    headers=(b"Date: Thu, 02 Jan 2020 00:00:00 GMT",),
                    set_cookies=(
                        b"a=1; Expires=Fri, 03 Jan 2020 00:00:00 GMT",
                        b"b=1; Expires=Wed, 01 Jan 2020 00:00:00 GMT",
                        b"c=1; Max-Age=1000",
                        b"d=1",
                    ),
                ),
                Response(headers=(b"Date: nonsense",), set_cookies=(b"e=1; Max-Age=100",)),
                Response(),
            ),
            f"{SHOP}ahead": Response(
                headers=(b"Date: Thu, 02 Jan 2098 00:00:00 GMT",),
                set_cookies=(
                    b"f=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
                    b"g=1; Expires=Fri, 03 Jan 2098 00:00:00 GMT",
                ),
            ),
        },
        steps=(Go(SHOP), Reload(), Go(f"{SHOP}ahead"), Go(SHOP)),
    ),
    Scenario(
        name="set-again-after-deletion",
        promise="A cookie that was deleted and set again comes last in the header.",
        responses={
            SHOP: (
                Response(set_cookies=(b"a=1", b"b=1")),
                Response(set_cookies=(b"a=; Max-Age=0", b"a=2")),
                Response(),
            )
        },
        steps=(Go(SHOP), Reload(), Reload()),
    ),
)
