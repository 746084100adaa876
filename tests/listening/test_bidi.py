"""What is read of a Firefox's events over BiDi: outcomes, only where they are known."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.listening.bidi import (
    CONSOLE_DROPPED,
    DEFAULT,
    MOST_ALIKE,
    MOST_CONTEXTS,
    MOST_OPEN,
    MOST_SENTENCES,
    PATIENCE,
    QUIET,
    BidiReader,
    Reading,
)
from cookietrace.listening.said import Hop
from tests.listening.bidi_messages import PAGE, Row, changes, hops, read, rows

TREE = [{"context": "tab", "userContext": DEFAULT, "clientWindow": "w", "children": []}]
DOMAIN = "cookie has been rejected for invalid domain."


def _told(hop: Hop) -> str:
    """Return a hop in one line: what was sent, and what is known about each line."""
    sent = " ".join(one.name or "" for one in hop.sent or ())
    stored = " ".join(
        f"{'+' if one.taken else '-'}{one.line}{one.name}" for one in hop.stored or ()
    )
    return f"{hop.status_code} | {sent} | {stored}"


def test_lines_of_many_kinds() -> None:
    """Each line that was stored, deleted or refused; of one that finds nothing, nothing is said."""
    found = hops(read(rows("lines")))
    assert sorted(map(_told, found)) == sorted(
        [
            "200 |  | +0a +1b +2c +3d",
            "200 | a b d | +0a +3d",
            "200 | b | +0b +1c",
            "200 |  | ",
            "200 |  | ",
            "200 |  | -0a -1b -2c -3d -4e -5f -6g +7h +8i -9j -10k +11ok",
            "200 | h i ok | ",
            "200 |  | +0a",
            "200 | a | ",
            "200 |  | +0a",
            "200 | a | ",
        ]
    )
    reasons = {one.reasons for hop in found for one in hop.stored or () if not one.taken}
    assert reasons == {(DOMAIN,)}


def test_what_scripts_do() -> None:
    """A cookie that no response set was written by the time that a request carried it."""
    said = read(rows("scripts"))
    assert [_told(one) for one in hops(said)] == [
        "200 |  | +0a +1b +2c",
        "200 | a c | ",
        *(["200 | a c | "]),
    ]
    [change] = changes(said)
    assert (change.name, change.value, change.kind, change.script) == ("a", "2", "added", True)
    assert change.at <= hops(said)[1].at


def test_what_no_script_can_have_done() -> None:
    """A cookie that is HttpOnly was written by something else, though no response set it."""
    given = rows("scripts")
    for row in given:
        for cookie in row.params.get("cookies", ()):
            cookie["httpOnly"] = True
    [change] = changes(read(given))
    assert (change.name, change.http_only, change.script) == ("a", True, False)


def test_what_a_recorded_response_has_set() -> None:
    """Firefox does not tell of each response: what one has set, no script did."""
    assert changes(read(rows("scripts"), ["a=2; Path=/"])) == []


def _request(number: int = 1, **more: Any) -> dict[str, Any]:
    request = {
        "request": str(number),
        "url": "http://h.test/",
        "method": "GET",
        "headers": [],
        "timings": {"requestStart": 1000.0},
    }
    return {"context": "tab", "redirectCount": 0, "timestamp": 1000, "request": request, **more}


def _response(*lines: str, **more: Any) -> dict[str, Any]:
    value = {"type": "string", "value": "\n".join(lines)}
    headers = [{"name": "Set-Cookie", "value": value}] if lines else []
    return {"status": 200, "headers": headers, "fromCache": False, **more}


def _reader() -> BidiReader:
    reader = BidiReader()
    reader.tree(TREE)
    return reader


def _respond(reader: BidiReader, number: int, *lines: str) -> list[Hop]:
    """Have a request made and responded to; return what is said at once."""
    params = _request(number, response=_response(*lines))
    return hops([*reader.event("network.responseStarted", params, 0.0)])


def _ask(reader: BidiReader, now: float = 0.0) -> list[Reading]:
    found = reader.wanted(now)
    assert [each.user_context for each in found] == [DEFAULT] * len(found)
    return found


def _jar(reader: BidiReader, reading: Reading, *pairs: str) -> list[Hop]:
    """Reply to a reading of the jar; return what is said then."""
    cookies = [
        {"name": name, "value": {"type": "string", "value": value}, "domain": "h.test", "path": "/"}
        for name, _, value in (pair.partition("=") for pair in pairs)
    ]
    return hops([*reader.jar(reading, cookies, 0.0, 1.0)])


def test_the_jar_is_asked_for_once() -> None:
    """After lines came, and again after what came meanwhile; later for what scripts do."""
    reader = _reader()
    assert _ask(reader) == []
    _respond(reader, 1, "a=1")
    [asked] = _ask(reader)
    _respond(reader, 2, "b=1")
    assert _ask(reader) == []
    [first] = _jar(reader, asked, "a=1", "b=1")
    assert _told(first) == "200 |  | +0a"
    [asked] = _ask(reader)
    # The second one's cookie was there at the first reading, which was asked for before it came.
    [second] = _jar(reader, asked, "a=1", "b=1")
    assert _told(second) == "200 |  | +0b"
    assert _ask(reader, 2 * QUIET) == []
    list(reader.event("network.responseStarted", _request(3), 1.0))
    assert _ask(reader, 1.0) == []
    assert len(_ask(reader, 1.0 + QUIET)) == 1


def test_a_jar_that_is_not_read_in_time() -> None:
    """What is known without it is said, and it is asked for again; a late reply is passed over."""
    reader = _reader()
    assert _respond(reader, 1, "a=1") == []
    [late] = _ask(reader)
    assert hops([*reader.waited(PATIENCE - 1)]) == []
    [hop] = hops([*reader.waited(PATIENCE + 1)])
    assert hop.stored == ()
    [asked] = _ask(reader, PATIENCE + 1)
    _respond(reader, 2, "b=1; HttpOnly")
    assert _jar(reader, late) == []
    assert _jar(reader, asked) == []
    [asked] = _ask(reader)
    assert [_told(hop) for hop in _jar(reader, asked, "b=1")] == ["200 |  | +0b"]


def test_a_sentence_that_can_be_about_two_lines() -> None:
    """It names a cookie, not a response: of either, nothing is said."""
    reader = _reader()
    for number in (1, 2):
        _respond(reader, number, "a=1; Domain=other.test")
    logged = {
        "text": "Cookie “a” has been rejected for invalid domain.",
        "timestamp": 1001,
        "source": {"context": "tab"},
    }
    list(reader.event("log.entryAdded", logged, 0.0))
    [asked] = _ask(reader)
    _jar(reader, asked)
    assert [hop.stored for hop in hops([*reader.end(1.0)])] == [(), ()]


def _log(reader: BidiReader, name: str, at: float = 1.0, **more: Any) -> None:
    """Have the console say that a cookie of that name was refused."""
    logged = {
        "text": f"Cookie “{name}” has been rejected for invalid domain.",
        "timestamp": 1000 * at,
        "source": {"context": "tab"},
        "type": "javascript",
        **more,
    }
    list(reader.event("log.entryAdded", logged, 0.0))


def _end(reader: BidiReader) -> list[str]:
    """Return what is told at last, once the jar was read and is empty."""
    [asked] = _ask(reader)
    return [_told(hop) for hop in [*_jar(reader, asked), *hops([*reader.end(1.0)])]]


@pytest.mark.parametrize(("kind", "told"), [("javascript", "-0a"), ("console", "")])
def test_what_a_page_writes_to_the_console(kind: str, told: str) -> None:
    """It is not what Firefox says, though it reads the same."""
    reader = _reader()
    _respond(reader, 1, "a=1; Domain=other.test")
    _log(reader, "a", type=kind)
    assert _end(reader) == [f"200 |  | {told}"]
    assert reader.troubles() == []


@pytest.mark.parametrize("names", [["b"], [f"b{number}" for number in range(MOST_SENTENCES)]])
def test_a_console_that_is_flooded(names: list[str]) -> None:
    """Sentences are given up, which is said once; nothing is told that they may contradict.

    Of what is requested later, all is told.
    """
    reader = _reader()
    _respond(reader, 1, "a=1; Domain=other.test", "b=1; Domain=other.test")
    for number in range(MOST_SENTENCES):
        _log(reader, names[number % len(names)])
    assert reader.troubles() == []
    for name in ("a", "b"):
        _log(reader, name)
    assert reader.troubles() == [CONSOLE_DROPPED]
    assert _end(reader) == ["200 |  | "]
    later = _request(2, response=_response("a=1; Domain=other.test"), timestamp=5000)
    later["request"]["timings"] = {"requestStart": 5000.0}
    list(reader.event("network.responseStarted", later, 0.0))
    _log(reader, "a", at=5.0)
    assert _end(reader) == ["200 |  | -0a"]
    assert reader.troubles() == []


@pytest.mark.parametrize(("more", "dropped"), [(0, []), (1, [CONSOLE_DROPPED])])
def test_lines_of_one_name(more: int, dropped: list[str]) -> None:
    """A sentence is compared with so many lines, of all requests; with more, it is passed over."""
    reader = _reader()
    line = "a=1; Domain=other.test"
    _respond(reader, 1, *[line] * (MOST_ALIKE - 1))
    _respond(reader, 2, *[line] * (1 + more))
    for _ in range(MOST_ALIKE + more):
        _log(reader, "a")
    told = [] if more else [f"-{number}a" for number in range(MOST_ALIKE - 1)]
    assert _end(reader)[0] == f"200 |  | {' '.join(told)}"
    assert reader.troubles() == dropped
    assert reader._console._lines == {}


def test_windows_that_are_not_private() -> None:
    """Of too many, the oldest are given up."""
    reader = _reader()
    reader.tree([{"context": str(n), "clientWindow": str(n)} for n in range(MOST_CONTEXTS + 9)])
    assert len(reader._windows) == MOST_CONTEXTS


@pytest.mark.parametrize(
    ("window", "told"), [("w", "-0a"), ("private", "")], ids=["the first", "another"]
)
def test_a_window_that_may_be_private(window: str, told: str) -> None:
    """Its jar is not the one that is read: that a cookie is not there says nothing."""
    reader = _reader()
    created = {"context": "tab", "userContext": DEFAULT, "clientWindow": window}
    list(reader.event("browsingContext.contextCreated", created, 0.0))
    _respond(reader, 1, "a=1; HttpOnly")
    [asked] = _ask(reader)
    [hop] = [*_jar(reader, asked), *hops([*reader.end(1.0)])]
    assert _told(hop) == f"200 |  | {told}"


def test_a_container_that_is_removed() -> None:
    """Its jar cannot be read: it is not asked for again."""
    reader = _reader()
    created = {"context": "tab", "userContext": "c", "clientWindow": "w"}
    list(reader.event("browsingContext.contextCreated", created, 0.0))
    _respond(reader, 1, "a=1")
    [asked] = reader.wanted(0.0)
    assert asked.user_context == "c"
    list(reader.jar(asked, None, 0.0, 0.0))
    _respond(reader, 2, "a=1")
    assert reader.wanted(0.0) == []
    assert [hop.stored for hop in hops([*reader.end(1.0)])] == [()]


def test_what_was_not_on_the_wire() -> None:
    """What came from a cache, was never sent, or has no host is left out."""
    reader = _reader()
    cached = _request(1, response=_response("a=1", fromCache=True))
    unsent = _request(2)
    unsent["request"]["timings"] = {"requestStart": 0}
    inline = _request(3, response=_response())
    inline["request"]["url"] = "data:text/html,x"
    for method, params in (
        ("responseStarted", cached),
        ("fetchError", unsent),
        ("responseStarted", inline),
    ):
        assert list(reader.event(f"network.{method}", params, 0.0)) == []
    assert list(reader.end(0.0)) == []


def test_a_redirect_and_bytes() -> None:
    """Each hop has its own; a value of the wire is its bytes."""
    reader = _reader()
    found = []
    for count, status in ((0, 302), (1, 200)):
        params = _request(redirectCount=count, response=_response(status=status))
        params["request"]["headers"] = [
            {"name": "Cookie", "value": {"type": "base64", "value": "YT3pOyBiPTE="}},
            {"name": "X", "value": {"type": "string", "value": "é"}},
        ]
        found += hops([*reader.event("network.responseStarted", params, 0.0)])
    first, second = found
    assert first.cookie_header == "a=\xe9; b=1"
    assert dict(first.request_headers)["X"] == "\xc3\xa9"
    assert (first.status_code, second.status_code) == (302, 200)


def test_a_response_that_breaks_off() -> None:
    """It is said once: its fields came before it broke off. A request that fails has none."""
    reader = _reader()
    [hop] = _respond(reader, 1)
    assert hop.status_code == 200
    assert list(reader.event("network.fetchError", _request(1), 0.0)) == []
    [hop] = hops([*reader.event("network.fetchError", _request(2), 0.0)])
    assert hop.status_code is None


def test_too_many_requests() -> None:
    """The oldest are given up."""
    reader = _reader()
    for number in range(MOST_OPEN + 10):
        _respond(reader, number, "a=1")
    assert len([*reader.end(0.0)]) == MOST_OPEN


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(st.data())
def test_messages_that_hold_anything(data: st.DataObject) -> None:
    """Whatever stands instead of a part, nothing is raised."""
    reader = _reader()
    for method, params in PAGE:
        text = json.dumps(params)
        spoilt: dict[str, Any] = json.loads(text)
        _spoil(data, spoilt)
        list(reader.event(method, spoilt, 0.0))
        reader.wanted(1.0)
    for asked in reader.wanted(2.0):
        list(reader.jar(asked, data.draw(_ANY), 2.0, 1.0))
    list(reader.end(2.0))


def _spoil(data: st.DataObject, of: Any) -> None:
    """Put anything in the place of one part."""
    while True:
        keys = list(of) if isinstance(of, dict) else list(range(len(of)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(of[key], dict | list) and of[key] and data.draw(st.booleans()):
            of = of[key]
            continue
        of[key] = data.draw(_ANY)
        return


def test_the_messages_are_whole() -> None:
    """What was recorded can be read as the messages of a connection are."""
    for row in (*rows("lines"), *rows("scripts")):
        assert isinstance(row, Row)
        assert msgspec.json.decode(msgspec.json.encode(row.params)) == row.params
