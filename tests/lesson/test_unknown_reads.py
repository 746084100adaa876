"""A witness that cannot see what is read: every view says that it is unknown."""

from __future__ import annotations

from cookietrace.events import CookieWrite, Server
from cookietrace.lesson.detail import detail
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.sample import sample
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from tests.story import Story


def told() -> Story:
    """Return a story with the report of a witness for any WSGI app."""
    story = Story()
    asked = story.ask("/", "user=Alice")
    write = CookieWrite(name="a", value="1", where="other")
    server = Server(exchange_id=asked, at=story.now, dropped=("reads",), writes=(write,))
    story.respond(asked, "a=1", server=server)
    return story


def test_every_view_says_so() -> None:
    """The table says unknown, and no view says that nothing was read or that no view ran."""
    trace = told().trace()
    table = Table(trace)
    exchange = table.exchange(1)
    assert table.read_cell(exchange) == "unknown"
    lines = [line.text for section in detail(exchange) for line in section.lines]
    assert "the view and what it read are unknown: this witness sees only what was set" in lines
    assert not any("left out" in line or "no view" in line for line in lines)
    shown = sample(exchange)
    assert shown.title == "unknown view"
    assert shown.notice[0].startswith("The witness for any WSGI or ASGI app")
    assert "reads no cookies" not in str(FlowBoard(table).flow(1))
    assert "unknown: this witness cannot see what is read" in str(FlowBoard(table).flow(1))
    story = " ".join(transcript(trace))
    assert "the app sets 'a' to '1'" in " ".join(story.split())
