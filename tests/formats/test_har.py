"""HAR: valid by its specification when written, and never trusted when read."""

from __future__ import annotations

import base64
import json
import tracemalloc
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cookietrace.errors import FormatError
from cookietrace.events import (
    Body,
    Capture,
    Client,
    Event,
    Failure,
    Recorder,
    Request,
    Response,
    Session,
)
from cookietrace.formats import export, read_capture
from cookietrace.formats.har import json_stream, recovery
from cookietrace.formats.har.entries import entry_of
from cookietrace.formats.har.reading import is_har, read_har
from cookietrace.lesson.focus import Focus
from cookietrace.trace import fold
from tests.formats.awkward import EVENTS
from tests.formats.har_schema import HAR_SCHEMA
from tests.verdict_stories import anew

START = "2026-01-31T12:00:00.000Z"


WRONG: tuple[Any, ...] = (None, 7, -1, 1e300, True, "text", "", [], [7], [[]], {}, {"a": 1})
"""Values of every type in JSON."""


def written(**options: Any) -> dict[str, Any]:
    """Return the awkward capture as a decoded HAR."""
    decoded: dict[str, Any] = json.loads(b"".join(export(EVENTS, "har", **options)))
    return decoded


@pytest.mark.parametrize("show_values", [True, False])
def test_a_har_is_valid_by_its_specification(show_values: bool) -> None:
    """Every object has the fields and types of HAR 1.2; ours begin with an underscore."""
    jsonschema.validate(written(show_values=show_values), HAR_SCHEMA)


def test_set_cookies_and_their_attributes() -> None:
    """Name, value, path, domain, expiry, flags and SameSite, as in the header."""
    first = written(show_values=True)["log"]["entries"][0]
    cookies = {cookie["name"]: cookie for cookie in first["response"]["cookies"]}
    assert cookies["user"] == {
        "name": "user",
        "value": "Alice",
        "path": "/",
        "httpOnly": False,
        "secure": False,
    }
    assert cookies["quoted"]["httpOnly"] is True
    assert cookies["quoted"]["expires"] == "2026-09-22T14:13:21.250000+00:00"
    assert cookies["html"]["sameSite"] == "None"
    assert cookies["utf8"]["expires"] == "2027-09-22T07:28:00.000000+00:00"
    assert cookies["wide"]["domain"] == "test"


def test_verdicts_are_in_an_extra_field() -> None:
    """Each entry has what ``explain`` says about its exchange."""
    entries = written(show_values=True)["log"]["entries"]
    assert [entry["_cookietrace"]["number"] for entry in entries] == [1, 2, 3, 4, 5]
    verdicts = {each["name"]: each for each in entries[0]["_cookietrace"]["set_cookies"]}
    assert verdicts["user"]["outcome"] == "created"
    assert verdicts["__Host-strict"]["reasons"] == ["prefix-host"]
    assert entries[3]["response"]["status"] == 0
    assert entries[3]["response"]["_error"] == "connection refused | <try again>"


def test_a_focus_chooses_the_entries() -> None:
    """Only exchanges in focus are written, with verdicts that take all others into account."""
    entries = written(show_values=True, focus=Focus(path="/logo.png"))["log"]["entries"]
    assert [entry["_cookietrace"]["number"] for entry in entries] == [3]
    assert entries[0]["_cookietrace"]["request_cookies"][0]["status"] == "sent"


def test_a_round_trip(tmp_path: Path) -> None:
    """Written and read again, the traffic and the verdicts are the same."""
    path = tmp_path / "own.har"
    path.write_bytes(b"".join(export(EVENTS, "har", show_values=True)))
    truth, copy = fold(EVENTS), fold(read_capture(path))
    assert len(copy.exchanges) == len(truth.exchanges)
    for true, read in zip(truth.exchanges, copy.exchanges, strict=True):
        assert read.request.headers == true.request.headers
        assert (read.request.method, read.request.url) == (true.request.method, true.request.url)
        assert read.request.event.connection == true.request.event.connection
        assert read.request.expected == true.request.expected
        assert [cookie.status for cookie in read.request.cookies] == [
            cookie.status for cookie in true.request.cookies
        ]
        assert (read.response is None) == (true.response is None)
        if read.response is not None and true.response is not None:
            assert read.response.headers == true.response.headers
            assert [result.outcome for result in read.response.set_cookies] == [
                result.outcome for result in true.response.set_cookies
            ]
    assert [row.kind for row in copy.rows] == [row.kind for row in truth.rows]


