"""Recorders on a real Redis: found by a pattern, read as one story, and told when in trouble."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from cookietrace.errors import CaptureError
from cookietrace.recorders import (
    JoinedStore,
    Life,
    RecorderState,
    Several,
    listed_recorders,
    place_events,
)
from cookietrace.stores import START, events_of
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.connection import connect
from cookietrace.stores.redis_streams.keys import INDEX, start_key, state_key
from cookietrace.trace import Trace, fold
from tests.processes import PATIENCE
from tests.publishing.conftest import recorded  # noqa: F401 - a fixture
from tests.publishing.local import Local, fresh_name
from tests.recorders.lab import recording
from tests.recorders.test_joined_store import read_on, told
from tests.redis_server import RedisServer
from tests.story import Story
from tests.verdict_stories import rich, settled

Recorded = Callable[..., Local]


class Lab:
    """Some recorders with a prefix of their own on a server, and what looks at all of them."""

    def __init__(self, server: RedisServer, made: Recorded) -> None:
        self.prefix = fresh_name()
        self._server, self._made = server, made
        self.url = server.url(f"{self.prefix}-*")

    def recorder(self, name: str, story: Story) -> Local:
        """Return a recorder that has published its first event."""
        story.events = recording(story.events, self.name(name))
        local = self._made(story, url=self._server.url(f"{self.prefix}-{name}"))
        assert local.publish()
        return local

    def store(self) -> JoinedStore:
        """Return all of them as one."""
        return JoinedStore(Several((self.url,)).source())

    def name(self, name: str) -> str:
        """Return the full name of a recorder."""
        return f"{self.prefix}-{name}"


@pytest.fixture
def lab(redis_server: RedisServer, recorded: Recorded) -> Iterator[Lab]:  # noqa: F811
    """A lab on the shared server."""
    made = Lab(redis_server, recorded)
    yield made
    with closing(connect(parse_redis_url(made.url))) as client:
        client.delete(INDEX)


def look(store: JoinedStore) -> None:
    """Look for captures at the next read."""
    store._looked_at = 0.0


def states(store: JoinedStore) -> dict[str, RecorderState]:
    """Return what is known about each recorder, by the end of its name."""
    return {state.name.rpartition("-")[2]: state for state in store.recorders()}


def test_recorders_grow_appear_and_end(lab: Lab) -> None:
    """Each tells what it tells alone; a new one is part of the story; no key is searched for."""
    first, second = lab.recorder("a", settled()), lab.recorder("b", rich())
    trace = Trace()
    with closing(lab.store()) as store:
        position = START
        for count in (3, 5, None):
            for local in (first, second):
                local.record(count)
                local.publish()
            position = read_on(store, trace, position)
        assert not store.wait(position, 0.01)
        third = lab.recorder("c", settled())
        third.record()
        third.publish()
        look(store)
        position = read_on(store, trace, position)
        for local, name in ((first, "a"), (second, "b"), (third, "c")):
            assert told(trace, lab.name(name)) == told(local.trace())
        assert {name: state.life for name, state in states(store).items()} == dict.fromkeys(
            "abc", Life.LIVE
        )
        assert [state.unread for state in store.recorders()] == [0, 0, 0]
        again = fold(events_of(store))
        assert [row.number for row in again.rows] == [row.number for row in trace.rows]
    with closing(connect(parse_redis_url(lab.url))) as client:
        assert "cmdstat_keys" not in client.info("commandstats")


def test_a_recorder_that_grows_is_noticed_at_once(lab: Lab) -> None:
    """One command waits for all streams; what is published meanwhile ends the wait."""
    local = lab.recorder("a", settled())
    with closing(lab.store()) as store:
        position = read_on(store, Trace(), START)
        local.record()
        local.publish()
        assert store.wait(position, 30)
        assert store.read(position).events


@pytest.mark.parametrize(
    ("fields", "life", "cells", "line"),
    [
        ({"ended": "1"}, Life.ENDED, ("ended", "–", "–"), ""),
        ({"heartbeat": -75.0}, Life.SILENT, ("silent 1 min", "–", "–"), "is silent"),
        ({"local": "900000"}, Life.LIVE, ("live", "899,", "–"), ""),
        ({"lost": "2", "lost_message": "disk full"}, Life.LIVE, ("live", "–", "2 gaps"), ""),
        ({"clock": 11_521.0}, Life.LIVE, ("live", "–", "–"), "is 3 h 12 min ahead"),
    ],
)
def test_the_list_tells_how_each_is(
    lab: Lab, fields: dict[str, Any], life: Life, cells: tuple[str, ...], line: str
) -> None:
    """Alive, behind and lost, by the clock of Redis and not by ours."""
    local = lab.recorder("a", settled())
    local.record()
    local.publish()
    with closing(connect(parse_redis_url(lab.url))) as client:
        seconds, rest = client.time()
        now = seconds + rest / 1e6
        relative = {name: now + value for name, value in fields.items() if isinstance(value, float)}
        client.hset(state_key(lab.name("a")), mapping=fields | relative)
    with closing(lab.store()) as store:
        read_on(store, Trace(), START)
        (listed,) = listed_recorders(store.recorders())
        assert listed.state.life is life
        for cell, beginning in zip(listed.cells[1:], cells, strict=False):
            assert cell.startswith(beginning)
        assert line in " ".join(store.tellings())
        assert bool(line) == bool(store.tellings())


def test_what_is_damaged_or_deleted_stops_no_other(lab: Lab) -> None:
    """It is told; a check of all refuses to judge what it cannot read."""
    for name in "abc":
        local = lab.recorder(name, settled())
        local.record()
        local.publish()
    address = parse_redis_url(lab.url)
    with closing(connect(address)) as client:
        client.hset(start_key(lab.name("a")), "events", "no event")
        with closing(lab.store()) as store:
            trace = Trace()
            position = read_on(store, trace, START)
            assert {state.recorder for state in trace.clients} == {lab.name("b"), lab.name("c")}
            assert states(store)["a"].life is Life.NOT_SHOWN
            client.zrem(INDEX, lab.name("b"))
            look(store)
            read_on(store, trace, position)
            assert states(store)["b"].life is Life.GONE
            assert len(store.tellings()) == 2
        with pytest.raises(CaptureError, match=r"not an event.*--lenient leaves it out"):
            place_events(Several((lab.url,)))
        lines: list[str] = []
        with place_events(Several((lab.url,)), lenient=True, lost=lines.append) as events:
            assert len(fold(events).clients) > 0
        assert [line for line in lines if "is not shown" in line]


def test_a_pattern_that_matches_nothing(lab: Lab) -> None:
    """A viewer waits for it; a check says so."""
    with closing(lab.store()) as store:
        assert store.read(START).events == ()
        assert store.tellings()[0].endswith("yet: waiting for one")
        lab.recorder("a", settled())
        look(store)
        assert store.read(START).events
    with pytest.raises(CaptureError, match="no capture matches"):
        place_events(Several((lab.url.replace("-*", "-none*"),)))


def test_redis_goes_away_and_comes_back(own_redis_server: RedisServer, recorded: Recorded) -> None:  # noqa: F811
    """Nothing is lost or doubled; meanwhile there is one line of trouble."""
    server = own_redis_server
    server.keeps = True
    server.kill()
    server.start()
    lab = Lab(server, recorded)
    locals_ = [lab.recorder(name, settled()) for name in "ab"]
    trace = Trace()
    with closing(lab.store()) as store:
        for local in locals_:
            local.record(9)
            assert local.publish()
        position = read_on(store, trace, START)
        server.kill()
        look(store)
        assert "Redis" in (store.read(position).trouble or "")
        assert store.wait(position, 0.05)
        server.start()
        deadline = time.monotonic() + PATIENCE
        for local in locals_:
            local.record()
            while not local.publish():
                assert time.monotonic() < deadline
        whole = sum(len(local.read()) for local in locals_) - len(locals_) + 1
        while trace.position < whole:
            look(store)
            position = read_on(store, trace, position)
            assert time.monotonic() < deadline
        for local, name in zip(locals_, "ab", strict=True):
            assert told(trace, lab.name(name)) == told(local.trace())
