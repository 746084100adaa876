"""Chromium's net log: what is read of it, wherever it ends and whatever it holds."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.errors import FormatError
from cookietrace.listening.net_log import LONGEST_LINE, MOST_COOKIES, MOST_OPEN, NetLogReader
from cookietrace.listening.said import Change, Hop
from tests.listening.logs import changes, hops, log, read

PAGE = log("page")
CONSTANTS, _, ENTRIES = PAGE.partition(b"\n")


def _told(hop: Hop) -> str:
    """Return a hop in one line: what was sent and withheld, and what became of each line."""
    sent = " ".join(f"{'+' if one.taken else '-'}{one.name}" for one in hop.sent or ())
    stored = " ".join(
        f"+{one.name}" if one.taken else f"-{one.name or ''}({one.reasons[0][8:]})"
        for one in hop.stored or ()
    )
    path = hop.url.partition("://")[2].partition("/")[2]
    return f"{hop.method} /{path} {hop.status_code} | {sent} | {stored}"


def test_a_page() -> None:
    """Every hop: redirects, favicons, preflights, WebSockets, workers; with a word on each cookie.

    A request without credentials has no word on any cookie, and one from the cache is left out.
    """
    assert [_told(one) for one in hops("page")] == [
        "GET / 200 |  | +sid -(INVALID_DOMAIN) -none(SAMESITE_NONE_INSECURE) -(INVALID_PREFIX) +q "
        "+part -(DISALLOWED_CHARACTER) +uni -(NO_COOKIE_CONTENT) +strict "
        "-(NAME_VALUE_PAIR_EXCEEDS_MAX_SIZE)",
        "GET /redir 302 | -q +sid +part +uni +strict +scripted | +hop",
        "GET /fav.ico 200 | -q +sid +part +uni +strict +scripted +hop | +p",
        "GET /landed 200 | -q +sid +part +uni +strict +scripted +hop | +p",
        "GET /api 200 |  | ",
        "OPTIONS /cors 200 |  | ",
        "GET /cors 200 |  | -xs(USER_PREFERENCES) -xsn(USER_PREFERENCES)",
        "GET /img 200 |  | -p(USER_PREFERENCES)",
        "GET /ws 101 | -q +sid +part +uni +strict +scripted +hop +p | +wsc",
        "GET /sw.js 200 | -q +sid +part +uni +strict +scripted +hop +p +wsc | +swc",
        "GET /after-sw 200 | -q +sid +part +uni +strict +scripted +hop +p +wsc +swc | +p",
        "GET /end 200 | -q +sid +part +uni +strict +hop +wsc +swc +p | +p",
    ]


def test_what_is_said_of_a_request() -> None:
    """The wire's bytes, who asked, the site, and whether it has credentials."""
    first, redirected, *_, last = hops("page")
    assert first.initiator is None
    assert redirected.initiator == "http://localhost:8199"
    assert last.site_for_cookies == "http://localhost"
    assert redirected.cookie_header == "sid=abc; part=1; uni=\xe4; strict=1; scripted=1"
    assert first.set_cookie_lines[8] == "uni=\xe4; Max-Age=99999999999"
    by_url = {hop.url.rpartition("/")[2]: hop for hop in hops("page")}
    assert by_url["api"].credentials is False
    assert by_url["api"].sent is None
    assert by_url["landed"].credentials is True
    [part] = [one for one in by_url["landed"].sent or () if one.name == "part"]
    assert part.partition_key == "http://localhost, same-site"
    assert part.warnings == ("WARN_SECURE_ACCESS_GRANTED_NON_CRYPTOGRAPHIC",)


def test_http_2() -> None:
    """The fields of HTTP/2 are read without the pseudo fields."""
    page, icon = hops("https")
    assert (page.url, page.http_version, page.status_code) == (
        "https://shop.test/",
        "HTTP/2.0",
        200,
    )
    assert all(not name.startswith(":") for name, _ in page.request_headers)
    assert icon.cookie_header == "user=Alice"


