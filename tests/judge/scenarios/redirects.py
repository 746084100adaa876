"""Redirect chains over sites, by each status code and for each kind of request."""

from __future__ import annotations

from collections.abc import Mapping

from tests.judge.scenario import (
    Act,
    Go,
    Leave,
    Response,
    Scenario,
    Step,
    add_image,
    fetch,
    form,
    frame,
    link,
    page,
)
from tests.judge.scenarios.same_site import ADS, MATRIX, OTHER, SHOP, WWW

_AFTER = (Go(f"{SHOP}/after"), Go(f"{OTHER}/after"))


def there_and_back(status: int, hop: str = f"{OTHER}/hop") -> Mapping[str, Response]:
    """Return a chain from /out through another host to /in, each hop with its own cookies."""

    def own(number: int) -> tuple[bytes, ...]:
        return (
            b"s%d=1; SameSite=Strict; Path=/" % number,
            b"l%d=1; SameSite=Lax; Path=/" % number,
            b"n%d=1; SameSite=None; Secure; Path=/" % number,
            b"d%d=1; Path=/" % number,
        )

    return {
        f"{SHOP}/": Response(set_cookies=MATRIX),
        f"{OTHER}/": Response(set_cookies=MATRIX[:4]),
        f"{SHOP}/out": Response(status=status, location=hop, set_cookies=own(1)),
        hop: Response(status=status, location=f"{SHOP}/in", set_cookies=own(2)),
        f"{SHOP}/in": Response(set_cookies=own(3)),
    }


def chain(
    name: str,
    promise: str,
    *steps: Step,
    status: int = 302,
    hop: str = f"{OTHER}/hop",
    pages: Mapping[str, Response] | None = None,
) -> Scenario:
    """Return a scenario whose steps follow the chain of ``there_and_back``."""
    return Scenario(
        name=name,
        promise=promise,
        group="added",
        responses={**there_and_back(status, hop), **(pages or {})},
        steps=(Go(f"{OTHER}/"), Go(f"{SHOP}/"), *steps, *_AFTER),
    )


SCENARIOS = (
    chain(
        "chain-typed-301",
        "A typed address that leaves the site by 301 and comes back.",
        Go(f"{SHOP}/out"),
        status=301,
    ),
    chain(
        "chain-typed-307",
        "A typed address that leaves the site by 307 and comes back.",
        Go(f"{SHOP}/out"),
        status=307,
    ),
    chain(
        "chain-link-302",
        "A link on the site's own page that leaves the site by 302 and comes back.",
        Leave(link(f"{SHOP}/out")),
    ),
    chain(
        "chain-link-308",
        "A link on the site's own page that leaves the site by 308 and comes back.",
        Leave(link(f"{SHOP}/out")),
        status=308,
    ),
    chain(
        "chain-link-from-elsewhere",
        "A link on another site's page, through the site, back to that site, and in again.",
        Go(f"{ADS}/"),
        Leave(link(f"{SHOP}/out")),
        status=303,
    ),
    chain(
        "chain-image",
        "An image on the site's own page that leaves the site and comes back.",
        Act(add_image(f"{SHOP}/out")),
    ),
    chain(
        "chain-image-elsewhere",
        "The same image on another site's page.",
        Go(f"{ADS}/"),
        Act(add_image(f"{SHOP}/out")),
        status=307,
    ),
    chain(
        "chain-frame",
        "A frame on the site's own page that leaves the site and comes back.",
        Go(f"{SHOP}/page"),
        pages={f"{SHOP}/page": Response(body=page(frame(f"{SHOP}/out")))},
    ),
    chain(
        "chain-fetch",
        "A fetch with credentials that leaves the site and comes back.",
        Act(fetch(f"{SHOP}/out", credentials="include")),
    ),
    chain(
        "chain-fetch-no-cors",
        "A fetch whose response is opaque, and that leaves the site and comes back.",
        Act(fetch(f"{SHOP}/out", mode="no-cors", credentials="include")),
        status=308,
        pages={f"{SHOP}/in": Response(status=204, set_cookies=MATRIX)},
    ),
    chain(
        "chain-post-302",
        "A form on the site's own page, which 302 turns into a GET on its way.",
        Leave(form(f"{SHOP}/out")),
    ),
    chain(
        "chain-post-303",
        "A form on the site's own page, which 303 turns into a GET on its way.",
        Leave(form(f"{SHOP}/out")),
        status=303,
    ),
    chain(
        "chain-post-307",
        "A form on the site's own page, which 307 leaves a POST on its way.",
        Leave(form(f"{SHOP}/out")),
        status=307,
    ),
    chain(
        "chain-post-308",
        "A form on another site's page, which 308 leaves a POST on its way.",
        Go(f"{ADS}/"),
        Leave(form(f"{SHOP}/out")),
        status=308,
    ),
    chain(
        "chain-sibling",
        "A chain through a sibling host stays on the site, for a link and for an image.",
        Leave(link(f"{SHOP}/out")),
        Act(add_image(f"{SHOP}/out")),
        hop=f"{WWW}/hop",
    ),
    Scenario(
        name="chain-of-schemes",
        promise="http to https and back within one host: each scheme is a site of its own.",
        group="added",
        responses={
            f"{SHOP}/": Response(set_cookies=MATRIX),
            "http://shop.test/up": Response(
                status=301, location=f"{SHOP}/down", set_cookies=(b"up=1; SameSite=Strict; Path=/",)
            ),
            f"{SHOP}/down": Response(
                status=302,
                location="http://shop.test/in",
                set_cookies=(b"down=1; SameSite=Strict; Path=/",),
            ),
            "http://shop.test/in": Response(set_cookies=(b"in=1; SameSite=Strict; Path=/",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go("http://shop.test/up"),
            Go("http://shop.test/page"),
            Leave(link("http://shop.test/up")),
            Go(f"{SHOP}/page"),
            Leave(link(f"{SHOP}/down")),
            *_AFTER,
        ),
    ),
    Scenario(
        name="chain-tests-cookies",
        promise="A page that redirects to itself until its cookie comes back.",
        group="added",
        responses={
            f"{SHOP}/": (
                Response(status=302, location=f"{SHOP}/", set_cookies=(b"probe=1",)),
                Response(
                    status=302,
                    location=f"{SHOP}/?ok",
                    set_cookies=(b"probe=; Max-Age=0", b"ok=1; SameSite=Strict"),
                ),
                Response(),
            ),
        },
        steps=(Go(f"{SHOP}/"), Go(f"{OTHER}/"), Leave(link(f"{SHOP}/")), *_AFTER),
    ),
    Scenario(
        name="chain-over-four-sites",
        promise="Each site of a long chain sets a cookie on the way out and reads it on a second.",
        group="added",
        responses={
            **{
                f"https://{here}.test/go": Response(
                    status=302,
                    location=f"https://{there}.test/go",
                    set_cookies=(
                        b"id=1; SameSite=None; Secure",
                        b"lax=1",
                        b"strict=1; SameSite=Strict",
                    ),
                )
                for here, there in (("a", "b"), ("b", "c"), ("c", "d"))
            },
            "https://d.test/go": Response(set_cookies=(b"id=1; SameSite=None; Secure", b"end=1")),
        },
        steps=(
            Go("https://a.test/go"),
            Go("https://a.test/go"),
            Act(add_image("https://a.test/go")),
            Leave(link("https://a.test/go")),
        ),
    ),
)
