"""The mark for the witness: only on requests to this machine, and always removed."""

from __future__ import annotations

import time

import pytest
from flask import Flask, request
from mitmproxy.connection import Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow

from cookietrace.addresses import is_this_machine
from cookietrace.events import Recorder, Request, Response
from cookietrace.events import Server as ServerEvent
from cookietrace.witness.flask import witness
from cookietrace.witness.mark import MARK_HEADER, Mark, mark, mark_key, read_mark
from cookietrace.witness.report import REPORT_HEADER, Report, encode
from proxy_addon.hooks.marks import (
    EXCHANGE_ID,
    Marks,
    OtherProtocol,
    RevokedMarks,
    other_protocol_text,
    strip_request,
    take_report,
)
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import SECRET, events_of, of_kind, only
from tests.proxy_addon.upstream import plain

KEY = mark_key(SECRET)

LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST.", "::ffff:127.0.0.1"]
ELSEWHERE = ["localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1", "0.0.0.0", "app.localhost"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_hosts(host: str) -> None:
    """127/8, ::1 and localhost, in any spelling."""
    assert is_this_machine(host)


@pytest.mark.parametrize("host", [*ELSEWHERE, "", "127.1", "127.0.0.1 "])
def test_hosts_that_are_not_loopback(host: str) -> None:
    """Anything that a resolver might send elsewhere."""
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    ("host", "mode", "via", "marked"),
    [
        ("localhost", "regular", None, True),
        ("127.0.0.1", "reverse:http://127.0.0.1:3000", None, True),
        *((host, "regular", None, False) for host in ELSEWHERE),
        ("localhost", "upstream:http://proxy.test:3128", None, False),
        ("localhost", "regular", ("http", ("proxy.test", 3128)), False),
    ],
)
def test_which_requests_are_marked(host: str, mode: str, via: object, marked: bool) -> None:
    """Only to this machine, and never through an upstream proxy."""
    flow = tflow.tflow()
    flow.metadata[EXCHANGE_ID] = "x1"
    flow.request.data.host = host
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    flow.request.data.port = 3000
    flow.server_conn = Server(address=None, via=via)  # type: ignore[arg-type]
    Marks(SECRET).requestheaders(flow)
    read = read_mark(flow.request.headers.get(MARK_HEADER, ""), KEY)
    if marked:
        assert read is not None
        assert read[1:3] == ("x1", "localhost:3000")
        assert abs(read.at - time.time()) < 600
        assert SECRET not in repr(flow.request.headers)
    else:
        assert MARK_HEADER not in flow.request.headers


def test_the_mark_is_removed_if_the_request_is_redirected() -> None:
    """Another addon may map a local request to another host once its body is complete."""
    flow = tflow.tflow()
    flow.metadata[EXCHANGE_ID] = "x1"
    flow.request.data.host = "localhost"
    flow.server_conn = Server(address=None)
    marks = RevokedMarks(SECRET)
    marks.requestheaders(flow)
    assert MARK_HEADER in flow.request.headers
    flow.request.host = "other.test"
    marks.request(flow)
    assert MARK_HEADER not in flow.request.headers


def read(flow: HTTPFlow) -> Mark:
    """Return the one mark of a request."""
    [value] = flow.request.headers.get_all(MARK_HEADER)
    found = read_mark(value, KEY)
    assert found is not None
    return found


def test_the_mark_follows_a_request_to_another_port() -> None:
    """A mark is made for the address that the request goes to in the end; a sent one stays."""
    flow = tflow.tflow()
    flow.metadata[EXCHANGE_ID] = "x1"
    flow.request.data.host, flow.request.data.port = "localhost", 3000
    flow.server_conn = Server(address=None)
    marks = RevokedMarks(SECRET)
    marks.requestheaders(flow)
    flow.request.data.port = 4000
    marks.request(flow)
    assert read(flow).address == "localhost:4000"
    flow.request.stream = True
    flow.request.data.port = 5000
    marks.request(flow)
    assert read(flow).address == "localhost:4000"


