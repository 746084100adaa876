"""The proxy as a child: it ends when it is stopped, whoever else holds its pipes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from cookietrace.events import Recorder
from cookietrace.stores import events_of, open_store
from cookietrace.supervision import child
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from proxy_addon.process.arguments import parse_arguments
from tests.processes import PATIENCE


def test_no_value_is_taken_for_an_option() -> None:
    """The proxy reads from its command line what was asked for, dashes at the start included."""
    options = ProxyOptions(
        capture=Path("-capture"),
        modes=["-mode"],
        demo_app="-demo",
        bodies=False,
        only=["-only"],
        ignore=["-ignore", "--ignore"],
        own=["-own"],
        confdir=Path("-confdir"),
        start_from=Path("-start"),
    )
    read = parse_arguments(options.arguments())
    assert (read.capture, read.confdir, read.start_from) == (
        options.capture,
        options.confdir,
        options.start_from,
    )
    assert (read.modes, read.demo_app, read.body_limit) == (("-mode",), "-demo", None)
    assert (read.only, read.ignore, read.own) == (("-only",), ("-ignore", "--ignore"), ("-own",))


def test_it_stops_while_a_screen_holds_its_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Ctrl-C comes while the screen loads: at once, and cleanly."""
    monkeypatch.setenv("COOKIETRACE_SECRET", "a-secret-for-tests")
    monkeypatch.setattr(child, "STOP_PATIENCE", 2 * PATIENCE)
    capture = tmp_path / "test.cookietrace"
    proxy = RunningProxy.start(
        ProxyOptions(capture=capture, modes=["regular@127.0.0.1:0"], confdir=tmp_path / "ca")
    )
    held = [os.dup(proxy.commands_fd)]
    too_late = threading.Timer(PATIENCE, lambda: os.close(held.pop()))
    try:
        proxy.wait_until_listening()
        too_late.start()
        assert proxy.stop() == 0
    finally:
        too_late.cancel()
    assert held
    os.close(held.pop())
    store = open_store(capture)
    last = list(events_of(store))[-1]
    store.close()
    assert isinstance(last, Recorder)
    assert last.state == "stopped"
