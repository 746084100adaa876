"""Stories with every kind of verdict."""

from __future__ import annotations

import msgspec

from cookietrace import events as ev
from tests.story import Story

FETCHED = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
    ("Referer", "https://other.test/"),
)
"""The headers of an image on another site's page."""


def rich() -> Story:
    """Every kind of verdict: sent, withheld, missing, unexplained, expired, refused."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/", "b=2; Path=/admin", "c=3; Max-Age=5")
    story.visit("/", "a=1", "d=4; Domain=other.test", "a=9; Path=/; Secure; HttpOnly; Foo")
    story.visit("/", "a=script", "__Host-e=5; Path=/x", "a=; Max-Age=0; Path=/nowhere")
    story.visit("/admin", "a=script; b=2; x=y", "b=; Max-Age=0; Path=/admin")
    story.ask("/image", "x=y", headers=FETCHED)
    failed = story.ask("/never-answered", "a=script; x=y")
    story.events.append(
        ev.Failure(exchange_id=failed, at=story.now, kind="connect", message="connection refused")
    )
    story.visit("/", "a=script; x=y; d=4", "m=1; Path=/", "m=; Max-Age=0; Path=/nowhere")
    story.visit("/", "x=y; d=4")
    return story


def full() -> Story:
    """More cookies than a jar holds: some are evicted."""
    story = Story("https://shop.test")
    lines = [f"n{number}=1; Max-Age=86400; SameSite=Lax" for number in range(182)]
    story.visit("/", None, *lines)
    return story


def late() -> Story:
    """A response that explains what an earlier request carried, while its own is in progress."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/")
    slow = story.ask("/slow", "a=1")
    early = story.ask("/early", "a=2; b=1", after=0.5)
    story.respond(slow, "a=2; Path=/", "b=1; Path=/")
    story.respond(early)
    story.visit("/", "a=2; b=1")
    return story


SCRIPT = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)
"""The headers of a script's request, which do not tell its credentials mode."""


def settled() -> Story:
    """Cookies of requests that may have had no credentials: stored, not stored, not known."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/", "e=1; Path=/")
    story.respond(story.ask("/one", headers=SCRIPT), "b=2; Path=/", "c=3; Path=/never")
    story.respond(story.ask("/two", headers=SCRIPT), "d=4; Path=/", "a=; Max-Age=0; Path=/")
    story.visit("/", "a=1; e=1; b=2")
    story.respond(story.ask("/three", headers=SCRIPT), "e=5; Path=/", "f=6; Path=/never")
    story.visit("/", "a=9; e=5; b=2")
    story.respond(story.ask("/four", headers=SCRIPT), "g=7; Path=/")
    story.visit("/", "a=1; e=1; b=2; d=4")
    return story


def anew() -> Story:
    """A fresh browser takes over from a client, while a request of that one is in progress."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    slow = story.ask("/slow", "a=1; b=1", connection="1")
    story.fresh("c2")
    first = story.ask("/", None, client_id="c2", connection="1")
    story.respond(slow, "a=2; Path=/", "c=2; Path=/")
    story.respond(first, "a=3; Path=/")
    story.respond(story.ask("/", "a=3", client_id="c2", connection="1"))
    story.visit("/", "b=1; a=2; c=2")
    return story


def siblings() -> Story:
    """Three hosts of one site, and what each does not get of the others."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/")
    story.visit("https://www.shop.test/", None, "b=2; Path=/", "c=3; Path=/; Domain=www.shop.test")
    story.visit("https://api.shop.test/", None, "d=4; Path=/x; Max-Age=500")
    story.visit("/", "a=1")
    story.visit("https://api.shop.test/x", None)
    return story


HIDDEN = "Zq7secretZq7"


def overheard() -> Story:
    """What a browser said about exchanges and of its store, with a secret wherever one can be."""
    story = Story("https://shop.test")
    first = story.visit(f"/?token={HIDDEN}", None, f"sid={HIDDEN}", "p=1; Path=/sub", "x=1; Path=a")
    story.events.append(_said(first, set_cookies=(_about("sid", 0), _about(None, 1, HIDDEN))))
    second = story.visit("/next", f"sid={HIDDEN}; w=by{HIDDEN}")
    story.events.append(
        _said(
            second,
            cookies=(_about("sid", None), _about("p", None, "EXCLUDE_NOT_ON_PATH", path="/sub")),
        )
    )
    change = ev.BrowserChange(
        kind="added",
        name="w",
        value=f"by{HIDDEN}",
        domain="shop.test",
        path=f"/{HIDDEN}",
        same_site=HIDDEN,
        cause=HIDDEN,
        script=True,
        source=f"https://shop.test/app.js?key={HIDDEN}",
        line=3,
    )
    story.events.append(
        ev.Browser(
            at=story.now, said_at=story.now - 1, said_by="test", client_id="c1", changes=(change,)
        )
    )
    story.events.append(
        ev.Browser(
            at=story.now,
            said_at=story.now,
            said_by="test",
            client_id="c1",
            unmatched="no such request was recorded",
            method="GET",
            url=f"https://me:{HIDDEN}@shop.test/{HIDDEN}?token={HIDDEN}",
            initiator=f"https://shop.test/{HIDDEN}",
            site_for_cookies=f"https://shop.test/?token={HIDDEN}",
        )
    )
    tried = msgspec.structs.replace(change, name="sid", value="", path="/")
    story.events.append(
        ev.Browser(at=story.now, said_at=story.now, said_by="test", client_id="c1", tried=(tried,))
    )
    story.visit("/last", f"sid={HIDDEN}")
    return story


def _about(
    name: str | None, line: int | None, *reasons: str, path: str = f"/{HIDDEN}"
) -> ev.BrowserCookie:
    return ev.BrowserCookie(
        name=name,
        domain="shop.test",
        path=path if name is None or reasons else "/",
        taken=not reasons,
        reasons=reasons,
        warnings=(f"warned of {HIDDEN}",),
        partition_key=f"https://shop.test, {HIDDEN}",
        line=line,
    )


def _said(
    name: str,
    cookies: tuple[ev.BrowserCookie, ...] | None = None,
    set_cookies: tuple[ev.BrowserCookie, ...] | None = None,
) -> ev.Browser:
    return ev.Browser(
        at=0.0,
        said_at=0.0,
        said_by="chromium-net-log",
        client_id="c1",
        exchange_id=name,
        initiator=f"https://shop.test/?token={HIDDEN}",
        site_for_cookies="https://shop.test",
        credentials=True,
        cookies=cookies,
        set_cookies=set_cookies,
    )
