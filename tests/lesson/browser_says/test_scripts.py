"""What scripts wrote, and what they tried to write, in every view and in the JSON."""

from __future__ import annotations

import json

import pytest

from cookietrace.events import Browser, BrowserChange
from cookietrace.formats import outgoing_explanations
from cookietrace.lesson.browser_says.wording import attempts, place_of
from cookietrace.lesson.detail import detail
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.happenings import of_request
from cookietrace.lesson.transcript import transcript
from cookietrace.trace import Trace
from tests.story import Story

APP = "http://127.0.0.1:5000/app.js"


def change(name: str, value: str = "1", **fields: object) -> BrowserChange:
    """Return what a script wrote."""
    known = {"domain": "127.0.0.1", "path": "/", "source": APP, "line": 12, **fields}
    return BrowserChange(kind="added", name=name, value=value, script=True, **known)  # type: ignore[arg-type]


def wrote(at: float, *changes: BrowserChange) -> Browser:
    """Return that scripts wrote cookies."""
    return Browser(at=at, said_at=at, said_by="chromium-net-log", client_id="c1", changes=changes)


def tried(at: float, *changes: BrowserChange, client_id: str | None = "c1") -> Browser:
    """Return that scripts wrote cookies that were not stored."""
    return Browser(
        at=at, said_at=at, said_by="chromium-net-log", client_id=client_id, tried=changes
    )


def told(story: Story) -> list[list[str]]:
    """Return which attempts are told at each request."""
    trace = story.trace()
    return [
        [each.change.name for each in trace.browser.attempts(one.exchange_id)]
        for one in trace.exchanges
    ]


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        (APP, 12, f"{APP}, line 12"),
        (APP, None, APP),
        (f"{APP}?token=secret", 3, f"{APP}?…, line 3"),
        ("webpack:///./src/cart.js", 2, "webpack:///./src/cart.js, line 2"),
        ("http://x/[bold]\x1b[31m.js", 1, "http://x/[bold]\\x1b[31m.js, line 1"),
        (None, None, ""),
    ],
)
def test_where_a_script_is(source: str | None, line: int | None, expected: str) -> None:
    """Its URL without the query, and the line; whatever a page makes of it is text."""
    assert place_of(change("a", source=source, line=line)) == expected


def test_a_cookie_that_a_script_wrote_in_every_view() -> None:
    """The script and the line stand there instead of the browser's word alone."""
    story = Story()
    story.visit("/")
    story.events.append(wrote(story.now, change("w"), change("v", source=None, line=None)))
    name = story.visit("/x", "w=1; v=1")
    trace = story.trace()
    exchange = trace.exchange(name)
    happened = [each.text for each in of_request(exchange.request, lambda _: True, trace.browser)]
    assert happened == [
        f"'w' sent, written by a script: {APP}, line 12",
        "'v' sent: a script wrote it, says Chromium",
    ]
    lines = [line.text for one in detail(exchange, word=trace.browser) for line in one.lines]
    assert f"written by a script: {APP}, line 12 (Chromium: no response set it)" in lines
    assert "written by a script, says Chromium: no response set it" in lines
    again = story.visit("/y", "w=1; v=1")
    trace = story.trace()
    lines = [
        line.text for one in detail(trace.exchange(again), word=trace.browser) for line in one.lines
    ]
    at = lines.index("'w'='1' sent again")
    assert lines[at + 1] == f"written by a script: {APP}, line 12 (Chromium: no response set it)"
    text = " ".join(" ".join(transcript(trace)).split())
    assert f"'w' was written by a script: {APP}, line 12 (Chromium: no response set it)." in text


def attempt_story() -> Story:
    """Return a page whose script tries to write three cookies, and the requests after that."""
    story = Story()
    story.visit("/", None, "sid=1; HttpOnly")
    at = story.now
    story.events += [
        tried(at, change("sid", "", cause="REJECTED_HTTPONLY")),
        tried(at, change("else", "", domain="other.example")),
    ]
    story.visit("/x", "sid=1")
    story.events.append(tried(story.now, change("sub", "", path="/s", source=None, line=None)))
    story.visit("/y", "sid=1")
    story.visit("/z", "sid=1")
    return story


