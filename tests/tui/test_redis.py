"""The screen on a capture in Redis: rows as they come, and a server that is away for a while."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from cookietrace.events import Capture
from cookietrace.formats import open_capture
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.publisher import Publisher
from cookietrace.stores import create_capture
from cookietrace.stores.redis_streams.address import parse_redis_url
from tests.redis_server import RedisServer
from tests.tui.conftest import screen_text, until
from tests.verdict_stories import rich
from tui.app.app import CookietraceApp, Options


async def test_the_screen_waits_out_an_outage(
    own_redis_server: RedisServer, tmp_path: Path
) -> None:
    """It shows what is there, says why nothing more comes, and continues by itself."""
    server = own_redis_server
    info, *events = rich().events
    assert isinstance(info, Capture)
    url = server.url("lab-7")
    path = tmp_path / "c.cookietrace"
    with create_capture(path, info=info) as writer:
        publisher = Publisher(path, parse_redis_url(url), PublishingOptions(), lambda _: None)
        publisher.connect()
        writer.append(events[:8])
        while publisher.publish_some():
            pass
        with closing(open_capture(url)) as store:
            app = CookietraceApp(store, Options(capture=url))
            async with app.run_test(size=(110, 30)) as pilot:
                await until(pilot, lambda: len(app.story.trace.exchanges) > 0)
                assert app.story.recording.name == "lab-7"
                before = len(app.story.trace.exchanges)
                server.kill()
                await until(pilot, lambda: app.story.recording.trouble is not None)
                await until(pilot, lambda: "cannot be reached" in screen_text(app))
                server.start()
                writer.append(events[8:])
                publisher.connect()
                while publisher.publish_some():
                    pass
                await until(pilot, lambda: app.story.recording.trouble is None)
                await until(pilot, lambda: len(app.story.trace.exchanges) == 8)
                assert before < 8
        publisher.abandon()