def test_a_redacted_har_is_not_redacted_again(tmp_path: Path) -> None:
    """Its tokens are kept, and a notice says what tokens may change."""
    path = tmp_path / "redacted.har"
    path.write_bytes(b"".join(export(EVENTS, "har")))
    first, said, *_ = read_capture(path)
    assert isinstance(first, Capture)
    assert not first.sensitive
    assert isinstance(said, Recorder)
    assert "tokens" in str(said.message)


def entry(
    started: str = START,
    time: float | str | None = 100,
    request: dict[str, str] | None = None,
    response: dict[str, str] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return an entry as a browser would write it."""
    written_as: dict[str, Any] = {
        "startedDateTime": started,
        "time": time,
        "request": {
            "method": "GET",
            "url": "https://a.test/",
            "httpVersion": "HTTP/2.0",
            "cookies": [{"name": "invented", "value": "never sent"}],
            "headers": [{"name": name, "value": value} for name, value in (request or {}).items()],
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "HTTP/2.0",
            "cookies": [{"name": "invented", "value": "never set"}],
            "headers": [{"name": name, "value": value} for name, value in (response or {}).items()],
            "content": {"size": 0, "mimeType": "text/html"},
        },
    }
    for name, content in fields.items():
        part, _, field = name.partition("__")
        if field:
            written_as[part][field] = content
        else:
            written_as[part] = content
    return written_as


def read(tmp_path: Path, *entries: Any, lenient: bool = False) -> list[Event]:
    """Return the events of a HAR with these entries."""
    path = tmp_path / "browser.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}))
    return list(read_capture(path, lenient=lenient))


def test_only_headers_are_trusted(tmp_path: Path) -> None:
    """Cookie arrays are ignored, pseudo-headers dropped, joined Set-Cookie lines split."""
    events = read(
        tmp_path,
        entry(
            request={":authority": "a.test", "Cookie": "a=1", "X-Text": "世界"},
            response={"set-cookie": "a=2; Path=/\r\n\nb=3", "x": "1\n2"},
        ),
    )
    request, response = (event for event in events if isinstance(event, Request | Response))
    assert request.headers == (("Cookie", "a=1"), ("X-Text", "世界".encode().decode("latin-1")))
    assert response.headers == (("set-cookie", "a=2; Path=/"), ("set-cookie", "b=3"), ("x", "1\n2"))


def test_traffic_is_ordered_by_time(tmp_path: Path) -> None:
    """A request is at its start, and its response at that plus the entry's time."""
    events = read(
        tmp_path,
        entry("2026-01-31T12:00:00.200Z", 50, {"Cookie": "n=second"}),
        entry("2026-01-31T13:00:00.000+01:00", 400, {"Cookie": "n=first"}),
        entry("2026-01-31T12:00:00.300", None, {"Cookie": "n=third"}),
    )
    timeline = [
        (type(event).__name__, event.exchange_id, round(event.at % 60, 3))
        for event in events
        if isinstance(event, Request | Response)
    ]
    assert timeline == [
        ("Request", "har-1", 0.0),
        ("Request", "har-2", 0.2),
        ("Response", "har-2", 0.25),
        ("Request", "har-3", 0.3),
        ("Response", "har-3", 0.3),
        ("Response", "har-1", 0.4),
    ]


def test_there_is_one_client_per_user_agent(tmp_path: Path) -> None:
    """Two browsers in one file have two jars."""
    events = read(
        tmp_path,
        entry(request={"User-Agent": "A", "Cookie": "a=1"}),
        entry(request={"user-agent": "B"}),
        entry(request={"User-Agent": "A"}),
        entry(),
    )
    assert [event.user_agent for event in events if isinstance(event, Client)] == ["A", "B", None]
    assert [event.client_id for event in events if isinstance(event, Request)] == [
        "har-client-1",
        "har-client-2",
        "har-client-1",
        "har-client-3",
    ]


@pytest.mark.parametrize(
    ("fields", "connection"),
    [
        ({}, None),
        ({"_connectionId": "508224", "connection": "443"}, "508224"),
        ({"_connectionId": "0"}, None),
        ({"_connectionId": ""}, None),
        ({"_connectionId": {"of": "another type"}}, None),
        ({"connection": "443"}, None),
        ({"connection": 443}, None),
    ],
)
def test_the_clients_connection(
    tmp_path: Path, fields: dict[str, Any], connection: str | None
) -> None:
    """It is Chromium's number of it; the standard field holds the server's port in browsers."""
    events = read(tmp_path, entry(request={"Cookie": "a=1"}, **fields))
    (request,) = (event for event in events if isinstance(event, Request))
    assert request.connection == connection


def test_a_fresh_browser_is_a_client_of_its_own(tmp_path: Path) -> None:
    """Our own files say so, although its User-Agent is that of the client that it follows."""
    story = anew()
    path = tmp_path / "anew.har"
    path.write_bytes(b"".join(export(story.events, "har", show_values=True)))
    events = list(read_capture(path))
    (session,) = [event for event in events if isinstance(event, Session)]
    assert (session.client_id, session.follows) == ("har-client-2", "har-client-1")
    truth, copy = story.trace("chromium"), fold(events, "chromium")
    assert [part.client_id for part in (each.request for each in copy.exchanges)] == [
        f"har-client-{each.request.client_id[1]}" for each in truth.exchanges
    ]
    for true, again in zip(truth.exchanges, copy.exchanges, strict=True):
        assert again.request.expected == true.request.expected == true.request.observed
        assert again.request.withheld == true.request.withheld


def test_a_har_without_sensitive_data(tmp_path: Path) -> None:
    """Without any cookie header, a notice says both what that may mean; the lists do not count."""
    bare = entry(request__cookies=[], response__cookies=None)
    for entries, listed in (((bare, bare), False), ((bare, entry()), True)):
        events = read(tmp_path, *entries)
        (said,) = (event for event in events if isinstance(event, Recorder))
        assert "no cookies in this file, or a sanitised export" in str(said.message)
        assert ("only lists" in str(said.message)) is listed
    trace = fold(events)
    assert all(not row.results for row in trace.rows)
    assert not any(
        isinstance(event, Recorder) for event in read(tmp_path, entry(request={"Cookie": ""}))
    )


@pytest.mark.parametrize(
    ("value", "replaced"),
    [
        ("REDACTED", True),
        ("[REDACTED]", True),
        ("<removed>", True),
        ("[cookie redacted]", True),
        ("********", True),
        ("xxx", True),
        ("a=REDACTED", False),
        ("redacted=1", False),
        ("nameless", False),
        ("", False),
    ],
)
def test_a_cookie_header_replaced_by_a_placeholder(
    tmp_path: Path, value: str, replaced: bool
) -> None:
    """It is no cookie: it is left out, and a notice says so."""
    events = read(
        tmp_path, entry(request={"Cookie": value, "X": value}, response={"Set-Cookie": value})
    )
    notices = [str(event.message) for event in events if isinstance(event, Recorder)]
    assert [notice.startswith("2 cookie headers were replaced") for notice in notices] == (
        [True] if replaced else []
    )
    (request,) = (event for event in events if isinstance(event, Request))
    assert ("X", value) in request.headers
    assert (("Cookie", value) in request.headers) is not replaced


@pytest.mark.parametrize(
    "fields",
    [
        {"_fromCache": "memory"},
        {"_fromCache": True},
        {"_fetchType": "Disk Cache"},
        {"response___fetchedViaServiceWorker": True},
        {"request__method": "CONNECT"},
        {"request__url": "data:text/plain,x"},
        {"request__url": "chrome://x"},
    ],
)
def test_what_was_not_on_the_wire_is_left_out(tmp_path: Path, fields: dict[str, Any]) -> None:
    """Responses from a cache or a service worker, tunnels, and other schemes: no exchanges."""
    events = read(tmp_path, entry(request={"Cookie": "a=1"}), entry(**fields))
    assert sum(isinstance(event, Request) for event in events) == 1
    _, said = read(tmp_path, entry(**fields))
    assert isinstance(said, Recorder)
    assert "no requests that were on the wire" in str(said.message)


def test_bodies_and_failures_are_kept(tmp_path: Path) -> None:
    """Text, bytes, form data, and a response that never came."""
    png = base64.b64encode(b"\x89PNG\xff").decode()
    page = base64.b64encode("<p>Grüße".encode()).decode()
    events = read(
        tmp_path,
        entry(
            request__postData={"mimeType": "text/plain", "text": "posted"},
            response__content={"size": 5, "mimeType": "text/html", "text": "page"},
        ),
        entry(response__content={"mimeType": "image/png", "text": png, "encoding": "base64"}),
        entry(response__content={"mimeType": "text/html", "text": page, "encoding": "base64"}),
        entry(response__status=0, response__headers=[]),
    )
    bodies = [event for event in events if isinstance(event, Body)]
    assert [(body.of, body.content, body.base64, body.size) for body in bodies] == [
        ("request", "posted", None, 6),
        ("response", "page", None, 5),
        ("response", None, png, 5),
        ("response", "<p>Grüße", None, 10),
    ]
    assert sum(isinstance(event, Failure) for event in events) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"response__status": -1, "response___failureText": "net::ERR_FAILED"}, "net::ERR_FAILED"),
        ({"response__status": 0, "response___error": "NS_ERROR_ABORT"}, "NS_ERROR_ABORT"),
        ({"response__status": 0, "response___error": {"code": 7}}, "no response"),
        ({"response__status": "0"}, "no response"),
        ({"response__status": None}, "no response"),
        ({}, "no response"),
    ],
)
def test_a_response_that_never_came_is_a_failure(
    tmp_path: Path, fields: dict[str, Any], message: str
) -> None:
    """However a program writes it, there is a failure and no response."""
    failed = entry(request={"Cookie": "a=1"}, **fields)
    if not fields:
        del failed["response"]
    events = read(tmp_path, failed)
    assert [event.message for event in events if isinstance(event, Failure)] == [message]
    assert not any(isinstance(event, Response) for event in events)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_response_of_a_wrong_type(tmp_path: Path, wrong: Any) -> None:
    """It counts as none."""
    events = read(tmp_path, {**entry(request={"Cookie": "a=1"}), "response": wrong})
    assert [event.message for event in events if isinstance(event, Failure)] == ["no response"]


