"""Events that wait to be committed with others: their order, time limit, and loss."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from cookietrace.events import Event, Recorder, Request, Response
from cookietrace.stores import create_capture
from cookietrace.stores.sqlite import SqliteStore
from proxy_addon.journal import journal as journal_module
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.journal.test_trouble import RecordedReports, gap_in, response
from tests.proxy_addon.proxies import events_of, of_kind, responses_to, wait_for
from tests.proxy_addon.test_durability import WITNESS
from tests.proxy_addon.upstream import Visit, plain

STOPPED = Recorder(at=9.0, state="stopped")


def request(number: int) -> Request:
    """Return the request of an exchange."""
    return Request(
        exchange_id=f"x{number}",
        client_id="c1",
        at=1.0,
        method="GET",
        url="http://a.test/",
    )


@contextmanager
def full_disk() -> Iterator[None]:
    """Make every write to a file of this process fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Transactions:
    """A real store that also keeps the events of each transaction."""

    def __init__(self, path: Path) -> None:
        self.store: SqliteStore = create_capture(path)
        self.taken: list[tuple[Event, ...]] = []

    def __getattr__(self, name: str) -> object:
        """Delegate everything else to the store."""
        return getattr(self.store, name)

    def append(self, events: Sequence[Event]) -> str:
        """Append the events, and keep them."""
        position = self.store.append(events)
        self.taken.append(tuple(events))
        return position


@pytest.fixture
def store(capture: Path) -> Transactions:
    """The capture that a journal appends to."""
    return Transactions(capture)


@pytest.fixture
def reports() -> RecordedReports:
    """What the journal reports."""
    return RecordedReports()


@pytest.fixture
def journal(store: Transactions, reports: RecordedReports) -> Iterator[Journal]:
    """A journal with so long a delay that only the tests end it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "DELAY_SECONDS", 3600.0)
        patch.setattr(journal_module, "RETRY_SECONDS", 0.01)
        journal = Journal(store, reports)  # type: ignore[arg-type]
        yield journal
        journal.close()


async def test_a_request_is_committed_with_its_response(
    journal: Journal, store: Transactions
) -> None:
    """One transaction holds both, and whatever else was waiting, in order."""
    assert journal.append_soon(request(1))
    assert journal.append_soon(request(2))
    assert store.taken == []
    assert journal.append(response(2), response(2))
    assert journal.append_soon(request(3))
    assert journal.append(response(1))
    assert store.taken == [
        (request(1), request(2), response(2), response(2)),
        (request(3), response(1)),
    ]
    assert events_of(store.store.path)[1:] == [event for taken in store.taken for event in taken]


async def test_waiting_events_are_committed_after_the_delay(
    journal: Journal, store: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without another append the delay alone commits them, each time."""
    monkeypatch.setattr(journal_module, "DELAY_SECONDS", 0.005)
    for number in (1, 2):
        journal.append_soon(request(number))
        journal.append_soon(response(number))
        while len(store.taken) < number:
            await asyncio.sleep(0.001)
    assert store.taken == [(request(1), response(1)), (request(2), response(2))]


def test_nothing_waits_without_an_event_loop(journal: Journal, store: Transactions) -> None:
    """Nothing would commit it later."""
    assert journal.append_soon(request(1))
    assert store.taken == [(request(1),)]


async def test_close_commits_waiting_events(journal: Journal, store: Transactions) -> None:
    """A proxy that stops loses nothing, and records nothing more."""
    journal.append_soon(request(1))
    journal.close(STOPPED)
    assert store.taken == [(request(1), STOPPED)]
    assert not journal.append_soon(request(2))


async def test_waiting_events_are_committed_before_other_trouble(
    journal: Journal, store: Transactions
) -> None:
    """If something cannot be converted to events, waiting events are not lost with it."""
    journal.append_soon(request(1))
    journal.fail(ValueError("no event"))
    assert store.taken == [(request(1),)]
    assert not journal.append_soon(request(2))


@pytest.mark.parametrize("by_append", [True, False])
async def test_a_disk_that_fills_while_something_waits(
    journal: Journal,
    store: Transactions,
    reports: RecordedReports,
    by_append: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All waiting events are counted as lost, whether an append or the delay commits them."""
    lost: list[Event] = []
    journal.on_lost = lost.extend
    if not by_append:
        monkeypatch.setattr(journal_module, "DELAY_SECONDS", 0.005)
    assert journal.append_soon(request(1))
    assert journal.append_soon(request(2))
    with full_disk():
        if by_append:
            assert not journal.append(response(3))
        while not journal.failing:
            await asyncio.sleep(0.001)
        assert not journal.append_soon(request(4))
    assert lost == [request(1), request(2)]
    while journal.failing:
        await asyncio.sleep(0.001)
    assert journal.append(response(5))
    assert len(reports.troubles) == len(reports.recoveries) == 1
    _, gap, last = events_of(store.store.path)
    assert isinstance(gap, Recorder)
    assert (gap.message or "").startswith(f"{4 if by_append else 3} exchanges")
    assert last == response(5)


def test_a_request_is_in_the_capture_long_before_its_response(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """An app that waits until its request is in the capture does find it."""
    seen: list[Request] = []

    def slow(visit: Visit) -> None:
        found = wait_for(proxy.capture, lambda e: isinstance(e, Request) and "/slow" in e.url)
        seen.extend(of_kind(found, Request))
        visit.send(plain(b"x"))

    app = start_upstream({"/": plain(b"x"), "/slow": slow})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        for path in ("/", "/slow"):
            wire.get(f"{app.url}{path}")
            wire.response()
    assert [request.url for request in seen] == [f"{app.url}/", f"{app.url}/slow"]


def test_an_exchange_whose_request_was_lost_is_left_out_whole(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Its response arrives when recording works again: it is delivered but not recorded."""

    def slow(visit: Visit) -> None:
        app.released.wait(120)
        visit.send(plain(b"slow", WITNESS))

    app = start_upstream({"/": plain(b"x"), "/slow": slow})
    proxy = start_proxy()
    free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        wire.response()
        resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (1, free[1]))
        wire.get(f"{app.url}/slow")
        proxy.report("trouble")
        resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, free)
        proxy.report("recovered")
        app.released.set()
        head, body = wire.response()
        assert (b"Witness" in head, body) == (False, b"slow")
        wire.get(f"{app.url}/")
        wire.response()
    assert proxy.stop() == 0
    events = events_of(proxy.capture)
    assert len(of_kind(events, Request)) == len(of_kind(events, Response)) == 2
    assert len(responses_to(events, "/")) == 2
    assert (gap_in(events).message or "").startswith("1 exchange was")
