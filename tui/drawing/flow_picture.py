"""The picture of the concept flow: the client and its jar, the hosts, and the seven stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from rich.cells import cell_len

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.flow import STAGES, Flow, Lane, Stage, StageKind
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.table import TableRow
from tui.drawing.canvas import Canvas
from tui.drawing.cookie_text import arranged, arranged_header
from tui.drawing.fit import cut
from tui.drawing.tones import row_tones

_MAX_LINES: Final = 8
"""The most lines of one stage."""
_MAX_STAYS: Final = 14
"""The most lines for the cookies that stay behind."""
_MAX_GAP: Final = 3
"""The most blank lines in one place."""
_STAY_SIGNS: Final = frozenset({SIGNS[Mark.WITHHELD], SIGNS[Mark.MISSING]})
_GAPS: Final = 8
"""How many places get a blank line if there is room."""

REQUEST, READ, PROCESS, SET, RESPONSE, STORE, NEXT = StageKind

_BOX: Final = 92
"""The most cells of a box; longer lines are hard to read."""
_ROOMY: Final = 110
"""From this width on, values are indented as far as the titles, not the numbers."""
_NUMBERS: Final = {kind: number for number, kind in enumerate(STAGES, 1)}

CLIENT, SERVER = "$primary", "$primary"


class Light(msgspec.Struct, frozen=True):
    """What is highlighted: the stages of the step, or one frame of the animation."""

    lit: frozenset[StageKind]
    lead: StageKind
    """The main stage."""
    pulse: float | None = None
    """The position of the light on the main stage's arrow, 0 to 1; None if it is on no arrow."""


def at_rest(flow: Flow) -> Light:
    """Return what is highlighted while nothing moves."""
    return Light(frozenset(stage.kind for stage in flow.stages if stage.lit), flow.lead)


class Line(NamedTuple):
    """One line of a text that may take several."""

    text: str
    is_stay: bool = False
    """True for a cookie that stays behind."""


class Plan:
    """How many lines each stage and each arrow gets, so that the picture fits if possible."""

    def __init__(self, flow: Flow, left: int, right: int, wire: int, height: int) -> None:
        """``left`` and ``right`` are the cells for a stage's text, ``wire`` for an arrow's text."""
        self._texts = {
            stage.kind: stage.lines[:1] if stage.kind in (REQUEST, RESPONSE) else stage.lines
            for stage in flow.stages
        }
        self._widths = {
            stage.kind: left if stage.side == "client" else right for stage in flow.stages
        }
        self._wants = {
            kind: wanted(texts, self._widths[kind], _MAX_LINES)
            for kind, texts in self._texts.items()
        }
        on_arrow = {stage.kind: stage.lines[1:] for stage in flow.stages}
        self._wire = wire
        self._inner = left
        self._up = on_arrow[REQUEST]
        self._down = on_arrow[RESPONSE]
        self._stays = tuple(stay.line for stay in flow.stays)
        self._stays_want = wanted(self._stays, left, _MAX_STAYS)
        self._stays_given = min(1, len(self._stays))
        self._jar = max(1, len(flow.jar)) + 1
        self._given = dict.fromkeys(StageKind, 1)
        self._ups = self._downs = 1
        self.gap = 0
        self._share(height, {stage.kind for stage in flow.stages if stage.lit})

    def lines(self, kind: StageKind) -> list[Line]:
        """Return the text of a stage, in the lines that it was given."""
        texts, count = self._texts[kind], self._given[kind]
        return in_lines(texts if kind is STORE else texts[:count], self._widths[kind], count)

    @property
    def up(self) -> list[str]:
        """The text of the arrow to the server, in the lines that it was given."""
        width, lines = (self._wire, 1) if self._ups == 1 else (self._inner, self._ups)
        return [line for text in self._up[:1] for line in arranged_header(text, width, lines)] + [
            cut(text, width) for text in self._up[1:] if self._ups > 1
        ][: self._ups - 1]

    @property
    def stays(self) -> list[Line]:
        """The cookies that stay behind, in the lines that they were given."""
        return in_lines(self._stays, self._inner, self._stays_given)

    @property
    def down(self) -> list[str]:
        """The text of the arrows to the client, one line per Set-Cookie."""
        rest = len(self._down) - self._downs
        more = f" (+{rest} more)" if rest > 0 else ""
        lines = [arranged_header(text, self._wire, 1)[0] for text in self._down[: self._downs]]
        if more:
            last = self._down[self._downs - 1]
            lines[-1] = arranged_header(last, self._wire - len(more), 1)[0] + more
        return lines

    @property
    def response(self) -> int:
        """How many lines the response and its arrows need below their title."""
        return max(self._given[RESPONSE], self._downs)

    @property
    def inside(self) -> int:
        """How many lines there are from the arrow to the server to the last arrow back."""
        return self._server_side + self.pad

    @property
    def _server_side(self) -> int:
        given = sum(1 + self._given[kind] for kind in (READ, PROCESS, SET))
        return given + 1 + self.response + 3 * self.gap

    @property
    def pad(self) -> int:
        """How many blank lines the server's side has before the response, for the client's side."""
        needed = self._ups + self._stays_given + self.response + (2 if self._stays else 0)
        return max(0, needed - self._server_side)

    @property
    def height(self) -> int:
        """How many lines the picture has, including its borders."""
        outside = sum(1 + self._given[kind] for kind in (REQUEST, STORE, NEXT))
        return 2 + outside + self.inside + (_GAPS - 3) * self.gap

    @property
    def jar(self) -> int:
        """How many lines are free for the jar, between the arrows."""
        return max(0, self.inside - self._ups - self._stays_given - self.response)

    @property
    def _header(self) -> int:
        """How many lines the text of the arrow to the server needs."""
        if len(self._up) == 1 and cell_len(self._up[0]) <= self._wire:
            return 1
        lines = [len(arranged_header(text, self._inner, _MAX_LINES)) for text in self._up[:1]]
        return min(_MAX_LINES, sum(lines) + len(self._up[1:]))

    def _share(self, height: int, lit: set[StageKind]) -> None:
        """Give out lines one at a time while they fit, to what stays and what is lit first."""
        order = [kind for kind in StageKind if kind in lit]
        order += [kind for kind in (NEXT, *StageKind) if kind not in order]
        grew = True
        while grew:
            grew = False
            if self._stays_given < self._stays_want:
                self._stays_given += 1
                if self.height <= height:
                    grew = True
                    continue
                self._stays_given -= 1
            for kind in order:
                if self._given[kind] < self._wants[kind]:
                    self._given[kind] += 1
                    if self.height <= height:
                        grew = True
                    else:
                        self._given[kind] -= 1
            if self._downs < min(len(self._down), _MAX_LINES):
                self._downs += 1
                if self.height <= height:
                    grew = True
                else:
                    self._downs -= 1
            if self._ups < self._header and self.jar > self._jar:
                self._ups += 1
                grew = True
        while self.gap < _MAX_GAP and self.height + _GAPS <= height:
            self.gap += 1


