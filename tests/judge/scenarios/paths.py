"""Paths and default-paths."""

from __future__ import annotations

from tests.judge.scenario import Go, Response, Scenario

BASE = "https://shop.test"

SCENARIOS = (
    Scenario(
        name="default-path",
        promise="Without Path a cookie gets the directory of the URL that set it.",
        responses={
            f"{BASE}/": Response(set_cookies=(b"root=1",)),
            f"{BASE}/a": Response(set_cookies=(b"in_root=1",)),
            f"{BASE}/a/": Response(set_cookies=(b"in_a=1",)),
            f"{BASE}/a/b/c": Response(set_cookies=(b"in_b=1", b"bad=1; Path=b", b"empty=1; Path=")),
            f"{BASE}/q?x=/y/z": Response(set_cookies=(b"query=1",)),
        },
        steps=(
            Go(f"{BASE}/"),
            Go(f"{BASE}/a"),
            Go(f"{BASE}/a/"),
            Go(f"{BASE}/a/b/c"),
            Go(f"{BASE}/q?x=/y/z"),
            Go(f"{BASE}/a/b"),
            Go(f"{BASE}/a/b/"),
            Go(f"{BASE}/a/bc"),
            Go(f"{BASE}/ab"),
            Go(f"{BASE}/a/b/c/d"),
            Go(f"{BASE}/"),
        ),
    ),
    Scenario(
        name="path-match",
        promise="A path matches itself and everything below it, byte for byte.",
        responses={
            f"{BASE}/": Response(
                set_cookies=(
                    b"foo=1; Path=/foo",
                    b"slash=1; Path=/foo/",
                    b"up=1; Path=/Foo",
                    b"esc=1; Path=/f%6Fo",
                    b"space=1; Path=/a b",
                    b"semi=1; Path=/s",
                    b"dots=1; Path=/x/../foo",
                    b'quoted=1; Path="/foo"',
                )
            ),
        },
        steps=(
            Go(f"{BASE}/"),
            Go(f"{BASE}/foo"),
            Go(f"{BASE}/foo/"),
            Go(f"{BASE}/foobar"),
            Go(f"{BASE}/foo/bar"),
            Go(f"{BASE}/Foo"),
            Go(f"{BASE}/f%6Fo"),
            Go(f"{BASE}/a%20b"),
            Go(f"{BASE}/s;x=1"),
            Go(f"{BASE}/foo?q=/"),
            Go(f"{BASE}//foo"),
        ),
    ),
    Scenario(
        name="same-name-other-path",
        promise="One name on two paths is two cookies; each is deleted with its own path.",
        responses={
            f"{BASE}/": (Response(set_cookies=(b"a=root",)), Response()),
            f"{BASE}/x/": (
                Response(set_cookies=(b"a=x",)),
                Response(set_cookies=(b"a=; Max-Age=0; Path=/",)),
                Response(set_cookies=(b"a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",)),
            ),
        },
        steps=(
            Go(f"{BASE}/"),
            Go(f"{BASE}/x/"),
            Go(f"{BASE}/x/"),
            Go(f"{BASE}/x/"),
            Go(f"{BASE}/"),
        ),
    ),
)
