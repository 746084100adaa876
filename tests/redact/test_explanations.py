"""What ``explain --json`` prints is what it would print of a redacted copy, which is not made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import pytest

from cookietrace.events import Capture, Event
from cookietrace.formats import outgoing, outgoing_explanations
from cookietrace.json_text import json_bytes
from cookietrace.lesson.explain import explanations
from cookietrace.redact import PREFIX
from cookietrace.stores import MemoryStore, StoredEvents
from cookietrace.trace import fold
from tests.redact.outputs import capture
from tests.redact.spellings import ROWS
from tests.story import Story
from tests.verdict_stories import anew, full, late, overheard, rich, settled, siblings


def secret(story: Story) -> list[Event]:
    """Return the events of a story, of which the values are secret."""
    return [
        msgspec.structs.replace(event, sensitive=True) if isinstance(event, Capture) else event
        for event in story.events
    ]


CAPTURES: dict[str, Callable[[], Iterable[Event]]] = {
    "rich": lambda: secret(rich()),
    "full": lambda: secret(full()),
    "late": lambda: secret(late()),
    "settled": lambda: secret(settled()),
    "anew": lambda: secret(anew()),
    "siblings": lambda: secret(siblings()),
    "overheard": lambda: secret(overheard()),
    "headers and addresses": lambda: capture(
        {number: row for number, row in enumerate(ROWS) if row.place != "body"}
    ),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_it_is_that_of_a_redacted_copy(name: str) -> None:
    """Byte by byte, with the jar and all withheld cookies and without them."""
    events = list(CAPTURES[name]())
    for with_all in (True, False):
        now = b"".join(outgoing_explanations(events, jar=with_all, all_withheld=with_all))
        before = explanations(fold(outgoing(events)), jar=with_all, all_withheld=with_all)
        assert now.splitlines() == list(map(json_bytes, before))
        assert PREFIX.encode() in now
        with StoredEvents(MemoryStore(events)) as stored:
            again = outgoing_explanations(stored, jar=with_all, all_withheld=with_all)
            assert b"".join(again) == now
