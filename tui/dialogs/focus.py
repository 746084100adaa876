"""``o``: choose which exchanges have rows, by cookies, host, path or client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import TITLES, Choice, ChoiceCount
from cookietrace.lesson.live.progress import Progress
from cookietrace.trace import Trace
from tui.dialogs.base import Dialog
from tui.drawing.fit import cut

_MAX_ENTRIES: Final = 300
"""The most entries in the list; typing narrows it."""

_AT_ONCE: Final = 64
"""How many exchanges are counted between two looks at the clock."""

_AT_ONCE_SECONDS: Final = 0.02
"""Seconds that counting may take before anything else is done; a long capture takes more."""

_PROGRESS_SECONDS: Final = 0.25
"""Seconds between two drawings of how far the counting is."""

_BAR: Final = 10


class FilterInput(Input):
    """An input that posts Space and Enter as messages, so that they arrive after typed text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "Apply", show=False),
    ]

    class Pressed(Message):
        """The user pressed Space to select the highlighted entry, or Enter to apply."""

        def __init__(self, *, apply: bool) -> None:
            super().__init__()
            self.apply = apply

    def on_key(self, event: events.Key) -> None:
        """Select with Space, which is free because no name here contains a space."""
        if event.key == "space":
            event.stop()
            event.prevent_default()
            self.post_message(self.Pressed(apply=False))

    def action_apply(self) -> None:
        """Apply the selected entries."""
        self.post_message(self.Pressed(apply=True))


