"""A capture on this machine that a test records, and a publisher that it moves step by step."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cookietrace import events as ev
from cookietrace.lesson.explain import explanations
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.publisher import Publisher
from cookietrace.stores import CaptureStore, create_capture, events_of, open_store
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.connection import RedisError
from cookietrace.trace import Trace, fold
from tests.story import Story

_names = itertools.count(1)


def fresh_name() -> str:
    """Return a name that no other test of this worker gives a capture."""
    return f"t{next(_names)}"


class Local:
    """A recorded capture, and its publisher."""

    def __init__(
        self, folder: Path, url: str, story: Story, options: PublishingOptions | None = None
    ) -> None:
        self.url = url
        self.path = folder / f"{fresh_name()}.cookietrace"
        self.options = options or PublishingOptions()
        info, *self.left = story.events
        assert isinstance(info, ev.Capture)
        self.info = info
        self.store = create_capture(self.path, info=info)
        self.said: list[str | None] = []
        self.publisher = self.new_publisher()

    def new_publisher(self) -> Publisher:
        """Return another publisher, as after a restart."""
        address = parse_redis_url(self.url)
        return Publisher(self.path, address, self.options, self.said.append, records=True)

    def record(self, count: int | None = None) -> Sequence[ev.Event]:
        """Record the next events of the story, all by default; return them."""
        events = self.left[:count]
        del self.left[:count]
        if events:
            self.store.append(events)
        return events

    def publish(self) -> bool:
        """Publish what was recorded; return whether Redis took all of it."""
        publisher = self.publisher
        try:
            for _ in range(100):
                if not publisher.connected:
                    publisher.connect()
                if not publisher.publish_some() and publisher.connected:
                    return True
        except RedisError as error:
            publisher.lost(error)
            return False
        raise AssertionError("it publishes for ever")

    def restart(self) -> None:
        """Kill the publisher without any farewell, and start another."""
        self.publisher.abandon()
        self.publisher = self.new_publisher()

    def read(self) -> list[ev.Event]:
        """Return what a viewer reads now."""
        store = open_store(self.url)
        try:
            return list(events_of(store))
        finally:
            store.close()

    def close(self) -> None:
        """Close everything."""
        self.publisher.abandon()
        self.store.close()

    def viewer(self, *, patient: bool = False) -> CaptureStore:
        """Return a store that reads it."""
        return open_store(self.url, patient=patient)

    def trace(self) -> Trace:
        """Return the fold of what a viewer reads now."""
        return fold(self.read())


def told(trace: Trace) -> list[dict[str, Any]]:
    """Return everything that is said about each exchange."""
    return list(explanations(trace, jar=True))


def rows(trace: Trace) -> list[Any]:
    """Return the rows of a trace without their values."""
    return [
        (row.kind, row.exchange_id, row.refutes, len(row.results), row.number, row.aside)
        for row in trace.rows
    ]


def ids(events: Iterable[ev.Event]) -> list[str]:
    """Return the exchanges of the requests and the responses, in order."""
    return [
        f"{type(event).__name__} {event.exchange_id}"
        for event in events
        if isinstance(event, ev.Request | ev.Response)
    ]
