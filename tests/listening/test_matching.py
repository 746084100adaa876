"""Which recorded exchange a browser's statement is about; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from cookietrace.events import Browser, Client, Event, Failure, Request, Response, Session
from cookietrace.listening.matching import (
    MOST_ENDS,
    MOST_RECORDED,
    MOST_WAITING,
    PATIENCE,
    SLACK,
    WAY_NOT_KNOWN,
    Matcher,
)
from cookietrace.listening.said import Hop
from tests.listening import firefox_logs
from tests.listening.logs import changes, hops

LISTEN = "127.0.0.1:8000"
HOP = Hop(
    at=100.0,
    ended_at=100.5,
    method="GET",
    url="http://h.test/x",
    credentials=True,
    request_headers=(("Cookie", "a=1; b=\xff"), ("X", "1")),
    status_code=200,
    response_headers=(("Set-Cookie", "c=1"), ("Set-Cookie", "d=1")),
    sent=(),
    stored=(),
)


def _client(name: str = "c1", listen: str = LISTEN) -> Client:
    return Client(client_id=name, at=99.0, listen=listen, peer="127.0.0.1")


def recorded(hop: Hop, name: str = "e1", client: str = "c1", later: float = 0.01) -> list[Event]:
    """Return an exchange as a recorder would have recorded it."""
    made: list[Event] = [
        Request(
            exchange_id=name,
            client_id=client,
            at=hop.at + later,
            method=hop.method,
            url=hop.url.replace("ws://", "http://"),
            headers=hop.request_headers,
        )
    ]
    if hop.response_headers is not None:
        made.append(
            Response(
                exchange_id=name,
                at=hop.ended_at,
                status_code=hop.status_code or 0,
                headers=hop.response_headers,
            )
        )
    return made


def match(events: Sequence[Event], *said: Hop, last: bool = True) -> list[Browser]:
    """Return what a matcher makes of statements, after these events."""
    matcher = Matcher(LISTEN, "chromium-net-log")
    for event in events:
        matcher.recorded(event)
    for one in said:
        matcher.said(one, 0.0)
    return list(matcher.take(0.0, last=last))


@pytest.mark.parametrize("name", ["page", "deletions", "https"])
def test_a_real_page(name: str) -> None:
    """Every hop of a log finds its exchange: redirects, preflights, WebSockets and all."""
    found = hops(name)
    ids = [f"e{number}" for number in range(len(found))]
    events = [event for hop, one in zip(found, ids, strict=True) for event in recorded(hop, one)]
    made = match([_client(), *events], *found)
    assert [one.exchange_id for one in made] == ids
    assert [one.credentials for one in made] == [hop.credentials for hop in found]


@pytest.mark.parametrize("name", ["page", "https"])
def test_a_real_page_of_firefox(name: str) -> None:
    """Every hop of its log does, too; then there is no exchange that nothing was said of."""
    found = firefox_logs.hops(firefox_logs.read(firefox_logs.mozlog(name)))
    matcher = Matcher(LISTEN, "firefox-log")
    matcher.recorded(_client())
    for number, hop in enumerate(found):
        for event in recorded(hop, f"e{number}"):
            matcher.recorded(event)
        matcher.said(hop, 0.0)
    assert matcher.unspoken == len(found)
    made = list(matcher.take(0.0))
    assert [one.exchange_id for one in made] == [f"e{number}" for number in range(len(found))]
    assert (matcher.unspoken, matcher.unmatched) == (0, 0)


def test_what_is_not_over() -> None:
    """Of a request without a response, the browser has nothing to say yet."""
    matcher = Matcher(LISTEN, "firefox-log")
    request, response = recorded(HOP)
    for event, unspoken in ((_client(), 0), (request, 0), (response, 1)):
        matcher.recorded(event)
        assert matcher.unspoken == unspoken


def test_crumbs_of_http_2() -> None:
    """Several Cookie fields are one header."""
    crumbs = msgspec.structs.replace(
        HOP, request_headers=(("cookie", "a=1"), ("cookie", "b=\xff"), ("X", "1"))
    )
    [made] = match([_client(), *recorded(crumbs)], HOP)
    assert made.exchange_id == "e1"


Change = Callable[[Any], Any]


def _with(**fields: Any) -> Change:
    return lambda event: msgspec.structs.replace(event, **fields)


OTHER_COOKIES = "the recorded request has another Cookie header"
NO_SUCH = "no such request was recorded"
OTHER_RESPONSE = "the recorded request has another response"


@pytest.mark.parametrize(
    ("request_is", "response_is", "why"),
    [
        (_with(method="HEAD"), None, NO_SUCH),
        (_with(url="http://h.test/x?"), None, NO_SUCH),
        (_with(url="https://h.test/x"), None, NO_SUCH),
        (_with(client_id="c2"), None, NO_SUCH),
        (
            _with(headers=(("Cookie", "a=1"),)),
            None,
            "the recorded request has another Cookie header",
        ),
        (_with(headers=()), None, OTHER_COOKIES),
        (None, _with(status_code=404), OTHER_RESPONSE),
        (None, _with(headers=(("Set-Cookie", "c=1"),)), OTHER_RESPONSE),
        (None, _with(headers=(("Set-Cookie", "d=1"), ("Set-Cookie", "c=1"))), OTHER_RESPONSE),
    ],
)
def test_what_does_not_match(
    request_is: Change | None, response_is: Change | None, why: str
) -> None:
    """It is said why, with what was requested."""
    request, response = recorded(HOP)
    request = request if request_is is None else request_is(request)
    response = response if response_is is None else response_is(response)
    [made] = match([_client(), _client("c2", "127.0.0.1:9"), request, response], HOP)
    assert made.exchange_id is None
    assert (made.unmatched, made.method, made.url) == (why, "GET", HOP.url)


@pytest.mark.parametrize(
    ("said", "event", "matches"),
    [
        (_with(status_code=None, response_headers=None, stored=None), None, True),
        (
            _with(status_code=502, response_headers=(), stored=()),
            Failure(exchange_id="e1", at=100.2, kind="connect", message="refused"),
            True,
        ),
        (
            lambda hop: hop,
            Failure(exchange_id="e1", at=100.2, kind="connect", message="refused"),
            False,
        ),
    ],
    ids=["it went away", "the proxy's own response", "another response"],
)
def test_an_exchange_without_the_response(said: Change, event: Event | None, matches: bool) -> None:
    """A browser may go away early, and the proxy may respond where the app does not."""
    request, response = recorded(HOP)
    events = [_client(), request, response if event is None else event]
    [made] = match(events, said(HOP))
    assert (made.exchange_id is not None) is matches


@pytest.mark.parametrize("asleep", [-3600.0, 0.0, 3600.0])
def test_a_machine_that_was_asleep(asleep: float) -> None:
    """The browser's clock stood still: its statements find their exchanges anyway."""
    moved = _with(at=HOP.at + asleep)(HOP)
    later = _with(at=HOP.at + asleep + 5)(HOP)
    events = [*recorded(HOP, "e1"), *recorded(_with(at=HOP.at + 5)(HOP), "e2")]
    made = match([_client(), *events], moved, later)
    assert {one.exchange_id for one in made} == {"e1", "e2"}


