"""DevTools' Network events: what is read of them, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.listening.devtools_log import (
    GRACE,
    MOST_HOPS,
    MOST_OPEN,
    WANTED,
    DevToolsReader,
)
from cookietrace.listening.said import CookieSaid, Hop
from tests.listening.logs import messages

Message = dict[str, Any]
PAGE = messages("page")
EXTRA = ("Network.requestWillBeSentExtraInfo", "Network.responseReceivedExtraInfo")
TOLD = [
    "GET / 200 |  | 0+sid 1-bad(InvalidDomain) 2+sub 3+gone 4-none(SameSiteNoneInsecure) "
    "6-__Host-x(InvalidPrefix) 9+same 10+same",
    "GET /frame 200 |  | 0-f(UserPreferences) 1-n(UserPreferences)",
    "GET /hop 302 | -sub +sid +gone +caf +same +ü +scripted | 0+hop",
    "GET /favicon.ico 200 | -sub +sid +gone +caf +same +ü +scripted +hop | ",
    "GET /landed 200 | -sub +sid +gone +caf +same +ü +scripted +hop | 0+landed",
    "GET /cached 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed | ",
    "GET /omit 200 | ? | ",
    "OPTIONS /cors 200 | ? | ",
    "PUT /cors 200 | ? | ",
    "GET /w.js 200 | -sub +sid +gone +caf +same +ü +scripted | 0+w",
    "GET /blank 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed +worker | ",
    "POST /form 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed +worker | 0+posted",
    "GET /favicon.ico 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed +worker | ",
    "GET /favicon.ico 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed +worker "
    "+posted | ",
    "GET /gone 200 | -sub +sid +gone +caf +same +ü +scripted +hop +w +landed +worker +posted | "
    "0+gone 1+never",
    "GET /end 200 | -sub +sid +caf +same +ü +scripted +hop +w +landed +worker +posted | ",
]


def told(hop: Hop) -> str:
    """Return a hop in one line; a question mark if it is not known whether cookies were sent."""
    sent = " ".join(f"{'+' if one.taken else '-'}{_text(one.name)}" for one in hop.sent or ())
    stored = " ".join(
        f"{one.line}+{one.name}" if one.taken else f"{one.line}-{one.name}({one.reasons[0]})"
        for one in hop.stored or ()
    )
    path = hop.url.partition("://")[2].partition("/")[2]
    sent = "?" if hop.sent is None else sent
    return f"{hop.method} /{path} {hop.status_code} | {sent} | {stored}"


def _text(name: str | None) -> str:
    return (name or "").encode("latin-1").decode()


def read(events: Iterable[Message]) -> list[Hop]:
    """Return everything that is said in messages."""
    reader = DevToolsReader()
    found: list[Hop] = []
    for one in events:
        found += reader.feed(one["sessionId"], one["method"], one["params"])
    return [*found, *reader.end()]


def test_a_page() -> None:
    """Every hop that was on the wire, with the line of each statement.

    Nothing is said about WebSockets, of the service worker's own script, of what came from the
    cache or of data. Nor is it of lines that may have been refused silently: those that are no
    UTF-8, a partitioned one that is not Secure, and one that would be sent back as another.
    """
    assert [told(one) for one in read(PAGE)] == TOLD


def _moved(extra_first: bool) -> Sequence[Message]:
    """Return the messages with all that ExtraInfo says before, or after, all else."""
    extra = [one for one in PAGE if one["method"] in EXTRA]
    others = [one for one in PAGE if one["method"] not in EXTRA]
    return [*extra, *others] if extra_first else [*others, *extra]


@pytest.mark.parametrize(
    "events",
    [_moved(True), _moved(False), [PAGE[1], PAGE[0], *PAGE[2:]]],
    ids=["extra-first", "extra-last", "first-two"],
)
def test_any_order(events: Sequence[Message]) -> None:
    """ExtraInfo may come before or after the event that it belongs to."""
    assert sorted(told(one) for one in read(events)) == sorted(TOLD)


@pytest.mark.parametrize("apart", [0, 1, 40])
def test_two_sessions(apart: int) -> None:
    """What two sessions report is said once, however late the second one is."""
    twice: list[Message] = []
    for number in range(len(PAGE) + apart):
        if number < len(PAGE):
            twice.append(PAGE[number])
        if number >= apart:
            twice.append({**PAGE[number - apart], "sessionId": "another"})
    assert sorted(told(one) for one in read(twice)) == sorted(TOLD)


def test_what_is_said_of_a_request() -> None:
    """The wire's bytes, the time of day, and whether cookies were looked at."""
    first, *_, last = read(PAGE)
    assert first.set_cookie_lines[5] == "caf\xe9=1"
    assert first.set_cookie_lines[11] == "\xc3\xbc=\x80; SameSite=Lax"
    assert last.cookie_header.startswith("sid=1; caf\xe9=1; same=1; \xc3\xbc=\x80; scripted=1; ")
    assert 1_800_000_000 <= first.at < first.ended_at < last.at < 1_800_000_010
    by_path = {one.url.rpartition("/")[2]: one for one in read(PAGE)}
    assert by_path["omit"].credentials is None
    assert by_path["hop"].credentials is True
    held = (by_path["hop"].sent or ())[0]
    assert held == CookieSaid("sub", "localhost", "/sub", taken=False, reasons=("NotOnPath",))


