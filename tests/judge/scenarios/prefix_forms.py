"""Name prefixes in each case of letters, over each kind of connection, on each kind of path."""

from __future__ import annotations

from tests.judge.scenario import Go, Response, Scenario
from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test"
DEEP = f"{SHOP}/d/e"

_HOST = (
    b"__Host-a=1; Secure; Path=/",
    b"__Host-b=1; Secure",
    b"__Host-c=1; Secure; Path=",
    b"__Host-d=1; Secure; Path=d",
    b"__Host-e=1; Secure; Path=/d",
    b"__Host-f=1; Secure; Path=/; Domain=",
    b"__Host-g=1; Secure; Path=/; Domain=shop.test",
    b"__Host-h=1; Path=/",
    b"__Host-i=1; Secure; Path=/d; Path=/",
    b"__Host-j=1; Secure; Path=/; Path=",
    b"__Host-k=1; Secure; Path=//",
    b"__Host-l=1; Secure; Path",
    b'__Host-m=1; Secure; Path="/"',
)
_HTTP = (
    b"__Http-a=1; Secure; HttpOnly",
    b"__Http-b=1; Secure",
    b"__HTTP-c=1; HttpOnly",
    b"__http-d=1; Secure; HttpOnly; Domain=shop.test; Path=/d",
    b"__Host-Http-e=1; Secure; HttpOnly; Path=/",
    b"__Host-Http-f=1; Secure; HttpOnly",
    b"__host-http-g=1; Secure; Path=/",
    b"__HOST-HTTP-h=1; HttpOnly; Path=/",
    b"__Host-Http-i=1; Secure; HttpOnly; Path=/d",
    b"__Host-Http-j=1; Secure; HttpOnly; Path=/; Domain=shop.test",
    b"__Http-Host-k=1; Secure",
)
_EACH = (
    b"__Secure-a=1; Secure",
    b"__Secure-b=1",
    b"__Host-a=1; Secure; Path=/",
    b"__Host-b=1; Path=/",
    b"__Http-a=1; Secure; HttpOnly",
    b"__Http-b=1; HttpOnly",
    b"__Host-Http-a=1; Secure; HttpOnly; Path=/",
    b"__Host-Http-b=1; HttpOnly; Path=/",
    b"__secure-c=1",
    b"__HOST-c=1; Path=/",
)

SCENARIOS = (
    visits(
        "prefix-secure-in-any-case",
        "__Secure- requires Secure in any case of letters, and no more.",
        {
            f"{SHOP}/d/e": (
                b"__Secure-a=1; Secure",
                b"__secure-b=1; Secure; Domain=shop.test; Path=/",
                b"__SECURE-c=1",
                b"__sEcUrE-d=1; HttpOnly",
                b"__Secure-=1; Secure",
                b"__Secure-e; Secure",
                b"__Secure-f=1; Secure=no",
            )
        },
        f"{SHOP}/",
        f"{SHOP}/d/",
        "https://www.shop.test/d",
    ),
    visits(
        "prefix-host-at-the-root",
        "__Host- at a URL whose default-path is /.",
        {f"{SHOP}/": _HOST},
        f"{SHOP}/d",
        "https://www.shop.test/",
    ),
    visits(
        "prefix-host-below-the-root",
        "__Host- at a URL whose default-path is /d.",
        {DEEP: _HOST},
        f"{SHOP}/",
        f"{SHOP}/d",
    ),
    visits(
        "prefix-http-at-the-root",
        "__Http- and __Host-Http- at a URL whose default-path is /.",
        {f"{SHOP}/": _HTTP},
        f"{SHOP}/d",
    ),
    visits(
        "prefix-http-below-the-root",
        "__Http- and __Host-Http- at a URL whose default-path is /d.",
        {DEEP: _HTTP},
        f"{SHOP}/",
        f"{SHOP}/d",
    ),
    visits(
        "prefix-on-plain-http",
        "No prefixed cookie is stored over plain http.",
        {"http://shop.test/": _EACH},
        f"{SHOP}/",
    ),
    visits(
        "prefix-on-each-loopback",
        "Prefixed cookies over plain http on the names and addresses of this machine.",
        {
            "http://localhost:5000/": _EACH,
            "http://127.0.0.1:5000/": _EACH,
            "http://app.localhost:5000/": _EACH,
            "http://[::1]:5000/": _EACH,
        },
        "http://localhost:5001/",
        "https://localhost:5000/",
    ),
    visits(
        "prefix-almost",
        "Names that are nearly a prefix are names like any other.",
        {
            f"{SHOP}/": (
                b"__Secure=1",
                b"_Secure-a=1",
                b"__Secure_b=1",
                b" __Secure-c=1",
                b"__ Secure-d=1",
                b'"__Secure-e"=1',
                b"x__Host-f=1",
                b"__Host=1",
                b"__Hostess-g=1",
                b"__Host-",
                b"__Secure-",
                b"__Http-",
                "__Ｈost-h=1".encode(),
            )
        },
        f"{SHOP}/",
    ),
    Scenario(
        name="prefix-replaced-and-deleted",
        promise="A deletion of a prefixed cookie has to obey its prefix, as setting it does.",
        group="added",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(
                    b"__Host-a=1; Secure; Path=/",
                    b"__Host-b=1; Secure; Path=/",
                    b"__Secure-c=1; Secure; Domain=shop.test",
                    b"__Secure-d=1; Secure",
                    b"__Host-e=1; Secure; Path=/",
                )
            ),
            f"{SHOP}/d/e": Response(
                set_cookies=(
                    b"__Host-a=; Max-Age=0; Path=/",
                    b"__Host-b=; Max-Age=0; Secure",
                    b"__Secure-c=; Max-Age=0; Domain=shop.test; Path=/",
                    b"__Secure-d=; Max-Age=0; Secure; Domain=shop.test; Path=/",
                    b"__Host-e=2; Secure; HttpOnly; Path=/",
                )
            ),
            "http://shop.test/": Response(set_cookies=(b"__Host-e=; Max-Age=0; Secure; Path=/",)),
            f"{SHOP}/right": Response(
                set_cookies=(
                    b"__Host-a=; Max-Age=0; Path=/; Secure",
                    b"__Secure-c=; Max-Age=0; Domain=shop.test; Path=/; Secure",
                )
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(DEEP),
            Go(f"{SHOP}/seen"),
            Go("http://shop.test/"),
            Go(f"{SHOP}/right"),
            Go(f"{SHOP}/end"),
        ),
    ),
)
