"""Composes what has changed on a screen without drawing the widgets that have not."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class QuickCompositor(Compositor):
    """Textual's compositor, which asks fewer widgets for their lines.

    Textual asks every widget whose clip, usually the whole screen, overlaps a rectangle around all
    that has changed; each gives all of its lines, which are then cut and thrown away. Here, a
    widget is asked only if it shows a part of what has changed, and no widget in front of it shows
    all of that. Pieces outside of what has changed may be missing, or those of a covered widget:
    Textual does not write them.
    """

    _changed: tuple[Region, ...] = ()
    """What has changed, during a partial update."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Render what has changed."""
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not crop:
            yield from super()._get_renders(crop)
            return
        missing = [part for part in map(crop.intersection, self._changed or (crop,)) if part]
        for widget, (region, clip) in self.visible_widgets.items():  # the foremost first
            shown = region.intersection(clip)
            if shown and any(map(shown.overlaps, missing)):
                inside = shown.translate(-region.offset)
                yield region, clip, widget.render_lines(inside)
                missing = [part for part in missing if not shown.contains_region(part)]
                if not missing:
                    return
