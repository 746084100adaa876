"""Cookies that came and were not read: what Werkzeug does is said about apps that may use it."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType
from werkzeug.http import parse_cookie

from cookietrace.events import Edited, Server
from cookietrace.fold.misread import as_read
from cookietrace.lesson.unread import Unread, unread
from cookietrace.trace import fold
from tests.lesson.visits import Visit, story_of

ALPHABET = 'ab=; "\\\t,{}%'


def missed(
    header: str, *names: str, error: str | None = None, framework: str | UnsetType = UNSET
) -> list[Unread]:
    """What is said about these names if the app read None for each."""
    reads = tuple((name, None) for name in names)
    story = story_of(Visit(cookie=header, reads=reads, error=error))
    events = [
        msgspec.structs.replace(each, framework=framework) if isinstance(each, Server) else each
        for each in story.events
    ]
    return list(unread(fold(events).exchanges[0]))


@pytest.mark.parametrize(
    ("framework", "says"),
    [
        ("flask", "a quotation mark, and Werkzeug (Flask's parser) leaves out such"),
        ("quart", "a quotation mark, and Werkzeug (Quart's parser) leaves out such"),
        (UNSET, "a quotation mark, and Werkzeug (Flask and Quart use it; whether this app does is"),
        ("django", "Why is not known"),
        ("bottle", "Why is not known"),
        ("of-tomorrow", "Why is not known"),
    ],
)
def test_a_parser_is_named_only_where_it_is_the_apps(framework: str | UnsetType, says: str) -> None:
    """What another framework's parser does is not guessed from Werkzeug's."""
    (found,) = missed('cart={"a": 1}; b=2', "cart", framework=framework)
    assert says in found.sentence
    assert ("Werkzeug" in found.sentence) is (says != "Why is not known")
    (utf8,) = missed("caf\xc3=1", "café", error="UnicodeDecodeError", framework="flask")
    assert "Werkzeug (Flask's parser) decodes the whole Cookie header" in utf8.sentence


def test_headers_are_read_as_werkzeug_reads_them() -> None:
    """The pairs that are found in any Cookie header are those that Werkzeug finds."""
    random = Random(7)
    for _ in range(20_000):
        header = "".join(random.choices(ALPHABET, k=random.randint(0, 16)))
        expected = [name for name, _ in parse_cookie(header).items(multi=True)]
        pairs, _ = as_read(header)
        assert sorted(name for name, _ in pairs) == sorted(expected), header


@pytest.mark.parametrize(
    ("header", "name", "brief"),
    [
        ('cart={"a": 1}; b=2', "cart", "quotation mark in its value"),
        ("b=2; cart=two words", "cart", "space in its value"),
        ('b="1; cart=2; c="', "cart", "read as part of 'b'"),
        ("my cart=1; b=2", "my cart", "space or quote in its name"),
        ("b=2; cart=1", "cart", "not known why"),
        ("caf\xc3\xa9=1", "café", "not known why"),
    ],
)
def test_the_cause_is_what_the_parser_does(header: str, name: str, brief: str) -> None:
    """A cause is named exactly if Werkzeug does not find the cookie either."""
    (found,) = missed(header, name)
    assert found.brief == brief
    assert (parse_cookie(header).get(name) is None) is (brief != "not known why")


@pytest.mark.parametrize(
    ("header", "names"), [("a=1", ("b",)), ("a=1", ("A",)), ('a="1"', ()), ("", ("a",))]
)
def test_what_did_not_come_is_not_told(header: str, names: tuple[str, ...]) -> None:
    """A cookie that the request does not have is no cookie that was not read."""
    assert missed(header, *names) == []


def test_bytes_that_are_not_utf_8() -> None:
    """Werkzeug cannot read a header with other bytes at all; the cookie that has them is named."""
    with pytest.raises(UnicodeDecodeError):
        parse_cookie("a=1; b=\xe9")
    (found,) = missed("a=1; b=\xe9", error="UnicodeDecodeError")
    assert (found.name, found.brief) == ("b", "bytes that are not UTF-8")
    assert missed("a=1; b=\xe9", error="KeyError") == []


@pytest.mark.parametrize(
    ("of", "name", "after", "told"),
    [
        ("request", "sid", None, 0),
        ("request", "sid", "sid=no", 0),
        ("request", "theme", None, 1),
        ("response", "sid", None, 1),
    ],
)
def test_what_the_user_changed_on_the_way_is_not_told(
    of: Literal["request", "response"], name: str, after: str | None, told: int
) -> None:
    """A cookie that the user left out or changed by hand is no fault of the app that gets it."""
    visit = Visit(cookie="sid=1; theme=dark", reads=(("sid", None),))
    story = story_of(visit)
    asked = story.trace().exchanges[0].exchange_id
    story.events.append(
        Edited(exchange_id=asked, at=0.0, of=of, name=name, before="sid=1", after=after)
    )
    found = list(unread(story.trace().exchanges[0]))
    assert [each.name for each in found] == ["sid"] * told
    assert not any("Flask" in each.sentence for each in found)