# --- one request at a time, event by event


def asked(url: str = "http://h.test/a", at: float = 1.0, **more: Any) -> Message:
    """Return what says that something is requested."""
    params = {
        "requestId": "1",
        "request": {"url": url, "method": "GET"},
        "timestamp": at,
        "wallTime": at + 1000,
        "type": "Fetch",
        **more,
    }
    return {"sessionId": "s", "method": "Network.requestWillBeSent", "params": params}


def redirected(url: str, at: float, *, on_wire: bool) -> Message:
    """Return what says that a redirect is followed."""
    return asked(url, at, redirectResponse={"status": 302}, redirectHasExtraInfo=on_wire)


def sent(cookie: str = "a=1", **more: Any) -> Message:
    """Return what says what was on the wire of a request."""
    headers = {"Host": "h.test", "Cookie": cookie, **more}
    used = [{"cookie": {"name": "a", "domain": "h.test", "path": "/"}, "blockedReasons": []}]
    params = {"requestId": "1", "headers": headers, "associatedCookies": used}
    return {"sessionId": "s", "method": EXTRA[0], "params": params}


def received(lines: str = "", status: int = 200, **more: Any) -> Message:
    """Return what says what was on the wire of a response."""
    headers = {"Set-Cookie": lines} if lines else {}
    params = {"requestId": "1", "headers": headers, "statusCode": status, "blockedCookies": []}
    return {"sessionId": "s", "method": EXTRA[1], "params": {**params, **more}}


def responded(at: float = 2.0, *, on_wire: bool = True, **response: Any) -> Message:
    """Return what says that there is a response."""
    params = {"requestId": "1", "timestamp": at, "hasExtraInfo": on_wire, "response": response}
    return {"sessionId": "s", "method": "Network.responseReceived", "params": params}


def over(at: float = 3.0, what: str = "loadingFinished") -> Message:
    """Return what says that nothing more comes."""
    params = {"requestId": "1", "timestamp": at}
    return {"sessionId": "s", "method": f"Network.{what}", "params": params}


ROWS = {
    "plain": ([asked(), sent(), received(), responded()], ["a 200"]),
    "from the cache": ([asked(), responded(on_wire=False), over()], []),
    "said to be cached, and was not": (
        [asked(), sent(), received(), responded(on_wire=False), over()],
        ["a 200"],
    ),
    "a redirect from the cache": (
        [
            asked("http://h.test/a"),
            redirected("http://h.test/b", 1.1, on_wire=False),
            sent(),
            received(),
            responded(),
        ],
        ["b 200"],
    ),
    "extra info before its hop": (
        [
            asked("http://h.test/a"),
            sent("a=1"),
            sent("a=2"),
            received(status=302),
            received(),
            redirected("http://h.test/b", 1.1, on_wire=True),
            responded(),
        ],
        ["a 302", "b 200"],
    ),
    "failed before its response": ([asked(), sent(), over(what="loadingFailed")], ["a None"]),
    "failed before it was sent": ([asked(), over(what="loadingFailed")], []),
    "once more, with a login": (
        [asked(), sent(), received(status=401), sent(), received(), responded()],
        ["a 401", "a 200"],
    ),
    "no word of a response": ([asked(), sent(), received()], ["a 200"]),
    "an icon over HTTP/2": (
        [
            sent(**{":method": "GET", ":scheme": "https", ":authority": "h.test", ":path": "/i"}),
            received(),
        ],
        ["i 200"],
    ),
    "an icon over HTTP/1.1": ([sent(), received()], []),
}