def test_unusual_numbers(tmp_path: Path) -> None:
    """A status and a time may be strings, or floats without a fraction."""
    events = read(
        tmp_path, entry(time="250", response__status="302"), entry(response__status=200.0)
    )
    assert [event.status_code for event in events if isinstance(event, Response)] == [200, 302]


def test_unpaired_surrogates(tmp_path: Path) -> None:
    """Browsers write them; they become replacement characters."""
    text = "half \ud83d, whole \U0001f36a, backslash \\ud83d"
    for lenient in (False, True):
        events = read(tmp_path, entry(response__content={"text": text}), lenient=lenient)
        (body,) = (event for event in events if isinstance(event, Body))
        assert body.content == text.replace("\ud83d", "\ufffd", 1)
        assert b"".join(export(events, "jsonl"))


def test_a_body_shorter_than_its_size(tmp_path: Path) -> None:
    """It counts as truncated."""
    events = read(tmp_path, entry(response__content={"size": 9, "text": "begin"}))
    assert [event.truncated for event in events if isinstance(event, Body)] == [True]


OPTIONAL = (
    "time",
    "timings",
    "pageref",
    "comment",
    "connection",
    "serverIPAddress",
    "cache",
    "_initiator",
    "_fetchType",
    "_webSocketMessages",
    "request__httpVersion",
    "request__cookies",
    "request__queryString",
    "request__postData",
    "request__headersSize",
    "request__bodySize",
    "response__statusText",
    "response__httpVersion",
    "response__cookies",
    "response__content",
    "response__redirectURL",
    "response__bodySize",
    "response___error",
    "response___failureText",
    "response___transferSize",
    "response___fetchedViaServiceWorker",
)
"""Fields that the story can do without, as ``entry`` names them."""


