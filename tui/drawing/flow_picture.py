"""Draws the concept flow: the client and its jar, the hosts' lanes, and the seven stages."""

from __future__ import annotations

from typing import Final

import msgspec
from rich.cells import cell_len

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.flow import STAGES, Flow, Lane, Stage, StageKind
from cookietrace.lesson.table import TableRow
from tui.drawing.canvas import Canvas
from tui.drawing.fit import cut
from tui.drawing.flow_plan import NEXT, PROCESS, READ, REQUEST, RESPONSE, SET, STORE, Plan
from tui.drawing.rows import tones

_BOX: Final = 66
"""The most cells of a box: longer lines are hard to read."""
_ROOMY: Final = 110
"""From this width on values stand below the titles, not below the numbers."""
_NUMBERS: Final = {kind: number for number, kind in enumerate(STAGES, 1)}

CLIENT, SERVER = "$primary", "$primary"


class Light(msgspec.Struct, frozen=True):
    """What is lit: at rest what the step is about, in motion how far it has come."""

    lit: frozenset[StageKind]
    lead: StageKind
    """The one stage that is marked."""
    pulse: float | None = None
    """How far the light has come on the arrow of the marked stage, 0 to 1; None where on none."""


def at_rest(flow: Flow) -> Light:
    """Return the light of a step that nothing moves through."""
    return Light(frozenset(stage.kind for stage in flow.stages if stage.lit), flow.lead)


