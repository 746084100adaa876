"""Lets the user open browsers that go through the proxy."""

from __future__ import annotations

from typing import Final

from cookietrace.errors import CookietraceError
from cookietrace.supervision.browsers import LISTENED_TO, WATCHED
from tui.app.host import Host
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.feed.launcher import LISTENER_SECONDS, Launcher
from tui.state.story import Story

LISTENED: Final = "l"
"""The letter that opens a Firefox to which we listen over a port."""

SCRIPTS: Final = "w"
"""The letter that opens a Chromium whose pages' scripts are watched."""

TOLD: Final = "pages can tell"
"""What is said about both in a few words: in a narrow terminal, an entry has no room for more."""


class Browsers:
    """Asks which browser to open, and reports whether it opened."""

    def __init__(self, host: Host, story: Story, launcher: Launcher) -> None:
        self._host = host
        self._story = story
        self._launcher = launcher

    def choose(self) -> None:
        """Ask which browser to open; if there is only one, open it."""
        try:
            found = self._launcher.found(self._story.recording)
        except CookietraceError as error:
            self.failed(str(error))
            return
        items = [MenuItem(kind[0], kind, path) for kind, path in found]
        kinds = {kind[0]: kind for kind, _ in found}
        if "firefox" in kinds.values() and self._launcher.can_listen:
            note = f"{LISTENED_TO['firefox']}."
            items.append(MenuItem(LISTENED, "firefox (over a port)", TOLD, note))
        if "chromium" in kinds.values() and self._launcher.can_listen:
            items.append(MenuItem(SCRIPTS, "chromium (scripts watched)", TOLD, f"{WATCHED}."))
        if len(items) == 1:
            self._open(found[0][0])
            return

        def chosen(key: str | None) -> None:
            if key == LISTENED:
                self._open("firefox", by_port=True)
            elif key == SCRIPTS:
                self._open("chromium", watched=True)
            elif key is not None:
                self._open(kinds[key])

        self._host.ask(MenuDialog("Open a browser", items), chosen)

    def _open(self, kind: str, *, by_port: bool = False, watched: bool = False) -> None:
        try:
            label = self._launcher.ask(kind, by_port=by_port, watched=watched)
        except CookietraceError as error:
            self.failed(str(error))
            return
        self._host.notify(f"Opening {kind} with a fresh profile …", timeout=3)
        self._host.set_timer(LISTENER_SECONDS, lambda: self._give_up(label))

    def _give_up(self, label: str) -> None:
        if self._launcher.waiting(label):
            self._launcher.forget(label)
            self.failed("The proxy did not open a listener for the browser. Try again.")

    def opened(self, browser: str, address: str) -> None:
        """Report a browser that opened."""
        self._host.notify(f"{browser} is open and uses the proxy at {address}.", timeout=4)

    def failed(self, line: str) -> None:
        """Report why a browser did not open."""
        self._host.notify(line, severity="warning", timeout=8)