@pytest.mark.parametrize("field", OPTIONAL)
def test_an_optional_field_of_a_wrong_type(tmp_path: Path, field: str) -> None:
    """It is ignored: the headers are still read, and nothing is refused."""
    entries = [
        entry(request={"Cookie": "a=1"}, response={"Set-Cookie": "b=2"}, **{field: wrong})
        for wrong in WRONG
        if (field, wrong) != ("response___fetchedViaServiceWorker", True)
    ]
    events = read(tmp_path, *entries)
    headers = [event.headers for event in events if isinstance(event, Request | Response)]
    assert headers.count((("Cookie", "a=1"),)) == len(entries)
    assert headers.count((("Set-Cookie", "b=2"),)) == len(entries)
    assert not any(isinstance(event, Failure) for event in events)


@pytest.mark.parametrize("field", ["text", "mimeType", "size", "encoding", "_encoding"])
def test_a_part_of_a_body_of_a_wrong_type(tmp_path: Path, field: str) -> None:
    """A body's text is kept, unless it is what has the wrong type."""
    events = read(
        tmp_path,
        *(
            entry(
                request__postData={"text": "posted", field: wrong},
                response__content={"text": "page", field: wrong},
            )
            for wrong in WRONG
        ),
    )
    bodies = [event.content for event in events if isinstance(event, Body)]
    assert bodies.count("posted") == bodies.count("page") == (0 if field == "text" else len(WRONG))