def test_equal_requests() -> None:
    """The i-th belongs to the i-th, unless another header tells which is which."""
    fields = (*(HOP.response_headers or ()), ("ETag", "2"))
    hop = _with(response_headers=fields)(HOP)
    events = [*recorded(HOP, "e1"), *recorded(hop, "e2"), *recorded(HOP, "e3")]
    made = match([_client(), *events], hop, HOP, HOP)
    assert [one.exchange_id for one in made] == ["e2", "e1", "e3"]


def test_equal_requests_of_which_one_has_no_response_yet() -> None:
    """What is said about the one is not taken for the other's, whose response came first."""
    style = _with(request_headers=(*HOP.request_headers, ("Sec-Fetch-Dest", "style")))(HOP)
    matcher = Matcher(LISTEN, "chromium-net-log")
    asked, responded = recorded(style, "e1")
    for event in (_client(), asked, *recorded(HOP, "e2")):
        matcher.recorded(event)
    matcher.said(style, 0.0)
    assert list(matcher.take(0.1)) == []
    matcher.said(HOP, 0.1)
    assert [one.exchange_id for one in matcher.take(0.2)] == ["e2"]
    matcher.recorded(responded)
    assert [one.exchange_id for one in matcher.take(0.3)] == ["e1"]
    [never] = match([_client(), asked, *recorded(HOP, "e2")], style)
    assert (never.exchange_id, never.unmatched) == (None, OTHER_RESPONSE)


