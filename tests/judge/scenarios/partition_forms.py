"""Partitions under other sites, in nested frames, popups and redirects, and storage access."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image, fetch, frame, image, page
from tests.judge.scenarios.journeys import on_load

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
OTHER = "https://other.test"
ADS = "https://ads.test"
CDN = "https://cdn.test"

CHIP = b"chip=1; Path=/; Secure; SameSite=None; Partitioned"
PLAIN = b"plain=1; Path=/; Secure; SameSite=None"
BOTH = Response(set_cookies=(CHIP, PLAIN))


def asks_for_access(url: str) -> Response:
    """Return a frame that asks for storage access, and loads an image in any case."""
    ask = f"document.requestStorageAccess().catch(() => 0).then(() => new Image().src = '{url}')"
    return Response(set_cookies=(CHIP,), body=page(on_load(ask)))


SCENARIOS = (
    Scenario(
        name="partition-three-deep",
        promise="Frames within frames: the partition is the top site's at every depth.",
        group="added",
        responses={
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/outer"))),
            f"{ADS}/outer": Response(set_cookies=(CHIP, PLAIN), body=page(frame(f"{CDN}/inner"))),
            f"{CDN}/inner": Response(
                set_cookies=(CHIP, PLAIN), body=page(image(f"{ADS}/image"), image(f"{CDN}/image"))
            ),
            f"{CDN}/": Response(body=page(image(f"{ADS}/elsewhere"))),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{CDN}/"), Go(f"{ADS}/end")),
    ),
    Scenario(
        name="partition-with-ancestor",
        promise="The top site inside a frame of another site has a partition apart from its own.",
        group="added",
        responses={
            f"{SHOP}/": (Response(set_cookies=(b"chip=top; Secure; Partitioned",)), Response()),
            f"{SHOP}/page": Response(body=page(frame(f"{ADS}/middle"), frame(f"{WWW}/near"))),
            f"{ADS}/middle": Response(body=page(frame(f"{WWW}/inner"))),
            f"{WWW}/inner": (
                Response(
                    set_cookies=(
                        b"in=1; Path=/; Secure; SameSite=None; Partitioned; Domain=shop.test",
                        b"un=1; Path=/; Secure; SameSite=None; Domain=shop.test",
                    )
                ),
                Response(),
            ),
            f"{WWW}/near": Response(
                set_cookies=(b"near=1; Path=/; Secure; Partitioned; Domain=shop.test",)
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/page"), Go(f"{SHOP}/page"), Go(f"{WWW}/end")),
    ),
    Scenario(
        name="partition-beside-unpartitioned",
        promise="One name in a partition and outside it: both are sent where both are in reach.",
        group="added",
        responses={
            f"{ADS}/": Response(
                set_cookies=(b"id=own; Path=/; Secure; SameSite=None", b"id=part; Path=/; Secure")
            ),
            f"{ADS}/set": Response(
                set_cookies=(
                    b"id=chip; Path=/; Secure; SameSite=None; Partitioned",
                    b"id=flat; Path=/; Secure; SameSite=None",
                )
            ),
            f"{ADS}/gone": Response(set_cookies=(b"id=; Path=/; Secure; Max-Age=0; Partitioned",)),
        },
        steps=(
            Go(f"{ADS}/"),
            Go(f"{SHOP}/"),
            Act(add_image(f"{ADS}/set")),
            Act(add_image(f"{ADS}/seen")),
            Go(f"{OTHER}/"),
            Act(add_image(f"{ADS}/other")),
            Go(f"{SHOP}/page"),
            Act(add_image(f"{ADS}/gone")),
            Act(add_image(f"{ADS}/end")),
            Go(f"{ADS}/end"),
        ),
    ),
    Scenario(
        name="partition-redirected",
        promise="An image redirected between two other sites uses the page's partition of each.",
        group="added",
        responses={
            f"{ADS}/hop": Response(status=302, location=f"{CDN}/hop", set_cookies=(CHIP, PLAIN)),
            f"{CDN}/hop": Response(status=302, location=f"{ADS}/end", set_cookies=(CHIP, PLAIN)),
            f"{ADS}/end": Response(set_cookies=(CHIP.replace(b"1", b"2", 1),)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(add_image(f"{ADS}/hop")),
            Act(add_image(f"{ADS}/hop")),
            Go(f"{OTHER}/"),
            Act(add_image(f"{ADS}/hop")),
        ),
    ),
    Scenario(
        name="partition-of-a-popup",
        promise="A window that a frame opens is a page of its own: its partition is its own site.",
        group="added",
        responses={
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": Response(
                set_cookies=(CHIP, PLAIN), body=page(on_load("window.open('/popup')"))
            ),
            f"{ADS}/popup": Response(
                set_cookies=(b"pop=1; Path=/; Secure; SameSite=None; Partitioned",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "void open(document.querySelector('iframe').src.replace('frame', 'popup'))",
                until=f"{ADS}/popup",
            ),
            Go(f"{SHOP}/page"),
            Act(add_image(f"{ADS}/image")),
            Go(f"{ADS}/end"),
        ),
    ),
    Scenario(
        name="partition-of-scheme",
        promise="The partition key has a scheme: http and https pages have different ones.",
        group="added",
        responses={f"{ADS}/set": BOTH},
        steps=(
            Go("http://shop.test/"),
            Act(add_image(f"{ADS}/set")),
            Act(add_image(f"{ADS}/seen")),
            Go(f"{SHOP}/"),
            Act(add_image(f"{ADS}/https")),
            Go("http://www.shop.test/"),
            Act(add_image(f"{ADS}/again")),
        ),
    ),
    Scenario(
        name="partition-refused",
        promise="Partitioned lines that are refused or degraded, in a frame and at the top.",
        group="added",
        responses={
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"))),
            **{
                url: Response(
                    set_cookies=(
                        b"a=1; Path=/; Partitioned",
                        b"b=1; Path=/; Partitioned; SameSite=None",
                        b"c=1; Path=/; Partitioned; Secure",
                        b"d=1; Path=/; Partitioned; Secure; SameSite=Strict",
                        b"__Host-e=1; Path=/; Partitioned; Secure; SameSite=None",
                        b"__Host-f=1; Partitioned; Secure; SameSite=None; Domain=ads.test; Path=/",
                        b"g=1; Path=/; Partitioned=no; Secure; SameSite=None",
                        b"h=1; Path=/; Partition; Secure; SameSite=None",
                        b"i=1; Path=/; Partitioned; Secure; SameSite=None; Domain=ads.test",
                        b"j=1; Path=/; Partitioned; Secure; SameSite=None; Max-Age=99999999",
                    )
                )
                for url in (f"{ADS}/frame", f"{ADS}/")
            },
        },
        steps=(Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{ADS}/"), Go(f"{ADS}/end")),
    ),
    Scenario(
        name="storage-access-asked",
        promise="A frame that asks for storage access, with and without cookies of its own.",
        group="added",
        responses={
            f"{ADS}/": Response(
                set_cookies=(PLAIN, b"lax=1; Path=/", b"strict=1; SameSite=Strict")
            ),
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": asks_for_access(f"{ADS}/after"),
            f"{ADS}/after": Response(set_cookies=(b"late=1; Path=/; Secure; SameSite=None",)),
        },
        steps=(
            Go(f"{ADS}/"),
            Go(f"{SHOP}/", until=f"{ADS}/after"),
            Go(f"{SHOP}/", until=f"{ADS}/after"),
            Go(f"{ADS}/end"),
        ),
    ),
    Scenario(
        name="storage-access-by-header",
        promise="A response that asks for a retry or a load with storage access by header.",
        group="added",
        responses={
            f"{ADS}/": Response(set_cookies=(PLAIN,)),
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"), image(f"{ADS}/image"))),
            f"{ADS}/frame": Response(
                headers=(b"Activate-Storage-Access: load",), set_cookies=(CHIP,)
            ),
            f"{ADS}/image": Response(
                headers=(b'Activate-Storage-Access: retry; allowed-origin="https://shop.test"',),
                set_cookies=(b"img=1; Path=/; Secure; SameSite=None; Partitioned",),
            ),
        },
        steps=(Go(f"{ADS}/"), Go(f"{SHOP}/"), Go(f"{SHOP}/"), Go(f"{ADS}/end")),
    ),
    Scenario(
        name="partition-of-fetches",
        promise="Fetches from a page, from a frame and from a worker share the page's partition.",
        group="added",
        responses={
            f"{SHOP}/": Response(body=page(frame(f"{ADS}/frame"))),
            f"{ADS}/frame": Response(
                set_cookies=(CHIP,),
                body=page(on_load(f"{fetch('/own')}.then(() => {fetch('/next')})")),
            ),
            f"{ADS}/own": Response(set_cookies=(b"own=1; Path=/; Secure; Partitioned",)),
            f"{ADS}/cors": Response(
                set_cookies=(b"cors=1; Path=/; Secure; SameSite=None; Partitioned",)
            ),
            f"{SHOP}/worker": Response(
                headers=(b"Content-Type: text/javascript",),
                body=fetch(f"{ADS}/worked", credentials="include") + ".then(() => postMessage(1))",
            ),
        },
        steps=(
            Go(f"{SHOP}/", until=f"{ADS}/next"),
            Act(fetch(f"{ADS}/cors", credentials="include")),
            Act(fetch(f"{ADS}/omitted", credentials="omit")),
            Act("new Promise(done => { new Worker('/worker').onmessage = () => done() })"),
            Act(fetch(f"{ADS}/end", credentials="include")),
        ),
    ),
)
