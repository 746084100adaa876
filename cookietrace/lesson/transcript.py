"""Mode 8, the transcript: the whole story in plain prose, one paragraph an exchange."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.exchange import Exchange
from cookietrace.lesson.content import response_content
from cookietrace.lesson.detail import detail
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.words import shown
from cookietrace.trace import Trace

TOLD = ("Cookies in the request", "Withheld", "Missing", "Left the jar", "Set-Cookie")
"""The sections of the detail that the transcript tells."""


def transcript(trace: Trace, mask: Mask = unmasked) -> Iterator[str]:
    """Yield the lines of the story of a trace; every line is display text."""
    for exchange in trace.exchanges:
        yield from told(trace, exchange, mask)
        yield ""
    for note in trace.notes:
        yield f"Note: {shown(note.message)}"


def told(trace: Trace, exchange: Exchange, mask: Mask = unmasked) -> Iterator[str]:
    """Yield the lines that tell one exchange."""
    part = exchange.request
    state = trace.client(part.client_id)
    who = state.label or f"client {state.ordinal}"
    yield f"{exchange.number}. {shown(part.method)} {shown(part.url)}  ({shown(who)})"
    for section in detail(exchange, mask=mask):
        if section.title == "Exchange":
            yield f"   {section.lines[-1].text}"
        elif section.title in TOLD:
            yield f"   {section.title}:"
            for line in section.lines:
                yield f"     {'  ' * line.indent}{line.text}"
    yield f"   Answer: {response_content(exchange)}"
