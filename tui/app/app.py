"""The app: owns the story, the threads and the controllers, and passes everything on to them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.notifications import SeverityLevel

from cookietrace.archive import FileBlocks, PackedShelf
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.index import Content, content_of
from cookietrace.lesson.compared import comparisons
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.live.recording import Recording
from cookietrace.lesson.modes import MODES, TABLE
from cookietrace.recorders import JoinedStore, Place, Several, capture_title, is_recorded
from cookietrace.safe_text import safe
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import START, CaptureStore, SqliteStore
from cookietrace.trace import Trace
from tui import messages
from tui.advice import doctor_command
from tui.app.browsers import Browsers
from tui.app.commands import TraceCommands
from tui.app.copying import Copying
from tui.app.doctoring import Doctoring
from tui.app.early_keys import announcing
from tui.app.editing import Editing
from tui.app.ending import end_on_signals, ending_with_terminal
from tui.app.exporting import Exporting
from tui.app.focusing import Focusing
from tui.app.fresh_browsers import FreshBrowsers
from tui.app.hints import Hints
from tui.app.host import Result
from tui.app.imagining import Imagining
from tui.app.in_tab import NOTHING, actions_off, working_keys
from tui.app.indexing import Indexing
from tui.app.loading import Loading
from tui.app.predicting import Predicting
from tui.app.preferences import Preferences
from tui.app.problems import Problems
from tui.app.recorders import Recorders
from tui.app.recording import RecordingMonitor
from tui.app.searching import Searching
from tui.app.steady_stylesheet import SteadyStylesheet
from tui.app.stepping import Stepping
from tui.app.themes import DARK, THEMES, other_theme, setting_of, theme_name
from tui.app.turns import Turns, Work
from tui.app.updates import Updates
from tui.dialogs.base import Dialog
from tui.dialogs.compared import ComparedDialog
from tui.dialogs.goto import GoToDialog
from tui.dialogs.help import EVERYWHERE, HelpDialog
from tui.dialogs.notices import NoticesDialog
from tui.feed.follower import Follower
from tui.feed.launcher import Launcher
from tui.feed.proxy_pipes import Commands, ReportReader
from tui.modes import SCREENS
from tui.modes.base import ModeScreen
from tui.modes.table import TableScreen
from tui.state.story import Story
from tui.widgets.guide import Guide
from tui.widgets.notice_line import NoticeLine
from tui.widgets.sure_timers import SureTimers
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH

_LIVE_SECONDS = 2.0
"""How often to check whether a file that no proxy reports about is still written to."""

_RECORDERS_SECONDS = 1.0
"""How often to look what has become of the recorders of a story of several."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the screen is started with."""

    capture: Place
    """A file, the URL of a capture in Redis, or several captures."""
    focus: Focus = Focus()
    focus_client: int | None = None
    """The number of the client to focus on, until the capture tells which one it is."""
    focus_opens: bool = False
    """True to show everything as soon as the focus excludes an exchange."""
    browser_profile: str = "auto"
    reports_fd: int | None = None
    commands_fd: int | None = None
    lenient: bool = False
    """True to skip unreadable parts of the capture."""
    new_sessions: tuple[int, ...] = ()
    """The steps with whose requests fresh browsers begin in this view only."""
    theme: str = DARK.name
    hide_values: bool = False
    """True to start with cookie values hidden."""
    values_stay_hidden: bool = False
    """True if no key may show them."""
    edit: tuple[str, ...] = ()
    """The hosts whose cookies may be changed on the wire, as the user named them."""
    in_tab: bool = False
    """True in a browser tab, where no key writes a file or opens a browser."""
    names: Names = TABLE_ONLY
    """What the settings change about which names are those of secrets."""
    settings_file: Path | None = None
    """The file that remembers the theme and other settings; None to remember nothing."""
    hints_file: Path | None = None
    """The file that remembers that the user hid the hints; None for no hints."""


