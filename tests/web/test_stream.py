"""The stream of what changes: nothing is missed, whoever reads and however slowly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from cookietrace.events import SCHEMA, Capture, Event, Recorder
from cookietrace.web.stream import PAUSE
from tests.story import START, Story, seed_story
from tests.web.pages import Page, Reader, StreamEvent, page_of, parsed

INFO = Capture(capture_id="c0", schema=SCHEMA, at=START, producer="test", sensitive=False)


def visits(count: int, first: int = 0) -> list[Event]:
    """Return events of some visits, each with a cookie that changes."""
    story = Story()
    for number in range(count):
        cookie = f"user=u{first + number - 1}" if first + number else None
        story.visit(f"/{first + number}", cookie, f"user=u{first + number}; Path=/")
    events = story.events[1:]
    return [
        msgspec.structs.replace(event, exchange_id=f"{first}-{event.exchange_id}")
        if hasattr(event, "exchange_id")
        else event
        for event in events
    ]


async def take(page: Page, reader: Reader, known: dict[int, object], steps: int) -> None:
    """Read the stream, and the rows that it names, until all these steps are known."""
    while len(known) < steps:
        for event in await reader.message():
            if event.kind != "rows":
                continue
            wanted = [*range(event.data["first"], event.data["last"] + 1), *event.data["changed"]]
            for step in wanted:
                rows = await page.json(f"/api/rows?from={step}&to={step}")
                known[step] = rows["rows"][0]


async def every_row(page: Page) -> dict[int, object]:
    """Return all rows as they are now."""
    last = len(page.live.table)
    return {row["step"]: row for row in (await page.json(f"/api/rows?from=1&to={last}"))["rows"]}


async def test_a_growing_capture(tmp_path: Path) -> None:
    """Readers of a capture that grows end with the same rows as one that reads it afterwards."""
    async with page_of(tmp_path, [INFO]) as page:
        known: list[dict[int, object]] = [{}, {}]
        async with page.read() as one, page.read() as other:
            reading = [
                asyncio.create_task(take(page, reader, each, 60))
                for reader, each in zip((one, other), known, strict=True)
            ]
            for at in range(10):
                await page.append(visits(3, 3 * at))
            async with asyncio.timeout(60):
                await asyncio.gather(*reading)
            # Changes of earlier rows may still come, for example of a problem that is found.
            for reader, each in zip((one, other), known, strict=True):
                while reader.after < page.live.changes.id:
                    await take_one(page, reader, each)
        wanted = await every_row(page)
        assert len(wanted) == 60
        assert known == [wanted, wanted]


async def take_one(page: Page, reader: Reader, known: dict[int, object]) -> None:
    """Take one message and read its rows."""
    for event in await reader.message():
        if event.kind == "rows":
            for step in [
                *range(event.data["first"], event.data["last"] + 1),
                *event.data["changed"],
            ]:
                known[step] = (await page.json(f"/api/rows?from={step}&to={step}"))["rows"][0]


async def test_ids_only_grow(tmp_path: Path) -> None:
    """The id of an event says up to where everything has been told, and never goes back."""
    async with page_of(tmp_path, seed_story().events) as page, page.read() as reader:
        first = await reader.message()
        await page.append(visits(3, 7))
        events = first + await reader.until(lambda event: event.data.get("steps", 0) >= 9)
        ids = [event.id for event in events]
        assert ids == sorted(ids)
        assert ids[-1] > first[-1].id > 0
        assert {event.kind for event in first} == {
            "story", "state", "progress", "rows", "problems", "presenter",
        }  # fmt: skip


@pytest.mark.parametrize("taken", range(6))
async def test_a_connection_that_breaks(tmp_path: Path, taken: int) -> None:
    """A reader that lost its connection after any event of a message is told the rest of it."""
    async with page_of(tmp_path, seed_story().events) as page:
        async with page.read() as reader:
            events = await reader.message()
            seen = events[:taken]
        after = seen[-1].id if seen else 0
        async with page.read(after) as reader:
            again = await reader.message() if taken < len(events) else []
        assert {event.kind for event in (*seen, *again)} == {event.kind for event in events}


async def test_a_reader_that_was_away(tmp_path: Path) -> None:
    """What happened between two connections comes with the second one, merged."""
    async with page_of(tmp_path, seed_story().events) as page:
        async with page.read() as reader:
            await reader.message()
            after = reader.after
        await page.append(visits(3, 7))
        await page.append([Recorder(at=START + 999, state="gap", message="The disk was full.")])
        async with page.read(after) as reader:
            events = {event.kind: event.data for event in await reader.message()}
        assert events["rows"]["first"] == 4
        assert events["rows"]["last"] == 9
        assert "The disk was full." in events["story"]["notices"][0]["text"]
        assert "presenter" not in events


async def test_a_reader_of_an_earlier_server(tmp_path: Path) -> None:
    """After the server has been away, a reader with an old id is told everything."""
    async with page_of(tmp_path, seed_story().events) as page:
        earlier = page.live.changes.id - 1_000_000
        async with page.read(earlier) as reader:
            events = {event.kind: event.data for event in await reader.message()}
        assert events["rows"] == {
            "first": 1, "last": 3, "changed": [], "steps": 3, "last_number": 3,
        }  # fmt: skip


async def test_a_slow_reader_costs_one_message(tmp_path: Path) -> None:
    """Who does not take what is sent is told everything later, in one message of bounded size."""
    async with page_of(tmp_path, [INFO]) as page, page.read() as slow:
        for at in range(20):
            await page.append(visits(10, 10 * at))
        await asyncio.sleep(2 * PAUSE)
        assert slow._sent.qsize() <= 1
        sizes, messages = [], 0
        while slow.after < page.live.changes.id:
            body = await slow.body()
            sizes.append(len(body))
            messages += 1
            slow.after = max(slow.after, *(event.id for event in parsed(body)), 0)
        assert messages < 12  # 200 visits; problems may be found meanwhile
        assert max(sizes) < 20_000


async def test_streams_are_bounded(tmp_path: Path) -> None:
    """Beyond the limit a stream is one line with status 503, until one of them is closed."""
    async with page_of(tmp_path, seed_story().events, streams=3) as page:
        async with page.read() as one, page.read() as two:
            async with page.read() as three:
                assert (one.status, two.status, three.status) == (200, 200, 200)
                async with page.read() as refused:
                    assert refused.status == 503
                    assert (await refused.body()).startswith(b'{"error":"3 pages are open')
                assert page.streams.open == 3
            async with page.read() as again:
                assert again.status == 200
        await page.until(lambda: page.streams.open == 0)


async def test_the_heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without changes, a comment shows that the connection is alive."""
    async with page_of(tmp_path, seed_story().events) as page:
        monkeypatch.setattr(page.streams, "_heartbeat", 0.01)
        async with page.read(page.live.changes.id) as reader:
            assert await reader.body() == b": cookietrace\n\n"
            body = await reader.body()
            while body != b": alive\n\n":  # a problem may have been found
                body = await reader.body()


