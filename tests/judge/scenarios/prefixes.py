"""Name prefixes."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Reload, Response, Scenario
from tests.judge.scenarios.attributes import PLAIN, lines

SCENARIOS = (
    lines(
        "prefix-secure",
        "__Secure- requires Secure.",
        b"__Secure-a=1; Secure",
        b"__Secure-b=1",
        b"__secure-c=1",
        b"__SECURE-d=1; Secure",
        b"__Secure-e=1; Secure; Domain=shop.test; Path=/x",
        b"__Secure-=1; Secure",
        b"__Secure=1",
    ),
    lines(
        "prefix-host",
        "__Host- requires Secure, Path=/ and no Domain.",
        b"__Host-a=1; Secure; Path=/",
        b"__Host-b=1; Secure",
        b"__Host-c=1; Path=/",
        b"__Host-d=1; Secure; Path=/; Domain=shop.test",
        b"__Host-e=1; Secure; Path=/x",
        b"__host-f=1; Path=/",
        b"__HOST-g=1; Secure; Path=/",
        b"__Host-h=1; Secure; Path=/; Domain=",
        b"__Host-i=1; Secure; Path=/; Domain=; Max-Age=100",
        b"__Host-=1; Secure; Path=/",
    ),
    Scenario(
        name="prefix-host-default-path",
        promise="__Host- requires Path=/, written or as the default-path.",
        responses={
            "https://shop.test/": Response(set_cookies=(b"__Host-a=1; Secure",)),
            "https://shop.test/x/": Response(
                set_cookies=(b"__Host-b=1; Secure", b"__Host-c=1; Secure; Path=x")
            ),
        },
        steps=(Go("https://shop.test/"), Go("https://shop.test/x/"), Go("https://shop.test/")),
    ),
    lines(
        "prefix-http",
        "__Http- requires Secure and HttpOnly; __Host-Http- also what __Host- requires.",
        b"__Http-a=1; Secure; HttpOnly",
        b"__Http-b=1; Secure",
        b"__Http-c=1; HttpOnly",
        b"__http-d=1; Secure",
        b"__Host-Http-a=1; Secure; HttpOnly; Path=/",
        b"__Host-Http-b=1; Secure; Path=/",
        b"__Host-Http-c=1; Secure; HttpOnly; Path=/x",
        b"__Host-Http-d=1; HttpOnly; Path=/",
        b"__HttpHost-e=1",
        b"__Host-Http-f=1; Secure; HttpOnly; Path=/; Domain=shop.test",
    ),
    lines(
        "prefix-nameless",
        "The value of a nameless cookie must not look like a prefixed name.",
        b"__Secure-a",
        b"=__Host-b=1; Secure; Path=/",
        b"__Host-c",
        b"__Http-d",
        b"=__Host-Http-e",
        b"=__secure-f=1",
        b"= __Host-g=1",
        b"ok=__Host-h",
    ),
    lines(
        "prefix-over-http",
        "Prefixes do not work over plain http.",
        b"__Secure-a=1; Secure",
        b"__Host-b=1; Secure; Path=/",
        b"__Secure-c=1",
        b"ok=1",
        url=PLAIN,
    ),
    lines(
        "prefix-on-loopback",
        "For prefixes, loopback counts as secure.",
        b"__Secure-a=1; Secure",
        b"__Host-b=1; Secure; Path=/",
        b"__Secure-c=1",
        b"__Http-d=1; Secure; HttpOnly",
        b"__Host-e=1; Secure",
        b"plain=1; Secure",
        url="http://localhost:5000/",
    ),
    Scenario(
        name="prefix-by-script",
        promise="Prefixed cookies that scripts set are at most unexplained.",
        responses={"https://shop.test/": Response(set_cookies=(b"server=1",))},
        steps=(
            Go("https://shop.test/"),
            Act("document.cookie = '__Http-js=1; Secure'; document.cookie = '__Host-js=1'"),
            Reload(),
        ),
        by_script=frozenset({"__Http-js", "__Host-js"}),
    ),
)
