"""The app: wires the follower, the proxy's pipes, the screens and the dialogs together."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.binding import Binding, BindingType
from textual.command import Provider

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import TableUpdate
from cookietrace.stores import CaptureStore, is_live
from cookietrace.trace import Trace
from tui import messages
from tui.app.commands import TraceCommands
from tui.app.hints import Hints
from tui.app.launching import Launcher
from tui.app.options import Options
from tui.app.predicting import PredictingApp
from tui.app.questions import QuestionsApp
from tui.drawing.themes import THEMES, other_theme
from tui.feed.follower import Follower
from tui.feed.reports import Commands, ReportReader
from tui.modes import MODES
from tui.modes.table import TableScreen
from tui.state.recording import Recording
from tui.state.story import Change, Story, merged
from tui.widgets.mode_bar import ModeBar
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH

_LIVE_SECONDS = 2.0
"""How often a file that nobody reports about is asked whether it is still written to."""


class CookietraceApp(QuestionsApp, PredictingApp):
    """Owns the story; everything else reads it, or asks for changes by message."""

    TITLE = "cookietrace"
    CSS_PATH = "styles.tcss"
    COMMANDS: ClassVar[set[type[Provider]]] = {TraceCommands}  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-narrow"),
        (MIN_WIDTH, "-narrow"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-low"),
        (MIN_HEIGHT, "-tight"),
        (22, "-low"),
        (30, "-high"),
    ]

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(mode.key, f"mode('{mode.key}')", mode.title, show=False) for mode in MODES),
        Binding("left", "step(-1)", "Step back", show=False),
        Binding("right", "step(1)", "Step on", show=False),
        Binding("home", "first_step", "First step", show=False),
        Binding("end", "follow", "Newest step", show=False),
        Binding("space", "play", "Play or pause", show=False),
        Binding("less_than_sign", "speed(-1)", "Play slower", show=False),
        Binding("greater_than_sign", "speed(1)", "Play faster", show=False),
        Binding("p", "predict", "Predict", show=False),
        Binding("g", "go_to", "Go to step", show=False),
        Binding("o", "focus_dialog", "Focus", show=True),
        Binding("O", "no_focus", "Everything", show=False),
        Binding("slash", "find", "Find", show=True),
        Binding("n", "match(1)", "Next match", show=False),
        Binding("N", "match(-1)", "Previous match", show=False),
        Binding("escape", "no_search", "End the search", show=False),
        Binding("f", "follow", "Follow", show=True),
        Binding("m", "mask", "Hide", show=True),
        Binding("y", "copy", "Copy", show=True),
        Binding("e", "export", "Export", show=True),
        Binding("b", "browser", "Browser", show=True),
        Binding("exclamation_mark", "notices", "Notices", show=False),
        Binding("t", "other_theme", "Dark or light", show=False),
        Binding("x", "hide_hints", "Hide or show the hints", show=False),
        Binding("question_mark", "help", "Help", show=True, key_display="?"),
        Binding("q", "quit", "Quit", show=True),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(self, store: CaptureStore, options: Options, lost: Sequence[str] = ()) -> None:
        """Show a store; ``lost`` are lines on what of its file could not be read."""
        super().__init__()
        self.options = options
        self._lost = lost
        self._opened_at = time.time()
        self._focus_opens = options.focus_opens
        self.taken = 0
        """How many events the screen has taken in; the follower may be ahead."""
        self._changes: list[Change] = []
        recording = Recording(
            name=options.capture.name,
            attached=options.reports_fd is not None,
            live=is_live(options.capture),
        )
        self.story = Story(Trace(options.browser_profile), options.focus, recording, lost)
        self._hints = Hints(options.hints_file)
        self.story.hinting = self._hints.wanted
        self._follower = Follower(store, self.story.trace, self.post_message)
        self._commands = Commands(options.commands_fd) if options.commands_fd is not None else None
        self.launcher = Launcher(self._commands, self.post_message)
        for theme in THEMES:
            self.register_theme(theme)
        for name in set(self.available_themes) - {theme.name for theme in THEMES}:
            self.unregister_theme(name)
        self.theme = options.theme

    # Coming and going ---------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the table, and begin to read."""
        names = tuple((mode.key, mode.name) for mode in MODES)
        for mode in MODES:
            self.add_mode(mode.key, partial(mode.screen, self.story, names))
        self.switch_mode(TableScreen.KEY)
        if self._lost:
            text = "\n".join(self._lost)
            self.notify(text, title="Not all was read", severity="warning", timeout=12)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.exit)
        self._follower.start()
        if self.options.reports_fd is not None:
            ReportReader(self.options.reports_fd, self.post_message).start()
        else:
            self.set_interval(_LIVE_SECONDS, self._look_whether_live)

    def on_unmount(self) -> None:
        """Stop what was started here."""
        self._follower.stop()
        self._follower.join(2.0)
        self.launcher.close()

    def _show_all(self) -> None:
        screen = self.mode_screen
        if screen is not None and screen.ready:
            screen.show_story()

    # What threads say ---------------------------------------------------------------------

    @on(messages.TraceGrew)
    def _trace_grew(self, event: messages.TraceGrew) -> None:
        story = self.story
        change = story.take(event.update)
        self._changes.append(change)
        if len(self._changes) == 1:
            self.call_later(self._show_changes)
        if event.update.recorder and not self.touched:
            self._begin_at_the_beginning()
        if self._focus_opens:
            self._open_focus(event.update)
        if story.finder.needle:
            story.finder.look_again(story.table, change.table.changed)
            self._search_on()

    def _show_changes(self) -> None:
        """Draw all updates that have been waiting, however many, at once."""
        changes, self._changes = self._changes, []
        self.taken = changes[-1].update.position
        screen = self.mode_screen
        if screen is not None and screen.ready:
            screen.story_changed(merged(changes))

    def _begin_at_the_beginning(self) -> None:
        """A capture that had ended before it was opened is read from its first step."""
        recorder = self.story.trace.recorder
        if (
            recorder is not None
            and recorder.state == "stopped"
            and recorder.at < self._opened_at
            and not self.story.recording.open
        ):
            self.select(self.story.selection.at(1, self.story.count))

    @on(messages.FollowerFailed)
    def _follower_failed(self, event: messages.FollowerFailed) -> None:
        self._set_recording(msgspec.structs.replace(self.story.recording, trouble=event.line))

    @on(messages.FollowerBroke)
    def _follower_broke(self, event: messages.FollowerBroke) -> None:
        raise event.error

    @on(messages.ProxyReported)
    def _proxy_reported(self, event: messages.ProxyReported) -> None:
        self._set_recording(self.story.recording.reported(event.report))
        self.launcher.reported(self.story.recording)

    @on(messages.ProxyEnded)
    def _proxy_ended(self) -> None:
        self._set_recording(msgspec.structs.replace(self.story.recording, ended=True))

    def _look_whether_live(self) -> None:
        live = is_live(self.options.capture)
        if live != self.story.recording.live:
            self._set_recording(msgspec.structs.replace(self.story.recording, live=live))

    def _set_recording(self, recording: Recording) -> None:
        if recording != self.story.recording:
            self.story.recording = recording
            self._show_all()

    # Focus, search, mask ------------------------------------------------------------------

    @on(messages.FocusWanted)
    def _focus_wanted(self, event: messages.FocusWanted) -> None:
        self._focus_opens = False
        if event.focus != self.story.focus:
            self.story.look_at(event.focus)
            self._show_other_table()

    def _open_focus(self, update: TraceUpdate) -> None:
        """Show everything once the focus leaves something out that it will not take in."""
        story = self.story
        changed = map(story.trace.exchange, update.exchanges)
        if any(story.focus.leaves_out(exchange) for exchange in changed):
            self._focus_opens = False
            story.look_at(Focus())
            self._show_other_table()
            self.notify("Showing everything now: o chooses what is in focus.")

    def action_no_focus(self) -> None:
        """Show everything."""
        if self.story.focus == Focus():
            self.notify("Everything is shown already.", timeout=2)
        self.post_message(messages.FocusWanted(Focus()))

    def action_find(self) -> None:
        """Search in the table."""
        self.action_mode(TableScreen.KEY)
        screen = self.mode_screen
        if isinstance(screen, TableScreen):
            screen.call_after_refresh(screen.action_find)

    def action_no_search(self) -> None:
        """End the search."""
        if self.story.finder.needle:
            self.post_message(messages.SearchWanted(""))

    @on(messages.SearchWanted)
    def _search_wanted(self, event: messages.SearchWanted) -> None:
        self.story.finder.look_for(event.needle)
        self._search_on()
        self._matches_changed()

    def _search_on(self) -> None:
        """Look at some more rows now, and at the rest when there is time."""
        finder, table = self.story.finder, self.story.table
        found = finder.scan(table)
        if finder.behind(table):
            self.set_timer(0.001, self._search_on)
        if found:
            self._matches_changed()

    def _matches_changed(self) -> None:
        screen = self.mode_screen
        if screen is not None and screen.ready:
            screen.matches_changed()

    def action_match(self, direction: int) -> None:
        """Go to the next match, or the one before."""
        finder = self.story.finder
        find = finder.after if direction > 0 else finder.before
        step = find(self.story.step)
        if step is not None:
            self.post_message(messages.StepWanted(step))
        elif finder.needle:
            self.notify("No row holds that text.")
        else:
            self.notify("Press / to look for a text first.")

    def action_mask(self) -> None:
        """Hide cookie values, or show them."""
        self.story.hide_values(not self.story.masked)
        self._show_other_table()

    def _show_other_table(self) -> None:
        """Show everything; the changes yet to be drawn spoke of the steps of another table."""
        nothing = TableUpdate()
        self._changes = [msgspec.structs.replace(change, table=nothing) for change in self._changes]
        self._search_on()
        self._show_all()

    # Modes and looks ----------------------------------------------------------------------

    @on(ModeBar.Picked)
    def _mode_picked(self, event: ModeBar.Picked) -> None:
        self.action_mode(event.key)

    def action_mode(self, key: str) -> None:
        """Go to a mode."""
        if self.current_mode != key:
            self.switch_mode(key)

    def action_other_theme(self) -> None:
        """Change between dark and light."""
        self.theme = other_theme(self.theme)

    def action_hide_hints(self) -> None:
        """Show the hints for newcomers no more, now and later; or show them again."""
        if not self._hints.wanted:
            self._hints.bring_back()
        elif not self._hints.dismiss():
            self.notify("Hidden until the next start: this could not be written down.", timeout=4)
        self.story.hinting = self._hints.wanted
        self._show_all()
