"""Redis, the publisher and other programs may fail at any moment: nothing is lost or doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from cookietrace import events as ev
from cookietrace.errors import CaptureError
from cookietrace.follow import follow
from cookietrace.publishing.options import PublishingOptions
from cookietrace.redact import redacted
from cookietrace.stores import START, Batch, events_of, open_store
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.keys import State, events_key, start_key, state_key
from cookietrace.stores.redis_streams.opening import open_redis, published
from cookietrace.stores.redis_streams.reader import GAP
from cookietrace.stores.redis_streams.writer import Standing
from cookietrace.trace import fold
from tests.processes import PATIENCE
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local, ids, rows, told
from tests.redis_server import RedisServer
from tests.story import Story
from tests.verdict_stories import rich, settled

ROOT = Path(__file__).parents[2]


def visits(count: int) -> Story:
    """Visits, each of which sets another value of a cookie."""
    story = Story("https://shop.test")
    sent: str | None = None
    for number in range(count):
        story.visit(f"/page-{number % 7}", sent, f"n=value-{number}; Path=/")
        sent = f"n=value-{number}"
    return story


def check_whole(local: Local, story: Story) -> None:
    """A viewer sees the story of a redacted export, and each event once."""
    events = local.read()
    through, exported = fold(events), fold(redacted(story.events))
    assert told(through) == told(exported)
    assert rows(through) == rows(exported)
    assert ids(events) == ids(story.events)


def patiently(local: Local) -> None:
    """Publish until Redis has everything."""
    deadline = time.monotonic() + PATIENCE
    while not local.publish():
        assert time.monotonic() < deadline


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("at", [0, 1, 9, 17])
def test_redis_is_killed_and_started_again(
    keeps: bool, at: int, own_redis_server: RedisServer, recorded: Recorded
) -> None:
    """With its data or without them; a viewer that is attached continues where it was."""
    server = own_redis_server
    server.keeps = keeps
    server.kill()
    server.start()
    story = settled()
    local = recorded(story, server=server)
    local.record(at)
    assert local.publish()
    viewer = local.viewer(patient=True)
    seen = list(events_of(viewer))
    after = _position(viewer.read(START, 10_000))
    server.kill()
    local.record(4)
    assert not local.publish()
    assert not local.publish()
    assert viewer.read(after).trouble is not None
    server.start()
    while local.record(3):
        patiently(local)
    patiently(local)
    check_whole(local, story)
    for batch in _batches(local, after):
        seen += batch.events
    viewer.close()
    assert ids(seen) == ids(story.events)
    assert told(fold(seen)) == told(local.trace())
    away, back, over = local.said
    assert away is not None
    assert "cannot be reached" in away
    assert "recording continues" in away
    assert back is not None
    assert "Redis is back" in back
    assert over is None


def _position(batch: Batch) -> str:
    return batch.position


def _batches(local: Local, after: str) -> Iterator[Batch]:
    with closing(open_store(local.url)) as store:
        while (batch := store.read(after)).events:
            yield batch
            after = batch.position


def test_redis_is_away_at_the_start(own_redis_server: RedisServer, recorded: Recorded) -> None:
    """The publisher says so once, and publishes everything when Redis is there."""
    own_redis_server.kill()
    story = rich()
    local = recorded(story, server=own_redis_server)
    local.record()
    for _ in range(3):
        assert not local.publish()
    assert len(local.said) == 1
    own_redis_server.start()
    patiently(local)
    check_whole(local, story)


def test_redis_is_away_for_good(own_redis_server: RedisServer, recorded: Recorded) -> None:
    """The publisher ends when it is told to, says that something is missing, and holds nothing."""
    local = recorded(visits(3), server=own_redis_server)
    local.record(5)
    assert local.publish()
    own_redis_server.kill()
    local.record()
    local.publisher.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cookietrace.publishing.publisher.GRACE_SECONDS", 0.3)
        assert local.publisher.run() is False
    assert len(local.said) == 1


def test_a_server_that_hangs_is_away(own_redis_server: RedisServer, recorded: Recorded) -> None:
    """It accepts connections and does not respond: after a while that is an outage."""
    local = recorded(visits(2), server=own_redis_server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cookietrace.stores.redis_streams.connection.REPLY_SECONDS", 0.3)
        local.restart()
        local.record()
        own_redis_server.pause()
        assert not local.publish()
        own_redis_server.resume()
        assert local.said[0] is not None
        assert "does not respond" in local.said[0]
        patiently(local)


@pytest.mark.parametrize("step", [1, 5])
def test_the_publisher_is_killed_again_and_again(
    step: int, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one continues where Redis is."""
    monkeypatch.setattr("cookietrace.publishing.publisher._is_running", lambda _: False)
    story = settled()
    local = recorded(story)
    while local.record(step):
        assert local.publish()
        local.restart()
    assert local.publish()
    check_whole(local, story)


