"""How many lines each stage of the flow gets on a screen of a given height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from cookietrace.lesson.flow import Flow, StageKind
from tui.drawing.fit import cut, fit

MOST: Final = 8
"""No stage gets more lines than this."""
_GAPS: Final = 8
"""How many places a blank line goes to where there is room."""

REQUEST, READ, PROCESS, SET, RESPONSE, STORE, NEXT = StageKind


class Plan:
    """Lines of text for each stage and each arrow, so many that the picture fits where it can."""

    def __init__(self, flow: Flow, left: int, right: int, wire: int, height: int) -> None:
        """``left`` and ``right`` are the cells for a stage's text, ``wire`` for an arrow's."""
        self._texts = {
            stage.kind: stage.lines[:1] if stage.kind in (REQUEST, RESPONSE) else stage.lines
            for stage in flow.stages
        }
        self._widths = {
            stage.kind: left if stage.side == "client" else right for stage in flow.stages
        }
        self._wants = {
            kind: min(MOST, sum(len(fit(text, self._widths[kind], MOST)) for text in texts))
            for kind, texts in self._texts.items()
        }
        told = {stage.kind: stage.lines[1:] for stage in flow.stages}
        self._wire = wire
        self._inner = left
        self._up = told[REQUEST]
        self._down = told[RESPONSE]
        self._jar = max(1, len(flow.jar)) + 1
        self._given = dict.fromkeys(StageKind, 1)
        self._ups = self._downs = 1
        self.gap = 0
        self._share(height, {stage.kind for stage in flow.stages if stage.lit})

    def lines(self, kind: StageKind) -> list[str]:
        """Return what a stage says, in as many lines as it was given."""
        return in_lines(self._texts[kind], self._widths[kind], self._given[kind])

    @property
    def up(self) -> list[str]:
        """What the arrow to the server says: in one line where it fits, else in those it has."""
        if self._ups == 1 or not self._up:
            return [cut(text, self._wire) for text in self._up[:1]]
        return in_lines(self._up, self._inner, self._ups)

    @property
    def down(self) -> list[str]:
        """What the arrow to the client says, a line a Set-Cookie."""
        rest = len(self._down) - self._downs
        lines = [cut(text, self._wire) for text in self._down[: self._downs]]
        if rest > 0:
            more = f" (+{rest} more)"
            lines[-1] = cut(lines[-1], self._wire - len(more)) + more
        return lines

    @property
    def answer(self) -> int:
        """How many lines the response and its arrow need below their title."""
        return max(self._given[RESPONSE], self._downs)

    @property
    def inside(self) -> int:
        """How many lines there are from the arrow to the server to the last one back."""
        given = sum(1 + self._given[kind] for kind in (READ, PROCESS, SET))
        return given + 1 + self.answer + 3 * self.gap

    @property
    def height(self) -> int:
        """How many lines the picture has, its borders included."""
        outside = sum(1 + self._given[kind] for kind in (REQUEST, STORE, NEXT))
        return 2 + outside + self.inside + (_GAPS - 3) * self.gap

    @property
    def jar(self) -> int:
        """How many lines are free for the jar, between the arrows."""
        return max(0, self.inside - self._ups - self.answer)

    @property
    def _header(self) -> int:
        """How many lines the words of the arrow to the server want."""
        if len(self._up) == 1 and cell_len(self._up[0]) <= self._wire:
            return 1
        return min(MOST, sum(len(fit(text, self._inner, MOST)) for text in self._up))

    def _share(self, height: int, lit: set[StageKind]) -> None:
        """Give out lines one at a time, to what is lit first, as long as they fit."""
        order = [kind for kind in StageKind if kind in lit]
        order += [kind for kind in (NEXT, *StageKind) if kind not in order]
        grew = True
        while grew:
            grew = False
            for kind in order:
                if self._given[kind] < self._wants[kind]:
                    self._given[kind] += 1
                    if self.height <= height:
                        grew = True
                    else:
                        self._given[kind] -= 1
            if self._downs < min(len(self._down), MOST):
                self._downs += 1
                if self.height <= height:
                    grew = True
                else:
                    self._downs -= 1
            if self._ups < self._header and self.jar > self._jar:
                self._ups += 1
                grew = True
        while self.gap < 2 and self.height + _GAPS <= height:
            self.gap += 1


def in_lines(texts: Sequence[str], width: int, count: int) -> list[str]:
    """Return texts as at most ``count`` lines: one for each, what is left for the long ones."""
    shown = texts[:count]
    spare = count - len(shown)
    lines: list[str] = []
    for text in shown:
        own = fit(text, width, 1 + spare)
        spare -= len(own) - 1
        lines += own
    return lines
