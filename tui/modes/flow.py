"""Mode 1, the concept flow: client, hosts and seven stages, with live traffic animated."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from cookietrace.lesson.modes import FLOW
from tui.drawing.cookie_text import arranged
from tui.drawing.flow_picture import REQUEST, RESPONSE, Light, Picture, at_rest
from tui.modes.base import REDRAW_SECONDS, Page, PageScreen
from tui.state.story import Change
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.page_view import LinesView

_STEPS_AT_ONCE: Final = 4_000
"""How many steps are read for their hosts at a time, so that no key press has to wait."""
_BEAT: Final = 0.18
"""Seconds that each stage stays highlighted."""
_PULSES: Final = (0.0, 0.33, 0.67, 1.0)
"""The positions of the light on an arrow, in order."""
_CALM_SECONDS: Final = 1.5
"""Exchanges at least this far apart are animated; faster ones are not."""
_ANIMATED_STEPS: Final = 4
"""How many steps of an exchange are animated; later ones are only in the last picture."""
_HEADING_HEIGHT: Final = 20
"""The fewest lines in which the picture has a heading."""


class Beat(msgspec.Struct, frozen=True):
    """One frame of the animation."""

    step: int
    light: Light


class FlowScreen(PageScreen):
    """A picture of the selected step. An exchange that arrives live is animated."""

    MODE = FLOW
    VIEW = LinesView
    GUIDE = Guide(
        title="Concept flow",
        text=(
            "The seven stages of a cookie, with the values of the selected step: the client and "
            "its jar on the left, the server on the right, the Cookie header on the arrow to the "
            "server, the Set-Cookie headers on the arrows back. Cookies that stay in the jar are "
            "named with the reason. Each other host is one line. "
            "While you follow live traffic, each new exchange moves through its stages; if "
            "traffic is too fast for that, you see only the newest step."
        ),
        signs=(
            ("▶", "foreground", "the main stage of this step"),
            ("•", "foreground", "another stage of this step"),
            ("⊘", "withheld", "a cookie that stays, or is not deleted"),
        ),
        keys=(("← →", "previous step, next step"), ("↑ ↓", "scroll")),
    )

    beat: reactive[Beat | None] = reactive(None, init=False)
    """The frame that is shown; None if nothing moves."""

    def body(self) -> Iterable[Widget]:
        """Yield the picture, and the advice that is shown before there are steps."""
        self._exchange_id = ""
        """The exchange that is, or was last, animated."""
        self._next_beat: int | None = None
        """An index into ``_beats``; None if the exchange is not to be animated further."""
        self._beats: tuple[Beat, ...] = ()
        self._timer: Timer | None = None
        self._arrived_at = -math.inf
        yield from super().body()
        yield EmptyState(promise="You will see each request on its way to the server and back.")

    @property
    def at_rest(self) -> bool:
        """True if nothing moves, and no drawing is scheduled."""
        return super().at_rest and self.beat is None

    # Drawing ------------------------------------------------------------------------------

    def refresh_body(self) -> None:
        """Draw the selected step, without animation."""
        self._stop_moving()
        super().refresh_body()

    def _redraw(self) -> None:
        if self.ready:
            self.redraw()

    def write(self, page: Page) -> None:
        """Draw the picture, or show what to do while there are no steps."""
        if self.advise():
            return
        story, view = self.story, self.view
        step = self.beat.step if self.beat is not None else story.step
        flow = story.boards.flow.flow(step, _STEPS_AT_ONCE)
        if not flow.lanes:
            self._redraw_soon(0.001)
        light = self.beat.light if self.beat is not None else at_rest(flow)
        height = view.scrollable_content_region.height
        if height >= _HEADING_HEIGHT:
            for line in arranged(flow.action, page.width - 3, 1 + (height > _HEADING_HEIGHT)):
                page.line((f"  {line}", "bold $foreground"))
                height -= 1
        picture = Picture(flow, story.table.row(step), light, page.width, height)
        for y in range(picture.height):
            if y == picture.anchor:
                page.mark_anchor()
            page.line(*picture.canvas.line(y))

    def _redraw_soon(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self.set_timer(seconds, self._redraw)

    # Animation -------------------------------------------------------------------------------

    def body_changed(self, change: Change) -> None:
        """Animate a new exchange; draw any other change soon."""
        if not self._animate_exchange(change):
            self._redraw_soon(REDRAW_SECONDS)

    def on_screen_suspend(self) -> None:
        """Stop the animation while another screen is in front."""
        self._stop_moving()

    def watch_beat(self) -> None:
        """Draw the new frame."""
        self._redraw()

    def _animate_exchange(self, change: Change) -> bool:
        """Start or continue the animation; return False if there is none for this change."""
        story = self.story
        if not (story.count and story.selection.following) or self.app.animation_level == "none":
            return False
        exchange_id = story.table.trace_row(story.step).exchange_id
        if exchange_id != self._exchange_id:
            too_fast = self._too_fast(change, exchange_id)
            self._stop_moving()
            self._exchange_id = exchange_id
            self._next_beat = None if too_fast else 0
        if self._next_beat is None:
            return False
        self._beats = tuple(self._beats_of(exchange_id))
        if self.beat is None and self._next_beat < len(self._beats):
            self._show_next()
        return self.beat is not None

    def _too_fast(self, change: Change, exchange_id: str) -> bool:
        """Return whether exchanges arrive too fast to animate this one."""
        now = time.monotonic()
        before, self._arrived_at = self._arrived_at, now
        first = change.table.first_added
        alone = first is not None and (self.story.table.trace_row(first).exchange_id == exchange_id)
        return not alone or self.beat is not None or now - before < _CALM_SECONDS

    def _beats_of(self, exchange_id: str) -> Iterator[Beat]:
        """Yield the frames for the steps of an exchange, as far as they are known."""
        story = self.story
        for step in story.table.steps_of(exchange_id)[:_ANIMATED_STEPS]:
            kinds = story.boards.flow.flow(step, _STEPS_AT_ONCE).beats
            for index, kind in enumerate(kinds, 1):
                for pulse in _PULSES if kind in (REQUEST, RESPONSE) else (None,):
                    yield Beat(step, Light(frozenset(kinds[:index]), kind, pulse))

    def _show_next(self) -> None:
        """Show the next frame; after the last one, stop."""
        assert self._next_beat is not None
        if self._next_beat >= len(self._beats):
            self._timer = None
            self.beat = None
            return
        beat = self._beats[self._next_beat]
        self._next_beat += 1
        seconds = _BEAT if beat.light.pulse is None else _BEAT / 2
        self._timer = self.set_timer(seconds, self._show_next)
        self.beat = beat

    def _stop_moving(self) -> None:
        """Stop the animation, and skip the rest of it."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.beat is not None:
            self._next_beat = None
            self.set_reactive(FlowScreen.beat, None)
