"""Random traffic in which much is open, doubtful or in progress: what a cut may tear apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from cookietrace import events as ev
from tests.story import TYPED, Story
from tests.trace.test_properties import ATTRIBUTES, VALUES

NAMES = st.sampled_from(["a", "b", "__Host-a", "sid"])
LINES = st.builds(
    lambda name, value, rest: "; ".join([f"{name}={value}", *rest]),
    NAMES,
    VALUES,
    st.one_of(st.just(["Path=/"]), st.just(["Max-Age=20"]), ATTRIBUTES),
)
COOKIES = st.one_of(
    st.none(),
    st.lists(st.tuples(NAMES, VALUES), max_size=3).map(
        lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs)
    ),
)
URLS = st.sampled_from(
    [
        "https://shop.test/",
        "https://shop.test/x",
        "https://www.shop.test/x",
        "https://ads.test/",
        "http://shop.test/",
        "http://ads.test/x",
    ]
)


def _fetch(site: str, mode: str, dest: str, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", mode),
        ("Sec-Fetch-Dest", dest),
        *more,
    )


_SHOP, _ADS = ("Referer", "https://shop.test/x"), ("Referer", "https://ads.test/")
CONTEXTS = st.sampled_from(
    [
        TYPED,
        (),
        (("Upgrade-Insecure-Requests", "1"), _SHOP),
        (_ADS,),
        _fetch("same-origin", "cors", "empty", _SHOP),
        _fetch("cross-site", "cors", "empty", ("Origin", "https://shop.test"), _SHOP),
        _fetch("cross-site", "no-cors", "image", _SHOP),
        _fetch("cross-site", "no-cors", "image", _SHOP, ("Sec-Fetch-Storage-Access", "none")),
        _fetch("cross-site", "no-cors", "image", _SHOP, ("Sec-Fetch-Storage-Access", "active")),
        _fetch("cross-site", "navigate", "iframe", _SHOP),
        _fetch("cross-site", "navigate", "document", _ADS),
        _fetch("same-origin", "no-cors", "image", _ADS),
    ]
)
AGENTS = st.sampled_from(
    [
        None,
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/156.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.0 Safari/605.1.15",
    ]
)


@st.composite
def torn_stories(draw: st.DrawFn, longest: int = 24) -> Story:
    """Draw requests of two clients, with responses that are late, out of order or absent."""
    story = Story("https://shop.test", user_agent=draw(AGENTS))
    waiting: list[str] = []
    sent: dict[str, str] = {}
    """What each client sends if it sends what it was given."""
    for _ in range(draw(st.integers(2, longest))):
        what = draw(st.sampled_from(["ask", "ask", "respond", "respond", "restart", "fail"]))
        if what == "respond" and waiting:
            exchange_id = waiting.pop(draw(st.integers(0, len(waiting) - 1)))
            lines = draw(st.lists(LINES, max_size=2))
            story.respond(
                exchange_id,
                *lines,
                status=draw(st.sampled_from([200, 200, 302, 101, 500])),
                headers=draw(
                    st.sampled_from(
                        [
                            (("Content-Type", "text/html"),),
                            (("Location", "https://ads.test/"),),
                            (("Location", "/x"),),
                            (("Clear-Site-Data", '"cookies"'),),
                        ]
                    )
                ),
                body=draw(st.sampled_from([None, "ok"])),
                after=draw(st.sampled_from([0.0, 0.3, 7.0, -1.5])),
            )
            client = draw(st.sampled_from(["c1", "c2"]))
            sent[client] = "; ".join(line.partition(";")[0] for line in lines)
        elif what == "restart" and draw(st.booleans()):
            story.events.append(ev.Recorder(at=story.now, state="started"))
            waiting.clear()  # the requests of an earlier recording get no response
        elif what == "fail" and waiting and draw(st.booleans()):
            story.events.append(
                ev.Failure(
                    exchange_id=waiting.pop(0), at=story.now, kind="aborted", message="aborted"
                )
            )
        else:
            client = draw(st.sampled_from(["c1", "c1", "c2"]))
            cookie = draw(st.one_of(COOKIES, st.just(sent.get(client) or None)))
            waiting.append(
                story.ask(
                    draw(URLS),
                    cookie,
                    method=draw(st.sampled_from(["GET", "GET", "POST"])),
                    headers=draw(CONTEXTS),
                    client_id=client,
                    connection=draw(st.sampled_from([None, "1", "2", "3"])),
                    after=draw(st.sampled_from([0.0, 0.2, 3.0, 70.0, 500.0, -0.5])),
                )
            )
    return story


def _begun_late() -> Story:
    """The first request was made before its capture was begun, by the recorder's clock."""
    story = Story("https://shop.test")
    story.respond(story.ask(after=-0.5), "a=1; Max-Age=20", after=0.0)
    return story


def _started_late() -> Story:
    """A recorder says that it starts a minute after what it then records."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Max-Age=30")
    story.events.append(ev.Recorder(at=story.now + 60, state="started"))
    story.visit("/", "a=1", "b=1; Max-Age=20")
    return story


def _late_body() -> Story:
    """A body was complete a minute after the next request, and was recorded before it."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Max-Age=30")
    body = story.events[-1]
    assert isinstance(body, ev.Body)
    story.events[-1] = ev.Body(
        exchange_id=body.exchange_id,
        at=story.now + 60,
        of="response",
        content_type=None,
        size=2,
        content="ok",
        base64=None,
        truncated=False,
    )
    story.visit("/", "a=1", "b=1; Max-Age=20")
    return story


def _about_nothing() -> Story:
    """A response without a request, and connections that failed, an hour later by the clock."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Max-Age=30")
    hour = story.now + 3600
    story.now += 3600
    story.respond("x99", "z=1", body=None)
    story.now -= 3600.01
    for exchange_id in (None, "x98"):
        story.events.append(
            ev.Failure(exchange_id=exchange_id, at=hour, kind="tls-client", message="no")
        )
    story.visit("/", "a=1", "b=1; Max-Age=20")
    return story


def _expired_at_once() -> Story:
    """Cookies that expire in one moment, and were not stored in the order of their expiry."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Max-Age=400")
    story.visit("/", "a=1", "sid=1; Max-Age=20", "a=1; Max-Age=20")
    story.visit("/", "a=1; sid=1")
    story.now += 500
    story.visit("/")
    return story


def _named_as_a_member() -> Story:
    """A cookie with the name of a member that holds ids; a request crosses its response."""
    story = Story("https://shop.test")
    for name in ("exchange_id", "connection"):
        story.visit("/", None, f"{name}=1")
        story.respond(story.ask(after=0.1))
    return story


ODD: Final[tuple[Callable[[], Story], ...]] = (
    _begun_late,
    _started_late,
    _late_body,
    _about_nothing,
    _expired_at_once,
    _named_as_a_member,
)
"""Stories of which a part once told something other than the whole."""
