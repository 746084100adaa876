"""What waits to be committed with something else: its order, its limit in time, and its loss."""

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
from proxy_addon.hooks import journal as journal_module
from proxy_addon.hooks.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import answers_to, events_of, of_kind, wait_for
from tests.proxy_addon.test_durability import WITNESS
from tests.proxy_addon.test_trouble import Told, answer, gap_in
from tests.proxy_addon.upstream import Visit, plain

STOPPED = Recorder(at=9.0, state="stopped")


def question(number: int) -> Request:
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
    """Let no file of this process be written to, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Transactions:
    """A real store that takes down what each transaction held."""

    def __init__(self, path: Path) -> None:
        self.store: SqliteStore = create_capture(path)
        self.taken: list[tuple[Event, ...]] = []

    def __getattr__(self, name: str) -> object:
        """Be the store in all else."""
        return getattr(self.store, name)

    def append(self, events: Sequence[Event]) -> str:
        """Append, and take it down."""
        position = self.store.append(events)
        self.taken.append(tuple(events))
        return position


@pytest.fixture
def store(capture: Path) -> Transactions:
    """The capture that a journal appends to."""
    return Transactions(capture)


@pytest.fixture
def told() -> Told:
    """What the journal says."""
    return Told()


@pytest.fixture
def journal(store: Transactions, told: Told) -> Iterator[Journal]:
    """A journal that waits for long, so that only a test ends the waiting."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "DELAY_SECONDS", 3600.0)
        patch.setattr(journal_module, "RETRY_SECONDS", 0.01)
        journal = Journal(store, told)  # type: ignore[arg-type]
        yield journal
        journal.close()


async def test_a_request_is_committed_with_its_response(
    journal: Journal, store: Transactions
) -> None:
    """One transaction holds both, and whatever else waited, in the order of handing in."""
    assert journal.append_soon(question(1))
    assert journal.append_soon(question(2))
    assert store.taken == []
    assert journal.append(answer(2), answer(2))
    assert journal.append_soon(question(3))
    assert journal.append(answer(1))
    assert store.taken == [
        (question(1), question(2), answer(2), answer(2)),
        (question(3), answer(1)),
    ]
    assert events_of(store.store.path)[1:] == [event for taken in store.taken for event in taken]


async def test_what_waits_is_committed_in_the_end(
    journal: Journal, store: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is appended: the time alone commits it, each time anew."""
    monkeypatch.setattr(journal_module, "DELAY_SECONDS", 0.005)
    for number in (1, 2):
        journal.append_soon(question(number))
        journal.append_soon(answer(number))
        while len(store.taken) < number:
            await asyncio.sleep(0.001)
    assert store.taken == [(question(1), answer(1)), (question(2), answer(2))]


def test_nothing_waits_where_no_loop_runs(journal: Journal, store: Transactions) -> None:
    """There would be no one to commit it."""
    assert journal.append_soon(question(1))
    assert store.taken == [(question(1),)]


async def test_the_end_takes_along_what_waits(journal: Journal, store: Transactions) -> None:
    """A proxy that ends has lost nothing, and takes nothing more."""
    journal.append_soon(question(1))
    journal.close(STOPPED)
    assert store.taken == [(question(1), STOPPED)]
    assert not journal.append_soon(question(2))


async def test_what_waits_stands_before_trouble_of_another_kind(
    journal: Journal, store: Transactions
) -> None:
    """Something could not be made into events: what waited is no part of that loss."""
    journal.append_soon(question(1))
    journal.fail(ValueError("no event"))
    assert store.taken == [(question(1),)]
    assert not journal.append_soon(question(2))


@pytest.mark.parametrize("taken_along", [True, False])
async def test_a_disk_that_fills_while_something_waits(
    journal: Journal,
    store: Transactions,
    told: Told,
    taken_along: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All that waited is counted and told as lost, whoever would have committed it."""
    lost: list[Event] = []
    journal.on_lost = lost.extend
    if not taken_along:
        monkeypatch.setattr(journal_module, "DELAY_SECONDS", 0.005)
    assert journal.append_soon(question(1))
    assert journal.append_soon(question(2))
    with full_disk():
        if taken_along:
            assert not journal.append(answer(3))
        while not journal.failing:
            await asyncio.sleep(0.001)
        assert not journal.append_soon(question(4))
    assert lost == [question(1), question(2)]
    while journal.failing:
        await asyncio.sleep(0.001)
    assert journal.append(answer(5))
    assert len(told.troubles) == len(told.recoveries) == 1
    _, gap, last = events_of(store.store.path)
    assert isinstance(gap, Recorder)
    assert (gap.message or "").startswith(f"{4 if taken_along else 3} exchanges")
    assert last == answer(5)


def test_a_request_is_in_the_capture_long_before_its_answer(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """An app that waits until it finds the request in the capture does find it."""
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
    """Its answer comes when recording works again: it is passed on, and not recorded."""

    def slow(visit: Visit) -> None:
        app.let_go.wait(120)
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
        app.let_go.set()
        head, body = wire.response()
        assert (b"Witness" in head, body) == (False, b"slow")
        wire.get(f"{app.url}/")
        wire.response()
    assert proxy.stop() == 0
    events = events_of(proxy.capture)
    assert len(of_kind(events, Request)) == len(of_kind(events, Response)) == 2
    assert len(answers_to(events, "/")) == 2
    assert (gap_in(events).message or "").startswith("1 exchanges")
