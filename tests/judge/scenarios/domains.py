"""Domain and host-only, sub- and superdomains, public suffixes, addresses."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image
from tests.judge.scenarios.attributes import lines

SHOP = "https://shop.test/"
WWW = "https://www.shop.test/"
API = "https://api.shop.test/"
DEEP = "https://a.www.shop.test/"

SCENARIOS = (
    Scenario(
        name="host-only",
        promise="Without Domain a cookie is sent to its own host only.",
        responses={
            SHOP: (Response(set_cookies=(b"apex=1",)), Response()),
            WWW: (Response(set_cookies=(b"www=1",)), Response()),
        },
        steps=(Go(SHOP), Go(WWW), Go(API), Go(DEEP), Go(SHOP), Go(WWW)),
    ),
    Scenario(
        name="domain-cookie",
        promise="With Domain a cookie is sent to that domain and its subdomains.",
        responses={
            WWW: (
                Response(
                    set_cookies=(
                        b"up=1; Domain=shop.test",
                        b"own=1; Domain=www.shop.test",
                        b"dot=1; Domain=.shop.test",
                        b"case=1; Domain=SHOP.Test",
                        b"same=host",
                        b"same=domain; Domain=www.shop.test",
                    )
                ),
                Response(),
            ),
        },
        steps=(Go(WWW), Go(SHOP), Go(API), Go(DEEP), Go(WWW), Go("https://other.test/")),
    ),
    lines(
        "domain-refused",
        "A cookie whose Domain does not cover the host is refused.",
        b"a=1; Domain=other.test",
        b"b=1; Domain=www.shop.test",
        b"c=1; Domain=hop.test",
        b"d=1; Domain=..shop.test",
        b"e=1; Domain=shop.test.",
        b"f=1; Domain=shop",
        b"g=1; Domain=.",
        b"h=1; Domain=",
        b"i=1; Domain= shop.test ",
        b"j=1; Domain=shop.test:443",
        b"k=1; Domain=https://shop.test",
        b"ok=1",
    ),
    lines(
        "domain-top-level",
        "A top-level domain is a public suffix, listed or not.",
        b"a=1; Domain=test",
        b"b=1; Domain=.test",
        b"c=1; Domain=com",
        b"ok=1",
    ),
    lines(
        "public-suffix",
        "No host can set cookies for a public suffix.",
        b"a=1; Domain=github.io",
        b"b=1; Domain=.github.io",
        b"c=1; Domain=io",
        b"d=1; Domain=shop.github.io",
        b"ok=1",
        url="https://shop.github.io/",
    ),
    Scenario(
        name="host-is-public-suffix",
        promise="A public suffix may set cookies for itself only.",
        responses={
            "https://github.io/": (
                Response(set_cookies=(b"a=1; Domain=github.io", b"b=1", b"c=1; Domain=.github.io")),
                Response(),
            )
        },
        steps=(Go("https://github.io/"), Go("https://shop.github.io/"), Go("https://github.io/")),
    ),
    lines(
        "domain-not-ascii",
        "A cookie whose Domain is not ASCII is refused.",
        "a=1; Domain=shöp.test".encode(),
        b"b=1; Domain=sh\xf6p.test",
        b"ok=1",
        b"c=1; Domain=xn--shp-una.test",
        url="https://xn--shp-una.test/",
    ),
    lines(
        "loopback-address",
        "On an IP address, Domain must be that address.",
        b"a=1; Domain=127.0.0.1",
        b"b=1; Domain=.127.0.0.1",
        b"c=1; Domain=0.0.1",
        b"d=1",
        b"e=1; Domain=1",
        b"f=1; Domain=localhost",
        url="http://127.0.0.1:5000/",
    ),
    lines(
        "ipv6-address",
        "An IPv6 address is a host like any other.",
        b"a=1",
        b"b=1; Domain=[::1]",
        b"c=1; Domain=::1",
        b"d=1; Secure",
        url="http://[::1]:5000/",
    ),
    lines(
        "single-label",
        "A host of a single label may name itself in Domain.",
        b"a=1; Domain=localhost",
        b"b=1; Domain=.localhost",
        b"c=1",
        b"d=1; Domain=local",
        url="http://localhost:5000/",
    ),
    Scenario(
        name="ports-share",
        promise="All ports of a host share one jar.",
        responses={"http://localhost:5000/": Response(set_cookies=(b"a=1",))},
        steps=(
            Go("http://localhost:5000/"),
            Go("http://localhost:5001/"),
            Go("http://127.0.0.1:5000/"),
        ),
    ),
    Scenario(
        name="subdomain-of-localhost",
        promise="A name under localhost is a site of its own, and counts as secure.",
        responses={
            "http://app.localhost:5000/": Response(
                set_cookies=(
                    b"a=1; Secure",
                    b"b=1; Domain=localhost",
                    b"c=1; SameSite=None; Secure",
                )
            ),
            "http://localhost:5000/": Response(set_cookies=(b"d=1; Domain=localhost",)),
        },
        steps=(
            Go("http://app.localhost:5000/"),
            Go("http://localhost:5000/"),
            Act(add_image("http://app.localhost:5000/image")),
            Go("http://app.localhost:5000/"),
        ),
    ),
    Scenario(
        name="trailing-dot",
        promise="A host with a trailing dot is a different host.",
        responses={
            "https://shop.test./": Response(
                set_cookies=(b"a=1", b"b=1; Domain=shop.test.", b"c=1; Domain=shop.test")
            ),
        },
        steps=(Go("https://shop.test./"), Go(SHOP), Go("https://shop.test./")),
    ),
    Scenario(
        name="order-of-header",
        promise="Longer paths come first, then older cookies; a new value keeps its place.",
        responses={
            SHOP: Response(set_cookies=(b"a=1", b"b=1", b"deep=1; Path=/x/y", b"mid=1; Path=/x")),
            "https://shop.test/again": Response(
                set_cookies=(b"a=2; Path=/", b"late=1; Path=/x/y", b"b=2; Path=/; Domain=shop.test")
            ),
        },
        steps=(Go(SHOP), Go("https://shop.test/again"), Go("https://shop.test/x/y"), Go(SHOP)),
    ),
)
