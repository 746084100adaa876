"""A failed exchange is a row that says what failed; nothing else is affected."""

from __future__ import annotations

import http.client
import ssl

import pytest

from cookietrace.events import Failure
from cookietrace.formats import read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from tests.e2e.conftest import Live, Record
from tests.ports import FreePort


def ask(live: Live, path: str = "/") -> int:
    """Send a request to the reverse listener; return the status."""
    connection = http.client.HTTPConnection(live.reverse.removeprefix("http://"), timeout=120)
    try:
        connection.request("GET", path, headers={"Cookie": "a=1"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def test_an_app_that_is_down(record: Record, free_port: FreePort) -> None:
    """The exchange has a row, and the row says what failed."""
    live = record(target=f"http://127.0.0.1:{free_port()}")
    assert ask(live) == 502
    trace = live.finish()
    (exchange,) = trace.exchanges
    assert exchange.failure is not None
    assert exchange.failure.kind in ("connect", "upstream")
    table = Table(trace, Focus())
    assert table.row(1).request_cookies == "{'a': '1'}"
    assert table.row(1).response_content.startswith("[failed: ")


def test_a_client_that_does_not_trust_the_ca(demo: Live) -> None:
    """A failed handshake is recorded with its host, so that the screen can say what to do."""
    host, _, port = demo.proxy.partition(":")
    connection = http.client.HTTPSConnection(
        host, int(port), timeout=120, context=ssl.create_default_context()
    )
    connection.set_tunnel("shop.test", 443)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")
    connection.close()
    demo.finish()
    failures = [event for event in read_capture(demo.capture) if isinstance(event, Failure)]
    assert [(failure.kind, failure.host) for failure in failures] == [("tls-client", "shop.test")]