def test_deletions() -> None:
    """An expired line that deletes a cookie is taken, though Chromium only tells its store."""
    assert [_told(one) for one in hops("deletions")] == [
        "GET /d 200 |  | +a +b +sec",
        "GET /del 200 | +a +b +sec +s | +keep +a +b +keep",
        "GET /favicon.ico 200 | +sec +s +keep | +p",
        "GET /del?csd 200 | +sec +s +keep | -keep(FAILURE_TO_STORE) -(FAILURE_TO_STORE)",
        "GET /z 200 | +p | +p",
    ]


def _changed(one: Change) -> str:
    by = "script" if one.script else one.cause
    return f"{'+' if one.kind == 'added' else '-'}{one.name}={one.value} {by}"


def test_changes_that_no_response_made() -> None:
    """Writes of scripts, and what left the store by itself; not what a response did."""
    assert [_changed(one) for one in changes("page")] == [
        "+scripted=1 script",
        "-scripted=1 script",
        "+viastore=x script",
    ]
    assert [_changed(one) for one in changes("deletions")] == [
        "+s=1 script",
        "-sec=1 explicit",
        "-s=1 explicit",
        "-keep=1 explicit",
        "+t=2 script",
        "-t=2 script",
        "+HttpO=1 script",
        "-HttpO=1 expired",
    ]


@pytest.mark.parametrize("size", [1, 7, 997, 65536])
def test_pieces_of_any_size(size: int) -> None:
    """However the log is cut into pieces as it grows, it says the same."""
    assert read(PAGE, size) == read(PAGE)


@pytest.mark.parametrize("name", ["page", "deletions", "https"])
def test_an_end_anywhere(name: str) -> None:
    """A log that ends early, as that of a killed browser, says what it says up to there."""
    data = log(name)
    whole = {one.url for one in hops(name)}
    for end in range(data.index(b"\n") + 1, len(data), 997):
        found = read(data[:end])
        assert {one.url for one in found if isinstance(one, Hop)} <= whole
    killed = data[: data.rindex(b"]}")] + b",\n"
    assert read(killed) == read(data)


@given(st.binary(max_size=400), st.integers(0, len(ENTRIES)))
def test_whatever_it_holds(junk: bytes, at: int) -> None:
    """Nothing in it raises once it has begun as a net log does."""
    read(CONSTANTS + b"\n" + ENTRIES[:at] + junk + ENTRIES[at:])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"log": {}}\n', "not a net log"),
        (b"\x00\xff\n", "not a net log"),
        (b'{"constants":{"logEventTypes":[]},\n', "constants cannot be read"),
        (b'{"constants":{"logEventTypes":{},"timeTickOffset":"x"},\n', "constants cannot be read"),
        (
            b'{"constants":{"logEventTypes":{},"timeTickOffset":"nan"},\n',
            "constants cannot be read",
        ),
        (b"[" * (LONGEST_LINE + 2), "first line is too long"),
    ],
    ids=["har", "bytes", "types", "offset", "no-time", "endless"],
)
def test_what_is_no_net_log(data: bytes, words: str) -> None:
    """It is told in one line."""
    with pytest.raises(FormatError, match=words):
        list(NetLogReader().feed(data))


@pytest.mark.parametrize("time", [b"nan", b"inf", b"-inf", b"1e308", b"9" * 400])
def test_a_time_that_is_none(time: bytes) -> None:
    """What is said then is as old as the entry before: no event can hold such a time."""
    number = iter(range(1 << 20))
    entries = re.sub(
        rb'"time":"\d+"',
        lambda found: b'"time":"%s"' % time if next(number) % 2 else found[0],
        ENTRIES,
    )
    found = read(CONSTANTS + b"\n" + entries)
    assert len(found) > 10
    assert all(0 < one.at < 1e11 for one in found)


