"""While another program holds the capture, events wait, within limits and in order."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import BusyError, CaptureError
from cookietrace.events import SCHEMA, Body, Capture, Event, Recorder
from cookietrace.stores import MemoryStore, create_capture
from proxy_addon.journal import journal as journal_module
from proxy_addon.journal import outage as outage_module
from proxy_addon.journal.journal import Journal
from proxy_addon.journal.losses import Loss
from tests.proxy_addon.journal.test_journal import STOPPED, request
from tests.proxy_addon.journal.test_trouble import RecordedReports, gap_in, response
from tests.proxy_addon.proxies import events_of, of_kind

BUSY = BusyError("locked")
FULL = CaptureError("the disk is full")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, never tell of a lock, and do not wait for one at the end."""
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(journal_module, "LOCKED_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(journal_module, "QUIET_SECONDS", 3600.0)
    monkeypatch.setattr(journal_module, "CLOSE_SECONDS", 0.0)


@pytest.fixture
def reports() -> RecordedReports:
    """What the journal reports."""
    return RecordedReports()


@pytest.fixture
def journal(capture: Path, reports: RecordedReports) -> Iterator[Journal]:
    """A journal of a real capture."""
    journal = Journal(create_capture(capture), reports)
    yield journal
    journal.close()


@pytest.fixture
def lock(journal: Journal, capture: Path) -> Iterator[Callable[[], None]]:
    """Another program's write lock; call it to release the lock."""
    del journal
    with closing(sqlite3.connect(capture, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def release() -> None:
            other.execute("ROLLBACK")

        yield release


async def worked_off(journal: Journal) -> None:
    """Wait until the journal writes directly again."""
    while journal.failing:
        await asyncio.sleep(0.001)


async def test_events_wait_for_a_lock_in_order(
    journal: Journal, lock: Callable[[], None], capture: Path, reports: RecordedReports
) -> None:
    """Nothing is lost, and of a short lock nothing is said."""
    assert journal.append_soon(request(1))
    assert journal.append(response(1))
    assert journal.append_soon(request(2))
    assert journal.append(response(2), response(2))
    assert journal.failing
    await asyncio.sleep(0.01)
    lock()
    await worked_off(journal)
    assert journal.append(response(3))
    wanted = [request(1), response(1), request(2), response(2), response(2), response(3)]
    assert events_of(capture)[1:] == wanted
    journal.close()
    assert (reports.troubles, reports.recoveries, reports.ends) == ([], [], [])


async def test_a_long_wait_is_told_once(
    journal: Journal,
    lock: Callable[[], None],
    reports: RecordedReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And that it is over, with nothing lost."""
    monkeypatch.setattr(journal_module, "QUIET_SECONDS", 0.0)
    journal.append(response(1))
    while not reports.troubles:
        await asyncio.sleep(0.001)
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert reports.troubles == [
        "recording is on hold, traffic continues: another program has locked the capture"
    ]
    lock()
    await worked_off(journal)
    (recovery,) = reports.recoveries
    assert recovery.startswith("recording again: nothing was lost")


async def test_what_does_not_fit_is_a_gap(
    journal: Journal,
    lock: Callable[[], None],
    capture: Path,
    reports: RecordedReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is counted and said; what was kept stands before the gap, what comes later after it."""
    monkeypatch.setattr(outage_module, "KEPT_BYTES", 2 * outage_module.memory(response(1)))
    assert journal.append(response(1))
    assert journal.append(response(2))
    assert not journal.append(response(3), response(3))
    assert not journal.append(response(4))
    (trouble,) = reports.troubles
    assert trouble.startswith("recording has stopped, traffic continues: another program")
    lock()
    await worked_off(journal)
    assert journal.append(response(5))
    events = events_of(capture)
    gap = gap_in(events)
    assert events[1:] == [response(1), response(2), gap, response(5)]
    assert (gap.message or "").startswith("2 exchanges were not recorded, or only in part")
    assert "at least 3 events" in (gap.message or "")
    assert reports.recoveries == [f"recording again: {gap.message}"]
    journal.close()
    ((missing, line),) = reports.ends
    assert missing == 2
    assert line.startswith("2 exchanges")


async def test_a_body_too_large_to_keep_is_lost_alone(
    journal: Journal, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capture: Path
) -> None:
    """The limit is on bytes, not on events."""
    monkeypatch.setattr(outage_module, "KEPT_BYTES", 100_000)
    body = Body(exchange_id="x1", at=1.0, of="response", size=200_000, content="x" * 200_000)
    assert not journal.append(body)
    lock()
    await worked_off(journal)
    assert (gap_in(events_of(capture)).message or "").startswith("1 exchange was")


@pytest.mark.usefixtures("lock")
async def test_a_lock_that_outlasts_the_recording(
    journal: Journal, reports: RecordedReports, capture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing does not wait for it for long, and says how many exchanges are missing."""
    monkeypatch.setattr(time, "time", lambda: 3600.0)
    journal.append(request(1), response(1))
    journal.append_soon(request(2))
    journal.append(response(2))
    monkeypatch.setattr(time, "time", lambda: 3661.0)
    journal.close(response(3), STOPPED)
    assert reports.troubles == ["the end was not recorded: another program has locked the capture"]
    ((missing, line),) = reports.ends
    assert missing == 3
    assert line.endswith(
        "from 01:00:00 to 01:01:01 UTC (61.0 s): another program has locked the capture"
    )
    assert len(events_of(capture)) == 1


class Scripted(MemoryStore):
    """A store whose next appends fail as a test says; then they work."""

    def __init__(self, *failures: Exception | None) -> None:
        info = Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")
        super().__init__([info])
        self.failures = list(failures)
        self.appended: list[Event] = []
        self.done = threading.Event()
        """Set once a gap was appended."""

    def append(self, events: Sequence[Event]) -> str:
        """Append, or fail."""
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.appended += events
        position = super().append(events)
        if any(isinstance(event, Recorder) and event.state == "gap" for event in events):
            self.done.set()
        return position


async def test_closing_waits_a_moment_for_a_lock(
    reports: RecordedReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most locks are short."""
    monkeypatch.setattr(journal_module, "CLOSE_SECONDS", 60.0)
    store = Scripted(BUSY, BUSY, BUSY)
    journal = Journal(store, reports)
    journal.append(response(1))
    journal.close(STOPPED)
    assert store.appended == [response(1), STOPPED]
    assert (reports.troubles, reports.ends) == ([], [])


async def test_a_lock_that_ends_while_the_journal_is_closed(
    reports: RecordedReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is written, so the capture is not called incomplete: the wait is over."""
    monkeypatch.setattr(journal_module, "LOCKED_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(journal_module, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(journal_module, "CLOSE_SECONDS", 60.0)
    store = Scripted(*[BUSY] * 1000)
    journal = Journal(store, reports)
    journal.append(response(1))
    while not reports.troubles:
        await asyncio.sleep(0)
    journal.close(STOPPED)
    assert store.appended == [response(1), STOPPED]
    assert (len(reports.troubles), reports.ends) == (1, [])
    (line,) = reports.recoveries
    assert "nothing was lost" in line


async def test_a_disk_that_fills_while_events_wait(reports: RecordedReports) -> None:
    """What was kept is written in the end; what came later is lost, each exchange counted once."""
    store = Scripted(BUSY, *[FULL] * 10)
    journal = Journal(store, reports)
    assert journal.append(request(1))
    while len(store.failures) > 5:
        await asyncio.sleep(0.001)
    assert not journal.append(response(1))
    assert not journal.append(response(1))
    await worked_off(journal)
    assert journal.append(response(2))
    kept, gap, last = store.appended
    assert (kept, last) == (request(1), response(2))
    assert isinstance(gap, Recorder)
    assert (gap.message or "").startswith("1 exchange was")
    assert "the disk is full" in (gap.message or "")
    assert len(reports.troubles) == len(reports.recoveries) == 1


async def test_an_exchange_that_misses_parts_in_two_outages_counts_once(
    reports: RecordedReports,
) -> None:
    """Each gap counts it, the end of the recording only once."""
    store = Scripted()
    journal = Journal(store, reports)
    for _ in range(2):
        store.failures = [FULL]
        journal.append(response(1))
        await worked_off(journal)
    journal.close()
    gaps = of_kind(store.appended, Recorder)
    assert [(gap.message or "").split()[0] for gap in gaps] == ["1", "1"]
    ((missing, line),) = reports.ends
    assert missing == 1
    assert "at least 2 events" in line


async def test_what_is_being_written_at_the_end_is_written_once(reports: RecordedReports) -> None:
    """The attempt of the background task may succeed while the journal is being closed."""
    store = Scripted(FULL)
    journal = Journal(store, reports)
    journal.append(response(1))
    while store.failures != [] or journal._attempt is None:
        await asyncio.sleep(0)
    assert store.done.wait(120)  # the loop does not learn of it before the journal is closed
    journal.close(STOPPED)
    gap, *rest = store.appended
    assert isinstance(gap, Recorder)
    assert rest == [STOPPED]
    assert [missing for missing, _ in reports.ends] == [1]


async def test_an_error_of_our_own_while_events_wait_is_a_gap(
    journal: Journal, lock: Callable[[], None], capture: Path, reports: RecordedReports
) -> None:
    """In its place among them."""
    journal.append(response(1))
    journal.fail(ValueError("secret"))
    journal.append(response(2))
    lock()
    await worked_off(journal)
    events = events_of(capture)
    assert events[1:] == [response(1), gap_in(events), response(2)]
    assert "internal error (ValueError)" in reports.troubles[0]
    assert "secret" not in str(reports.troubles)


async def test_an_error_of_our_own_once_the_disk_is_full_is_a_gap(
    reports: RecordedReports,
) -> None:
    """It is the first loss of an outage in which all events so far were kept."""
    store = Scripted(BUSY, *[FULL] * 10)
    journal = Journal(store, reports)
    journal.append(request(1))
    while len(store.failures) > 5:
        await asyncio.sleep(0.001)
    journal.fail(ValueError("secret"))
    await worked_off(journal)
    kept, gap = store.appended
    assert kept == request(1)
    assert isinstance(gap, Recorder)
    assert len(reports.troubles) == len(reports.recoveries) == 1


async def test_what_cannot_be_encoded_does_not_hold_up_the_rest(
    journal: Journal, lock: Callable[[], None], capture: Path
) -> None:
    """It is a gap at once, since it could never be written."""
    assert journal.append(response(1))
    assert not journal.append(msgspec.structs.replace(response(2), reason="\ud800"))
    assert journal.append(response(3))
    lock()
    await worked_off(journal)
    events = events_of(capture)
    assert events[1:] == [response(1), gap_in(events), response(3)]


def test_losses_are_counted_once_per_exchange() -> None:
    """A request that is lost is an exchange of its own; other events count by their exchange."""
    loss = Loss("why")
    loss.add([response(1), response(1)])
    loss.add([request(1)])
    loss.add([request(2), response(2), response(3)])
    assert loss.exchanges == 3
    later = Loss("other")
    later.add([response(3), request(4)])
    loss.merge(later)
    assert loss.exchanges == 4
    assert loss.message().startswith("4 exchanges were not recorded, or only in part (at least 8")
    assert loss.message().endswith(": other")
