"""The actions of the app that begin with a question: help, go to, focus, copy, export, browser."""

from __future__ import annotations

from textual import on

from cookietrace.errors import CookietraceError
from cookietrace.formats import writable
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from tui import messages
from tui.app.copying import copies
from tui.app.exporting import start_export
from tui.app.launching import ANSWER_SECONDS, Launcher
from tui.app.options import Options
from tui.app.story_app import StoryApp
from tui.dialogs.export import ExportChoice, ExportDialog
from tui.dialogs.focus import FocusDialog
from tui.dialogs.goto import GoToDialog
from tui.dialogs.help import HelpDialog
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.dialogs.notices import NoticesDialog
from tui.widgets.help_data import HelpData
from tui.widgets.notice_line import NoticeLine


class QuestionsApp(StoryApp):
    """The part of the app that opens dialogs, and does what they are answered."""

    options: Options
    launcher: Launcher

    def action_go_to(self) -> None:
        """Ask for a step."""
        if self.story.count:
            self.push_screen(GoToDialog(self.story.count), self._went)

    def _went(self, step: int | None) -> None:
        if step is not None:
            self.post_message(messages.StepWanted(step))

    def action_focus_dialog(self) -> None:
        """Ask for a focus."""
        self.push_screen(FocusDialog(self.story.trace, self.story.focus), self._focus_answered)

    def _focus_answered(self, focus: Focus | None) -> None:
        if focus is not None:
            self.post_message(messages.FocusWanted(focus))

    def action_help(self) -> None:
        """Explain the focused widget, else the mode."""
        screen = self.mode_screen
        for node in self.focused.ancestors_with_self if self.focused is not None else ():
            guide = getattr(node, "GUIDE", None)
            if isinstance(guide, HelpData):
                self.push_screen(HelpDialog(guide))
                return
        if screen is not None:
            self.push_screen(HelpDialog(screen.GUIDE))

    @on(NoticeLine.Opened)
    def action_notices(self) -> None:
        """Show all notices."""
        self.push_screen(NoticesDialog(self.story.notices.all()))

    def action_copy(self) -> None:
        """Ask what to copy."""
        found = {copy.key: copy for copy in copies(self.story)}
        if not found:
            self.notify("There is nothing to copy yet.")
            return

        def copy(key: str | None) -> None:
            if key is not None:
                self.copy_to_clipboard(found[key].text)
                hidden = " (values hidden)" if self.story.masked else ""
                self.notify(f"Copied: {found[key].name}{hidden}.", timeout=2)

        items = [MenuItem(copy.key, copy.name, copy.beginning) for copy in found.values()]
        self.push_screen(MenuDialog("Copy", items), copy)

    def action_export(self) -> None:
        """Ask what to export, and where to."""
        capture = self.story.trace.capture
        dialog = ExportDialog(
            writable(),
            self.options.capture.name,
            sensitive=capture is None or capture.sensitive,
            focus_text=shown(self.story.focus.describe()),
        )
        self.push_screen(dialog, self._export_chosen)

    def _export_chosen(self, choice: ExportChoice | None) -> None:
        if choice is not None:
            start_export(
                self.options.capture,
                choice,
                self.story.focus,
                self.options.browser_profile,
                self.post_message,
                self.options.lenient,
            )

    def action_browser(self) -> None:
        """Ask which browser to open; with one on this machine, open it."""
        try:
            found = self.launcher.found(self.story.recording)
        except CookietraceError as error:
            self.notify(str(error), severity="warning", timeout=8)
            return
        if len(found) == 1:
            self._open_browser(found[0][0])
            return
        items = [MenuItem(kind[0], kind, path) for kind, path in found]
        kinds = {kind[0]: kind for kind, _ in found}
        self.push_screen(
            MenuDialog("Open a browser", items),
            lambda key: self._open_browser(kinds[key]) if key is not None else None,
        )

    def _open_browser(self, kind: str) -> None:
        try:
            label = self.launcher.ask(kind)
        except CookietraceError as error:
            self.notify(str(error), severity="warning", timeout=8)
            return
        self.notify(f"Opening {kind} with a fresh profile …", timeout=3)
        self.set_timer(ANSWER_SECONDS, lambda: self._no_answer(label))

    def _no_answer(self, label: str) -> None:
        if self.launcher.waiting(label):
            self.launcher.forget(label)
            self.notify("The proxy opened no listener for it: try again.", severity="warning")

    @on(messages.BrowserOpened)
    def _browser_opened(self, event: messages.BrowserOpened) -> None:
        self.notify(f"{event.browser} runs behind {event.address}.", timeout=4)

    @on(messages.BrowserFailed)
    def _browser_failed(self, event: messages.BrowserFailed) -> None:
        self.notify(event.line, severity="warning", timeout=8)

    @on(messages.ExportDone)
    def _export_done(self, event: messages.ExportDone) -> None:
        self.notify(event.line, severity="warning" if event.failed else "information", timeout=6)
