"""Asks what should have been different at the selected step, and shows what would follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from textual.message import Message

from cookietrace.lesson.display_text import quoted
from cookietrace.lesson.what_if import (
    Offer,
    Scenario,
    offers,
    only_here,
    place_of,
    subjects,
    typed_change,
)
from cookietrace.recorders import Place
from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.dialogs.what_if import TypedDialog, WhatIfDialog
from tui.feed.imaginer import Imaginer
from tui.messages import WhatIfTold
from tui.state.story import Story

_LETTERS = "123456789abcdefghijklmnopqrstuvwxyz"


class _Question(msgspec.Struct, frozen=True):
    """A what-if, about one step."""

    step: int
    title: str
    scenario: Scenario
    only: bool = False
    """Whether only this step's response changes."""


class Imagining:
    """Asks for a scenario, has the story folded again, and shows the report."""

    def __init__(
        self,
        host: Host,
        story: Story,
        stepping: Stepping,
        capture: Place,
        browser_profile: str,
        post: Callable[[Message], object],
        to_clipboard: Callable[[str], object],
        *,
        lenient: bool,
    ) -> None:
        self._host = host
        self._story = story
        self._stepping = stepping
        self._capture = capture
        self._browser_profile = browser_profile
        self._post = post
        self._to_clipboard = to_clipboard
        self._lenient = lenient
        self._run = 0
        self._imaginer: Imaginer | None = None
        self._dialog: WhatIfDialog | None = None
        self._told: WhatIfTold | None = None

    # --- asking

    def choose(self) -> None:
        """Ask which cookie, if the step is about several; then what should be different."""
        story = self._story
        if not story.step:
            self._host.notify("There is no step yet.", timeout=3)
            return
        capture = story.trace.capture
        if capture is not None and capture.redacted:
            line = "This capture is redacted: no verdict can be recomputed from tokens."
            self._host.notify(line, timeout=5)
            return
        names = subjects(story.table, story.step)
        if len(names) < 2:
            self._offer(story.step, names[0] if names else None)
            return
        items = [
            MenuItem(letter, quoted(name), "")
            for letter, name in zip(_LETTERS, names, strict=False)
        ]
        by_key = dict(zip(_LETTERS, names, strict=False))
        step = story.step

        def chosen(key: str | None) -> None:
            if key is not None:
                self._offer(step, by_key[key])

        self._host.ask(MenuDialog("What if: which cookie?", items), chosen)

    def _offer(self, step: int, name: str | None) -> None:
        heading = "What if" if name is None else f"What if {quoted(name)} were different"
        self._menu(heading, step, name, offers(self._story.table, step, name))

    def _menu(self, heading: str, step: int, name: str | None, choices: Sequence[Offer]) -> None:
        by_key = {each.key: each for each in choices}

        def chosen(key: str | None) -> None:
            if key is None:
                return
            offer = by_key[key]
            if offer.choices:
                self._menu(f"What if · {offer.name}", step, name, offer.choices)
            elif offer.scenario is None:
                self._type(step, name, offer.description)
            else:
                self._begin(_Question(step, offer.title, offer.scenario))

        self._host.ask(MenuDialog(heading, _items(choices)), chosen)

    def _type(self, step: int, name: str | None, example: str) -> None:
        place = None if name is None else place_of(self._story.table, step, name)

        def typed(text: str | None) -> None:
            if text is not None:
                title, scenario = typed_change(text, name, place)
                self._begin(_Question(step, title, scenario))

        check = lambda text: typed_change(text, name)  # noqa: E731
        self._host.ask(TypedDialog(example, check), typed)

    # --- folding

    def _begin(self, question: _Question) -> None:
        exchange = self._story.table.exchange(question.step)
        alone = only_here(question.scenario, exchange)
        only = ""
        if alone is not None:
            only = "all steps" if question.only else "this step only"
        scenario = alone if alone is not None and question.only else question.scenario
        self._run += 1
        self._told = None
        self._imaginer = Imaginer(
            self._capture,
            scenario,
            self._browser_profile,
            self._story.mask,
            self._post,
            self._run,
            lenient=self._lenient,
            begun=self._story.begun,
        )
        title = f"{question.title}, in this step only" if question.only else question.title
        self._dialog = WhatIfDialog(title, self._copy, only=only)
        self._host.ask(self._dialog, lambda result: self._done(question, result))
        self._imaginer.start()

    def told(self, message: WhatIfTold) -> None:
        """Show how far it is, or the report."""
        dialog = self._dialog
        if message.run != self._run or dialog is None:
            return
        if message.lines is None:
            dialog.show_progress(message.progress)
        else:
            self._told = message
            goes = message.first is not None
            dialog.show_report(message.lines, goes=goes, failed=message.failed)

    def cancel(self) -> None:
        """Give up what is being folded."""
        if self._imaginer is not None:
            self._imaginer.cancel()
        self._imaginer = self._dialog = None

    def _done(self, question: _Question, result: str | None) -> None:
        self.cancel()
        told = self._told
        if result == "again":
            self.choose()
        elif result == "only":
            self._begin(msgspec.structs.replace(question, only=not question.only))
        elif result == "go" and told is not None and told.first is not None:
            steps = self._story.table.steps_of(told.first)
            if steps:
                self._stepping.go_to(steps[0])
            else:
                self._host.notify("That step is not in focus: O shows everything.", timeout=4)

    def _copy(self) -> None:
        told = self._told
        if told is not None and told.lines is not None:
            self._to_clipboard("\n".join(told.lines))
            hidden = " (values hidden)" if self._story.masked else ""
            self._host.notify(f"Copied: the report{hidden}.", timeout=2)


def _items(choices: Iterable[Offer]) -> list[MenuItem]:
    return [MenuItem(each.key, each.name, each.description) for each in choices]
