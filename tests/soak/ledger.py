"""What the clients received and what the app saw, in their own words, against the capture.

Every request carries its id in ``REQUEST_HEADER``, which the app reads and the capture holds.
Nothing here asks the proxy what happened.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import msgspec

from cookietrace.events import Body, Failure, Recorder, Request, Response
from cookietrace.stores import events_of, open_store

REQUEST_HEADER = "Soak-Request"
UNCOMMITTED_SECONDS = 5.0
"""How long before a SIGKILL of the recorder the app may have seen a request that is not in the
capture: a request waits twenty milliseconds for its response, and longer on a busy machine."""

Fault = Literal[
    "no-exchange",
    "no-response",
    "called-failed",
    "other-status",
    "other-cookies",
    "other-body",
    "no-end",
    "twice",
    "unknown",
    "not-closed",
]


class Receipt(msgspec.Struct, kw_only=True):
    """What one client had received of one response, and when."""

    request_id: str
    sent_at: float
    status: int | None = None
    set_cookies: tuple[str, ...] = ()
    """Set-Cookie values, in their order."""
    head_at: float | None = None
    """When status line and headers were complete."""
    body_size: int = 0
    complete_at: float | None = None
    """When the whole response was there."""
    by_proxy: bool = False
    """Whether the response is the proxy's own, about a request that it could not pass on."""


