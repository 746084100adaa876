"""The command palette: what the app's keys do, by name."""

from __future__ import annotations

from textual.binding import Binding

from tui.app.app import CookietraceApp
from tui.app.commands import ACTIONS

_BY_KEY_ALONE = {"step(-1)", "step(1)", "no_search"}
"""Actions that have keys but no names."""


def test_every_action_has_a_name() -> None:
    """Every action with a key is in the palette, except those that only make sense as keys."""
    keys = {key.action for key in CookietraceApp.BINDINGS if isinstance(key, Binding)}
    assert keys - _BY_KEY_ALONE == {action for _, action, _ in ACTIONS}
