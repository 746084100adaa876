"""What a capture tells of its clients."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cookies import parse_target
from cookietrace.doctor.facts import Seen, SeenClient, StrictHost, Unseen
from cookietrace.doctor.looking.capture import CaptureReader, read_events
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.recorders import recorder_of
from cookietrace.doctor.programs import program_of
from cookietrace.fold.housekeeping import DOCTOR_AGENT
from tests.story import CHROMIUM

AT = 1_800_000_000.0


def client(client_id: str = "c1", user_agent: str | None = CHROMIUM) -> ev.Client:
    """A client appears."""
    return ev.Client(
        client_id=client_id, at=AT, listen="127.0.0.1:8080", peer="127.0.0.1", user_agent=user_agent
    )


def request(url: str, *headers: tuple[str, str], client_id: str = "c1") -> ev.Request:
    """A request."""
    return ev.Request(
        exchange_id=url, client_id=client_id, at=AT, method="GET", url=url, headers=headers
    )


def response(url: str, *headers: tuple[str, str]) -> ev.Response:
    """Its response."""
    return ev.Response(exchange_id=url, at=AT, status_code=200, headers=headers)


def refused(host: str, client_id: str | None = "c1") -> ev.Failure:
    """A client ends the TLS handshake."""
    return ev.Failure(client_id=client_id, at=AT, host=host, kind="tls-client", message="x")


def seen(*events: ev.Event, url: str | None = None) -> Seen:
    """Return what a capture with these events tells."""
    reader = CaptureReader(None if url is None else parse_target(url))
    return read_events(events, reader).seen()


@pytest.mark.parametrize(
    ("user_agent", "program"),
    [
        (CHROMIUM, "chromium"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"),
        (
            "Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML, like Gecko) Version/18 Safari/605",
            "safari",
        ),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32", "requests"),
        ("Python-urllib/3.13", "python"),
        ("node", "node"),
        ("okhttp/4.12", "java"),
        ("Go-http-client/1.1", "system"),
        ("Thing (node)", None),
        ("", None),
        (None, None),
    ],
)
def test_programs(user_agent: str | None, program: str | None) -> None:
    """A program is known by its User-Agent."""
    assert program_of(user_agent) == program


def test_clients() -> None:
    """Requests are counted per client; what the doctor itself asked is not."""
    found = seen(
        client(),
        client("c2", "Evil\x1b[31m"),
        client("c3", f"{DOCTOR_AGENT}1 (x)"),
        request("https://a.test/"),
        request("http://a.test/"),
        request("http://b.test/", client_id="c2"),
        request("https://a.test/doctor", client_id="c3"),
        request("http://nobody.test/", client_id="c9"),
        url="https://a.test/x",
    )
    assert found == Seen(
        requests=3,
        of_host=1,
        by_its_url=1,
        clients=(
            SeenClient("chromium", "Chromium", 2, frozenset({"a.test"})),
            SeenClient(None, "Evil\\x1b[31m", 1),
        ),
    )


def test_requests_at_a_listener_in_front_of_the_app() -> None:
    """They are for the app, although their URLs name the listener."""
    front = "http://127.0.0.1:8097/"
    found = seen(
        client(user_agent="curl/8.5.0"),
        msgspec.structs.replace(request(front), upstream="http://a.test:3000/"),
        msgspec.structs.replace(request(front), upstream="http://b.test:3000/"),
        request("http://a.test:3000/"),
        url="http://a.test:3000",
    )
    assert (found.requests, found.of_host, found.by_its_url) == (3, 2, 1)


@pytest.mark.parametrize(
    ("label", "program"),
    [
        ("firefox", "firefox"),
        ("firefox 2", "firefox"),
        ("firefox, listened to", "firefox"),
        ("chromium, scripts watched", "chromium"),
        ("firefoxes", None),
        (None, None),
    ],
)
def test_a_browser_that_was_opened_has_a_name_before_it_says_one(
    label: str | None, program: str | None
) -> None:
    """Who refuses the certificate sends no User-Agent; the listener's name tells who it is."""
    nameless = msgspec.structs.replace(client(), user_agent=None, label=label)
    [found] = seen(nameless, refused("a.test")).clients
    assert (found.program, found.opened) == (program, program is not None)
    assert found.refused == (("a.test", 1),)