@pytest.mark.parametrize("name", ROWS)
def test_hops(name: str) -> None:
    """Which hops of one request are told, with which response."""
    events, expected = ROWS[name]
    found = read(events)
    assert [f"{one.url.rpartition('/')[2]} {one.status_code}" for one in found] == expected


def _fed(reader: DevToolsReader, *events: Message) -> list[Hop]:
    return [
        hop for one in events for hop in reader.feed(one["sessionId"], one["method"], one["params"])
    ]


def test_a_slow_response_is_waited_for() -> None:
    """However long it takes: a request has no response only once it is over."""
    reader = DevToolsReader()
    assert _fed(reader, asked(), sent()) == []
    assert list(reader.waited(100 * GRACE)) == []
    [hop] = _fed(reader, responded(500.0), received())
    assert hop.status_code == 200


def test_extra_info_of_a_response_is_waited_for_a_while() -> None:
    """After the end of a request, ExtraInfo may still come; after a while nothing more does."""
    reader = DevToolsReader()
    assert _fed(reader, asked(), sent(), responded(), over()) == []
    assert list(reader.waited(GRACE / 2)) == []
    [hop] = reader.waited(GRACE + 2)
    assert hop.status_code is None
    assert list(reader.end()) == []


END = {"remoteIPAddress": "[::1]", "remotePort": 8080, "responseTime": 1_001_750.0}


@pytest.mark.parametrize(
    ("status", "response", "remote", "responded_at"),
    [
        (200, END, "[::1]:8080", 1001.75),
        (200, {**END, "remoteIPAddress": "127.0.0.1"}, "127.0.0.1:8080", 1001.75),
        (304, END, None, None),
        (200, {}, None, None),
        (200, {"remoteIPAddress": 1, "remotePort": 80, "responseTime": 1e200}, None, None),
        (200, {"remoteIPAddress": "::1", "remotePort": 2**70, "responseTime": 10**400}, None, None),
    ],
    ids=["IPv6", "IPv4", "asked whether the cache is right", "not said", "no address", "no port"],
)
def test_where_a_response_came_from(
    status: int, response: Message, remote: str | None, responded_at: float | None
) -> None:
    """It is that of the connection; what came from the cache has one of long ago."""
    [hop] = read([asked(), sent(), received(status=status), responded(**response)])
    assert (hop.remote, hop.responded_at) == (remote, responded_at)
    redirect: Message = {"redirectResponse": response, "redirectHasExtraInfo": True}
    again = [sent(), received(), responded()]
    hops = read([asked(), sent(), received(status=status), asked(at=2.0, **redirect), *again])
    assert [(one.remote, one.responded_at) for one in hops] == [
        (remote, responded_at),
        (None, None),
    ]


def test_a_machine_that_sleeps_in_between() -> None:
    """The time of a request is what it was, though the browser's clock stood still since."""
    timed = sent()
    timed["params"]["connectTiming"] = {"requestTime": 1.5}
    later = asked("http://h.test/b", 3.0, requestId="2", wallTime=5000.0)
    [hop] = read([asked(), timed, later, received(), responded(4.0)])
    assert (hop.at, hop.ended_at) == (1001.5, 5001.0)


def test_when_a_request_had_ended_at_the_latest() -> None:
    """If its end is not said, that is when it was no longer waited for."""
    reader = DevToolsReader()
    assert _fed(reader, asked(), sent(), received()) == []
    [hop] = reader.waited(GRACE + 1)
    assert hop.ended_at == 1001.0 + GRACE + 1