@pytest.mark.parametrize(
    ("headers", "read_as"),
    [
        (None, ()),
        ("Cookie: a=1", ()),
        ([{"name": "Cookie", "value": None}, {"name": "X", "value": "1"}], (("X", "1"),)),
        ([{"name": None, "value": "a=1"}, None, 7, "x", {}, {"value": "1"}], ()),
        ([{"name": "X", "value": 1}, {"name": "Y", "value": 1.5}], (("X", "1"), ("Y", "1.5"))),
        ([{"name": "X", "value": {"a": 1}}], ()),
        ({"Cookie": "a=1", "X": None}, (("Cookie", "a=1"),)),
        ({"Cookie": ["a=1", 7, None]}, (("Cookie", "a=1"), ("Cookie", "7"))),
    ],
)
def test_headers_in_other_shapes(
    tmp_path: Path, headers: Any, read_as: tuple[tuple[str, str], ...]
) -> None:
    """A header without a name or a value is ignored; an object stands for a list of headers."""
    events = read(tmp_path, entry(request__headers=headers, response__headers=headers))
    assert [event.headers for event in events if isinstance(event, Request | Response)] == [
        read_as,
        read_as,
    ]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_log_with_fields_of_wrong_types(tmp_path: Path, wrong: Any) -> None:
    """Only its entries are needed."""
    path = tmp_path / "odd.har"
    names = ("version", "creator", "browser", "pages", "comment", "_cookietrace")
    log = {**dict.fromkeys(names, wrong), "entries": [entry(request={"Cookie": "a=1"})]}
    path.write_text(json.dumps({"log": log, "other": wrong}))
    assert sum(isinstance(event, Request) for event in read_capture(path)) == 1