def wanted(texts: Sequence[str], width: int, most: int) -> int:
    """Return how many lines texts need, up to ``most``."""
    return min(most, sum(len(_hanging(text, width, most)) for text in texts))


def _hanging(text: str, width: int, most: int) -> list[str]:
    """Return a text in up to ``most`` lines; what follows a sign is indented."""
    if text[:1] not in _STAY_SIGNS:
        return list(arranged(text, width, most))
    first, *others = arranged(text[2:], width - 2, most)
    return [f"{text[:2]}{first}", *(f"  {line}" for line in others)]


def in_lines(texts: Sequence[str], width: int, count: int) -> list[Line]:
    """Return texts in at most ``count`` lines: one each, and the rest for the long ones.

    If there are more texts than lines, the last line says how many more.
    """
    shown = texts if len(texts) <= count else texts[: max(0, count - 1)]
    spare = count - len(shown) - (len(shown) < len(texts))
    lines: list[Line] = []
    for text in shown:
        own = _hanging(text, width, 1 + spare)
        spare -= len(own) - 1
        lines += (Line(line, text[:1] in _STAY_SIGNS) for line in own)
    if len(shown) < len(texts) and count:
        rest = len(texts) - len(shown)
        more = f" (+{rest - 1} more)" if count == 1 else ""
        line = cut(texts[0], width - len(more)) + more if more else f"and {rest} more"
        lines.append(Line(line, texts[-1][:1] in _STAY_SIGNS))
    return lines


