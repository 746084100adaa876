"""Drawing less: lines that are kept, widgets that are not asked, styles that are parsed once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from tests.tui import captures
from tests.tui.conftest import Open
from tests.tui.test_virtual_table import Numbers, TableApp
from tui.app.steady_stylesheet import SteadyStylesheet
from tui.widgets.page_view import DrawnLines
from tui.widgets.quick_compositor import QuickCompositor
from tui.widgets.quick_lines import QuickLines
from tui.widgets.virtual_table import VirtualTable


def cells(strips: Iterable[Strip]) -> list[list[Segment]]:
    """Return what lines look like, without what the mouse needs."""
    return [
        [
            Segment(text, style and style.clear_meta_and_links())
            for text, style, _ in strip.simplify()
        ]
        for strip in strips
    ]


@pytest.mark.parametrize("mode", ["3", "4", "9"])
async def test_kept_lines_are_those_that_textual_draws(opened: Open, mode: str) -> None:
    """With their padding, borders and colours, also after a step and in another theme."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        await it.go_to(pilot, mode)
        for keys in ((), ("home", "right", "right"), ("t",)):
            await it.press(pilot, *keys)
            views = [view for view in it.app.screen.query(QuickLines) if view.region]
            assert views
            for view in views:
                crop = Region(0, 0, *view.region.size)
                drawn = view.render_lines(crop)
                assert [strip.cell_length for strip in drawn] == [crop.width] * crop.height
                assert isinstance(view, VirtualTable | DrawnLines)
                view._strips.clear()  # nothing may be left of an earlier step or theme
                view.refresh()
                assert cells(drawn) == cells(ScrollView.render_lines(view, crop))


LINK = Style(meta={"@click": "app.bell"})
"""What Textual would highlight under the mouse."""


class Linked(QuickLines):
    """Lines with a link that a Textual widget would have."""

    def render_line(self, y: int) -> Strip:
        """Return the same line everywhere."""
        del y
        return Strip([Segment("go there", LINK)], 8)


class LinkedApp(App[None]):
    """Shows such lines."""

    def compose(self) -> ComposeResult:
        """Yield the lines."""
        yield Linked()


async def test_the_mouse_highlights_no_link() -> None:
    """In no line, whether it is a kept one or Textual draws it; and so it draws nothing."""
    app = LinkedApp()
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(Linked)
        crop = Region(0, 0, *view.region.size)
        before = cells(view.render_lines(crop))
        await pilot.hover(Linked, offset=(2, 2))
        assert view.hover_style.meta["@click"] == "app.bell"
        assert view.highlight_link_id == ""
        view.refresh()
        assert cells(view.render_lines(crop)) == before
        assert cells(ScrollView.render_lines(view, crop)) == before


async def test_an_update_draws_what_a_whole_drawing_does(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Widgets that have not changed are not asked, and the screen is the one that Textual draws."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 36)) as pilot:
        await it.settled(pilot)
        compositor = it.app.screen._compositor
        assert isinstance(compositor, QuickCompositor)
        with monkeypatch.context() as patched:
            patched.setattr(QuickCompositor, "_get_renders", Compositor._get_renders)
            whole = compositor._render_chops(it.app.screen.region, lambda _: True)
            every = len(list(compositor._get_renders(Region(0, 4, 120, 1))))
        assert len(list(compositor._get_renders(Region(0, 4, 120, 1)))) < every
        for region in (Region(0, 2, 120, 1), Region(0, 4, 120, 9), Region(3, 20, 50, 12)):
            part = compositor._render_chops(region, region.line_range.__contains__)
            for y in region.line_range:
                for x, end in pairwise(compositor.cuts[y]):
                    if x < region.right and end > region.x:  # all others are not drawn
                        assert cells([part[y][x]]) == cells([whole[y][x]])
        bar, region = next(
            (widget, region)
            for widget, (region, _) in compositor.visible_widgets.items()
            if isinstance(widget, ScrollBar)
        )
        for changed in ([region], [Region(0, 2, 120, 1), Region(3, 20, 50, 12), region]):
            compositor._dirty_regions.update(changed)
            update = compositor.render_partial_update()
            assert update is not None
            for y, left, right in update.spans:
                for x, end in pairwise(compositor.cuts[y]):
                    if x < right and end > left:
                        piece = update.chops[y][x]
                        assert piece is not None
                        assert cells([piece]) == cells([whole[y][x]])
        drawn = [widget for widget in compositor.visible_widgets if widget is not bar]
        with monkeypatch.context() as patched:
            for widget in drawn:
                patched.setattr(widget, "render_lines", None)  # whoever calls it fails
            compositor._dirty_regions.add(region)
            assert compositor.render_partial_update() is not None


async def test_the_owner_draws_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key moves it at once, so that the next key continues from there, and draws nothing."""
    app = TableApp(Numbers(100))
    async with app.run_test(size=(60, 20)) as pilot:
        table = app.table
        monkeypatch.setattr(type(table), "SHOWN_BY_OWNER", True)
        await pilot.pause()
        drawn: list[tuple[Region, ...]] = []
        monkeypatch.setattr(table, "refresh", lambda *regions: drawn.append(regions))
        table.action_move(1)
        table.action_move(1)
        assert (table.cursor, drawn) == (2, [])
        table.show_row(2)
        assert [region.y for (region,) in drawn] == [1, 3]
        await pilot.pause()
        assert app.moves == [(1, False), (2, False)]


def test_styles_are_parsed_once_for_each_theme() -> None:
    """The same variables keep the rules; others colour them as Textual does."""
    steady, theirs = (kind(variables={"ink": "#ff0000"}) for kind in (SteadyStylesheet, Stylesheet))
    for sheet in (steady, theirs):
        sheet.add_source("Label { color: $ink; }", read_from=("a", ""))
        sheet.parse()
    before = steady.rules
    steady.set_variables({"ink": "#ff0000"})
    steady.reparse()
    assert [*map(id, steady.rules)] == [*map(id, before)]
    for sheet in (steady, theirs):
        sheet.set_variables({"ink": "#00ff00"})
        sheet.reparse()
    assert steady.css == theirs.css
    assert "#00FF00" in steady.css
