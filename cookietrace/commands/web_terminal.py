"""``--web-terminal``: the screen in browser tabs, for watch, demo and view."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cookietrace.commands.recording import say, say_where_capture_is, where_it_listens
from cookietrace.errors import LaunchError
from cookietrace.formats import open_capture
from cookietrace.supervision.child import Child
from cookietrace.supervision.recording import RecordingOptions, recording
from cookietrace.supervision.signals import Interrupted, orderly_end
from cookietrace.supervision.web_terminal import WebTerminal, first_to_end


def show_file_in_tabs(file: Path, arguments: Sequence[str], *, lenient: bool) -> None:
    """Serve the screen of a file until Ctrl-C."""
    with orderly_end():
        try:
            with WebTerminal() as terminal:
                terminal.load()
                open_capture(file, lenient=lenient).close()
                terminal.serve(file.absolute(), arguments)
                _say_address(terminal)
                raise _ended(first_to_end([terminal.child]))
        except Interrupted:
            pass


def show_recording_in_tabs(wanted: RecordingOptions, arguments: Sequence[str]) -> None:
    """Record, and serve the screen, until Ctrl-C; exit with 1 if the capture is not whole."""
    running = None
    whole = True
    with orderly_end():
        try:
            with (
                WebTerminal() as terminal,
                recording(wanted, say, starting=lambda _: terminal.load()) as running,
                terminal,
            ):
                say(where_it_listens(running))
                terminal.serve(running.capture.absolute(), arguments)
                _say_address(terminal)
                raise _ended(first_to_end([terminal.child, running.proxy.child]))
        except Interrupted:
            if running is None:
                raise
        finally:
            if running is not None:
                whole = say_where_capture_is(running.end(), wanted.capture)
    if not whole:
        sys.exit(1)


def _say_address(terminal: WebTerminal) -> None:
    say(f"the screen is at {terminal.address}")
    say("whoever has this address can open it; press Ctrl-C to stop")


def _ended(child: Child) -> LaunchError:
    reason = child.last_error() or f"status {child.process.returncode}"
    return LaunchError(f"the {child.name} ended: {reason}")