def test_it_is_killed_in_the_middle_of_its_work(
    redis_server: RedisServer, recorded: Recorded
) -> None:
    """SIGKILL at any moment, while a recorder writes: the next publisher completes the story."""
    story = visits(200)
    local = recorded(story)
    command = [sys.executable, "-m", "cookietrace", "publish", str(local.path), local.url]
    local.record(100)
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    _wait_for_more(redis_server, local)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    local.record()
    assert local.publish()
    check_whole(local, story)


def _wait_for_more(server: RedisServer, local: Local) -> None:
    """Wait until another publisher has added something."""
    key = events_key(parse_redis_url(local.url).name)
    with server.client() as client:
        before, deadline = client.xlen(key), time.monotonic() + PATIENCE
        while client.xlen(key) <= before:
            assert time.monotonic() < deadline
            time.sleep(0.002)


@pytest.mark.parametrize("what", ["stream", "everything"])
def test_what_another_program_deletes_is_published_again(
    what: str, redis_server: RedisServer, recorded: Recorded
) -> None:
    """The publisher notices with the next event, or with the next heartbeat."""
    story = settled()
    local = recorded(story)
    name = parse_redis_url(local.url).name
    local.record(9)
    assert local.publish()
    keys = [events_key(name)] if what == "stream" else [events_key(name), start_key(name)]
    with redis_server.client() as client:
        assert client.delete(*keys) == len(keys)
        local.record(4)
        patiently(local)
        assert client.delete(*keys) == len(keys)
        local.publisher.beat()
        patiently(local)
        local.record()
        patiently(local)
    check_whole(local, story)


def test_a_deleted_capture_is_one_line_for_a_reader(
    redis_server: RedisServer, recorded: Recorded
) -> None:
    """A command fails; a viewer waits, since a publisher may restore it."""
    local = recorded(visits(2))
    local.record()
    local.publish()
    name = parse_redis_url(local.url).name
    with closing(local.viewer()) as store, closing(local.viewer(patient=True)) as patient:
        end = store.read(START, 1000).position
        with redis_server.client() as client:
            client.delete(events_key(name), start_key(name), state_key(name))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("cookietrace.stores.redis_streams.reader._LOOK_SECONDS", 0.0)
            with pytest.raises(
                CaptureError, match="was deleted from Redis while it was being read"
            ):
                store.read(end)
            trouble = patient.read(end).trouble
            assert trouble is not None
            assert "was deleted" in trouble
            local.publisher.beat()
            patiently(local)
            assert patient.read(end) == Batch((), end)
    with pytest.raises(CaptureError, match="there is no capture nothing at"):
        open_store(redis_server.url("nothing"))