async def test_a_reader_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that takes nothing for long is given up, so that its place is free."""
    monkeypatch.setattr("cookietrace.web.stream.STUCK", 0.05)
    async with page_of(tmp_path, seed_story().events) as page, page.read():
        assert page.streams.open == 1
        await page.until(lambda: page.streams.open == 0)


async def test_the_presenter(tmp_path: Path) -> None:
    """Followers are told where the presenter looks, and so is one who comes later."""
    async with page_of(tmp_path, seed_story().events) as page, page.read() as follower:
        await follower.message()
        page.client.headers["Authorization"] = "Bearer presenter-token"
        wanted = {"step": 2, "mode": "jar"}
        assert (await page.client.post("/api/presenter", json=wanted)).status_code == 200
        events = await follower.until(lambda event: event.kind == "presenter")
        assert events[-1].data == {"presenter": wanted}
        assert (await page.json("/api/story"))["presenter"] == wanted


async def test_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording that ends, and a capture that is deleted, are told as they happen."""
    monkeypatch.setattr("cookietrace.web.live._LOOK_SECONDS", 0.01)

    async def state(reader: Reader, **wanted: bool) -> str:
        """Return the text of the first state like this."""

        def fits(event: StreamEvent) -> bool:
            return event.kind == "state" and wanted.items() <= event.data["state"].items()

        events = await reader.until(fits)
        text: str = next(event.data["state"]["text"] for event in events if fits(event))
        return text

    async with page_of(tmp_path, [INFO, *visits(1)]) as page, page.read() as reader:
        assert await state(reader, live=True, deleted=False) == "waiting"
        await page.append([Recorder(at=START + 99, state="started")])
        assert await state(reader, live=True) == "recording"
        await page.append([Recorder(at=START + 100, state="stopped")])
        page.writer.close()
        assert await state(reader, live=False, deleted=False) == "stopped"
        page.live.path.unlink()
        assert await state(reader, deleted=True) == "capture deleted"


async def test_the_server_ends(tmp_path: Path) -> None:
    """When the server ends, so do the streams: no browser waits for the rest."""
    async with page_of(tmp_path, seed_story().events) as page, page.read() as reader:
        await reader.message()
        page.streams.close()
        await page.until(lambda: page.streams.open == 0)


async def test_an_id_that_is_not_known(tmp_path: Path) -> None:
    """Whoever reads on with an id of the future gets everything, also if the connection breaks.

    Only the last event of the first message says that all has been sent.
    """
    async with page_of(tmp_path, seed_story().events) as page:
        async with page.read(10**14) as reader:
            *before, last = await reader.message()
        assert before
        assert {event.id for event in before} == {0}
        assert last.id == page.live.changes.id
