"""Partitioned cookies (CHIPS)."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, fetch, frame, image, page
from tests.judge.scenarios.attributes import lines

SHOP = "https://shop.test"
OTHER = "https://other.test"
ADS = "https://ads.test"

PARTS = (
    b"p=1; SameSite=None; Secure; Partitioned",
    b"u=1; SameSite=None; Secure",
    b"q=1; Secure; Partitioned",
    b"h=1; SameSite=Lax; Secure; Partitioned",
)

SCENARIOS = (
    lines(
        "partitioned-attribute",
        "Partitioned requires Secure; SameSite is independent of it.",
        b"a=1; Partitioned",
        b"b=1; Partitioned; Secure",
        b"c=1; Partitioned; SameSite=None",
        b"d=1; partitioned=yes; Secure; SameSite=Strict",
        b"__Host-e=1; Path=/; Secure; Partitioned; SameSite=None",
        b"f=1; Secure",
        b"f=2; Secure; Partitioned",
    ),
    Scenario(
        name="partitioned-frame",
        promise="A Partitioned cookie belongs to the top-level site that it was set under.",
        responses={
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"))),
            f"{OTHER}/": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": (Response(set_cookies=PARTS), Response()),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Go(f"{ADS}/frame"),
            Go(f"{SHOP}/"),
        ),
    ),
    Scenario(
        name="partitioned-each-site",
        promise="Each top-level site has its own partition, and the site itself has another.",
        responses={
            f"{SHOP}/": Response(body=page(image(f"{ADS}/image"))),
            f"{OTHER}/": Response(body=page(image(f"{ADS}/image"))),
            f"{ADS}/image": (
                Response(set_cookies=(b"p=shop; SameSite=None; Secure; Partitioned; Path=/",)),
                Response(set_cookies=(b"p=other; SameSite=None; Secure; Partitioned; Path=/",)),
                Response(),
            ),
            f"{ADS}/": Response(
                set_cookies=(b"p=ads; SameSite=None; Secure; Partitioned; Path=/",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Go(f"{ADS}/"),
            Go(f"{SHOP}/"),
            Go(f"{OTHER}/"),
            Go(f"{ADS}/end"),
        ),
    ),
    Scenario(
        name="partitioned-nested",
        promise="A site framed by another site inside itself has a separate partition.",
        responses={
            f"{SHOP}/": (
                Response(set_cookies=(b"top=1; SameSite=None; Secure; Partitioned",)),
                Response(),
            ),
            f"{SHOP}/page": Response(body=page(frame(f"{ADS}/middle"))),
            f"{ADS}/middle": Response(body=page(frame(f"{SHOP}/inner"))),
            f"{SHOP}/inner": (
                Response(set_cookies=(b"in=1; SameSite=None; Secure; Partitioned; Path=/",)),
                Response(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), Go(f"{SHOP}/page"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-fetch",
        promise="A fetch to another site uses the partition of the page.",
        responses={f"{ADS}/api": (Response(set_cookies=PARTS), Response())},
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{ADS}/api", credentials="include")),
            Act(fetch(f"{ADS}/api", credentials="include")),
            Go(f"{OTHER}/"),
            Act(fetch(f"{ADS}/api", credentials="include")),
        ),
    ),
    Scenario(
        name="partitioned-deletion",
        promise="A partitioned cookie and an unpartitioned one of the same name are independent.",
        responses={
            f"{SHOP}/": (
                Response(set_cookies=(b"a=u; Secure", b"a=p; Secure; Partitioned")),
                Response(set_cookies=(b"a=; Secure; Max-Age=0",)),
                Response(set_cookies=(b"a=; Secure; Partitioned; Max-Age=0",)),
                Response(),
            )
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-beside-insecure",
        promise="A Secure cookie in a partition does not protect the name outside of it.",
        responses={
            f"{SHOP}/": (Response(set_cookies=(b"a=p; Secure; Partitioned",)), Response()),
            "http://shop.test/": Response(set_cookies=(b"a=u",)),
        },
        steps=(Go(f"{SHOP}/"), Go("http://shop.test/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-room",
        promise="A partition holds 10 KiB of names and values; the least used cookies are evicted.",
        responses={
            f"{SHOP}/": (
                Response(
                    set_cookies=(
                        b"u=" + b"u" * 4000 + b"; Secure",
                        *(
                            b"%c=" % name + b"p" * 4000 + b"; Secure; Partitioned"
                            for name in b"abc"
                        ),
                        b"d=1; Secure; Partitioned",
                    )
                ),
                Response(set_cookies=(b"e=" + b"p" * 4000 + b"; Secure; Partitioned",)),
                Response(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-many",
        promise="Of over 180 cookies in a partition the least used goes, whatever the priority.",
        responses={
            f"{SHOP}/": (
                Response(
                    set_cookies=tuple(
                        b"n%03d=1; Secure; Partitioned; Priority=%s"
                        % (number, b"Low" if number else b"High")
                        for number in range(181)
                    )
                ),
                Response(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
)