def test_a_trimmed_stream_is_a_gap_that_is_said_once(
    redis_server: RedisServer, recorded: Recorded
) -> None:
    """What is left is read, from the start and by a viewer that had read some of it."""
    local = recorded(visits(30))
    local.record()
    local.publish()
    name = parse_redis_url(local.url).name
    with closing(local.viewer()) as store:
        some = store.read(START, 20)
        with redis_server.client() as client:
            client.xtrim(events_key(name), maxlen=10, approximate=False)
        rest = store.read(some.position, 1000)
        gaps = [one for one in rest.events if isinstance(one, ev.Recorder)]
        assert [gap.message for gap in gaps] == [GAP]
        assert rest.events[0] == gaps[0]
        assert len(store.events_at(rest.places)) == len(rest.events) - 1
    anew = local.read()
    assert sum(getattr(one, "message", None) == GAP for one in anew) == 1
    assert isinstance(anew[0], ev.Capture)
    trace = fold(anew)
    assert [note.message for note in trace.notes].count(GAP) == 1
    assert len(trace.exchanges) < 10


def test_a_capture_has_one_publisher(recorded: Recorded) -> None:
    """A second one is refused while the first is alive; one that was taken over from ends."""
    local = recorded(visits(2))
    local.record()
    local.publish()
    second = local.new_publisher()
    with pytest.raises(CaptureError, match="is already being published"):
        second.connect()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cookietrace.publishing.publisher._is_running", lambda _: False)
        second.connect()
    local.store.append(local.store.read(START, 1000).events[1:2])
    second.beat()
    before = local.read()
    for farewell in (local.publish, local.publisher.beat, local.publisher.end):
        with pytest.raises(CaptureError, match="being published by another process: this one ends"):
            farewell()
    assert local.read() == before
    second.beat()
    second.abandon()


