"""The comparison of ledger and capture names each thing that the capture says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cookietrace.events import Body, Client, Event, Failure, Recorder, Request, Response
from cookietrace.stores import create_capture
from tests.soak.ledger import REQUEST_HEADER, Comparison, Ledger, compare

CLIENT = Client(client_id="c1", at=1.0, listen="127.0.0.1:8080", peer="127.0.0.1", user_agent="T")
STOPPED = Recorder(at=9.0, state="stopped")
HEADERS = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def request(request_id: str = "r1", exchange_id: str = "x1") -> Request:
    """A recorded request with an id of the ledger."""
    return Request(
        exchange_id=exchange_id,
        client_id="c1",
        at=2.0,
        method="GET",
        url="http://a.test/",
        headers=((REQUEST_HEADER, request_id),),
    )


def response(status: int = 200, headers: Sequence[tuple[str, str]] = HEADERS) -> Response:
    """The recorded response to it."""
    return Response(
        exchange_id="x1", at=3.0, status_code=status, reason="OK", headers=tuple(headers)
    )


def body(size: int = 5) -> Body:
    """The recorded body of that response."""
    return Body(exchange_id="x1", at=3.0, of="response", size=size)


FAILURE = Failure(
    exchange_id="x1", client_id="c1", at=4.0, host="a.test", kind="aborted", message="stopped"
)
WHOLE: tuple[Event, ...] = (request(), response(), body(), STOPPED)


def compared(tmp_path: Path, ledger: Ledger, events: Sequence[Event], **how: float) -> Comparison:
    """Compare with a capture of these events."""
    capture = tmp_path / "ledger.cookietrace"
    store = create_capture(capture)
    store.append([CLIENT, *events])
    store.close()
    return compare(ledger, capture, **how)


def received(*, by_proxy: bool = False) -> Ledger:
    """A ledger with one response of five bytes that arrived in full."""
    ledger = Ledger()
    receipt = ledger.sent("r1")
    ledger.saw("r1")
    ledger.head(receipt, 200, ["a=1", "b=2"], by_proxy=by_proxy)
    ledger.complete(receipt, 5)
    return ledger


@pytest.mark.parametrize(
    ("events", "faults"),
    [
        (WHOLE, []),
        ([STOPPED], ["no-exchange"]),
        ([request(), STOPPED], ["no-response", "no-end"]),
        ([request(), FAILURE, STOPPED], ["called-failed"]),
        ([request(), response(), body(), FAILURE, STOPPED], ["called-failed"]),
        ([request(), response(500), body(), STOPPED], ["other-status"]),
        ([request(), response(headers=HEADERS[:1]), body(), STOPPED], ["other-cookies"]),
        ([request(), response(), body(4), STOPPED], ["other-body"]),
        ([request(), response(), STOPPED], ["other-body"]),
        ([*WHOLE[:3], request("r1", "x2"), STOPPED], ["twice"]),
        (
            [*WHOLE[:3], request("r2", "x2"), FAILURE, STOPPED],
            ["called-failed", "unknown", "no-end"],
        ),
        (WHOLE[:3], ["not-closed"]),
    ],
)
def test_what_a_client_received(tmp_path: Path, events: list[Event], faults: list[str]) -> None:
    """Each difference has a name of its own."""
    comparison = compared(tmp_path, received(), events)
    assert [each.fault for each in comparison.disagreements] == faults


def test_a_request_that_only_the_app_saw(tmp_path: Path) -> None:
    """It is an exchange, unless the recorder was killed right then."""
    ledger = Ledger()
    ledger.sent("r1")
    ledger.saw("r1")
    at = ledger.seen["r1"]
    for folder, how, faults, uncommitted in (
        ("graceful", {}, ["no-exchange"], 0),
        ("killed", {"killed_at": at + 0.01}, [], 1),
        ("killed-later", {"killed_at": at + 60}, ["no-exchange"], 0),
    ):
        (tmp_path / folder).mkdir()
        comparison = compared(tmp_path / folder, ledger, [STOPPED], **how)
        assert [each.fault for each in comparison.disagreements] == faults
        assert comparison.uncommitted == uncommitted


def test_what_a_killed_recorder_cannot_write(tmp_path: Path) -> None:
    """Neither the end nor a body that was streamed; a response that arrived is there."""
    comparison = compared(tmp_path, received(), [request(), response()], killed_at=9.0)
    assert comparison.disagreements == ()


def test_what_is_no_disagreement(tmp_path: Path) -> None:
    """The proxy's own error page about a failure; a response recorded and not sent any more."""
    comparison = compared(tmp_path, received(by_proxy=True), [request(), FAILURE, STOPPED])
    assert comparison.disagreements == ()
    (tmp_path / "unsent").mkdir()
    ledger = Ledger()
    ledger.sent("r1")
    comparison = compared(tmp_path / "unsent", ledger, WHOLE)
    assert (comparison.disagreements, comparison.unfinished) == ((), 1)