class Ledger:
    """What the clients received, and which requests the app saw; safe to fill from threads."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.seen: dict[str, float] = {}
        """Request id -> when the app had it."""
        self.completed = 0
        """How many responses arrived in full; the threads count it only roughly."""

    def sent(self, request_id: str) -> Receipt:
        """Write down that a client is about to send a request; it fills in the receipt."""
        receipt = Receipt(request_id=request_id, sent_at=time.time())
        self.receipts.append(receipt)
        return receipt

    def head(
        self,
        receipt: Receipt,
        status: int,
        set_cookies: Sequence[str],
        *,
        by_proxy: bool = False,
    ) -> None:
        """Write down that status line and headers have arrived."""
        receipt.status, receipt.set_cookies = status, tuple(set_cookies)
        receipt.by_proxy = by_proxy
        receipt.head_at = time.time()

    def complete(self, receipt: Receipt, body_size: int) -> None:
        """Write down that the whole response has arrived."""
        receipt.body_size = body_size
        receipt.complete_at = time.time()
        self.completed += 1

    def saw(self, request_id: str) -> None:
        """Write down that the app has a request."""
        self.seen[request_id] = time.time()


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the clients or the app know, and the capture does not say."""

    fault: Fault
    request_id: str | None
    message: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Ledger and capture side by side."""

    requests: int
    """Requests that the clients began to send."""
    seen: int
    """Requests that the app saw."""
    responses: int
    """Responses of which a client had the status line and all headers."""
    exchanges: int
    """Exchanges with an id in the capture."""
    unfinished: int
    """Responses that the capture calls complete and the client did not get in full. Not
    excluded: a response is recorded first and sent then."""
    uncommitted: int
    """Requests that the app saw in the last moment before a SIGKILL of the recorder, of whose
    response no client has a byte, and that are not in the capture. Not excluded either."""
    disagreements: tuple[Disagreement, ...]


class _Exchange:
    """What the capture says about one request."""

    def __init__(self) -> None:
        self.requests = 0
        self.response: Response | None = None
        self.body: Body | None = None
        self.failure: Failure | None = None


def compare(ledger: Ledger, capture: Path, *, killed_at: float | None = None) -> Comparison:
    """Return what a finished capture says otherwise than the ledger.

    ``killed_at`` is when the recorder was killed with SIGKILL, None if it ended by itself:
    then the capture must also end with ``stopped``, hold every request that the app saw, and
    tell how each exchange ended. Requests without an id are ignored.
    """
    exchanges, stopped = _exchanges(capture)
    found: list[Disagreement] = []

    def disagree(fault: Fault, request_id: str | None, message: str) -> None:
        found.append(Disagreement(fault=fault, request_id=request_id, message=message))

    received = 0
    unfinished = uncommitted = 0
    responded: set[str] = set()
    for receipt in ledger.receipts:
        exchange = exchanges.get(receipt.request_id)
        if receipt.head_at is None:
            if exchange is not None and _is_complete(exchange):
                unfinished += 1
            continue
        received += 1
        responded.add(receipt.request_id)
        if exchange is None:
            disagree("no-exchange", receipt.request_id, f"the client received {receipt.status}")
            continue
        for fault, message in _faults(receipt, exchange, killed=killed_at is not None):
            disagree(fault, receipt.request_id, message)
        if receipt.complete_at is None and _is_complete(exchange):
            unfinished += 1
    for request_id, at in ledger.seen.items():
        if request_id in exchanges or request_id in responded:
            continue
        if killed_at is not None and at > killed_at - UNCOMMITTED_SECONDS:
            uncommitted += 1
        else:
            disagree("no-exchange", request_id, "the app saw the request")
    sent = Counter(receipt.request_id for receipt in ledger.receipts)
    for request_id, exchange in exchanges.items():
        if exchange.requests > sent[request_id] > 0:
            disagree("twice", request_id, f"it is {exchange.requests} exchanges")
        elif not sent[request_id]:
            disagree("unknown", request_id, "no client sent it")
        if killed_at is None and exchange.response is None and exchange.failure is None:
            disagree("no-end", request_id, "the capture does not say how it ended")
    if killed_at is None and not stopped:
        disagree("not-closed", None, "the capture does not end with 'stopped'")
    return Comparison(
        requests=len(ledger.receipts),
        seen=len(ledger.seen),
        responses=received,
        exchanges=len(exchanges),
        unfinished=unfinished,
        uncommitted=uncommitted,
        disagreements=tuple(found),
    )


def _is_complete(exchange: _Exchange) -> bool:
    """Return whether the capture says that a response was passed on in full."""
    return exchange.response is not None and exchange.failure is None and exchange.body is not None


def _faults(receipt: Receipt, exchange: _Exchange, *, killed: bool) -> list[tuple[Fault, str]]:
    """Return how the capture contradicts what a client received."""
    response, failure, body = exchange.response, exchange.failure, exchange.body
    if response is None:
        if failure is None:
            return [("no-response", f"the client received {receipt.status}")]
        if receipt.by_proxy:
            return []
        return [
            ("called-failed", f"the client received {receipt.status}; capture: {failure.message}")
        ]
    faults: list[tuple[Fault, str]] = []
    if response.status_code != receipt.status:
        faults.append(
            ("other-status", f"the client received {receipt.status}, not {response.status_code}")
        )
    recorded = tuple(value for name, value in response.headers if name.lower() == "set-cookie")
    if recorded != receipt.set_cookies:
        faults.append(
            ("other-cookies", f"the client received {receipt.set_cookies}, not {recorded}")
        )
    if receipt.complete_at is not None:
        if failure is not None:
            faults.append(("called-failed", f"it arrived in full; the capture: {failure.message}"))
        if not killed and (body is None or body.size != receipt.body_size):
            size = None if body is None else body.size
            faults.append(("other-body", f"the client received {receipt.body_size} B, not {size}"))
    return faults


def _exchanges(capture: Path) -> tuple[dict[str, _Exchange], bool]:
    """Return the exchanges with an id, by that id, and whether ``stopped`` is the last event."""
    named: dict[str, _Exchange] = {}
    by_exchange: dict[str, _Exchange] = {}
    stopped = False
    wanted = REQUEST_HEADER.lower()
    with closing(open_store(capture)) as store:
        for event in events_of(store):
            stopped = isinstance(event, Recorder) and event.state == "stopped"
            if isinstance(event, Request):
                for name, value in event.headers:
                    if name.lower() == wanted:
                        exchange = named.setdefault(value, _Exchange())
                        exchange.requests += 1
                        by_exchange[event.exchange_id] = exchange
            elif isinstance(event, Response | Failure | Body):
                of = by_exchange.get(event.exchange_id or "")
                if of is None:
                    continue
                if isinstance(event, Response):
                    of.response = event
                elif isinstance(event, Failure):
                    of.failure = event
                elif event.of == "response":
                    of.body = event
    return named, stopped
