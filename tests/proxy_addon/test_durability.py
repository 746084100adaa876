"""Committed before it can be seen: what a client has received is in the capture."""

from __future__ import annotations

import signal
from itertools import product
from typing import Any

from cookietrace.events import Body, Request, Response, Server
from cookietrace.witness.report import REPORT_HEADER, Report, encode
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import events_of, of_kind, responses_to
from tests.proxy_addon.upstream import Visit, plain

WITNESS = f"{REPORT_HEADER}: {encode(Report(function='view'))}".encode()


def chunked(visit: Visit) -> None:
    """Respond with a complete chunked body."""
    visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")


ANSWERS: dict[str, Any] = {
    "/known": plain(b"x" * 2000, b"Set-Cookie: a=1", WITNESS),
    "/chunked": chunked,
    "/empty": b"HTTP/1.1 204 No Content\r\n\r\n",
}


def test_a_response_is_committed_before_its_first_byte_arrives(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """With one byte received, the capture already holds the response, twenty times."""
    app = start_upstream(ANSWERS)
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        for number, path in product(range(20), ANSWERS):
            wire.get(f"{app.url}{path}")
            wire.exactly(1)
            events = events_of(proxy.capture)
            assert len(responses_to(events, path)) == number + 1
            assert len(of_kind(events, Server)) == number + 1
            if path == "/chunked":
                wire.until(b"0\r\n\r\n")
            else:
                wire.response()


def test_a_response_is_committed_after_its_request(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """With one byte of two responses received, each request precedes its response."""
    app = start_upstream(ANSWERS)
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as one, Wire(proxy.addresses[0]) as other:
        for _ in range(20):
            one.get(f"{app.url}/known")
            other.get(f"{app.url}/known")
            for wire in (one, other):
                wire.exactly(1)
                seen: list[str] = []
                for event in events_of(proxy.capture):
                    if isinstance(event, Request):
                        seen.append(event.exchange_id)
                    elif isinstance(event, Response):
                        assert event.exchange_id in seen
            one.response()
            other.response()


def test_a_killed_proxy_loses_nothing_that_the_client_has_seen(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """After SIGKILL the capture opens, holds every response seen, and can be recorded into."""
    app = start_upstream(ANSWERS)
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        for _ in range(50):
            wire.get(f"{app.url}/known")
            wire.response()
        wire.get(f"{app.url}/chunked")
        wire.exactly(1)
        proxy.process.send_signal(signal.SIGKILL)
        proxy.process.wait()
    events = events_of(proxy.capture)
    assert len(of_kind(events, Response)) == 51
    assert len([body for body in of_kind(events, Body) if body.size == 2000]) == 50

    again = start_proxy()
    with Wire(again.addresses[0]) as wire:
        wire.get(f"{app.url}/known")
        wire.response()
    assert again.stop() == 0
    assert len(of_kind(events_of(proxy.capture), Response)) == 52


def test_the_witness_report_precedes_its_response(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """``server``, ``response``, ``body``: in this order, buffered or streamed."""

    def streamed(visit: Visit) -> None:
        visit.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            + WITNESS
            + b"\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        )

    app = start_upstream({"/known": ANSWERS["/known"], "/streamed": streamed})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/known")
        assert b"Witness" not in wire.response()[0]
        wire.get(f"{app.url}/streamed")
        assert b"Witness" not in wire.until(b"0\r\n\r\n")
    proxy.stop()
    events = [e for e in events_of(proxy.capture) if isinstance(e, Server | Response | Body)]
    assert [type(event) for event in events] == [Server, Response, Body] * 2
    assert all("Witness" not in name for r in of_kind(events, Response) for name, _ in r.headers)
