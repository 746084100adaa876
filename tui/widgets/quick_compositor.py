"""Composes what has changed on a screen without drawing the widgets that have not."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class QuickCompositor(Compositor):
    """Textual's compositor, which asks fewer widgets for their lines.

    Textual asks every widget whose clip, usually the whole screen, overlaps what has changed;
    each gives all of its lines, which are then cut and thrown away. Here, pieces
    outside of what has changed may be those of a covered widget: Textual does not write them.
    """

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not crop:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if shown and shown.overlaps(crop):
                inside = shown.translate(-region.offset)
                yield region, clip, widget.render_lines(inside)
