"""A net log is followed to its end, and what it says is sent to the proxy."""

from __future__ import annotations

from pathlib import Path

from cookietrace.supervision.net_log_following import NetLogFollower
from tests.listening.logs import hops, log
from tests.supervision.followed_log import FollowedLog


def test_a_log_is_sent_to_its_end(tmp_path: Path) -> None:
    """Every statement arrives, also about what was not recorded; then the pipes are closed."""
    it = FollowedLog(tmp_path, NetLogFollower)
    it.write(log("page"))
    said = [event for event in it.finish() if event.url is not None]
    assert {event.said_by for event in said} == {"chromium-net-log"}
    assert sorted(event.url or "" for event in said) == sorted(hop.url for hop in hops("page"))
    assert it.warnings == []
