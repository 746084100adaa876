"""What browsers say themselves of requests that the capture does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookietrace.doctor.facts import Unseen
from cookietrace.events import NOT_RECORDED, Browser, Event
from cookietrace.lesson.browser_says.wording import who
from cookietrace.lesson.display_text import shown

Source = Callable[[Event], Unseen | None]
"""Returns the request that was not recorded, if an event says that a browser made one."""


def of_listener(event: Event) -> Unseen | None:
    """Return what the recorder, which listens to the browser, could match to nothing."""
    if not isinstance(event, Browser) or event.unmatched != NOT_RECORDED or event.url is None:
        return None
    if not event.url.startswith(("http://", "https://")):
        return None
    scheme, mark, rest = event.url.partition("?")[0].partition("#")[0].partition("://")
    authority, slash, path = rest.partition("/")
    url = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
    return Unseen(who(event.said_by), shown(event.method or "GET"), shown(url))


SOURCES: Final[tuple[Source, ...]] = (of_listener,)
"""Each is asked about every event of a capture."""
