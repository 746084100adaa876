"""Records while browsers are served the page or the screen: for watch and demo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from cookietrace.commands.recording import (
    say,
    say_where_capture_is,
    what_it_records,
    where_it_listens,
)
from cookietrace.supervision.recording import RecordingOptions, recording
from cookietrace.supervision.signals import Interrupted, orderly_end
from cookietrace.supervision.terminal import keys_unseen
from cookietrace.supervision.web_server import WebServer


def show_served_recording(
    recorded: RecordingOptions, server: WebServer, serve: Callable[[Path], None]
) -> None:
    """Record and serve until Ctrl-C; exit with 1 if the capture is not whole.

    ``serve`` serves the capture, and says where.
    """
    running = None
    whole = True
    with orderly_end(), keys_unseen():
        try:
            with server:
                recorded = msgspec.structs.replace(recorded, own=server.own)
                with (
                    recording(recorded, say, served=True, starting=server.load) as running,
                    server,
                ):
                    say(where_it_listens(running))
                    say(what_it_records(running, recorded))
                    serve(running.capture)
                    raise server.first_ended(running.proxy.child)
        except Interrupted:
            if running is None:
                raise
        finally:
            if running is not None:
                whole = say_where_capture_is(running.end(), recorded)
    if not whole:
        sys.exit(1)