@pytest.mark.parametrize("deleted", [False, True])
def test_two_publishers_that_begin_at_once(
    redis_server: RedisServer, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    """Of two captures under one name, in the same moment: one is there, whole; one is refused."""
    story = visits(5)
    first = recorded(story, PublishingOptions(replace=True))
    second = recorded(settled(), PublishingOptions(replace=True), url=first.url)
    first.record()
    second.record()
    if deleted:  # what the second one knows about is gone when it begins
        assert second.publish()
        second.restart()
        address = parse_redis_url(first.url)
        with redis_server.client() as client:
            client.hset(state_key(address.name), "ended", "1")
    writer = second.publisher._writer
    standing = writer.standing

    def then_the_other_begins() -> Standing:
        found = standing()
        monkeypatch.setattr(writer, "standing", standing)
        assert first.publish()
        return found

    monkeypatch.setattr(writer, "standing", then_the_other_begins)
    with pytest.raises(CaptureError, match="is already being published"):
        second.publish()
    check_whole(first, story)


def test_two_publishers_that_start_at_once(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is ready first; the other, which was folding meanwhile, is refused."""
    story = visits(3)
    local = recorded(story)
    local.record(6)
    local.publish()
    local.restart()
    second = local.new_publisher()
    fold_up_to = second._fold_up_to

    def slowly(position: int) -> bool:
        local.record()
        assert local.publish()
        return fold_up_to(position)

    monkeypatch.setattr(second, "_fold_up_to", slowly)
    monkeypatch.setattr("cookietrace.publishing.publisher._is_running", lambda _: False)
    real = second._check

    def once_alive(standing: Standing) -> None:
        if local.publisher.connected:
            monkeypatch.setattr("cookietrace.publishing.publisher._is_running", lambda _: True)
        real(standing)

    monkeypatch.setattr(second, "_check", once_alive)
    with pytest.raises(CaptureError, match="is already being published"):
        second.connect()
    second.abandon()
    local.publisher.beat()
    check_whole(local, story)


def test_what_is_deleted_right_before_the_end_is_published_again(
    redis_server: RedisServer, recorded: Recorded
) -> None:
    """A publisher does not say that everything is there without having looked."""
    story = visits(2)
    local = recorded(story)
    local.record()
    assert local.publish()
    address = parse_redis_url(local.url)
    with redis_server.client() as client:
        client.delete(*(key(address.name) for key in (events_key, start_key, state_key)))
    local.publisher.stop()
    assert local.publisher.run()
    check_whole(local, story)
    (found,) = [each for each in published(address) if each.name == address.name]
    assert found.state is not None
    assert found.state.ended


def test_a_name_is_one_captures(recorded: Recorded) -> None:
    """Another capture of that name needs ``--replace``; who reads the old one is told."""
    first = recorded(visits(1))
    first.record()
    first.publish()
    story = visits(2)
    info = story.events[0]
    assert isinstance(info, ev.Capture)
    story.events[0] = ev.Capture(
        capture_id="another", schema=info.schema, at=info.at, producer="story", sensitive=False
    )
    first.publisher.end()
    second = recorded(story, url=first.url)
    second.record()
    with pytest.raises(CaptureError, match="is another capture: choose another name"):
        second.publish()
    with closing(first.viewer()) as reading:
        third = recorded(story, PublishingOptions(replace=True), url=first.url)
        third.store.append(story.events[1:])
        assert third.publish()
        with pytest.raises(CaptureError, match="was replaced by another capture"):
            reading.read()
    check_whole(third, story)


def test_a_capture_that_lost_its_end_is_published_anew(recorded: Recorded) -> None:
    """A crash of the machine may take the last events of a file, though Redis has them."""
    story = visits(3)
    local = recorded(story)
    local.record()
    local.publish()
    local.close()
    shorter = visits(2)
    again = recorded(shorter, url=local.url)
    again.record()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cookietrace.publishing.publisher._is_running", lambda _: False)
        assert again.publish()
    check_whole(again, shorter)


@pytest.mark.parametrize("shift", [-86_400.0, 86_400.0])
def test_a_clock_that_differs(
    shift: float, redis_server: RedisServer, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a publisher is alive is judged by the clock of Redis, whatever ours says."""
    local = recorded(visits(2))
    address = parse_redis_url(local.url)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + shift)
    local.record()
    local.publish()
    local.publisher.beat()
    (found,) = [each for each in published(address) if each.name == address.name]
    assert found.alive
    assert found.silent < 60
    assert found.behind == 0
    with redis_server.client() as client:
        late = client.time()[0] - 60
        client.hset(state_key(address.name), "heartbeat", str(late))
    (found,) = [each for each in published(address) if each.name == address.name]
    assert not found.alive
    assert found.silent >= 60


def test_the_end_publishes_the_rest(recorded: Recorded) -> None:
    """Once stopped, a publisher publishes what was recorded, and says that it has ended."""
    story = visits(300)
    local = recorded(story)
    thread = Thread(target=local.publisher.run)
    thread.start()
    while local.record(100):
        pass
    local.publisher.stop()
    thread.join(120)
    assert not thread.is_alive()
    check_whole(local, story)
    state = open_redis_state(local)
    assert state.ended
    assert state.position == state.local == len(story.events)


def open_redis_state(local: Local) -> State:
    """Return what the publisher says about itself."""
    with closing(open_redis(local.url)) as store:
        state = store.state()
    assert state is not None
    return state


def test_a_viewer_follows_and_waits_out_an_outage(
    own_redis_server: RedisServer, recorded: Recorded
) -> None:
    """It is woken by each event, says what the trouble is, and continues when that is over."""
    story = visits(6)
    local = recorded(story, server=own_redis_server)
    local.record(4)
    assert local.publish()
    seen: list[ev.Event] = []
    troubles: list[str | None] = []
    stop = Event()

    def take(batch: Batch) -> None:
        seen.extend(batch.events)
        if batch.trouble != (troubles[-1] if troubles else None):
            troubles.append(batch.trouble)
        if len(ids(seen)) == len(ids(story.events)):
            stop.set()

    with closing(local.viewer(patient=True)) as store:
        thread = Thread(target=follow, args=(store,), kwargs={"stop": stop, "take": take})
        thread.start()
        own_redis_server.kill()
        _until(lambda: bool(troubles))
        own_redis_server.start()
        while local.record(3):
            patiently(local)
        assert stop.wait(120)
        thread.join(120)
    assert ids(seen) == ids(story.events)
    assert troubles[0] is not None
    assert "cannot be reached" in troubles[0]
    assert troubles[-1] is None


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)
