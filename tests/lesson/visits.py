"""Stories as rows of visits, for tests that compare many small traces."""

from __future__ import annotations

from typing import NamedTuple

from cookietrace import events as ev
from tests.story import TYPED, Story

WITHIN = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
)
"""The headers of an image inside another site's page."""

CLICK = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)
"""The headers of a link followed from another site."""

SCRIPT = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)
"""The headers of a script's request, which do not tell its credentials mode."""

SHOP = "https://shop.test"


class Visit(NamedTuple):
    """One request and its response; with ``status`` 0 there is no response."""

    url: str = "/"
    cookie: str | None = None
    sets: tuple[str, ...] = ()
    status: int = 200
    location: str | None = None
    headers: tuple[tuple[str, str], ...] = TYPED
    reads: tuple[tuple[str, str | None], ...] = ()
    method: str = "GET"
    client: str = "c1"
    after: float = 10.0


def story_of(*visits: Visit, base: str = SHOP) -> Story:
    """Return the story of these visits, one after another."""
    story = Story(base)
    for visit in visits:
        exchange_id = story.ask(
            visit.url,
            visit.cookie,
            method=visit.method,
            headers=visit.headers,
            client_id=visit.client,
            after=visit.after,
        )
        if not visit.status:
            continue
        server = None
        if visit.reads:
            server = ev.Server(
                exchange_id=exchange_id,
                at=story.now,
                function="view",
                file="app.py",
                first_line=1,
                source=None,
                lines=(),
                reads=tuple(
                    ev.CookieRead(name=name, value=value, where="view", line=2)
                    for name, value in visit.reads
                ),
                writes=(),
                locals=(),
            )
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
        if visit.location is not None:
            headers = (*headers, ("Location", visit.location))
        story.respond(exchange_id, *visit.sets, status=visit.status, headers=headers, server=server)
    return story
