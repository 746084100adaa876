"""Mode 1, the concept flow: client, hosts and seven stages, with live traffic moving through."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from tui.drawing.fit import cut
from tui.drawing.flow_picture import Light, Picture, at_rest
from tui.drawing.flow_plan import REQUEST, RESPONSE
from tui.modes.page import Page, PageScreen
from tui.state.story import Change
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.lines_view import LinesView

_COUNTED: Final = 4_000
"""How many steps are looked at for their hosts at once, so that a key is never kept waiting."""
_BEAT: Final = 0.18
"""Seconds that the light stays at a stage."""
_PULSES: Final = (0.0, 0.33, 0.67, 1.0)
"""Where the light stands on an arrow, one after the other."""
_UNHURRIED: Final = 1.5
"""Seconds between two exchanges from which on there is time to see one pass."""
_STEPS: Final = 4
"""How many steps of an exchange are seen passing; what more it does is there at the end."""
_HEADED: Final = 20
"""From how many lines on the picture has a heading."""


class Beat(msgspec.Struct, frozen=True):
    """One moment of the movement."""

    step: int
    light: Light


class FlowScreen(PageScreen):
    """The picture of the selected step; an exchange that comes in live is seen passing."""

    KEY = "1"
    NAME = "Flow"
    TITLE_TEXT = "Concept flow"
    VIEW = LinesView
    GUIDE = HelpData(
        title="Concept flow",
        text=(
            "The seven stages that a cookie goes through: the client with its jar at the left, "
            "the server at the right, the Cookie header on the way up, the Set-Cookie lines on "
            "the way down, all with the values of the selected step. Hosts before and after the "
            "lit one are lanes of one line each. While you follow live traffic, a new exchange is "
            "seen passing through its stages; where traffic is too fast for that, the picture "
            "shows the newest step at once."
        ),
        signs=(
            ("▶", "foreground", "the stage that says most about the step"),
            ("•", "foreground", "another stage that the step goes through"),
        ),
        keys=(("← →", "the step before, the step after"), ("↑ ↓", "scroll")),
    )

    beat: reactive[Beat | None] = reactive(None, init=False)
    """Where the movement is; None at rest."""

    def body(self) -> Iterable[Widget]:
        """The picture, or what to do while there is none."""
        self._exchange_id = ""
        self._passed: int | None = None
        self._beats: tuple[Beat, ...] = ()
        self._timer: Timer | None = None
        self._came = -math.inf
        yield from super().body()
        yield EmptyState(promise="Each request is seen here on its way to the server and back.")

    @property
    def at_rest(self) -> bool:
        """True where nothing moves, and nothing is due to be drawn again."""
        return super().at_rest and self.beat is None

    # Drawing ------------------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Draw the selected step at rest."""
        self._rest()
        super().refresh_body()

    def _redraw(self) -> None:
        if self.ready:
            self.redraw()

    def write(self, page: Page) -> None:
        """Draw the picture, or say what to do where there is nothing to draw."""
        if self.advise():
            return
        story, view = self.story, self.view
        step = self.beat.step if self.beat is not None else story.step
        flow = story.boards.flow.flow(step, _COUNTED)
        if not flow.lanes:
            self._redraw_soon(0.001)
        light = self.beat.light if self.beat is not None else at_rest(flow)
        height = view.scrollable_content_region.height
        if height >= _HEADED:
            page.line((cut(f"  {flow.action}", page.width), "bold $foreground"))
            height -= 1
        picture = Picture(flow, story.table.row(step), light, page.width, height)
        for y in range(picture.height):
            if y == picture.anchor:
                page.here()
            page.line(*picture.canvas.line(y))

    def _redraw_soon(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self.set_timer(seconds, self._redraw)

    # Moving -------------------------------------------------------------------------------

    def body_changed(self, change: Change) -> None:
        """Let a new exchange be seen passing; draw anything else again soon."""
        if not self._moves(change):
            self._redraw_soon(self.CALM)

    def on_screen_suspend(self) -> None:
        """Come to rest while another screen is in front."""
        self._rest()

    def watch_beat(self) -> None:
        """Draw where the movement is."""
        self._redraw()

    def _moves(self, change: Change) -> bool:
        """Go on with the movement, or begin it; False where there is to be none."""
        story = self.story
        if not (story.count and story.selection.following) or self.app.animation_level == "none":
            return False
        exchange_id = story.table.trace_row(story.step).exchange_id
        if exchange_id != self._exchange_id:
            hurried = self._hurried(change, exchange_id)
            self._rest()
            self._exchange_id = exchange_id
            self._passed = None if hurried else 0
        if self._passed is None:
            return False
        self._beats = tuple(self._beats_of(exchange_id))
        if self.beat is None and self._passed < len(self._beats):
            self._go_on()
        return self.beat is not None

    def _hurried(self, change: Change, exchange_id: str) -> bool:
        """Say whether exchanges come faster than one could be seen passing."""
        now = time.monotonic()
        before, self._came = self._came, now
        first = change.table.first_added
        alone = first is not None and (self.story.table.trace_row(first).exchange_id == exchange_id)
        return not alone or self.beat is not None or now - before < _UNHURRIED

    def _beats_of(self, exchange_id: str) -> Iterator[Beat]:
        """Yield the movement through the steps of an exchange, as far as they are known."""
        story = self.story
        for step in story.table.steps_of(exchange_id)[:_STEPS]:
            kinds = story.boards.flow.flow(step, _COUNTED).beats
            for index, kind in enumerate(kinds, 1):
                for pulse in _PULSES if kind in (REQUEST, RESPONSE) else (None,):
                    yield Beat(step, Light(frozenset(kinds[:index]), kind, pulse))

    def _go_on(self) -> None:
        """Show the next beat; come to rest after the last."""
        assert self._passed is not None
        if self._passed >= len(self._beats):
            self._timer = None
            self.beat = None
            return
        beat = self._beats[self._passed]
        self._passed += 1
        seconds = _BEAT if beat.light.pulse is None else _BEAT / 2
        self._timer = self.set_timer(seconds, self._go_on)
        self.beat = beat

    def _rest(self) -> None:
        """End the movement; what it has not shown is not shown any more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.beat is not None:
            self._passed = None
            self.set_reactive(FlowScreen.beat, None)
