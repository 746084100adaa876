"""What can be copied of the selected step."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.detail import detail
from cookietrace.lesson.display_text import pair, shown
from tui.drawing.fit import cut
from tui.state.story import Story


class Copy(msgspec.Struct, frozen=True):
    """One thing to copy."""

    key: str
    name: str
    text: str

    @property
    def beginning(self) -> str:
        """How it begins, in one line."""
        return cut(self.text.replace("\n", " ⏎ ").replace("\t", " │ "), 40)


def copies(story: Story) -> tuple[Copy, ...]:
    """Return everything to copy of the selected step; hidden values stay hidden."""
    if not story.step or story.exchange is None:
        return ()
    return tuple(copy for copy in _all(story, story.exchange) if copy.text)


def _all(story: Story, exchange: Exchange) -> Iterator[Copy]:
    row = story.table.row(story.step)
    yield Copy("r", "Row", "\t".join(row.cells))
    yield Copy("c", "Request cookies", row.request_cookies)
    yield Copy(
        "h",
        "Cookie header",
        "; ".join(
            f"{shown(told.name)}={shown(story.mask(told.value))}"
            if told.name
            else shown(story.mask(told.value))
            for told in exchange.request.cookies
        ),
    )
    if exchange.response is not None:
        results = exchange.response.set_cookies
        lines = (
            pair(result.name, result.value, story.mask) if story.masked else shown(result.raw)
            for result in results
        )
        yield Copy("s", "Set-Cookie", "\n".join(lines))
    yield Copy("u", "URL", shown(exchange.request.url))
    yield Copy("d", "Details", "\n".join(_details(story, exchange)))


def _details(story: Story, exchange: Exchange) -> Iterator[str]:
    trace_row = story.table.trace_row(story.step)
    for section in detail(exchange, trace_row, story.mask):
        yield section.title
        for line in section.lines:
            yield "  " * (line.indent + 1) + line.text
