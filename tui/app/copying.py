"""Lets the user copy a part of the selected step to the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from cookietrace.lesson.copies import step_texts
from tui.app.host import Host
from tui.dialogs.menu import MenuDialog, MenuItem
from tui.drawing.fit import cut
from tui.state.story import Story

_PREVIEW_CELLS = 40


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
        by_key = {each.key: each for each in texts}
        if not by_key:
            self._host.notify("Nothing to copy yet.")
            return
        hidden = " (values hidden)" if story.masked else ""

        def chosen(key: str | None) -> None:
            if key is not None:
                self._to_clipboard(by_key[key].text)
                self._host.notify(f"Copied: {by_key[key].name}{hidden}.", timeout=2)

        items = [MenuItem(each.key, each.name, _preview(each.text)) for each in texts]
        self._host.ask(MenuDialog("Copy", items), chosen)


def _preview(text: str) -> str:
    """Return the beginning of a text, in one line."""
    return cut(text.replace("\n", " ⏎ ").replace("\t", " │ "), _PREVIEW_CELLS)
