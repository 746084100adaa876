"""Lets the user copy a part of the selected step to the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cookietrace.lesson.copies import StepText, step_texts
from tui.app.host import Host
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.drawing.fit import cut
from tui.state.story import Story

_PREVIEW_CELLS = 38


class Copying:
    """Asks what to copy. Hidden values stay hidden."""

    def __init__(self, host: Host, story: Story, to_clipboard: Callable[[str], object]) -> None:
        self._host = host
        self._story = story
        self._to_clipboard = to_clipboard

    def choose(self) -> None:
        """Ask what to copy."""
        story = self._story
        problem = story.problem_at(story.step)
        texts = step_texts(story.table, story.step, problem) if story.step else ()
        if texts:
            self._ask("Copy", texts)
        else:
            self._host.notify("Nothing to copy yet.")

    def _ask(self, heading: str, texts: Iterable[StepText]) -> None:
        by_key = {each.key: each for each in texts}

        def chosen(key: str | None) -> None:
            if key is None:
                return
            text = by_key[key]
            if text.choices:
                self._ask(f"{heading} · {text.name}", text.choices)
            else:
                self._copy(text)

        items = [MenuItem(each.key, each.name, _preview(each.text)) for each in by_key.values()]
        self._host.ask(MenuDialog(heading, items), chosen)

    def _copy(self, text: StepText) -> None:
        self._to_clipboard(text.text)
        hidden = " (values hidden)" if self._story.masked else ""
        remark = f" {text.remark}" if text.remark else ""
        timeout = 6 if remark else 2
        self._host.notify(f"Copied: {text.name}{hidden}.{remark}", timeout=timeout)


def _preview(text: str) -> str:
    """Return the beginning of a text, in one line."""
    return cut(text.replace("\n", " ⏎ ").replace("\t", " │ "), _PREVIEW_CELLS)
