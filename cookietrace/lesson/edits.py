"""What the user had changed on the wire by hand, in words that every view uses."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.events import Edited
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import quoted


def edit_texts(exchange: Exchange) -> Iterator[str]:
    """Yield a text for each change; display text without a value."""
    for event in exchange.edited:
        yield edit_text(event)


def edit_text(event: Edited) -> str:
    """Return one change in a few words."""
    name = quoted(event.name)
    if event.of == "response":
        did = "its Set-Cookie was left out" if event.after is None else "its Set-Cookie was changed"
        return f"by hand: {name}: {did} before the browser got the response"
    did = "left out" if event.after is None else "given another value"
    return f"by hand: {name} was {did} before the app got the request"