LINES = {
    "taken": ("a=1\nb=2", {}, "0+a 1+b"),
    "refused": ("a=1\nb=2", {"b=2": "InvalidDomain"}, "0+a 1-b(InvalidDomain)"),
    "one of two equal ones": ("a=1\na=1\nb=2", {"a=1": "InvalidDomain"}, "2+b"),
    "spaces around": (" a=1 \nb", {"b": "NoCookieContent"}, "0+a 1-(NoCookieContent)"),
    "partitioned": ("a=1; Partitioned\nb=1; partitioned ; SECURE", {}, "1+b"),
    "no name": ("=a=b\n=c\nd==", {}, "1+ 2+d"),
}


@pytest.mark.parametrize("name", LINES)
def test_lines(name: str) -> None:
    """What is said about each line: DevTools names the refused ones only."""
    lines, refused, expected = LINES[name]
    blocked = [{"cookieLine": line, "blockedReasons": [why]} for line, why in refused.items()]
    [hop] = read([asked(), sent(), received(lines, blockedCookies=blocked), responded()])
    assert told(hop).rpartition(" | ")[2] == expected


def test_no_cookie_was_looked_at() -> None:
    """If nothing shows that cookies may be set, nothing is said about lines not refused."""
    bare = sent()
    bare["params"]["associatedCookies"] = []
    [hop] = read([asked(), bare, received("a=1"), responded()])
    assert (hop.credentials, hop.sent, hop.stored) == (None, None, ())
    [hop] = read([asked(type="Document"), bare, received("a=1"), responded()])
    assert hop.credentials is True
    assert [one.taken for one in hop.stored or ()] == [True]


def test_the_order_of_lines() -> None:
    """``set-cookie`` and ``Set-Cookie`` are in their order where DevTools has the text."""
    text = "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nSET-COOKIE: b=1\r\nset-cookie: c=1\r\n\r\n"
    headers = {"SET-COOKIE": "b=1", "set-cookie": "a=1\nc=1"}
    [hop] = read([asked(), sent(), received(headers=headers, headersText=text), responded()])
    assert hop.set_cookie_lines == ("a=1", "b=1", "c=1")
    [hop] = read([asked(), sent(), received(headers=headers, headersText="x"), responded()])
    assert sorted(hop.set_cookie_lines) == ["a=1", "b=1", "c=1"]


# --- hostile

_NAMES = [
    "url",
    "method",
    "cookie",
    "cookieLine",
    "blockedReasons",
    "requestTime",
    ":path",
    "é",
    "remoteIPAddress",
    "remotePort",
    "responseTime",
]
_PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "a=1\nb", "é"])
)
_OBJECTS = st.dictionaries(st.sampled_from(_NAMES), _PLAIN | st.lists(_PLAIN, max_size=2))
_VALUES = _PLAIN | _OBJECTS | st.lists(_PLAIN | _OBJECTS, max_size=2)
_PARAMS = st.dictionaries(
    st.sampled_from(
        [
            "request",
            "headers",
            "headersText",
            "timestamp",
            "wallTime",
            "associatedCookies",
            "blockedCookies",
            "connectTiming",
            "statusCode",
            "hasExtraInfo",
            "redirectResponse",
            "response",
        ]
    ),
    _VALUES,
    max_size=6,
)


_EVENTS = st.tuples(st.sampled_from(sorted(WANTED)), st.sampled_from("ab"), _PARAMS)


@settings(max_examples=50)
@given(st.lists(_EVENTS, max_size=8))
def test_whatever_it_holds(events: list[tuple[str, str, Message]]) -> None:
    """Whatever is in the messages, reading them ends."""
    read(
        {"sessionId": "s", "method": method, "params": {**params, "requestId": name}}
        for method, name, params in events
    )


def test_what_is_kept_is_bounded() -> None:
    """Requests that never end are given up, the oldest first, and what is known is told then."""
    reader = DevToolsReader()
    found: list[Hop] = []
    for number in range(MOST_OPEN + 5):
        for one in (asked(f"http://h.test/{number}"), sent()):
            params = {**one["params"], "requestId": str(number)}
            found += reader.feed("s", one["method"], params)
    assert [one.url for one in found] == [f"http://h.test/{number}" for number in range(5)]
    assert len(list(reader.end())) == MOST_OPEN
    endless = [redirected(f"http://h.test/{number}", 1.0, on_wire=True) for number in range(500)]
    assert len(read([*endless, *[sent(str(number)) for number in range(500)]])) == MOST_HOPS