def test_an_attempt_is_told_once() -> None:
    """At the next request to that host, whatever the cookie's path."""
    assert told(attempt_story()) == [[], ["sid"], ["sub"], []]


def test_an_attempt_in_words() -> None:
    """It says what is known: who tried it, and why it was not stored if the browser says so."""
    story = attempt_story()
    trace = story.trace()
    _, first, second, last = trace.exchanges
    assert list(attempts(trace.browser, first)) == [
        (
            "a script tried to write 'sid'; Chromium did not store it: it keeps one that is "
            "HttpOnly",
            f"{APP}, line 12",
        )
    ]
    text = "a script tried to write 'sub'; Chromium did not store it"
    assert list(attempts(trace.browser, second)) == [(text, "")]
    assert list(attempts(trace.browser, last)) == []
    lines = [line.text for one in detail(second, word=trace.browser) for line in one.lines]
    assert text in lines
    told_text = " ".join(" ".join(transcript(trace)).split())
    assert f"did not store it: it keeps one that is HttpOnly ({APP}, line 12)." in told_text
    assert f"A{text[1:]}." in told_text


def test_a_hidden_value_in_the_address_of_a_script() -> None:
    """It is hidden there too, wherever the script stands in the details."""
    story = Story()
    source = "http://127.0.0.1:5000/private-7c1f/app.js"
    story.events.append(wrote(story.now, change("w", "private-7c1f", source=source)))
    story.events.append(tried(story.now, change("x", source=source)))
    name = story.visit("/x", "w=private-7c1f")
    trace = story.trace()
    told = detail(trace.exchange(name), mask=lambda _: "hidden", word=trace.browser)
    places = [line.text for one in told for line in one.lines if "app.js" in line.text]
    assert len(places) == 3
    assert not [text for text in places if "private" in text]


def test_an_attempt_that_is_said_late() -> None:
    """The browser may say so only after the request: then that row changes."""
    story = Story()
    story.visit("/")
    at = story.now
    name = story.visit("/x")
    story.visit("/y")
    story.events.append(tried(at, change("a", "")))
    story.events.append(tried(at, change("b", ""), client_id=None))
    trace = Trace()
    updates = [trace.apply(event) for event in story.events]
    assert updates[-2].exchanges == (name,)
    assert updates[-1].exchanges == ()
    assert told(story) == [[], ["a"], []]


def test_attempts_are_bounded() -> None:
    """A page that tries without end costs a bounded amount, and the latest are told."""
    story = Story()
    story.visit("/")
    at = story.now
    story.events += [tried(at, change(f"n{number}", "")) for number in range(1000)]
    story.visit("/x")
    [_, found] = told(story)
    assert len(found) == 200
    assert found[-1] == "n999"


def test_the_json() -> None:
    """A cookie that a script wrote is no longer unexplained; which script, the exchange says."""
    story = attempt_story()
    story.events.append(wrote(story.now, change("w"), change("q", source=None, line=None)))
    story.visit("/z", "sid=1; w=1; q=1; odd=1")
    printed = list(explanations(story.trace()))
    assert [
        {each["name"]: each["status"] for each in one["request_cookies"]} for one in printed[1:]
    ] == [
        *[{"sid": "sent"}] * 3,
        {"sid": "sent", "w": "script", "q": "script", "odd": "unexplained"},
    ]
    assert [one.get("scripts") for one in printed] == [
        None,
        [_entry("sid", stored=False, why="REJECTED_HTTPONLY")],
        [_entry("sub", stored=False, path="/s", source=None, line=None)],
        None,
        [_entry("w"), _entry("q", source=None, line=None)],
    ]
    lines = b"".join(outgoing_explanations(story.events, show_values=True)).splitlines()
    assert [json.loads(line) for line in lines] == printed


def _entry(name: str, **fields: object) -> dict[str, object]:
    known = {"domain": "127.0.0.1", "path": "/", "stored": True, "source": APP, "line": 12}
    return {"name": name, **known, "why": None, **fields}


def test_without_a_browser_nothing_is_said_of_scripts() -> None:
    """The JSON is as before."""
    story = Story()
    story.visit("/", "w=1")
    [printed] = explanations(story.trace())
    assert "scripts" not in printed
    assert printed["request_cookies"][0]["status"] == "unexplained"
