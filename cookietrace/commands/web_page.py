"""``--web``: the lesson page in a browser, live, for watch, demo and view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from cookietrace.commands.recording import say
from cookietrace.commands.served_recording import show_served_recording
from cookietrace.lesson.focus import Focus
from cookietrace.secret_names import Names
from cookietrace.supervision.recording import RecordingOptions
from cookietrace.supervision.signals import Interrupted, orderly_end
from cookietrace.supervision.terminal import keys_unseen
from cookietrace.supervision.web_listening import WebAddress
from cookietrace.supervision.web_page import WebPage
from cookietrace.web.options import PageOptions


class PageWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is to show, and to whom."""

    where: WebAddress
    hide_values: bool
    """Whether values are hidden on this machine too."""
    show_values: bool
    """Whether they are shown in any case."""
    names: Names
    focus: Focus = Focus()
    focus_opens: bool = False
    browser_profile: str = "auto"
    new_sessions: tuple[int, ...] = ()
    lenient: bool = False

    def options(self, capture: Path) -> PageOptions:
        """Return the options of the page's process for a capture."""
        return PageOptions(
            capture=str(capture.absolute()),
            redact=(self.hide_values or self.where.is_open) and not self.show_values,
            focus=self.focus,
            focus_opens=self.focus_opens,
            browser_profile=self.browser_profile,
            new_sessions=self.new_sessions,
            lenient=self.lenient,
            secret_names=self.names,
        )


def show_file_on_page(wanted: PageWanted, file: Path) -> None:
    """Serve the page of a file until Ctrl-C."""
    with orderly_end(), keys_unseen():
        try:
            with WebPage(wanted.where) as page:
                page.load()
                page.serve(wanted.options(file))
                _say_addresses(page, say)
                raise page.first_ended()
        except Interrupted:
            pass


def show_recording_on_page(recorded: RecordingOptions, wanted: PageWanted) -> None:
    """Record, and serve the page, until Ctrl-C; exit with 1 if the capture is not whole."""
    page = WebPage(wanted.where)

    def serve(capture: Path) -> None:
        page.serve(wanted.options(capture))
        _say_addresses(page, say)

    show_served_recording(recorded, page, serve)


def _say_addresses(page: WebPage, say: Callable[[str], None]) -> None:
    say(f"the page:      {page.address}")
    say(f"  to present:  {page.presenter_address}")
    say("whoever has an address can read the page; Ctrl-C stops it")