def test_a_response_with_many_lines() -> None:
    """They are read once, not with each word on one of them: a million would take an hour."""
    reader = NetLogReader()
    list(reader.feed(CONSTANTS + b"\n"))

    def feed(name: str, params: object, many: int = 1) -> None:
        entry = {"params": params, "phase": 1, "source": {"id": 1}, "time": "1", **_entries(name)}
        list(reader.feed((json.dumps(entry).encode() + b",\n") * many))

    lines = ["HTTP/1.1 200 OK", *["Set-Cookie: a=1"] * 10_000]
    feed("URL_REQUEST_START_JOB", {"url": "http://h.test/", "method": "GET"})
    feed("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", {"headers": ["Host: h.test"]})
    feed("HTTP_TRANSACTION_READ_RESPONSE_HEADERS", {"headers": lines})
    request = reader._open[1]
    assert len(request.lines) == 10_000
    assert request.pairs == {("a", "1")}
    request.response = (lines[0], ())  # what is left of it is not read again
    feed("COOKIE_INCLUSION_STATUS", {"name": "a", "operation": "store", "status": "INCLUDE"}, 9)
    assert not request.complete
    [hop] = [one for one in reader.end() if isinstance(one, Hop)]
    assert len(hop.stored or ()) == 9


def test_a_line_that_is_too_long_is_passed_over() -> None:
    """The next one is read."""
    reader = NetLogReader()
    list(reader.feed(CONSTANTS + b'\n"events": [\n'))
    for _ in range(5):
        list(reader.feed(b"x" * LONGEST_LINE))
    found = [*reader.feed(b"\n" + ENTRIES.partition(b"\n")[2]), *reader.end()]
    assert reader.passed_over == 1
    assert [one for one in found if isinstance(one, Hop)] == hops("page")


def _entries(name: str) -> dict[str, str]:
    numbers = json.loads(CONSTANTS.rstrip(b",") + b"}")["constants"]["logEventTypes"]
    return {"type": numbers[name]}


def test_requests_without_an_end_are_bounded() -> None:
    """So are the cookies of one: the oldest requests and the last cookies are left out."""
    reader = NetLogReader()
    list(reader.feed(CONSTANTS + b"\n"))
    start, said = _entries("URL_REQUEST_START_JOB"), _entries("COOKIE_INCLUSION_STATUS")
    for number in range(MOST_OPEN + 50):
        params = {"url": f"http://h.test/{number}", "method": "GET"}
        entry = {"params": params, "phase": 1, "source": {"id": number}, "time": "1", **start}
        list(reader.feed(json.dumps(entry).encode() + b",\n"))
    assert len(reader._open) == MOST_OPEN
    params = {"name": "a", "operation": "send", "status": "INCLUDE"}
    entry = {"params": params, "source": {"id": MOST_OPEN}, "time": "1", **said}
    list(reader.feed((json.dumps(entry).encode() + b",\n") * (MOST_COOKIES + 10)))
    assert len(reader._open[MOST_OPEN].sent) == MOST_COOKIES


def test_a_request_that_is_sent_twice() -> None:
    """With a login, or on another connection: each is told with the cookies that it had."""
    lines = [line for line in ENTRIES.splitlines() if b'"/redir' in line or b"/redir" in line]
    [send] = [line for line in ENTRIES.splitlines() if b"GET /redir HTTP" in line]
    twice = ENTRIES.replace(send, send + b"\n" + send)
    found = [one for one in read(CONSTANTS + b"\n" + twice) if isinstance(one, Hop)]
    again = [one for one in found if one.url.endswith("/redir")]
    assert lines
    assert [one.status_code for one in again] == [None, 302]
    assert again[0].sent == again[1].sent != ()


def test_a_log_without_the_types_that_are_wanted() -> None:
    """A later Chromium may rename them: then the log says nothing."""
    renamed = re.sub(rb'"(COOKIE|HTTP|URL|COMPUTED|REQUEST)_', rb'"LATER_\1_', CONSTANTS)
    assert read(renamed + b"\n" + ENTRIES) == []
