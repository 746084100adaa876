"""Partitioned cookies (CHIPS)."""

from __future__ import annotations

from tests.judge.scenario import Act, Answer, Go, Scenario, fetch, frame, image, page
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
        "Partitioned needs Secure; SameSite is another matter.",
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
        promise="A Partitioned cookie belongs to the site in the address bar above it.",
        answers={
            f"{SHOP}/": Answer(body=page(frame(f"{ADS}/frame"))),
            f"{OTHER}/": Answer(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": (Answer(set_cookies=PARTS), Answer()),
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
        promise="Each top-level site has its own partition, and the site itself one more.",
        answers={
            f"{SHOP}/": Answer(body=page(image(f"{ADS}/image"))),
            f"{OTHER}/": Answer(body=page(image(f"{ADS}/image"))),
            f"{ADS}/image": (
                Answer(set_cookies=(b"p=shop; SameSite=None; Secure; Partitioned; Path=/",)),
                Answer(set_cookies=(b"p=other; SameSite=None; Secure; Partitioned; Path=/",)),
                Answer(),
            ),
            f"{ADS}/": Answer(set_cookies=(b"p=ads; SameSite=None; Secure; Partitioned; Path=/",)),
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
        promise="A site within another within itself has a partition apart from its own.",
        answers={
            f"{SHOP}/": (
                Answer(set_cookies=(b"top=1; SameSite=None; Secure; Partitioned",)),
                Answer(),
            ),
            f"{SHOP}/page": Answer(body=page(frame(f"{ADS}/middle"))),
            f"{ADS}/middle": Answer(body=page(frame(f"{SHOP}/inner"))),
            f"{SHOP}/inner": (
                Answer(set_cookies=(b"in=1; SameSite=None; Secure; Partitioned; Path=/",)),
                Answer(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), Go(f"{SHOP}/page"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-fetch",
        promise="A fetch to another site uses the partition of the page.",
        answers={f"{ADS}/api": (Answer(set_cookies=PARTS), Answer())},
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
        promise="A partitioned cookie and an unpartitioned namesake live and die apart.",
        answers={
            f"{SHOP}/": (
                Answer(set_cookies=(b"a=u; Secure", b"a=p; Secure; Partitioned")),
                Answer(set_cookies=(b"a=; Secure; Max-Age=0",)),
                Answer(set_cookies=(b"a=; Secure; Partitioned; Max-Age=0",)),
                Answer(),
            )
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-beside-insecure",
        promise="A Secure cookie of a partition does not keep an insecure namesake out.",
        answers={
            f"{SHOP}/": (Answer(set_cookies=(b"a=p; Secure; Partitioned",)), Answer()),
            "http://shop.test/": Answer(set_cookies=(b"a=u",)),
        },
        steps=(Go(f"{SHOP}/"), Go("http://shop.test/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-room",
        promise="A partition has room for 10 KiB of names and values; the least used cookies go.",
        answers={
            f"{SHOP}/": (
                Answer(
                    set_cookies=(
                        b"u=" + b"u" * 4000 + b"; Secure",
                        *(
                            b"%c=" % name + b"p" * 4000 + b"; Secure; Partitioned"
                            for name in b"abc"
                        ),
                        b"d=1; Secure; Partitioned",
                    )
                ),
                Answer(set_cookies=(b"e=" + b"p" * 4000 + b"; Secure; Partitioned",)),
                Answer(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
    Scenario(
        name="partitioned-many",
        promise="Of over 180 cookies in a partition the least used goes, whatever its priority.",
        answers={
            f"{SHOP}/": (
                Answer(
                    set_cookies=tuple(
                        b"n%03d=1; Secure; Partitioned; Priority=%s"
                        % (number, b"Low" if number else b"High")
                        for number in range(181)
                    )
                ),
                Answer(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/")),
    ),
)