class FocusDialog(Dialog[Focus]):
    """A list of entries to select. Typing narrows it. Returns the resulting focus."""

    HEADING = "Focus"
    KEYS = "Space selects · Enter applies · Ctrl+R clears · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Select", show=False),
        Binding("ctrl+r", "clear", "Clear", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
    ]

    def __init__(
        self, trace: Trace, focus: Focus, take_turns: Callable[[Callable[[float], bool]], object]
    ) -> None:
        """``take_turns`` runs work bit by bit, until it returns True."""
        super().__init__()
        self._trace = trace
        self._before = focus
        self._draft = focus
        self._take_turns = take_turns
        self._choices = ChoiceCount(trace)
        self._total = len(trace.exchanges)
        self._all: tuple[Choice, ...] | None = None
        """Everything to focus on, once it has been counted."""
        self._shown: list[Choice | None] = []
        self._preview_of: Focus | None = None
        self._previewed = self._matching = 0
        """How many exchanges have been looked at for the preview, and how many are in focus."""
        self._drawn_at = 0.0
        self._count(time.monotonic() + _AT_ONCE_SECONDS)

    def content(self) -> Iterable[Widget]:
        """Yield the input, the list, and a preview of the focus."""
        yield FilterInput(
            placeholder="type to filter, or enter a path such as /shop/*", compact=True
        )
        yield OptionList(markup=False, compact=True)
        yield Static(id="focus-preview", markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()
        self.query_one(Input).focus()
        if self._counting:
            self._take_turns(self._go_on)

    # Counting -----------------------------------------------------------------------------

    @property
    def _counting(self) -> bool:
        return self._all is None or self._previewed < self._total

    def _count(self, end: float) -> bool:
        """Count until about a time: first what there is, then what the preview shows."""
        done = self._choices.read(_AT_ONCE)
        while not done and time.monotonic() < end:
            done = self._choices.read(_AT_ONCE)
        if done and self._all is None:
            self._all = self._choices.choices()
        return done

    def _go_on(self, end: float) -> bool:
        """Count until about a time, and draw that now and then; True if nothing is left."""
        if not self.is_attached:
            return True
        before = self._all
        done = self._count(end) and self._count_preview(end)
        if before is not self._all:
            self._fill()
        elif done or time.monotonic() - self._drawn_at >= _PROGRESS_SECONDS:
            self._draw_preview()
        return done

    def _count_preview(self, end: float) -> bool:
        exchanges, place = self._trace.exchanges, self._result().place
        while self._previewed < self._total:
            some = exchanges[self._previewed : min(self._total, self._previewed + _AT_ONCE)]
            self._matching += sum(place(exchange) is not None for exchange in some)
            self._previewed += len(some)
            if time.monotonic() >= end:
                break
        return self._previewed == self._total

    # Keys and mouse -----------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the list."""
        event.stop()
        self._fill()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Select on a click."""
        event.stop()
        self.action_select()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what Enter would apply now."""
        event.stop()
        self._preview()

    def on_filter_input_pressed(self, event: FilterInput.Pressed) -> None:
        """Select or apply, after the typed text has been handled."""
        event.stop()
        if event.apply:
            self.action_apply()
        else:
            self.action_select()

    def action_select(self) -> None:
        """Select the highlighted entry, or deselect it."""
        choice = self._highlighted()
        if choice is not None:
            self._draft = choice.toggled(self._draft)
            self._fill(keep=True)

    def action_apply(self) -> None:
        """Return the selected entries; if none was changed, the highlighted one."""
        self.dismiss(self._result())

    def action_clear(self) -> None:
        """Deselect everything."""
        self._draft = Focus()
        self._fill(keep=True)

    def action_move(self, by: int) -> None:
        """Move the highlight; the input keeps the keyboard focus."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    async def action_page(self, by: int) -> None:
        """Move the highlight by a page."""
        await self.query_one(OptionList).run_action("page_down" if by > 0 else "page_up")

    def _result(self) -> Focus:
        """Return the focus that Enter applies."""
        choice = self._highlighted()
        if self._draft == self._before and choice is not None and self.query_one(Input).value:
            return choice.toggled(self._draft)
        return self._draft

    def _highlighted(self) -> Choice | None:
        index = self.query_one(OptionList).highlighted
        return self._shown[index] if index is not None and index < len(self._shown) else None

    def _found(self) -> list[Choice]:
        text = self.query_one(Input).value.casefold().strip()
        found = [choice for choice in self._all or () if text in choice.label.casefold()]
        known = {(choice.kind, choice.value) for choice in found}
        if text.startswith("/") and ("path", text) not in known:
            wanted = self.query_one(Input).value.strip()
            found.insert(0, Choice("path", wanted, f"{shown(wanted)} (as typed)", None))
        return found[:_MAX_ENTRIES]

    def _fill(self, *, keep: bool = False) -> None:
        options = self.query_one(OptionList)
        before = options.highlighted
        found = self._found()
        self._shown = []
        rows: list[Option] = []
        self._widest = max((cell_len(choice.label) for choice in found), default=0)
        width = max(20, self.size.width - 28) if self.size.width < 100 else 60
        for kind, title in TITLES.items():
            of_kind = [choice for choice in found if choice.kind == kind]
            if not of_kind:
                continue
            self._shown.append(None)
            rows.append(Option(Content.styled(title, "bold $quiet"), disabled=True))
            for choice in of_kind:
                self._shown.append(choice)
                rows.append(Option(self._drawn(choice, width)))
        if not rows:
            self._shown.append(None)
            none = "counting …" if self._all is None else "no matches"
            rows.append(Option(Content.styled(none, "$quiet"), disabled=True))
        options.clear_options()
        options.add_options(rows)
        first = next((i for i, choice in enumerate(self._shown) if choice is not None), None)
        options.highlighted = before if keep and before is not None else first
        self._preview()

    def _drawn(self, choice: Choice, width: int) -> Content:
        many = choice.kind in ("cookie", "housekeeping")
        ticked = choice.chosen(self._draft)
        box = ("[x]" if ticked else "[ ]") if many else ("(•)" if ticked else "( )")
        label = cut(choice.label, width)
        label += " " * (min(width, self._widest) - cell_len(label))
        return Content.assemble(
            (f"  {box} ", "bold $foreground" if ticked else "$quiet"),
            (label, "bold $foreground" if ticked else "$foreground"),
            ("" if choice.count is None else f"  {choice.count:,}", "$quiet"),
        )

    def _preview(self) -> None:
        """Count what Enter would apply now, unless that is known."""
        wanted = self._result()
        if wanted != self._preview_of:
            self._preview_of, self._previewed, self._matching = wanted, 0, 0
        if self._all is None or not self._count_preview(time.monotonic() + _AT_ONCE_SECONDS):
            self._take_turns(self._go_on)
        self._draw_preview()

    def _draw_preview(self) -> None:
        self._drawn_at = time.monotonic()
        text = f"{self._matching:,} of {self._total:,} exchanges"
        if self._counting:
            seen = self._choices.seen if self._all is None else self._previewed
            text = f"counted {Progress(seen, self._total).text(_BAR)}"
        self.query_one("#focus-preview", Static).update(
            Content.assemble(
                (text, "bold $foreground"),
                ("  ", ""),
                (shown(self._result().describe()), "$quiet"),
            )
        )