@pytest.mark.parametrize(
    ("started", "read_as"),
    [
        ("2026-01-31T12:00:00.0230000+02:00", 1769853600.023),
        ("2026-01-31T12:00:00.023+0200", 1769853600.023),
        (" 2026-01-31 10:00:00.023123456 ", 1769853600.023123),
        ("Sat, 31 Jan 2026 10:00:00 GMT", 1769853600),
        (1769853600.023, 1769853600.023),
        (1769853600023, 1769853600.023),
        ("1769853600023", 1769853600.023),
    ],
)
def test_start_times_in_other_shapes(tmp_path: Path, started: Any, read_as: float) -> None:
    """Dates with and without a zone, with long fractions, and numbers."""
    events = read(tmp_path, entry(started, request={"Cookie": "a=1"}))
    assert [event.at for event in events if isinstance(event, Request)] == [
        pytest.approx(read_as, abs=1e-5)
    ]


def test_a_placeholder_for_a_start_time(tmp_path: Path) -> None:
    """An entry with the year 1, 1970 or nothing began with the one before it, or the first."""
    none, zero = "0001-01-01T00:00:00.0000000+00:00", 0
    later = "2026-01-31T12:00:01.000Z"
    starts = [none, START, later, zero, ""]
    urls = [f"https://a.test/{number}" for number in range(5)]
    pairs = zip(starts, urls, strict=True)
    events = read(tmp_path, *(entry(start, request__url=url) for start, url in pairs))  # type: ignore[arg-type]
    requests = [event for event in events if isinstance(event, Request)]
    assert [event.url for event in requests] == urls
    assert [event.at - requests[0].at for event in requests] == [0, 0, 1, 1, 1]
    notices = [str(event.message) for event in events if isinstance(event, Recorder)]
    assert notices[-1].startswith("3 entries of this HAR have no start time")


def test_a_duration_from_the_phases(tmp_path: Path) -> None:
    """An entry without a time took as long as its phases; -1 stands for none."""
    phases = {"blocked": 100, "dns": -1, "connect": None, "send": 50, "wait": "50", "ssl": 9000}
    events = read(tmp_path, entry(time=None, timings=phases))
    request, response = (event for event in events if isinstance(event, Request | Response))
    assert response.at - request.at == pytest.approx(0.2)


@pytest.mark.parametrize(
    "begins",
    ['{"log":[', ' {\n "log" : {', '\ufeff{"log":', '{"$schema": "x", "log": {"version": "1.2"'],
)
def test_how_a_har_begins(begins: str) -> None:
    """It is recognised with white space, a byte order mark, and another field before its log."""
    assert is_har(begins.encode())
    assert not is_har(b'{"type": "log"}')


BAD_ENTRIES: dict[str, Any] = {
    "no object": 7,
    "no request": {"startedDateTime": START, "response": {}},
    "no URL": entry(request__url=None),
    "no start time": entry(None),  # type: ignore[arg-type]
    "no date": entry("yesterday"),
    "a date beyond all": entry("99999-12-31T23:59:59Z"),
    "a status in words": entry(response__status="fine"),
    "a status of no number": entry(response__status={"code": 200}),
    "a status beyond all": entry(response__status=1e300),
}


@pytest.mark.parametrize("case", BAD_ENTRIES)
def test_a_bad_entry(tmp_path: Path, case: str) -> None:
    """The error names the entry; ``lenient`` keeps the others."""
    good = entry(request={"Cookie": "a=1"})
    with pytest.raises(FormatError, match=r"browser\.har, entry 2: .*--lenient"):
        read(tmp_path, good, BAD_ENTRIES[case], good)
    said: list[str] = []
    events = list(read_capture(tmp_path / "browser.har", lenient=True, lost=said.append))
    assert sum(isinstance(event, Request) for event in events) == 2
    assert said == [f"{tmp_path / 'browser.har'}: 1 entry could not be read (entry 2)"]


