"""Whoever writes to Redis may write anything of any size: a viewer holds little of it."""

from __future__ import annotations

from contextlib import closing

import pytest

from cookietrace.errors import CaptureError
from cookietrace.events import Event
from cookietrace.stores import START, open_store
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.keys import (
    BEFORE,
    EVENTS,
    INDEX,
    entry_id,
    events_key,
    start_key,
    state_key,
)
from cookietrace.stores.redis_streams.opening import published
from cookietrace.stores.redis_streams.reader import RedisStore
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local
from tests.redis_server import RedisServer
from tests.story import Story

MOST = 20_000
"""How many bytes a response of Redis may have in these tests."""


@pytest.fixture
def local(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> Local:
    """A published capture of a hundred thousand bytes, and readers that take little at once."""
    story = Story("https://shop.test")
    for number in range(40):
        story.visit(f"/page-{number}", None, f"n=value-{number}; Path=/")
    local = recorded(story)
    local.record()
    assert local.publish()
    monkeypatch.setattr("cookietrace.stores.redis_streams.connection.MOST_BYTES", MOST)
    return local


def test_a_large_stream_is_read_in_small_pieces(
    local: Local, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is read, in order, also by its places."""
    with redis_server.client() as client:
        assert client.memory_usage(events_key(parse_redis_url(local.url).name)) > 4 * MOST
    with closing(open_store(local.url)) as store:
        assert isinstance(store, RedisStore)
        events: list[Event] = []
        places: list[int] = []
        position = START
        while (batch := store.read(position, 1000)).events:
            events += batch.events
            places += batch.places
            position = batch.position
        assert events == store.events_at(places)
    monkeypatch.undo()
    assert events == local.read()


def test_what_is_too_large_is_one_line(local: Local, redis_server: RedisServer) -> None:
    """An entry, the start, and the state; the listing shows the other captures."""
    name = parse_redis_url(local.url).name
    line = r"capture=t\d+: Redis sent more than .* at once, which cookietrace did not write"
    with redis_server.client() as client, closing(open_store(local.url)) as store:
        last = int(client.xinfo_stream(events_key(name))["last-generated-id"].partition(b"-")[0])
        fields = {EVENTS: b"x" * MOST, BEFORE: str(last)}
        client.xadd(events_key(name), fields, id=entry_id(last + 1))
        with pytest.raises(CaptureError, match=line):
            store.read(str(last), 1000)
        with pytest.raises(CaptureError, match=line):
            store.events_at([(last + 1) << 16 | 1])
        client.hset(start_key(name), "more", b"x" * MOST)
        with pytest.raises(CaptureError, match=line):
            open_store(local.url)
        client.hset(state_key(name), "more", b"x" * MOST)
        client.zadd(INDEX, {"another": 1.0})
        found = {
            each.name: each.trouble
            for each in published(parse_redis_url(local.url.partition("?")[0]))
        }
        client.zrem(INDEX, "another")
        assert "Redis sent more than" in (found[name] or "")
        assert "was deleted" in (found["another"] or "")


def test_the_index_keeps_what_is_listed(
    recorded: Recorded, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of captures that nobody has published for longest leave it."""
    monkeypatch.setattr("cookietrace.stores.redis_streams.writer.MOST_LISTED", 3)
    with redis_server.client() as client:
        client.delete(INDEX)
        client.zadd(INDEX, {f"old-{number}": number for number in range(5)})
        local = recorded(Story())
        assert local.publish()
        name = parse_redis_url(local.url).name.encode()
        assert client.zrange(INDEX, 0, -1) == [b"old-3", b"old-4", name]
        client.delete(INDEX)
