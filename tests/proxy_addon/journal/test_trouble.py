"""When recording fails: a report at once, traffic continues, and the gap is recorded."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from mitmproxy.test import tflow

from cookietrace.errors import CaptureError
from cookietrace.events import SCHEMA, Capture, Client, Event, Recorder, Request, Response
from cookietrace.stores import MemoryStore
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal import journal as journal_module
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import (
    SECRET,
    Proxy,
    events_of,
    of_kind,
    only,
    responses_to,
)
from tests.proxy_addon.upstream import plain

LIMIT = 256 * 1024


def ask(proxy: Proxy, url: str) -> None:
    """Make one exchange on a new connection."""
    with Wire(proxy.addresses[0]) as wire:
        wire.get(url)
        assert wire.response()[1] == b"x" * 8000


def gap_in(events: Sequence[Event]) -> Recorder:
    """Return the one gap."""
    [gap] = [event for event in of_kind(events, Recorder) if event.state == "gap"]
    return gap


def test_a_full_disk(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """The proxy's files cannot grow past a limit, as on a full disk; then they can again."""
    app = start_upstream({"/": plain(b"x" * 8000), "/after": plain(b"x" * 8000)})
    before = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, "
        f"{resource.RLIM_INFINITY}))"
    )
    proxy = start_proxy(before=before)
    for _ in range(100):
        ask(proxy, f"{app.url}/")
    trouble = proxy.report("trouble")
    assert "traffic continues" in trouble["message"]
    resource.prlimit(
        proxy.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    while proxy.report("recovered"):
        ask(proxy, f"{app.url}/after")
        if responses_to(events_of(proxy.capture), "/after"):
            break
    assert proxy.stop() == 0
    events = events_of(proxy.capture)
    gaps = [event for event in of_kind(events, Recorder) if event.state == "gap"]
    counted = sum(int((gap.message or "").split()[0]) for gap in gaps)
    lost = len(app.visits) - len(of_kind(events, Response))
    assert 0 < lost <= counted
    assert events.index(gaps[-1]) < events.index(responses_to(events, "/after")[0])
    errors = proxy.errors().splitlines()
    assert errors[0].startswith("cookietrace: recording has stopped, traffic continues: ")
    assert len(errors) % 2 == 0
    # One line for each outage, though its gap may be written in parts, as soon as one fits.
    told = [line.removeprefix("cookietrace: recording again: ") for line in errors[1::2]]
    assert lost <= sum(int(line.split()[0]) for line in told) <= counted


def test_a_capture_that_is_locked(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """Another program's write lock stops nothing, and nothing is lost: events wait for its end."""
    paths = [f"/{number}" for number in range(5)]
    app = start_upstream({path: plain(b"x" * 8000) for path in paths})
    proxy = start_proxy()
    ask(proxy, f"{app.url}{paths[0]}")
    with closing(sqlite3.connect(proxy.capture, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for path in paths[1:4]:
            ask(proxy, f"{app.url}{path}")
        trouble = proxy.report("trouble")["message"]
        assert trouble.startswith("recording is on hold, traffic continues: ")
        assert "locked" in trouble
        other.execute("ROLLBACK")
    assert "nothing was lost" in proxy.report("recovered")["message"]
    ask(proxy, f"{app.url}{paths[4]}")
    assert proxy.stop() == 0
    assert "missing" not in proxy.report("stopped")
    events = events_of(proxy.capture)
    order = [event.exchange_id for event in of_kind(events, Request)]
    assert [event.exchange_id for event in of_kind(events, Response)] == order
    assert [responses_to(events, path)[0].exchange_id for path in paths] == order
    assert {event.state for event in of_kind(events, Recorder)} == {"started", "stopped"}


def test_a_capture_that_is_locked_until_the_end(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The proxy ends anyway, and its last report says how many exchanges are missing."""
    app = start_upstream({"/": plain(b"x" * 8000)})
    proxy = start_proxy()
    ask(proxy, f"{app.url}/")
    with closing(sqlite3.connect(proxy.capture, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            ask(proxy, f"{app.url}/")
        assert proxy.stop() == 0
    stopped = proxy.report("stopped")
    assert stopped["missing"] == 3
    assert stopped["lost"].startswith("3 exchanges were not recorded")
    assert "locked" in stopped["lost"]
    assert len(of_kind(events_of(proxy.capture), Response)) == 1


def test_a_capture_that_is_deleted(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """Recording cannot continue: traffic does, and the proxy still stops cleanly."""
    app = start_upstream({"/": plain(b"x" * 8000)})
    check_always = "import cookietrace.stores.sqlite as s; s._CHECK_SECONDS = 0.0"
    proxy = start_proxy(before=check_always)
    proxy.capture.unlink()
    ask(proxy, f"{app.url}/")
    assert "moved or deleted" in proxy.report("trouble")["message"]
    ask(proxy, f"{app.url}/")
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.process.wait(120) == 0
    assert proxy.report("stopped")["missing"] == 2


class Failing(MemoryStore):
    """A store that fails while ``fails`` is set."""

    def __init__(self) -> None:
        info = Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")
        super().__init__([info])
        self.fails: Exception | None = None
        self.appended: list[Event] = [info]

    def append(self, events: Sequence[Event]) -> str:
        """Append, or fail."""
        if self.fails is not None:
            raise self.fails
        self.appended += events
        return super().append(events)


class RecordedReports:
    """Keeps what a journal reports."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self.recoveries: list[str] = []
        self.ends: list[tuple[int, str]] = []

    def trouble(self, message: str) -> None:
        """Recording fails."""
        self.troubles.append(message)

    def recovered(self, message: str) -> None:
        """Recording works again."""
        self.recoveries.append(message)

    def incomplete(self, exchanges: int, message: str) -> None:
        """Something is missing at the end."""
        self.ends.append((exchanges, message))


def response(number: int) -> Response:
    """Return an event of an exchange."""
    return Response(
        exchange_id=f"x{number}",
        at=1.0,
        status_code=200,
        reason="",
        http_version="HTTP/1.1",
        headers=(("Set-Cookie", "secret=1"),),
    )


async def test_trouble_is_reported_once_and_the_gap_counts_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One trouble, one gap with all losses, one recovery; then events are recorded again."""
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0.01)
    store, reports = Failing(), RecordedReports()
    journal = Journal(store, reports)
    assert journal.append(response(0))
    store.fails = CaptureError("the disk is full")
    assert not journal.append(response(1), response(1))
    assert not journal.append(response(2))
    assert journal.failing
    store.fails = None
    while journal.failing:
        await asyncio.sleep(0.01)
    assert journal.append(response(3))
    assert len(reports.troubles) == len(reports.recoveries) == 1
    assert "the disk is full" in reports.troubles[0]
    _, first, gap, last = store.appended
    assert (first, last) == (response(0), response(3))
    assert isinstance(gap, Recorder)
    assert gap.message is not None
    assert gap.message.startswith("2 exchanges")
    assert "at least 3 events" in gap.message


async def test_a_client_whose_event_was_lost_is_recorded_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the same connection, before the first request that is in the capture."""
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0.01)
    store = Failing()
    journal = Journal(store, RecordedReports())
    recorder = FlowRecorder(journal, Clients(), Listeners(), secret=SECRET)
    connection = tflow.tclient_conn()
    store.fails = CaptureError("the disk is full")
    for _ in range(2):
        recorder.requestheaders(tflow.tflow(client_conn=connection))
    store.fails = None
    while journal.failing:
        await asyncio.sleep(0.01)
    for _ in range(3):
        recorder.requestheaders(tflow.tflow(client_conn=connection))
    journal.close()
    _, gap, client, *requests = store.appended
    assert isinstance(gap, Recorder)
    assert isinstance(client, Client)
    assert [r.client_id for r in of_kind(requests, Request)] == [client.client_id] * 3
    assert len(requests) == 3


@pytest.mark.parametrize("hook", ["requestheaders", "request", "responseheaders", "response"])
async def test_an_error_of_our_own_is_trouble(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported by its type, never raised into mitmproxy, and recorded as a gap."""
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0.01)
    store, reports = Failing(), RecordedReports()
    journal = Journal(store, reports)
    recorder = FlowRecorder(journal, Clients(), Listeners(), secret=SECRET)
    getattr(recorder, hook)("no flow")
    [trouble] = reports.troubles
    assert trouble.endswith("internal error (AttributeError)")
    while journal.failing:
        await asyncio.sleep(0.01)
    journal.close()
    assert store.appended[1:] == [gap_in(store.appended)]


async def test_close_records_the_gap() -> None:
    """A proxy that stops while recording fails makes one last attempt, gap first."""
    store, reports = Failing(), RecordedReports()
    journal = Journal(store, reports)
    store.fails = OSError("no space")
    journal.append(response(1))
    store.fails = None
    journal.close(Recorder(at=9.0, state="stopped"))
    _, gap, stopped = store.appended
    assert [getattr(event, "state", None) for event in (gap, stopped)] == ["gap", "stopped"]
    assert not journal.append(response(2))


async def test_reports_hold_no_wire_text() -> None:
    """Of errors that are not ours only the type is reported: the text may be a secret."""
    store, reports = Failing(), RecordedReports()
    journal = Journal(store, reports)
    store.fails = ValueError("secret=1")
    journal.append(response(1))
    assert reports.troubles == [
        "recording has stopped, traffic continues: internal error (ValueError)"
    ]
    journal.close()


def test_without_trouble_there_is_no_gap(start_proxy: StartProxy, capture: Path) -> None:
    """A capture without traffic holds only the start and the stop."""
    proxy = start_proxy()
    proxy.stop()
    events = events_of(capture)
    assert {event.state for event in of_kind(events, Recorder)} == {"started", "stopped"}
    assert not of_kind(events, Request)
    assert only(events, Capture).sensitive
