"""The command palette: every action of the app by its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.actions import parse
from textual.command import DiscoveryHit, Hit, Hits, Provider

from cookietrace.lesson.modes import MODES
from cookietrace.supervision.browsers import kinds

ACTIONS: tuple[tuple[str, str, str], ...] = (
    *((f"{mode.key}  {mode.title}", f"mode('{mode.key}')", f"Mode {mode.key}") for mode in MODES),
    ("Follow live traffic", "follow", "f"),
    ("Predict: ask before each step, on or off", "predict", "p"),
    ("Play or pause", "play", "Space"),
    ("Play faster", "speed(1)", ">"),
    ("Play slower", "speed(-1)", "<"),
    ("Next problem", "problem(1)", "]"),
    ("Previous problem", "problem(-1)", "["),
    ("All problems: by recorder, host or cookie", "problem_list", "P"),
    ("Recorders: which are alive, how far behind, what they lost", "recorders", "R"),
    ("Go to a step", "go_to", "g"),
    ("First step", "first_step", "Home"),
    ("Focus: choose cookies, host, path or client", "focus_dialog", "o"),
    ("Focus: show everything", "no_focus", "O"),
    ("Find text", "find", "/"),
    ("Next match", "match(1)", "n"),
    ("Previous match", "match(-1)", "N"),
    ("Hide or show cookie values", "mask", "m"),
    ("Copy part of this step", "copy", "y"),
    ("This step's cookies in every browser and in the specification", "compare", "C"),
    ("What if: another attribute, browser, time or address", "what_if", "W"),
    ("Change a cookie on the wire, while recording with --edit", "edit_wire", "E"),
    ("Export to a file", "export", "e"),
    ("Open a browser that uses the proxy", "browser", "b"),
    ("Fresh browser from here on: an empty jar for this client", "fresh_browser", "B"),
    ("Show all notices", "notices", "!"),
    ("Theme: dark or light", "other_theme", "t"),
    ("Hide or show the hint line", "hide_hints", "x"),
    ("Help", "help", "?"),
    ("Quit", "quit", "q"),
)
"""Name, action, and the key that does the same."""

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("Settings: dark theme", "setting('theme', 'dark')", "for every start"),
    ("Settings: light theme", "setting('theme', 'light')", "for every start"),
    (
        "Settings: start with cookie values hidden",
        "setting('hide-values', True)",
        "for every start",
    ),
    (
        "Settings: start with cookie values shown",
        "setting('hide-values', False)",
        "for every start",
    ),
    *(
        (
            f"Settings: open {kind} with each recording",
            f"setting('browser', '{kind}')",
            "for every start",
        )
        for kind in kinds()
    ),
    ("Settings: open no browser with a recording", "setting('browser', 'none')", "for every start"),
)
"""Name, action, and a word on it: what is saved in the user's settings file."""


class TraceCommands(Provider):
    """Offers every action that is on."""

    def _on(self) -> Iterator[tuple[str, str, str]]:
        """Yield the actions that are on."""
        for entry in (*ACTIONS, *SETTINGS):
            _, action, parameters = parse(entry[1])
            if self.app.check_action(action, parameters):
                yield entry

    async def discover(self) -> Hits:
        """Yield all actions, while nothing is typed."""
        for name, action, keys in self._on():
            yield DiscoveryHit(name, partial(self.app.run_action, action), help=keys)

    async def search(self, query: str) -> Hits:
        """Yield the actions whose name matches."""
        matcher = self.matcher(query)
        for name, action, keys in self._on():
            score = matcher.match(name)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(name),
                    partial(self.app.run_action, action),
                    help=keys,
                )
