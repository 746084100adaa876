"""The footer's keys."""

from __future__ import annotations

from textual.widgets._footer import FooterKey

from tests.tui import captures
from tests.tui.conftest import Open, until
from tui.widgets.steady_footer import SteadyFooter


async def test_its_keys_are_replaced_only_by_other_keys(opened: Open) -> None:
    """Steps and refreshes keep its widgets; a field that takes letters leaves other keys."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(120, 30)) as pilot:
        await it.settled(pilot)
        footer = it.app.screen.query_one(SteadyFooter)

        def keys() -> list[FooterKey]:
            return list(footer.query(FooterKey))

        at_first = keys()
        assert [key.key for key in at_first][-1] == "q"
        it.app.screen.refresh_bindings()
        await it.press(pilot, "home", "right")
        assert keys() == at_first
        await pilot.press("slash")
        await until(pilot, lambda: [key.key for key in keys()] == ["escape", "slash"])
        await pilot.press("escape")
        await until(pilot, lambda: [key.key for key in keys()][-1] == "q")
        assert not set(keys()) & set(at_first)