class CookietraceApp(SureTimers, App[None]):
    """Shows one capture. Screens read the story, and ask for changes by message."""

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
        Binding("left", "step(-1)", "Previous step", show=False),
        Binding("right", "step(1)", "Next step", show=False),
        Binding("home", "first_step", "First step", show=False),
        Binding("end", "follow", "Newest step", show=False),
        Binding("space", "play", "Play or pause", show=False),
        Binding("less_than_sign", "speed(-1)", "Play slower", show=False),
        Binding("greater_than_sign", "speed(1)", "Play faster", show=False),
        Binding("p", "predict", "Predict", show=False),
        Binding("g", "go_to", "Go to step", show=False),
        Binding("o", "focus_dialog", "Focus", show=True),
        Binding("O", "no_focus", "Show everything", show=False),
        Binding("right_square_bracket", "problem(1)", "Problem", show=True, key_display="[ ]"),
        Binding("left_square_bracket", "problem(-1)", "Previous problem", show=False),
        Binding("P", "problem_list", "All problems", show=False),
        Binding("R", "recorders", "Recorders", show=False),
        Binding("slash", "find", "Find", show=True),
        Binding("n", "match(1)", "Next match", show=False),
        Binding("N", "match(-1)", "Previous match", show=False),
        Binding("escape", "no_search", "End the search", show=False),
        Binding("f", "follow", "Follow", show=False),
        Binding("m", "mask", "Hide", show=False),
        Binding("y", "copy", "Copy", show=True),
        Binding("C", "compare", "Four browsers", show=False),
        Binding("W", "what_if", "What if", show=False),
        Binding("E", "edit_wire", "Change on the wire", show=False),
        Binding("e", "export", "Export", show=True),
        Binding("b", "browser", "Browser", show=True),
        Binding("B", "fresh_browser", "Fresh browser from here on", show=False),
        Binding("exclamation_mark", "notices", "Notices", show=False),
        Binding("t", "other_theme", "Dark or light", show=False),
        Binding("x", "hide_hints", "Hide or show the hints", show=False),
        Binding("question_mark", "help", "Help", show=True, key_display="?"),
        Binding("q", "quit", "Quit", show=True),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        # The key of an action that is off says so: ``check_action`` lets one of the two through.
        Binding("e", "off('export')", show=False),
        Binding("b", "off('browser')", show=False),
        Binding("m", "off('mask')", show=False),
    ]

    _off: Mapping[str, str] = NOTHING

    def __init__(
        self,
        store: CaptureStore,
        options: Options,
        lost: Sequence[str] = (),
        begun: frozenset[str] = frozenset(),
    ) -> None:
        """Show a store; ``lost`` lists what of its file could not be read.

        ``begun`` are the exchanges of ``options.new_sessions``.
        """
        super().__init__()
        self.options = options
        self._off = actions_off(
            in_tab=options.in_tab, values_stay_hidden=options.values_stay_hidden
        )
        self._lost = lost
        recording = Recording(
            name=capture_title(options.capture),
            attached=options.reports_fd is not None,
            live=is_recorded(store, options.capture),
            several=isinstance(store, JoinedStore),
        )
        self._store = store
        # Other programs' files are read into a capture that ends with this process.
        wanted = isinstance(store, SqliteStore) and not begun
        self._indexing = Indexing(store, options.browser_profile, self.post_message, wanted=wanted)
        known = self._indexing.found
        self._blocks = FileBlocks() if known is None else known.blocks
        self.story = story = Story(
            self._new_trace(self._blocks) if known is None else known.trace,
            options.focus,
            recording,
            lost,
            options.names,
            None if known is None else known.problems,
        )
        self.hints = Hints(options.hints_file, kept=not options.in_tab)
        story.hinting = self.hints.wanted
        story.opens_browsers = "browser" not in self._off
        if options.hide_values or options.values_stay_hidden:
            story.set_masked(True)
        story.begun = begun
        self._turns = Turns(lambda error: self.post_message(messages.FollowerBroke(error)))
        self._loading = self._load(
            story.trace,
            NewSessions(begun) if begun else None,
            after=START if known is None else known.position,
        )
        self._refolding: Loading | None = None
        story.loading = self._loading.progress
        story.doctor = doctor_command(options.capture)
        commands = Commands(options.commands_fd) if options.commands_fd is not None else None
        self._launcher = Launcher(
            commands,
            self.post_message,
            options.capture if isinstance(options.capture, Path) else None,
        )
        self.stepping = Stepping(self, story, time.time())
        self.predicting = Predicting(self, story, self.stepping)
        self.searching = Searching(self, story, self.stepping)
        self.problems = Problems(self, story, self.stepping, self._keep_index)
        self.updates = Updates(self, story, self.searching, self.problems)
        self.focusing = Focusing(self, story, self.updates, opens=options.focus_opens)
        self.fresh_browsers = FreshBrowsers(
            self, story, self.stepping, self.updates, commands, self._refold
        )
        self.editing = Editing(self, story, commands, options.edit)
        self.recording = RecordingMonitor(self, story, store, options.capture)
        self.doctoring = Doctoring(self, story, store, self.post_message)
        self.recorders = Recorders(self, story, self.stepping, self.focusing, store)
        self.browsers = Browsers(self, story, self._launcher)
        self.copying = Copying(self, story, self.copy_to_clipboard)
        self.preferences = Preferences(self, None if options.in_tab else options.settings_file)
        self.exporting = Exporting(
            self,
            story,
            options.capture,
            options.browser_profile,
            self.post_message,
            lenient=options.lenient,
            settings_file=options.settings_file,
        )
        self.imagining = Imagining(
            self,
            story,
            self.stepping,
            options.capture,
            options.browser_profile,
            self.post_message,
            self.copy_to_clipboard,
            lenient=options.lenient,
        )
        for theme in THEMES:
            self.register_theme(theme)
        for name in set(self.available_themes) - {theme.name for theme in THEMES}:
            self.unregister_theme(name)
        self.theme = options.theme
        self.stylesheet = SteadyStylesheet(variables=self.get_css_variables())

    # Start and end ------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the table, and start to read."""
        for screen in SCREENS:
            self.add_mode(screen.MODE.key, partial(screen, self.story))
        self.switch_mode(TABLE.key)
        if self._indexing.found is not None:  # it is there without having grown
            self.stepping.show_start_of_finished()
            if self.story.table.behind:
                self.updates.table_replaced()
        if self._indexing.said is not None:
            self.notify(self._indexing.said, severity="warning")
        if self._lost:
            text = "\n".join(self._lost)
            self.notify(text, title="Parts of the file are missing", severity="warning", timeout=12)
        if not self.is_headless:
            end_on_signals(asyncio.get_running_loop(), self.exit)
        self._loading.reader.start()
        self.doctoring.start()
        if self.options.reports_fd is not None:
            ReportReader(self.options.reports_fd, self.post_message).start()
        else:
            self.set_interval(_LIVE_SECONDS, self.recording.check_file)
        if self.recorders.several:
            self.recorders.look()
            self.set_interval(_RECORDERS_SECONDS, self.recorders.look)

    def on_unmount(self) -> None:
        """Stop the threads, and close the browsers."""
        self.imagining.cancel()
        self._turns.stop()
        for loading in self._loadings:
            loading.reader.stop()
        for loading in self._loadings:
            loading.reader.join(2.0)
        self.doctoring.stop()
        self._launcher.close()
        # What a bug has ended may be half done.
        self._indexing.keep_at_end(None if self.return_code else self._content())

    # What the controllers ask for ---------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note when a key was pressed, so that what it does comes before long work."""
        if isinstance(event, events.Key):
            self._turns.key_pressed()
        await super().on_event(event)

    @property
    def mode_screen(self) -> ModeScreen | None:
        """The screen of the current mode, also while a dialog is in front of it."""
        for screen in self.screen_stack:
            if isinstance(screen, ModeScreen):
                return screen
        return None

    @property
    def ready_screen(self) -> ModeScreen | None:
        """The screen of the current mode; None until its widgets exist."""
        screen = self.mode_screen
        return screen if screen is not None and screen.ready else None

    @property
    def dialog_open(self) -> bool:
        """True while something is in front of the mode's screen."""
        return not isinstance(next(reversed(self.screen_stack), None), ModeScreen)

    def ask(self, dialog: Dialog[Result], done: Callable[[Result | None], None]) -> None:
        """Open a dialog; ``done`` gets its result, or None if the user left it."""
        self.push_screen(dialog, done)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Return whether an action is on; one that is off has no key in the footer."""
        if action == "off":
            return parameters[0] in self._off
        return action not in self._off

    def get_driver_class(self) -> type[Driver]:
        """Return the driver of this terminal: a key that arrives ends turns, its end the app."""
        driver = ending_with_terminal(super().get_driver_class(), self.exit)
        return announcing(driver, lambda: self._turns.key_arrived())

    @property
    def since_key(self) -> float:
        """The seconds since the last key press."""
        return self._turns.since_key

    @property
    def key_waiting(self) -> bool:
        """True if a key has arrived during this turn, so that work should stop at once."""
        return self._turns.key_waiting

    def take_turns(self, work: Work) -> None:
        """Call ``work`` when there is time, until it returns True."""
        self._turns.take(work)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a message for a while: never as markup, and safe whatever it quotes."""
        del markup
        super().notify(safe(message), title=title, severity=severity, timeout=timeout, markup=False)

    # Loading ------------------------------------------------------------------------------

    def _new_trace(self, blocks: FileBlocks) -> Trace:
        return Trace(self.options.browser_profile, PackedShelf(self._store.events_at, blocks))

    def _content(self) -> Content | None:
        """Return what an index could keep; None if not all of it is there just now."""
        story, loading = self.story, self._loading
        plain = not story.masked and not story.begun and story.focus == Focus()
        if not plain or not loading.at_rest or not loading.place:
            return None
        capture = self.options.capture
        if isinstance(capture, Several) or not os.path.exists(capture):  # noqa: PTH110 - says no if it cannot be told
            return None  # an index would outlive a capture that was deleted
        board, first = story.boards.problems.board, self._indexing.first
        return content_of(story.trace, board, loading.position, loading.place, first, self._blocks)

    def _keep_index(self) -> None:
        """Keep what was made of a finished capture; one that grows is kept at the end."""
        if not self.story.recording.open and self._indexing.is_worth(self.story.trace.position):
            content = self._content()
            if content is not None:
                self._indexing.keep(content)

    def _load(
        self,
        trace: Trace,
        sessions: NewSessions | None,
        done: Callable[[], object] | None = None,
        after: str = START,
    ) -> Loading:
        """Return what folds the capture into a trace; ``done`` is called when it has caught up."""

        def grown(update: TraceUpdate) -> None:
            if trace is self.story.trace:
                self._trace_grew(update)
            else:
                self._show_progress()

        return Loading(
            self,
            Follower(self._store, self.post_message, after, self._indexing.first or None),
            trace,
            sessions,
            grown,
            done or self._caught_up,
        )

    @property
    def _loadings(self) -> tuple[Loading, ...]:
        """The one that is shown, and the one that will be shown next."""
        return (self._loading,) if self._refolding is None else (self._loading, self._refolding)

    def _trace_grew(self, update: TraceUpdate) -> None:
        self._show_progress()
        self.doctoring.grew()
        change = self.updates.apply(update)
        self.stepping.show_start_of_finished()
        self.focusing.exchanges_changed(update)
        self.searching.rows_changed(change.table.changed)

    def _show_progress(self) -> None:
        """Keep how far the loading is, of the next trace first."""
        self.story.loading = self._loadings[-1].progress

    def _caught_up(self) -> None:
        self._show_progress()
        self.updates.caught_up()

    def _refold(self, begun: frozenset[str]) -> None:
        """Read the capture again, with fresh browsers from these exchanges on."""

        def done() -> None:
            self._loading.reader.stop()
            self._loading, self._refolding = loading, None
            self._blocks = blocks
            self.fresh_browsers.refolded(loading.trace, begun)
            self._caught_up()

        blocks = FileBlocks()
        loading = self._load(self._new_trace(blocks), NewSessions(begun), done)
        self._refolding = loading
        loading.reader.start()

    # Messages from the threads ------------------------------------------------------------

    @on(messages.EventsRead)
    def _events_read(self, event: messages.EventsRead) -> None:
        for loading in self._loadings:
            if loading.reader is event.reader:
                loading.take(event)

    @on(messages.IndexNotKept)
    def _index_not_kept(self, event: messages.IndexNotKept) -> None:
        self.notify(event.line, severity="warning")

    @on(messages.FollowerFailed)
    def _follower_failed(self, event: messages.FollowerFailed) -> None:
        self.recording.capture_failed(event.line)

    @on(messages.CaptureAway)
    def _capture_away(self, event: messages.CaptureAway) -> None:
        self.recording.capture_away(event.line)

    @on(messages.FollowerBroke)
    def _follower_broke(self, event: messages.FollowerBroke) -> None:
        raise event.error

    @on(messages.ProxyReported)
    def _proxy_reported(self, event: messages.ProxyReported) -> None:
        self.recording.proxy_reported(event.report)
        self._launcher.reported(self.story.recording)
        self.fresh_browsers.reported(event.report)
        self.editing.reported(event.report)

    @on(messages.ProxyEnded)
    def _proxy_ended(self) -> None:
        self.recording.proxy_ended()

    @on(messages.BrowserOpened)
    def _browser_opened(self, event: messages.BrowserOpened) -> None:
        self.browsers.opened(event.browser, event.address)

    @on(messages.BrowserFailed)
    def _browser_failed(self, event: messages.BrowserFailed) -> None:
        self.browsers.failed(event.line)

    @on(messages.DoctorSpoke)
    def _doctor_spoke(self, event: messages.DoctorSpoke) -> None:
        self.doctoring.spoke(event.advice)

    @on(messages.ExportDone)
    def _export_done(self, event: messages.ExportDone) -> None:
        self.exporting.done(event.line, failed=event.failed)

    # Messages from screens and dialogs ----------------------------------------------------

    @on(messages.ModeRequested)
    def _mode_requested(self, event: messages.ModeRequested) -> None:
        self.action_mode(event.key)

    @on(messages.StepRequested)
    def _step_requested(self, event: messages.StepRequested) -> None:
        self.stepping.go_to(event.step)

    @on(messages.FollowPaused)
    def _follow_paused(self) -> None:
        self.stepping.pause_following()

    @on(messages.ClientRequested)
    def _client_requested(self, event: messages.ClientRequested) -> None:
        self.stepping.show_client(event.client_id)

    @on(messages.FocusRequested)
    def _focus_requested(self, event: messages.FocusRequested) -> None:
        self.focusing.set(event.focus)

    @on(messages.SearchRequested)
    def _search_requested(self, event: messages.SearchRequested) -> None:
        self.searching.search(event.needle)

    @on(messages.QuizAnswered)
    def _quiz_answered(self, event: messages.QuizAnswered) -> None:
        self.story.score = self.story.score.plus(event.right)
        if self.ready_screen is not None:
            self.ready_screen.refresh_bars()

    # Keys: the selected step --------------------------------------------------------------

    def action_step(self, by: int) -> None:
        """Go ``by`` steps forward, or back if negative."""
        self.predicting.step(by)

    def action_first_step(self) -> None:
        """Go to the first step."""
        self.stepping.go_to(1)

    def action_follow(self) -> None:
        """Go to the newest step, and follow live traffic."""
        self.stepping.follow()

    def action_problem(self, direction: int) -> None:
        """Go to the next problem, or to the previous one."""
        self.problems.go_on(direction)

    def action_problem_list(self) -> None:
        """List all problems, by recorder, host or cookie."""
        self.recorders.list_problems()

    def action_recorders(self) -> None:
        """List the recorders."""
        self.recorders.list_recorders()

    def action_go_to(self) -> None:
        """Ask for a step."""

        def chosen(number: int | None) -> None:
            if number is not None:
                self.stepping.go_to(self.story.table.nearest(number))

        if self.story.count:
            self.ask(GoToDialog(*self.story.table.numbers), chosen)

    def action_play(self) -> None:
        """Step automatically, or stop."""
        self.stepping.play_or_pause()

    def action_speed(self, by: int) -> None:
        """Play faster, or slower."""
        self.stepping.change_speed(by)

    def action_predict(self) -> None:
        """Ask before each step, or stop asking."""
        self.predicting.toggle()

    # Keys: what the table shows -----------------------------------------------------------

    def action_focus_dialog(self) -> None:
        """Ask for a focus."""
        self.focusing.choose()

    def action_no_focus(self) -> None:
        """Show everything."""
        self.focusing.show_everything()

    def action_mask(self) -> None:
        """Hide or show cookie values."""
        self.story.set_masked(not self.story.masked)
        self.updates.table_replaced()

    def action_find(self) -> None:
        """Search in the table; what is typed next is part of the text."""
        there = self.current_mode == TABLE.key
        self.action_mode(TABLE.key)
        screen = self.mode_screen
        if isinstance(screen, TableScreen):
            if there:
                screen.action_find()
            else:
                screen.call_after_refresh(screen.action_find)

    def action_match(self, direction: int) -> None:
        """Go to the next or the previous match."""
        self.searching.go_to_match(direction)

    def action_no_search(self) -> None:
        """End what is in progress: a new focus that is being looked at, or the search."""
        if self.story.table.behind:
            self.focusing.show_everything()
        else:
            self.searching.end()

    # Keys: out of the app -----------------------------------------------------------------

    def action_copy(self) -> None:
        """Ask what to copy."""
        self.copying.choose()

    def action_export(self) -> None:
        """Ask what to export."""
        self.exporting.choose()

    def action_browser(self) -> None:
        """Ask which browser to open."""
        self.browsers.choose()

    def action_fresh_browser(self) -> None:
        """Begin a fresh browser, with an empty jar, instead of a client."""
        self.fresh_browsers.begin()

    def action_off(self, action: str) -> None:
        """Say that an action is off, and what to do instead."""
        self.notify(self._off[action], timeout=6)

    # Keys: modes, help, appearance --------------------------------------------------------

    def action_mode(self, key: str) -> None:
        """Switch to a mode."""
        if self.current_mode != key:
            self.switch_mode(key)

    def action_help(self) -> None:
        """Explain the focused widget, or the mode."""
        for node in self.focused.ancestors_with_self if self.focused is not None else ():
            guide = getattr(node, "GUIDE", None)
            if isinstance(guide, Guide):
                break
        else:
            if self.mode_screen is None:
                return
            guide = self.mode_screen.GUIDE
        self.push_screen(HelpDialog(guide, working_keys(EVERYWHERE, self._off)))

    @on(NoticeLine.Opened)
    def action_notices(self) -> None:
        """Show all notices."""
        self.push_screen(NoticesDialog(self.story.notices.all()))

    def action_compare(self) -> None:
        """Show what each browser does with the cookies of the selected step."""
        story = self.story
        found, left_out = comparisons(story.table, story.step) if story.step else ((), 0)
        if found:
            self.push_screen(ComparedDialog(found, left_out, story.table.mask))
        else:
            self.notify("This step has no cookies to compare.", timeout=3)

    def action_what_if(self) -> None:
        """Ask what should have been different at the selected step."""
        self.imagining.choose()

    def action_edit_wire(self) -> None:
        """Ask what to change of a cookie on the wire."""
        self.editing.choose()

    @on(messages.WhatIfTold)
    def _what_if_told(self, event: messages.WhatIfTold) -> None:
        self.imagining.told(event)

    def action_other_theme(self) -> None:
        """Switch between dark and light, and remember it."""
        self.theme = other_theme(self.theme)
        self.preferences.save("theme", setting_of(self.theme))

    def action_setting(self, name: str, value: str | bool) -> None:
        """Save a setting for every start; a theme also applies now."""
        if name == "theme" and isinstance(value, str):
            self.theme = theme_name(value)
        self.preferences.choose(name, value)

    def action_hide_hints(self) -> None:
        """Hide the hint line, now and at later starts; or show it again."""
        if not self.hints.toggle() and not self.options.in_tab:
            self.notify("Hidden until the next start: this choice could not be saved.", timeout=4)
        self.story.hinting = self.hints.wanted
        if self.ready_screen is not None:
            self.ready_screen.show_story()