def test_refused_handshakes() -> None:
    """Those from before a client trusted the CA no longer count; those after tell of pinning."""
    before: list[ev.Event] = [
        client(),
        refused("a.test"),
        refused("a.test"),
        refused("b.test"),
        refused("x", None),
    ]
    assert seen(*before).clients[0].refused == (("a.test", 2), ("b.test", 1))
    after = [*before, request("https://a.test/"), refused("pin.test"), request("https://a.test/")]
    assert seen(*after).clients[0].refused == (("pin.test", 1),)


def test_refusals_of_who_has_no_name() -> None:
    """Most programs say their name within TLS only: a request for the host settles the refusal."""
    events: list[ev.Event] = [
        client("c1", None),
        client("c2"),
        refused("a.test"),
        refused("b.test"),
    ]
    found = seen(*events, request("https://a.test/", client_id="c2")).clients[0]
    assert (found.name, found.refused) == ("A client without a name", (("b.test", 1),))


def test_what_hosts_offer() -> None:
    """HTTP/3 and HSTS are taken from responses, service workers from requests for their script."""
    url = "https://a.test/"
    found = seen(
        client(),
        request(url, ("Service-Worker", "script")),
        response(
            url,
            ("alt-svc", 'h2="x:1", h3=":443"; ma=86400'),
            ("Strict-Transport-Security", 'max-age="300"; includeSubDomains'),
        ),
        request("http://b.test/"),
        response("http://b.test/", ("Strict-Transport-Security", "max-age=300")),
        request("https://c.test/"),
        response("https://c.test/", ("Strict-Transport-Security", "max-age=9")),
        request("https://c.test/2"),
        response("https://c.test/2", ("Strict-Transport-Security", "max-age=0"), ("Alt-Svc", "x")),
        request("https://long.test/"),
        response("https://long.test/", ("Strict-Transport-Security", "max-age=" + "9" * 5000)),
    )
    assert found.http3 == {"a.test"}
    assert found.strict == (
        StrictHost("a.test", subdomains=True, where="the capture"),
        StrictHost("long.test", subdomains=False, where="the capture"),
    )
    assert found.workers == {"https://a.test"}


def test_the_browsers_own_word() -> None:
    """Requests that the recorder's listener matched to nothing are known, without their query."""
    said: dict[str, Any] = {"at": AT, "said_at": AT, "said_by": "chromium-net-log", "method": "GET"}
    reader = read_events(
        [
            ev.Browser(
                **said, url="http://me:secret@localhost/a?secret=1", unmatched=ev.NOT_RECORDED
            ),
            ev.Browser(**said, url="http://a.test/", unmatched="another time"),
            ev.Browser(**said, url="chrome://x/", unmatched=ev.NOT_RECORDED),
            ev.Browser(**said, exchange_id="e1"),
        ],
        CaptureReader(),
    )
    assert reader.unseen() == (Unseen("Chromium", "GET", "http://localhost/a"),)


def test_the_listeners_of_the_latest_start() -> None:
    """Where the recorder listens is in its latest start; a port that is closed is known."""
    old, new = (
        ev.Listener(mode="regular", address=f"127.0.0.1:{port}", label=label)
        for port, label in ((1, None), (2, None))
    )
    events = [
        ev.Recorder(at=AT, state="started", listeners=(old,)),
        ev.Recorder(at=AT, state="stopped", listeners=(old,)),
        ev.Recorder(
            at=AT,
            state="started",
            # The second one would be in a command to copy: a capture may be anyone's.
            listeners=(new, ev.Listener(mode="regular", address="$(rm x):1")),
        ),
    ]
    reader = read_events(events, CaptureReader())
    assert reader.listeners == (new,)
    recorder, confdir = recorder_of(Machine.this(), None, reader.listeners, None, only=("a.test",))
    assert (recorder.proxy, recorder.closed) == ("127.0.0.1:2", frozenset({"127.0.0.1:2"}))
    assert (recorder.only, confdir) == (("a.test",), None)
