"""Stories as rows of visits, for tests that compare many small traces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from cookietrace import events as ev
from tests.story import CHROMIUM, TYPED, Story

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

OWN_IMAGE = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
)
"""The headers of an image of the page's own host."""

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
    answer: tuple[tuple[str, str], ...] = ()
    """More headers of the response."""
    body: str = "ok"
    late: int = 0
    """After how many later requests the response is committed."""
    user_agent: str = CHROMIUM
    """The client's, if this is its first visit."""
    session: tuple[tuple[str, str | None], ...] = ()
    """What the framework read for its session."""
    error: str | None = None
    """The kind of the exception that left the view."""


def story_of(*visits: Visit, base: str = SHOP) -> Story:
    """Return the story of these visits, one after another."""
    story = Story(base)
    known: set[str] = set()
    waiting: list[tuple[int, Callable[[], None]]] = []
    for number, visit in enumerate(visits):
        if visit.client not in known:
            known.add(visit.client)
            story.client(visit.client, visit.user_agent)
        exchange_id = story.ask(
            visit.url,
            visit.cookie,
            method=visit.method,
            headers=visit.headers,
            client_id=visit.client,
            after=visit.after,
        )
        for due, respond in [each for each in waiting if each[0] <= number]:
            waiting.remove((due, respond))
            respond()
        if not visit.status:
            continue
        respond = partial(_respond, story, visit, exchange_id)
        if visit.late:
            waiting.append((number + visit.late, respond))
        else:
            respond()
    for _, respond in waiting:
        respond()
    return story


def _respond(story: Story, visit: Visit, exchange_id: str) -> None:
    server = None
    if visit.reads or visit.session or visit.error:
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
            )
            + tuple(
                ev.CookieRead(name=name, value=value, where="session")
                for name, value in visit.session
            ),
            writes=(),
            locals=(),
            error=ev.ServerError(kind=visit.error, message="no") if visit.error else None,
        )
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"), *visit.answer)
    if visit.location is not None:
        headers = (*headers, ("Location", visit.location))
    story.respond(
        exchange_id,
        *visit.sets,
        status=visit.status,
        headers=headers,
        server=server,
        body=visit.body,
    )