class Picture:
    """The picture of one step, in a given width. It is higher than ``height`` if it must be."""

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
        _, action, sent, _, set_, _ = (
            f"${tone}" if tone else "$foreground" for tone in row_tones(row)
        )
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
        """The line of the main stage."""
        self._draw()

    # Stages -------------------------------------------------------------------------------

    def _draw(self) -> None:
        plan, gap = self._plan, self._plan.gap
        stages = {stage.kind: stage for stage in self._flow.stages}
        arrow = self._stage(stages[REQUEST], 1 + gap, 0) + gap
        y = arrow
        for kind in (READ, PROCESS, SET):
            y = self._stage(stages[kind], y, self._server) + gap
        y += plan.pad
        response = self._stage(stages[RESPONSE], y, self._server) - len(plan.lines(RESPONSE))
        end = response + plan.response
        y = self._stage(stages[STORE], end + gap, 0) + gap
        self._stage(stages[NEXT], y, 0)
        busy = {*self._arrows_up(arrow), *self._arrows_down(response)}
        self._jar(self._stays(arrow + len(plan.up)), response)
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
            own = "$withheld" if line.is_stay else tone
            canvas.put(box + self._indent, y, line.text, own, width=room + 2 - self._indent)
        return y + 1

    def _stays(self, y: int) -> int:
        """Draw the cookies that stay behind, below the arrow; return the line after."""
        lit = REQUEST in self._light.lit
        for line in self._plan.stays:
            tone = "$withheld" if lit else "$quiet"
            self.canvas.put(self._indent, y, line.text, tone, self._left - self._indent - 2)
            y += 1
        return y

    # The arrows ---------------------------------------------------------------------------

    def _arrow(self, kind: StageKind) -> tuple[str, str]:
        """Return the style of an arrow, and of its text."""
        lit = kind in self._light.lit
        tone = "$quiet" if not lit else self._up if kind is REQUEST else self._down
        return (f"bold {tone}" if lit else tone), tone

    def _arrows_up(self, y: int) -> list[int]:
        """Draw the arrow to the server with the Cookie header; return its lines."""
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
        """Draw the arrows back, one per Set-Cookie; return their lines."""
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
        """Draw a line across the client's border, and the light that moves along it."""
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
        """Draw the client's cookies between the two arrows."""
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
        if shown and len(shown) < len(held):
            lines.append(f"and {len(held) - len(shown):,} more")
        for y, text in enumerate(lines, top + 1):
            self.canvas.put(self._indent, y, arranged(text, width, 1)[0], "$foreground", width)

    def _client(self, busy: set[int]) -> None:
        self._top(0, 0, self._left, self._flow.client, "", CLIENT)
        for y in range(1, self.height - 1):
            self.canvas.put(0, y, "│", CLIENT)
            if y not in busy:
                self.canvas.put(self._left - 1, y, "│", CLIENT)
        self.canvas.put(0, self.height - 1, f"╰{'─' * (self._left - 2)}╯", CLIENT)

    def _lanes(self, arrow: int, end: int, busy: set[int]) -> None:
        """Draw the box of the step's host, and one line for each other host above or below it."""
        lanes = self._flow.lanes
        here = next((i for i, lane in enumerate(lanes) if lane.lit), 0)
        before = other_hosts(lanes[:here], arrow - 1, nearest_last=True)
        after = other_hosts(lanes[here + 1 :], self.height - end - 1, nearest_last=False)
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
        """Draw another host in one line."""
        self.canvas.put(self._server, y, "╶─ ", "$rule")
        room = self._right - 3
        name = cut(name, room - cell_len(count) - 5)
        at = self.canvas.put(self._server + 3, y, name, "$quiet")
        filler = room - cell_len(name) - cell_len(count) - 4
        at = self.canvas.put(at, y, f" {'─' * filler} ", "$rule")
        at = self.canvas.put(at, y, count, "$quiet")
        self.canvas.put(at, y, " ╴", "$rule")

    def _top(self, y: int, x: int, width: int, name: str, count: str, style: str) -> None:
        """Draw the upper border of a box, with its name and a count."""
        count = f" {count} ─" if count else ""
        name = cut(name, width - cell_len(count) - 6)
        self.canvas.put(x, y, "╭─ ", style)
        at = self.canvas.put(x + 3, y, name, "bold $foreground")
        filler = width - 3 - cell_len(name) - cell_len(count) - 2
        self.canvas.put(at, y, f" {'─' * filler}{count}╮", style)


def other_hosts(lanes: tuple[Lane, ...], room: int, *, nearest_last: bool) -> list[tuple[str, str]]:
    """Return name and request count per host, in at most ``room`` lines.

    The hosts farthest from the step's own host are added up in one line.
    """
    if len(lanes) > room:
        kept = max(0, room - 1)
        far = lanes[: len(lanes) - kept] if nearest_last else lanes[kept:]
        near = lanes[len(lanes) - kept :] if nearest_last else lanes[:kept]
    else:
        far, near = (), lanes
    lines = [(lane.host, plural(lane.requests, "request")) for lane in near]
    if far and room > 0:
        total = plural(sum(lane.requests for lane in far), "request")
        lines.insert(0 if nearest_last else len(lines), (f"{len(far)} more hosts", total))
    return lines
