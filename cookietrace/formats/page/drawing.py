"""Mode 1 on the page: the texts of the drawing at each step, cut to fit."""

from __future__ import annotations

import msgspec

from cookietrace.lesson.display_text import clip, plural
from cookietrace.lesson.flow import STAGES, Flow, FlowBoard, StageKind
from cookietrace.lesson.table import Table

LABEL_CELLS = 30
"""The room along an arrow."""

JAR_CELLS = 50
"""The room beside the jar."""

HOST_CELLS = 15
"""The room under the server."""

JAR_LINES = 3

_ORDER = tuple(STAGES)


class Drawing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of the drawing; every text is display text. JSON leaves out empty fields."""

    beats: tuple[int, ...]
    """The stages that the step passes through, in order, numbered from 1."""
    lead: int
    """The stage whose name is in the middle, numbered from 1."""
    host: str
    client: str = "Client"
    up: str = ""
    """The text along the arrow to the server; empty if the step has no request."""
    down: str = ""
    """The text along the arrow to the client; empty if the step has no response."""
    lanes: tuple[int, ...] = ()
    """The number of requests to each host so far; empty if there is only one host."""
    lane: int = 0
    """The index of the step's host in ``lanes``."""
    held: int = 0
    """The number of cookies in the jar."""
    stays: int = 0
    """How many lines beside the jar say what stays behind; they come first."""


class Picture(msgspec.Struct, frozen=True):
    """One step, in words and as a drawing."""

    flow: Flow
    drawing: Drawing
    jar: tuple[str, ...]
    """The lines beside the jar in the drawing."""


def pictures(table: Table) -> tuple[Picture, ...]:
    """Return the pictures of all steps, in order."""
    board = FlowBoard(table)
    flows = [board.flow(step) for step in range(1, len(table) + 1)]
    return tuple(picture(flow) for flow in flows)


def picture(flow: Flow) -> Picture:
    """Return the picture of one step."""
    stays = _stays(flow)
    return Picture(flow, _drawing(flow, len(stays)), (*stays, *_jar(flow.jar, len(stays))))


def _drawing(flow: Flow, stays: int) -> Drawing:
    return Drawing(
        beats=tuple(_ORDER.index(kind) + 1 for kind in flow.beats),
        lead=_ORDER.index(flow.lead) + 1,
        host=clip(flow.host, HOST_CELLS),
        client=clip(flow.client, HOST_CELLS),
        up=_label("Cookie", flow.up, "no cookies") if StageKind.REQUEST in flow.beats else "",
        down=(
            _label("Set-Cookie", flow.down, "no Set-Cookie")
            if StageKind.RESPONSE in flow.beats
            else ""
        ),
        lanes=tuple(lane.requests for lane in flow.lanes) if len(flow.lanes) > 1 else (),
        lane=next((at for at, lane in enumerate(flow.lanes) if lane.lit), 0),
        held=len(flow.jar),
        stays=stays,
    )


def _label(header: str, values: tuple[str, ...], nothing: str) -> str:
    """Return a header with its first value and the number of further ones."""
    if not values:
        return nothing
    first = values[0].partition(";")[0]
    if len(values) == 1:
        return clip(f"{header}: {first}", LABEL_CELLS)
    more = f" +{len(values) - 1}"
    return clip(f"{header}: {first}", LABEL_CELLS - len(more)) + more


def _stays(flow: Flow) -> tuple[str, ...]:
    """Return what stays behind in one or two lines: the first reason, and how many there are."""
    texts = (*(stay.line for stay in flow.stays), *flow.not_deleted)
    if not texts:
        return ()
    what, colon, why = texts[0].partition(": ")
    more = f" (+{len(texts) - 1} more)" if len(texts) > 1 else ""
    return (clip(what + colon, JAR_CELLS), clip(why, JAR_CELLS - len(more)) + more)


def _jar(held: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return the cookies in the jar, in the lines that are left of ``JAR_LINES``."""
    lines = JAR_LINES - taken
    if not held:
        return ("the jar is empty",)
    if len(held) <= lines:
        return tuple(clip(line, JAR_CELLS) for line in held)
    if lines == 1:
        return (f"{plural(len(held), 'cookie')} in the jar",)
    kept = held[: lines - 1]
    return (
        *(clip(line, JAR_CELLS) for line in kept),
        f"and {plural(len(held) - len(kept), 'cookie')} more",
    )
