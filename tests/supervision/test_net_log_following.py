"""A net log is followed to its end, and what it says is sent to the proxy."""

from __future__ import annotations

import os
from pathlib import Path

from cookietrace.protocol import BrowserPieces, decode_command
from cookietrace.stores import START, create_capture
from cookietrace.supervision.net_log_following import NetLogFollower
from tests.listening.logs import hops, log


def test_a_log_is_sent_to_its_end(tmp_path: Path) -> None:
    """Every statement arrives, also about what was not recorded; then the pipes are closed."""
    capture = tmp_path / "c.cookietrace"
    create_capture(capture).close()
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    received, commands = os.pipe()
    warnings: list[str] = []
    follower = NetLogFollower(
        reading,
        capture=capture,
        after=START,
        listen="127.0.0.1:1",
        commands_fd=commands,
        failed=warnings.append,
    )
    follower.start()
    os.write(writing, log("page"))
    os.close(writing)
    follower.finish()
    pieces = BrowserPieces()
    with os.fdopen(received, "rb") as stream:
        given = [command for command in map(decode_command, stream) if command is not None]
    found = [event for event in map(pieces.take, given) if event is not None]
    said = [event for event in found if event.url is not None]
    assert {event.said_by for event in said} == {"chromium-net-log"}
    assert sorted(event.url or "" for event in said) == sorted(hop.url for hop in hops("page"))
    assert warnings == []
