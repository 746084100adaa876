"""``--web-terminal``: the screen in browser tabs, for watch, demo and view."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

import msgspec

from cookietrace.commands.recording import say
from cookietrace.commands.served_recording import show_served_recording
from cookietrace.formats import open_capture
from cookietrace.supervision.recording import RecordingOptions
from cookietrace.supervision.signals import Interrupted, orderly_end
from cookietrace.supervision.terminal import keys_unseen
from cookietrace.supervision.web_listening import WebAddress
from cookietrace.supervision.web_terminal import WebTerminal


class TabsWanted(msgspec.Struct, frozen=True):
    """Where the screen is served, and what it is started with."""

    where: WebAddress
    arguments: tuple[str, ...]
    """Those of ``python -m tui``."""
    shows_values: bool
    """Whether other machines may see cookie values, too."""

    def serve(self, terminal: WebTerminal, capture: Path) -> None:
        """Serve the screen of a capture, and say where."""
        hidden = self.where.is_open and not self.shows_values
        terminal.serve(capture, self.arguments, values_stay_hidden=hidden)
        say(f"the screen:    {terminal.address}")
        say("whoever has the address can open it; Ctrl-C stops it")


def show_file_in_tabs(wanted: TabsWanted, file: Path, *, lenient: bool) -> NoReturn:
    """Serve the screen of a file until Ctrl-C, and exit."""
    with orderly_end(), keys_unseen():
        try:
            with WebTerminal(wanted.where) as terminal:
                terminal.load()
                open_capture(file, lenient=lenient).close()  # what is wrong with it is said now
                wanted.serve(terminal, file)
                raise terminal.first_ended()
        except Interrupted:
            pass
    sys.exit(0)


def show_recording_in_tabs(recorded: RecordingOptions, wanted: TabsWanted) -> None:
    """Record, and serve the screen, until Ctrl-C; exit with 1 if the capture is not whole."""
    terminal = WebTerminal(wanted.where)
    show_served_recording(recorded, terminal, partial(wanted.serve, terminal))