@pytest.mark.parametrize(
    ("agent", "found"), [("Chromium", "e1"), ("chromium", None), ("curl/8", None), ("", None)]
)
def test_another_program_behind_the_listener(agent: str, found: str | None) -> None:
    """Its requests are not the browser's, and neither are its clients, once the browser is known.

    A log without the field cannot tell.
    """
    said = _with(request_headers=(*HOP.request_headers, ("user-agent", "Chromium")))(HOP)
    theirs = _with(request_headers=(*HOP.request_headers, ("User-Agent", agent)))(HOP)
    [made] = match([_client(), *recorded(theirs)], said)
    assert (made.exchange_id, made.unmatched) == (found, None if found else NO_SUCH)
    assert match([_client(), *recorded(theirs)], HOP)[0].exchange_id == "e1"
    matcher = Matcher(LISTEN, "chromium-net-log")
    for event in (_client(), *recorded(said), _client("c2")):
        matcher.recorded(event)
    matcher.said(said, 0.0)
    matcher.said(_with(url="http://h.test/elsewhere")(HOP), 0.0)
    assert [one.client_id for one in matcher.take(0.0, last=True)] == ["c1", "c1"]
    matcher.recorded(_client("c3"))
    matcher.recorded(Session(client_id="c4", at=99.5, follows="c1"))
    matcher.said(changes("page")[0], 0.0)
    assert [one.client_id for one in matcher.take(0.0)] == ["c4"]


def test_a_fresh_browser_in_its_place() -> None:
    """A client that takes over from the browser's is the browser's, too."""
    events: list[Event] = [_client(), Session(client_id="c2", at=99.5, follows="c1")]
    [made] = match([*events, *recorded(HOP, client="c2")], HOP)
    assert made.client_id == "c2"


def test_a_statement_waits() -> None:
    """The recorder may write later; it is unmatched only after a while."""
    matcher = Matcher(None, "chromium-net-log")
    matcher.recorded(_client())
    matcher.said(HOP, 10.0)
    assert list(matcher.take(10.1)) == []
    for event in recorded(HOP):
        matcher.recorded(event)
    assert [one.exchange_id for one in matcher.take(12.0)] == ["e1"]
    matcher.said(HOP, 20.0)
    assert list(matcher.take(20.0 + PATIENCE)) == []
    assert [one.unmatched for one in matcher.take(20.1 + PATIENCE)] == [NO_SUCH]
    assert (matcher.matched, matcher.unmatched, matcher.waits) == (1, 1, False)


def test_changes_of_the_store() -> None:
    """They are about no exchange, and are the latest client's."""
    matcher = Matcher(None, "chromium-net-log")
    matcher.recorded(_client())
    for change in changes("page"):
        matcher.said(change, 0.0)
    made = list(matcher.take(0.0))
    assert {(one.client_id, one.exchange_id, one.unmatched) for one in made} == {("c1", None, None)}
    assert [(one.changes[0].name, one.changes[0].script) for one in made] == [
        ("scripted", True),
        ("scripted", True),
        ("viastore", True),
    ]


# --- a browser that may bypass the listeners

FAR = 2 * SLACK
OTHER_LISTENER = "127.0.0.1:8001"


def _shifted(seconds: float) -> Hop:
    """Return the hop at another time."""
    return msgspec.structs.replace(HOP, at=HOP.at + seconds, ended_at=HOP.ended_at + seconds)