def test_a_mark_is_made_when_the_body_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a buffered body takes to arrive, the mark is new when it is sent."""
    flow = tflow.tflow()
    flow.metadata[EXCHANGE_ID] = "x1"
    flow.request.data.host = "localhost"
    flow.request.data.content = b"body"
    flow.server_conn = Server(address=None)
    marks = Marks(SECRET)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    marks.requestheaders(flow)
    monkeypatch.setattr(time, "time", lambda: 2000.0)
    marks.request(flow)
    assert read(flow).at == 2000.0
    flow.request.data.content = b""
    monkeypatch.setattr(time, "time", lambda: 3000.0)
    marks.request(flow)
    assert read(flow).at == 2000.0


def test_an_unrecorded_request_is_not_marked() -> None:
    """Without an exchange in the capture a witness has nothing to add to."""
    flow = tflow.tflow()
    flow.request.data.host = "localhost"
    Marks(SECRET).requestheaders(flow)
    assert MARK_HEADER not in flow.request.headers


def test_our_headers_are_removed_from_requests() -> None:
    """In any spelling, and no other headers."""
    flow = tflow.tflow()
    flow.request.data.headers.fields = (
        (b"cookietrace-exchange", b"1"),
        (b"Cookie", b"a=1"),
        (b"COOKIETRACE-Anything", b"2"),
        (b"Cookietrace_Exchange", b"4"),
        (b"Cookietrace", b"3"),
    )
    strip_request(flow.request)
    assert flow.request.headers.fields == ((b"Cookie", b"a=1"), (b"Cookietrace", b"3"))


def test_a_report_without_a_mark_is_ignored() -> None:
    """A witness header from an unmarked server is left alone and not read."""
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.response.headers[REPORT_HEADER] = encode(Report(function="liar"))
    assert take_report(flow, "x1", 1.0) is None
    assert REPORT_HEADER in flow.response.headers


@pytest.mark.parametrize("value", ["", "2.", "2.%%%", "x.abc", "\xff" * 10, "2." + "A" * 40_000])
def test_a_damaged_report_is_removed_and_ignored(value: str) -> None:
    """Only the report is lost."""
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.request.headers[MARK_HEADER] = mark("x1", "localhost:80", 1.0, KEY)
    flow.response.headers.fields += ((REPORT_HEADER.encode(), value.encode("latin-1")),)
    assert take_report(flow, "x1", 1.0) is None
    assert REPORT_HEADER not in flow.response.headers
    assert MARK_HEADER not in flow.request.headers


def test_the_app_gets_the_mark_and_the_browser_no_report(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Forged headers are removed, one valid mark is added, the report is recorded."""
    report = f"{REPORT_HEADER}: {encode(Report(function='hello'))}".encode()
    app = start_upstream({"/": plain(b"x", report, report.upper()[:19] + b": 2")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(
            f"{app.url}/",
            b"Cookietrace-Exchange: forged " + SECRET.encode(),
            b"cookietrace-witness: forged",
        )
        head, _ = wire.response()
    proxy.stop()
    events = events_of(proxy.capture)
    [value] = app.visits[0].headers("Cookietrace-Exchange")
    read = read_mark(value.decode(), KEY)
    assert read is not None
    assert read[1:3] == (only(events, Request).exchange_id, f"localhost:{app.port}")
    assert SECRET.encode() not in app.visits[0].head
    assert not app.visits[0].headers("Cookietrace-Witness")
    assert b"ookietrace" not in head
    assert only(events, ServerEvent).function == "hello"
    assert SECRET not in repr(events)
    assert ("Cookietrace-Exchange", "forged (secret)") in only(events, Request).headers


def test_the_demos_hosts_are_marked(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """shop.test counts as this machine, since the demo routes it there."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--demo-app", app.url)
    with Wire(proxy.addresses[0]) as wire:
        wire.get("http://api.shop.test/")
        wire.response()
    proxy.stop()
    assert len(app.visits[0].headers("Cookietrace-Exchange")) == 1
    assert len(of_kind(events_of(proxy.capture), Response)) == 1


@pytest.mark.parametrize("version", [1, 3])
def test_a_witness_of_another_version(
    start_proxy: StartProxy, start_upstream: StartUpstream, version: int
) -> None:
    """It is noted once for each app, with what to do; nothing of it reaches the browser."""
    line = f"{REPORT_HEADER}: {version}.whatever".encode()
    apps = [start_upstream({"/": plain(b"x", line)}) for _ in range(2)]
    proxy = start_proxy()
    heads = []
    with Wire(proxy.addresses[0]) as wire:
        for app in (*apps, *apps):
            wire.get(f"{app.url}/")
            heads.append(wire.response()[0])
    proxy.stop()
    assert b"ookietrace" not in b"".join(heads)
    events = events_of(proxy.capture)
    assert not of_kind(events, ServerEvent)
    notices = [event.message for event in of_kind(events, Recorder) if event.state == "gap"]
    assert notices == [other_protocol_text(app.url, version) for app in apps]
    fix = "cookietrace witness flask >" if version == 1 else "Update the cookietrace that records"
    assert fix in str(notices[0])


def test_the_witness_tells_its_version() -> None:
    """To the user's own proxy of another version it tells its version, and nothing else."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: str(request.headers))
    witness(app, secret=SECRET)
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.request.headers[MARK_HEADER] = f"x1 {SECRET}"
    response = app.test_client().get("/", headers={MARK_HEADER: f"x1 {SECRET}"})
    assert SECRET not in response.text
    flow.response.headers[REPORT_HEADER] = response.headers[REPORT_HEADER]
    assert response.headers[REPORT_HEADER] == "2."
    assert take_report(flow, "x1", 1.0) is None  # it is our own version
    flow.request.headers[MARK_HEADER] = "x1"
    flow.response.headers[REPORT_HEADER] = "3."
    assert take_report(flow, "x1", 1.0) == OtherProtocol(3)


def test_a_collected_mark_is_worth_nothing(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """What a program at another port gets through the proxy opens no app, in any variation."""
    collector = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"http://localhost:{collector.port}/")
        wire.response()
    [collected] = [visit.headers(MARK_HEADER)[0].decode() for visit in collector.visits]
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "x")
    witness(app, secret=SECRET)
    version, exchange, address, moment, mac = collected.split()
    own = "localhost:80"
    tries = [
        collected,
        f"{version} {exchange} {own} {moment} {mac}",
        f"{version} other {address} {moment} {mac}",
        f"{version} {exchange} {address} {int(moment) + 1} {mac}",
        f"1 {exchange} {address} {moment} {mac}",
        f"{exchange} {mac}",
        f"{version} {exchange} {own} {moment} {mac[:-32]}",
        f"{version} {exchange} {own} {moment} {mac}, {collected}",
        f"{collected}, {version} {exchange} {own} {moment} {mac}",
        f"{version} {exchange} {own} {moment}\t{mac}",
        collected.replace("2", "\u0662", 1).encode().decode("latin-1"),
    ]
    for each in tries:
        response = app.test_client().get(
            "/",
            headers={MARK_HEADER: each, "X-Forwarded-Port": str(collector.port)},
        )
        assert REPORT_HEADER not in response.headers, each
    proxy.stop()
