"""The mark for the witness: only on requests to this machine, and always removed."""

from __future__ import annotations

import pytest
from mitmproxy.connection import Server
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow

from cookietrace.addresses import is_this_machine
from cookietrace.events import Request, Response
from cookietrace.events import Server as ServerEvent
from cookietrace.witness.mark import MARK_HEADER, parse_mark
from cookietrace.witness.report import REPORT_HEADER, Report, encode
from proxy_addon.hooks.marks import (
    EXCHANGE_ID,
    Marks,
    RevokedMarks,
    strip_request,
    take_report,
)
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import SECRET, events_of, of_kind, only
from tests.proxy_addon.upstream import plain

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
    flow.server_conn = Server(address=None, via=via)  # type: ignore[arg-type]
    Marks(SECRET).requestheaders(flow)
    assert flow.request.headers.get(MARK_HEADER) == (f"x1 {SECRET}" if marked else None)


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


@pytest.mark.parametrize("value", ["", "1.", "1.%%%", "9.abc", "\xff" * 10, "1." + "A" * 40_000])
def test_a_damaged_report_is_removed_and_ignored(value: str) -> None:
    """Only the report is lost."""
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.request.headers[MARK_HEADER] = f"x1 {SECRET}"
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
    [mark] = app.visits[0].headers("Cookietrace-Exchange")
    assert parse_mark(mark.decode()) == (only(events, Request).exchange_id, SECRET)
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