def _bypassing(*events: Event) -> Matcher:
    """Return a matcher of a browser that may bypass two listeners, after these events."""
    matcher = Matcher(frozenset({LISTEN, OTHER_LISTENER}), "chromium-devtools", may_bypass=True)
    for event in (_client(), _client("c2", OTHER_LISTENER), *events):
        matcher.recorded(event)
    return matcher


@pytest.mark.parametrize(
    ("seconds", "client", "said", "found"),
    [
        (0.0, "c1", {}, "e1"),
        (-FAR, "c1", {}, None),
        (FAR, "c1", {}, None),
        (FAR, "c1", {"ended_at": HOP.ended_at + FAR}, "e1"),
        (FAR, "c1", {"ended_at": HOP.ended_at + FAR, "responded_at": HOP.ended_at}, None),
        (0.0, "c2", {}, None),
        (0.0, "c2", {"remote": OTHER_LISTENER}, "e1"),
        (0.0, "c1", {"remote": "127.0.0.2:8000"}, None),
        (0.0, "c1", {"remote": "127.0.0.1:18000"}, None),
        (0.0, "c1", {"remote": "[::ffff:127.0.0.1]:8000"}, "e1"),
        (0.0, "c1", {"remote": "h.test:8000"}, None),
    ],
    ids=[
        "its own",
        "made earlier",
        "with a response that came later",
        "its own, and the page continued for long",
        "with a response that came after the browser's",
        "by another listener",
        "its own, by the other listener",
        "connected elsewhere, or by a mapped address",
        "connected elsewhere, or by a mapped port",
        "the listener, as IPv6 has it",
        "no address",
    ],
)
def test_an_equal_request_of_another_client(
    seconds: float, client: str, said: dict[str, Any], found: str | None
) -> None:
    """It is not taken for the browser's, which may have gone past all listeners.

    Nor is the browser said to have done so: its clock may be wrong, and a port may be mapped.
    """
    theirs = recorded(_shifted(seconds), client=client)
    hop = _with(**{"remote": LISTEN, **said})(HOP)
    matcher = _bypassing(*theirs)
    matcher.said(hop, 0.0)
    [made] = matcher.take(0.0, last=True)
    assert (made.exchange_id, made.unmatched) == (found, None if found else WAY_NOT_KNOWN)
    if not said:
        [made] = match([_client(), *recorded(_shifted(seconds))], HOP)
        assert made.exchange_id == "e1", "a browser that uses its listener has no other one"


def test_its_own_request_beside_an_equal_one() -> None:
    """Of two equal requests, the one of that time is its own; it is waited for."""
    matcher = _bypassing(*recorded(_shifted(-FAR), "theirs"))
    matcher.said(_with(remote=LISTEN)(HOP), 0.0)
    assert list(matcher.take(0.1)) == []
    for event in recorded(HOP, "its own"):
        matcher.recorded(event)
    assert [one.exchange_id for one in matcher.take(0.2)] == ["its own"]


@pytest.mark.parametrize(
    ("before", "found"), [(None, None), (LISTEN, "e1"), ("203.0.113.1:80", None)]
)
def test_a_response_that_the_page_does_not_get(before: str | None, found: str | None) -> None:
    """The browser does not say where it came from: from where others of the origin did.

    If there were none, nothing is confirmed, and why is said.
    """
    matcher = _bypassing(*recorded(HOP))
    if before is not None:
        matcher.said(_with(url="http://h.test/before", remote=before)(HOP), 0.0)
    matcher.said(HOP, 0.0)
    made = list(matcher.take(0.0, last=True))[-1]
    assert (made.exchange_id, made.unmatched) == (found, None if found else WAY_NOT_KNOWN)
    assert HOP.remote is None