def test_a_truncated_har(tmp_path: Path) -> None:
    """The error names the line; ``lenient`` keeps the entries before it."""
    path = tmp_path / "cut.har"
    entries = [entry(request={"Cookie": "a=1"}) for _ in range(10)]
    whole = json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1)
    path.write_text(whole[: len(whole) // 2])
    lines = whole[: len(whole) // 2].count("\n") + 1
    with pytest.raises(FormatError, match=f"line {lines}: the file was cut off here"):
        list(read_capture(path))
    said: list[str] = []
    events = list(read_capture(path, lenient=True, lost=said.append))
    kept = sum(isinstance(event, Request) for event in events)
    assert 3 < kept < 10
    assert said == [
        f"{path}, line {lines}: the file was cut off here; {kept} entries could be read"
    ]


def test_a_har_truncated_before_its_first_entry(tmp_path: Path) -> None:
    """There is nothing to read, even with ``lenient``."""
    path = tmp_path / "cut.har"
    path.write_text('{"log": {"version": "1.2", "entries": [{"startedDa')
    with pytest.raises(FormatError, match="line 1: the file was cut off here; nothing in it can"):
        list(read_capture(path, lenient=True))


@pytest.mark.parametrize("left", [1.0, 0.8])
@pytest.mark.parametrize("sensitive", [True, False])
def test_whether_our_own_har_holds_secrets(tmp_path: Path, sensitive: bool, left: float) -> None:
    """It says so itself, even if it is truncated."""
    first = EVENTS[0]
    assert isinstance(first, Capture)
    events = (msgspec.structs.replace(first, sensitive=sensitive), *EVENTS[1:])
    whole = b"".join(export(events, "har", show_values=True))
    path = tmp_path / "own.har"
    path.write_bytes(whole[: int(len(whole) * left)])
    info, *others = read_capture(path, lenient=True)
    assert isinstance(info, Capture)
    assert info.sensitive is sensitive
    assert not any(isinstance(event, Recorder) and event.state == "gap" for event in others)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"log": {"version": "1.2"}}', "has no log with entries|no log"),
        (b'{"log": []}', "no log with entries"),
        (b'{"log": {"entries": {}}}', "no log with entries"),
        (b'{"log":\n{"entries": [x]}}', "line 2: this is not JSON"),
        (b'{"log":\n\n{"entries": "\xff"}}', "line 3: this is not UTF-8"),
        (b'{"log":' + b"[" * 200_000, "no log with entries"),
        (b'{"log":{"entries":[],"x":' + b"[" * 200_000, "line 1: the JSON is nested too deeply"),
    ],
)
def test_a_file_that_is_not_a_har(tmp_path: Path, content: bytes, words: str) -> None:
    """A file that only begins like a HAR raises ``FormatError`` in one line."""
    path = tmp_path / "bad.har"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        list(read_capture(path))
    assert "\n" not in str(caught.value)


def test_large_bodies(tmp_path: Path) -> None:
    """A body over the limit is truncated, and marked as such."""
    events = read(
        tmp_path, entry(response__content={"mimeType": "text/plain", "text": "x" * 100_000})
    )
    (body,) = (event for event in events if isinstance(event, Body))
    assert (len(body.content or ""), body.truncated, body.size) == (65536, True, 100_000)
    assert msgspec.structs.asdict(body)["base64"] is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "text", "status", "url", "headers", "size", "a"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
"""Any value in JSON."""

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "startedDateTime": st.just(START) | JSON,
        "time": JSON,
        "timings": JSON,
        "_fromCache": JSON,
        "_fetchType": JSON,
        "request": st.fixed_dictionaries(
            {"url": st.just("https://a.test/") | JSON},
            optional={"method": JSON, "headers": JSON, "postData": JSON, "cookies": JSON},
        )
        | JSON,
        "response": st.fixed_dictionaries(
            {"status": st.just(200) | JSON},
            optional={"headers": JSON, "content": JSON, "cookies": JSON, "_error": JSON},
        )
        | JSON,
    },
)


@settings(max_examples=50)
@given(st.lists(FIELDS, max_size=2))
def test_any_entries(entries: list[Any]) -> None:
    """An entry is read, or a ``ValueError`` says why not."""
    for raw in entries:
        try:
            entry = entry_of(raw)
        except ValueError as error:
            assert str(error)  # noqa: PT017
        else:
            assert entry.duration >= 0
            assert (entry.url + entry.method + str(entry.headers)).encode("latin-1", "replace")