class Picture:
    """One step, drawn into a width and a height; higher than that where it does not fit."""

    def __init__(self, flow: Flow, row: TableRow, light: Light, width: int, height: int) -> None:
        self._flow = flow
        self._light = light
        self._left = min(_BOX, round(width * 0.44))
        self._right = min(_BOX, round(width * 0.48))
        self._server = width - self._right
        self._indent = 6 if width >= _ROOMY else 4
        inner = self._left - self._indent - 2
        beside = self._right - self._indent - 2
        self._plan = Plan(flow, inner, beside, self._server - 8, height)
        _, action, sent, _, set_, _ = (f"${tone}" if tone else "$foreground" for tone in tones(row))
        self._up = sent if flow.up else "$foreground"
        self._down = set_ if flow.down else "$foreground"
        self._tones = {
            SET: set_,
            STORE: action,
            NEXT: sent if NEXT in flow.beats else "$foreground",
        }
        self.canvas = Canvas(width, self._plan.height)
        self.height = self._plan.height
        self.anchor = 0
        """The line of the marked stage."""
        self._draw()

    # Where things stand -------------------------------------------------------------------

    def _draw(self) -> None:
        plan, gap = self._plan, self._plan.gap
        stage = {told.kind: told for told in self._flow.stages}
        arrow = self._stage(stage[REQUEST], 1 + gap, 0) + gap
        y = arrow
        for kind in (READ, PROCESS, SET):
            y = self._stage(stage[kind], y, self._server) + gap
        answer = self._stage(stage[RESPONSE], y, self._server) - len(plan.lines(RESPONSE))
        end = answer + plan.answer
        y = self._stage(stage[STORE], end + gap, 0) + gap
        self._stage(stage[NEXT], y, 0)
        busy = {*self._arrows_up(arrow), *self._arrows_down(answer)}
        self._jar(arrow + len(plan.up), answer)
        self._client(busy)
        self._lanes(arrow, end, busy)

    def _stage(self, stage: Stage, y: int, box: int) -> int:
        """Draw a stage; return the line after it."""
        light, canvas = self._light, self.canvas
        room = (self._right if box else self._left) - 4
        lit, lead = stage.kind in light.lit, stage.kind is light.lead
        sign = "▶" if lead else "•" if lit else " "
        title = (
            f" {_NUMBERS[stage.kind]} {stage.title} "
            if lead
            else (f" {_NUMBERS[stage.kind]} {stage.title}")
        )
        style = "bold $chip-text on $chip" if lead else "bold $foreground" if lit else "$quiet"
        canvas.put(box + 2, y, sign, "bold $foreground")
        canvas.put(box + 3, y, title, style, width=room)
        if lead:
            self.anchor = y
        tone = self._tones.get(stage.kind, "$foreground") if lit else "$quiet"
        for line in self._plan.lines(stage.kind):
            y += 1
            canvas.put(box + self._indent, y, line, tone, width=room + 2 - self._indent)
        return y + 1

    # The arrows ---------------------------------------------------------------------------

    def _arrow(self, kind: StageKind) -> tuple[str, str]:
        """Return the style of an arrow and of what it says."""
        lit = kind in self._light.lit
        tone = "$quiet" if not lit else self._up if kind is REQUEST else self._down
        return (f"bold {tone}" if lit else tone), tone

    def _arrows_up(self, y: int) -> list[int]:
        """Draw the way to the server, with the Cookie header on it."""
        style, tone = self._arrow(REQUEST)
        words = self._plan.up
        at = self.canvas.put(self._indent, y, words[0] if words else "", tone)
        at += 1
        length = self._server - 2 - at
        self._line(at, y, length, style, REQUEST, forth=True)
        self.canvas.put(self._server - 1, y, "▶", style)
        room = self._left - self._indent - 2
        for line, text in enumerate(words[1:], y + 1):
            self.canvas.put(self._indent, line, text, tone, room)
        return [y]

    def _arrows_down(self, y: int) -> list[int]:
        """Draw the way back, a line a Set-Cookie."""
        if not self._plan.down:
            return []
        style, tone = self._arrow(RESPONSE)
        lines = []
        for line, text in enumerate(self._plan.down, y):
            self.canvas.put(2, line, "◀━", style)
            at = self.canvas.put(5, line, text, tone) + 1
            self._line(at, line, self._server - 1 - at, style, RESPONSE, forth=False)
            self.canvas.put(self._server - 1, line, "━", style)
            lines.append(line)
        return lines

    def _line(
        self, x: int, y: int, length: int, style: str, kind: StageKind, *, forth: bool
    ) -> None:
        """Draw a line that crosses the client's border, and the light that moves on it."""
        border = self._left - 1
        cells = ["┿" if column == border else "━" for column in range(x, x + length + 1)]
        if not forth:
            cells = cells[:-1]
        pulse = self._light.pulse
        if pulse is None or kind is not self._light.lead or not cells:
            self.canvas.put(x, y, "".join(cells), style)
            return
        place = round((pulse if forth else 1 - pulse) * (len(cells) - 1))
        at = self.canvas.put(x, y, "".join(cells[:place]), style)
        at = self.canvas.put(at, y, "●", "bold $chip-text on $chip")
        self.canvas.put(at, y, "".join(cells[place + 1 :]), style)

    # The boxes ----------------------------------------------------------------------------

    def _jar(self, top: int, end: int) -> None:
        """Draw what the client holds, between the two arrows."""
        held = self._flow.jar
        room, width = end - top, self._left - self._indent - 2
        if room < 2:
            return
        if room >= len(held) + 3:
            top += 1
            room -= 1
        title = f"Cookie jar: {plural(len(held), 'cookie')}" if held else "Cookie jar: empty"
        self.canvas.put(self._indent, top, title, "$quiet", width)
        shown = held if len(held) < room else held[: room - 2]
        lines = [*shown]
        if len(shown) < len(held):
            lines.append(f"and {len(held) - len(shown):,} more")
        for y, text in enumerate(lines, top + 1):
            self.canvas.put(self._indent, y, text, "$foreground", width)

    def _client(self, busy: set[int]) -> None:
        self._top(0, 0, self._left, self._flow.client, "", CLIENT)
        for y in range(1, self.height - 1):
            self.canvas.put(0, y, "│", CLIENT)
            if y not in busy:
                self.canvas.put(self._left - 1, y, "│", CLIENT)
        self.canvas.put(0, self.height - 1, f"╰{'─' * (self._left - 2)}╯", CLIENT)

    def _lanes(self, arrow: int, end: int, busy: set[int]) -> None:
        """Draw the lane of the step's host open, the hosts before it and after it closed."""
        lanes = self._flow.lanes
        here = next((i for i, lane in enumerate(lanes) if lane.lit), 0)
        before = closed(lanes[:here], arrow - 1, nearest_last=True)
        after = closed(lanes[here + 1 :], self.height - end - 1, nearest_last=False)
        x, width = self._server, self._right
        for y, (name, count) in enumerate(before):
            self._lane(y, name, count)
        count = plural(lanes[here].requests, "request") if lanes else "counting…"
        self._top(len(before), x, width, self._flow.host, count, SERVER)
        last = self.height - 1 - len(after)
        for y in range(len(before) + 1, last):
            joint = "┥" if y in busy and y > arrow else "│"
            style = self._arrow(RESPONSE)[0] if joint == "┥" else SERVER
            self.canvas.put(x, y, joint, style)
            self.canvas.put(x + width - 1, y, "│", SERVER)
        self.canvas.put(x, last, f"╰{'─' * (width - 2)}╯", SERVER)
        for y, (name, count) in enumerate(after, last + 1):
            self._lane(y, name, count)

    def _lane(self, y: int, name: str, count: str) -> None:
        """Draw the lane of another host: closed, in one line."""
        self.canvas.put(self._server, y, "╶─ ", "$rule")
        room = self._right - 3
        name = cut(name, room - cell_len(count) - 5)
        at = self.canvas.put(self._server + 3, y, name, "$quiet")
        filler = room - cell_len(name) - cell_len(count) - 4
        at = self.canvas.put(at, y, f" {'─' * filler} ", "$rule")
        at = self.canvas.put(at, y, count, "$quiet")
        self.canvas.put(at, y, " ╴", "$rule")

    def _top(self, y: int, x: int, width: int, name: str, count: str, style: str) -> None:
        """Draw the upper border of a box, with its name and a count in it."""
        count = f" {count} ─" if count else ""
        name = cut(name, width - cell_len(count) - 6)
        self.canvas.put(x, y, "╭─ ", style)
        at = self.canvas.put(x + 3, y, name, "bold $foreground")
        filler = width - 3 - cell_len(name) - cell_len(count) - 2
        self.canvas.put(at, y, f" {'─' * filler}{count}╮", style)


def closed(lanes: tuple[Lane, ...], room: int, *, nearest_last: bool) -> list[tuple[str, str]]:
    """Return name and count of each lane in at most ``room`` lines; the farthest are summed up."""
    if len(lanes) > room:
        kept = max(0, room - 1)
        far = lanes[: len(lanes) - kept] if nearest_last else lanes[kept:]
        near = lanes[len(lanes) - kept :] if nearest_last else lanes[:kept]
    else:
        far, near = (), lanes
    told = [(lane.host, plural(lane.requests, "request")) for lane in near]
    if far and room > 0:
        total = plural(sum(lane.requests for lane in far), "request")
        told.insert(0 if nearest_last else len(told), (f"{len(far)} more hosts", total))
    return told