@pytest.mark.parametrize(
    ("listen", "remote", "found"),
    [
        ("0.0.0.0:8000", "192.0.2.7:8000", "e1"),
        ("[::]:8000", "127.0.0.1:8000", "e1"),
        ("0.0.0.0:8000", "192.0.2.7:80", None),
        ("localhost:8000", "127.0.0.1:8000", "e1"),
        ("LocalHost:8000", "[::1]:8000", "e1"),
        ("localhost:8000", "192.0.2.7:8000", None),
        ("localhost:8000", "127.0.0.1:80", None),
        ("box.test:8000", "192.0.2.7:8000", None),
    ],
)
@pytest.mark.parametrize("is_given", [True, False])
def test_how_a_listener_is_written(
    listen: str, remote: str, found: str | None, is_given: bool
) -> None:
    """All addresses, or the name of this machine: the browser connected to one of them.

    Which addresses another name has is not known: nothing is said about the way of the request.
    """
    given = frozenset({listen}) if is_given else None
    matcher = Matcher(given, "chromium-devtools", may_bypass=True)
    for event in (_client(listen=listen), *recorded(HOP)):
        matcher.recorded(event)
    matcher.said(_with(remote=remote)(HOP), 0.0)
    [made] = matcher.take(0.0, last=True)
    assert (made.exchange_id, made.unmatched) == (found, None if found else WAY_NOT_KNOWN)


@pytest.mark.parametrize(
    ("remote", "why"),
    [
        (LISTEN, WAY_NOT_KNOWN),
        (OTHER_LISTENER, WAY_NOT_KNOWN),
        ("192.0.2.7:8002", WAY_NOT_KNOWN),
        ("203.0.113.1:80", NO_SUCH),
        (None, NO_SUCH),
    ],
    ids=["a listener", "the other one", "one that has a name", "elsewhere", "not said"],
)
@pytest.mark.parametrize("is_given", [True, False])
def test_a_request_without_an_equal_one(remote: str | None, why: str, is_given: bool) -> None:
    """It went another way, unless it may have ended at a listener, as the browser says."""
    listeners = (LISTEN, OTHER_LISTENER, "box.test:8002")
    matcher = Matcher(
        frozenset(listeners) if is_given else None, "chromium-devtools", may_bypass=True
    )
    clients = [_client(f"c{number}", each) for number, each in enumerate(listeners)]
    theirs = recorded(_with(url="http://h.test/other")(HOP), client="c0")
    for event in (*clients, *theirs):
        matcher.recorded(event)
    matcher.said(_with(remote=remote)(HOP), 0.0)
    assert [one.unmatched for one in matcher.take(0.0, last=True)] == [why]


def test_why_an_own_request_has_no_exchange() -> None:
    """What differs is said if the listener and the time are right."""
    matcher = _bypassing(*recorded(_with(request_headers=())(HOP)))
    matcher.said(_with(remote=LISTEN)(HOP), 0.0)
    assert [one.unmatched for one in matcher.take(0.0, last=True)] == [OTHER_COOKIES]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_browser_that_was_started_again(is_known: bool) -> None:
    """It is said about a client that is known to be the browser's, and of no other one."""
    matcher = _bypassing(*recorded(HOP))
    if is_known:
        matcher.said(_with(remote=LISTEN)(HOP), 0.0)
    matcher.restarted(101.0)
    assert matcher.waits
    made = [one for one in matcher.take(0.0) if one.restarted]
    assert [(one.client_id, one.said_at) for one in made] == [("c1", 101.0)] * is_known
    assert not matcher.waits


def test_what_is_kept_is_bounded() -> None:
    """Of exchanges of which nothing is said, and of statements, the oldest are given up."""
    matcher = Matcher(None, "chromium-net-log")
    matcher.recorded(_client())
    for number in range(2 * MOST_RECORDED + 100):
        hop = _with(url=f"http://h.test/{number}")(HOP)
        matcher.recorded(recorded(hop, f"e{number}")[0])
    assert len(matcher._exchanges) == MOST_RECORDED
    assert len(matcher._by_key) <= 2 * MOST_RECORDED
    for _ in range(MOST_WAITING + 5):
        matcher.said(HOP, 0.0)
    assert len(list(matcher.take(0.0))) == 5
    for number in range(MOST_ENDS + 5):
        matcher.said(_with(url=f"http://h{number}.test/", remote=LISTEN)(HOP), 0.0)
    assert len(matcher._ends) == MOST_ENDS