def test_a_part_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One part of a HAR is in memory at a time, so its size has a limit; the file has none."""
    path = tmp_path / "large.har"
    path.write_bytes(b"".join(export(EVENTS, "har")))
    monkeypatch.setattr(json_stream, "PIECE", 512)
    monkeypatch.setattr(json_stream, "LIMIT", path.stat().st_size // 2)
    assert list(read_har(path))
    monkeypatch.setattr(json_stream, "LIMIT", 1024)
    with pytest.raises(FormatError, match=r"after entry 0, is larger than \d+ MiB: export fewer"):
        list(read_har(path))


def outcome(path: Path, *, lenient: bool) -> tuple[list[Event], list[str], str]:
    """Return the events of a file, what was lost, and the error."""
    events: list[Event] = []
    said: list[str] = []
    try:
        events += read_har(path, said.append if lenient else None)
    except FormatError as error:
        return events, said, str(error)
    return events, said, ""


TEXT = "half \ud83d, whole \U0001f36a, half \ud83d"
DAMAGE = (b"", b"\xff", b"\\ud83d", b'"', b"]", b"}", b"NaN", b"\n\n")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_is_read_in_pieces_of_any_size(tmp_path: Path, data: st.DataObject) -> None:
    """Whole, damaged or cut off, it gives the events and messages of one that is read at once."""
    entries = [
        entry(
            request={"Cookie": "a=\u00fc"}, response__content={"text": "x \ud83d \U0001f36a \ud83d"}
        ),
        entry("", request__url="https://b.test/", time=9.5e2),
        entry("2026-01-31T11:59:59.500Z", response={"Set-Cookie": "b=1"}, time=5_000),
    ]
    ascii_only, indent = data.draw(st.booleans()), data.draw(st.sampled_from([None, 1]))
    log = {"pages": [1, -2.5e3], "entries": entries, "_cookietrace": {"redacted": True}}
    whole = json.dumps({"log": log}, ensure_ascii=ascii_only, indent=indent)
    content = bytearray(whole.encode("utf-8", "surrogatepass" if ascii_only else "replace"))
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(
            st.sampled_from([b"", b"\xff", b"\\ud83d", b'"', b"]", b"}", b"NaN", b"\n\n"])
        )
        content[at : at + data.draw(st.integers(0, 3))] = piece
    path = tmp_path / "any.har"
    path.write_bytes(content[: data.draw(st.integers(len(content) * 2 // 3, len(content)))])
    for lenient in (False, True):
        at_once = outcome(path, lenient=lenient)
        with pytest.MonkeyPatch.context() as patch:
            for module in (json_stream, recovery):
                patch.setattr(module, "PIECE", data.draw(st.sampled_from([1, 7, 64, 150, 1000])))
            assert outcome(path, lenient=lenient) == at_once


def test_the_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Neither entries nor bodies are held; those that overlap come when their time has come."""
    path = tmp_path / "long.har"
    body = "x" * 60_000
    later = [
        entry(f"2026-01-31T12:00:{59 - number:02}.000Z", 90_000, response__content={"text": body})
        for number in range(60)
    ]
    path.write_text(json.dumps({"log": {"entries": later * 4}}))
    tracemalloc.start()
    requests = [event.at for event in read_har(path) if isinstance(event, Request)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert requests == sorted(requests)
    assert len(requests) == 240
    assert peak < 10 * 1024**2 < path.stat().st_size


def test_an_entry_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    """Entries are decoded one by one: with ``--lenient`` the others are read."""
    path = tmp_path / "bad.har"
    bad = b'{"request":{"url":"http://a.test/"},"time":' + b"9" * 5_000 + b"}"
    good = b'{"request":{"url":"http://a.test/"},"startedDateTime":"2026-01-01T00:00:00Z"}'
    path.write_bytes(b'{"log":{"entries":[' + good + b"," + bad + b"," + good + b"]}}")
    with pytest.raises(FormatError, match="entry 2: a number in it is out of range"):
        list(read_har(path))
    lost: list[str] = []
    requests = [event for event in read_har(path, lost.append) if isinstance(event, Request)]
    assert len(requests) == 2
    assert "entry 2" in lost[0]
