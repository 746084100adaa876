"""Recordings of an app of one's own: where they listen, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.supervision.recording import (
    DEFAULT_LISTEN,
    DEFAULT_REVERSE_LISTEN,
    LISTEN_FLAG,
    REVERSE_FLAG,
    RecordingOptions,
    recording,
)


@pytest.mark.parametrize(
    ("port", "flag"),
    [(DEFAULT_LISTEN.port, LISTEN_FLAG), (DEFAULT_REVERSE_LISTEN.port, REVERSE_FLAG)],
)
def test_a_usual_port_is_left_to_the_app(port: int, flag: str, tmp_path: Path) -> None:
    """Where the app has a port of ours that no flag names, we move on and say so, app or no app."""
    said: list[str] = []
    options = RecordingOptions(
        target=f"http://localhost:{port}", capture=tmp_path / "x.cookietrace", confdir=tmp_path
    )
    with recording(options, said.append) as running:
        assert running.reverse_listen is not None
        assert port not in (running.listen.port, running.reverse_listen.port)
        moved = running.listen if flag == LISTEN_FLAG else running.reverse_listen
    line = f"port {port} is the app's own: listening on {moved} instead ({flag} chooses)"
    assert line in said
