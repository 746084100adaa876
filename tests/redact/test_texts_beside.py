"""Texts are hidden the same if another process does it."""

from __future__ import annotations

import pytest

from cookietrace.commands.beside import Here
from cookietrace.events import Request
from cookietrace.redact.outgoing import Shown, outgoing_texts
from cookietrace.redact.text_maker import TextMaker
from cookietrace.redact.texts_beside import TextsBeside
from tests.redact.test_explanations import CAPTURES


@pytest.mark.parametrize("ready", [False, True])
@pytest.mark.parametrize("name", CAPTURES)
def test_the_texts_are_the_same(name: str, ready: bool) -> None:
    """Ids and URLs, made ready or not, values, names, and texts that name a cookie."""
    events = list(CAPTURES[name]())
    maker = TextMaker(events, requests=ready)
    other = Here(lambda: maker)
    other.ready()
    alone = outgoing_texts(events, show_values=False)
    texts = TextsBeside(other, Shown())  # which would show what is hidden
    requests = [event for event in events if isinstance(event, Request)]
    asked = [text for request in requests for text in (request.exchange_id, request.url)]
    assert maker._ready.keys() == (set(asked) if ready else set())
    asked += [f"It went to {each}, and so on" for each in asked]
    assert texts.texts(asked) == alone.texts(asked) == [texts.text(each) for each in asked]
    names = [field for request in requests for _, field in request.headers]
    assert list(map(texts.mask, names)) == list(map(alone.mask, names))
    assert list(map(texts.name, names)) == list(map(alone.name, names))
    about = [(f"the cookie {each!r} is sent", [each]) for each in names]
    assert [texts.text(*each) for each in about] == [alone.text(*each) for each in about]
    assert list(texts.learning(events)) == events
