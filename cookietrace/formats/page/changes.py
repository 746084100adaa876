"""The page of ``cookietrace diff``: both captures in two columns, in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from cookietrace import __version__
from cookietrace.formats.page.rendering import asset, policy, templates
from cookietrace.lesson.changes import (
    Block,
    Cell,
    Comparison,
    Journey,
    Outgoing,
    Pair,
    blocks,
    cause,
    cells,
    of_either,
    order_text,
    pairs,
)
from cookietrace.lesson.display_text import plural

_AROUND: Final = 2
"""How many rows that are the same are shown before and after one that differs."""

_MOST: Final = 1_000
"""How many rows that differ are on the page."""


class Row(msgspec.Struct, frozen=True):
    """A row of the page; all of it is display text."""

    before: Cell | None = None
    after: Cell | None = None
    sign: str = ""
    number: int | None = None
    """The number of the difference, from 1; None if both are the same."""
    blocks: tuple[Block, ...] = ()
    skipped: str = ""
    """Instead of rows that are the same: how many there are."""


def render_changes(
    found: Comparison,
    journeys: tuple[Journey, Journey],
    names: tuple[str, str],
    outgoing: Outgoing = (str, str),
) -> str:
    """Return the page. ``names`` are the captures', as display text.

    ``outgoing`` makes each side's texts fit to leave the machine. Reading the exchanges may raise
    ``CaptureError``.
    """
    style = asset("style.css") + "\n" + asset("changes.css")
    script = asset("changes.js")
    everything = pairs(found)
    alignment = found.alignment
    differing = sum(row.differs for row in everything)
    text = (
        templates()
        .get_template("changes.html")
        .render(
            names=[outgoing[0](names[0]), outgoing[1](names[1])],
            cause=cause(found, outgoing),
            facts=[
                f"{plural(len(alignment.pairs), 'request')} in both",
                f"{len(alignment.only_before):,} only in A",
                f"{len(alignment.only_after):,} only in B",
                plural(len(found.divergences), "difference"),
                *filter(None, [order_text(found, of_either(outgoing)).rstrip(".")]),
            ],
            nothing_shared=not alignment.pairs,
            rows=_rows(found, everything, journeys, outgoing),
            differing=differing,
            left_out=max(0, differing - _MOST),
            version=__version__,
            policy=policy(style, script),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
        )
    )
    return text.replace("&#39;", "'")


def _rows(
    found: Comparison,
    everything: Sequence[Pair],
    journeys: tuple[Journey, Journey],
    outgoing: Outgoing,
) -> list[Row]:
    """Return the rows that differ and a few around each, with gaps for the others."""
    differing = [at for at, row in enumerate(everything) if row.differs][:_MOST]
    wanted: set[int] = set()
    for at in differing:
        wanted.update(range(max(0, at - _AROUND), min(len(everything), at + _AROUND + 1)))
    chosen = sorted(wanted)
    sides = [
        _cells(journey, [everything[at][side] for at in chosen], text)
        for side, (journey, text) in enumerate(zip(journeys, of_either(outgoing), strict=True))
    ]
    rows: list[Row] = []
    reached, number = 0, 0
    for at, before, after in zip(chosen, *sides, strict=True):
        if at > reached:
            rows.append(_gap(at - reached))
        reached = at + 1
        pair = everything[at]
        number += pair.differs
        rows.append(
            Row(
                before,
                after,
                pair.sign,
                number if pair.differs else None,
                tuple(blocks(found, pair, outgoing)),
            )
        )
    if len(everything) > reached:
        rows.append(_gap(len(everything) - reached))
    return rows


def _gap(count: int) -> Row:
    return Row(skipped=f"{plural(count, 'more request')}")


def _cells(
    journey: Journey, indices: Sequence[object], outgoing: Callable[[str], str]
) -> list[Cell | None]:
    """Return the cells at these indices, fit to leave the machine; None for none."""
    wanted = [index for index in indices if isinstance(index, int)]
    found = iter(cells(journey, wanted))
    return [_outgoing(next(found), outgoing) if each is not None else None for each in indices]


def _outgoing(cell: Cell, text: Callable[[str], str]) -> Cell:
    return Cell(
        label=cell.label,
        method=text(cell.method),
        host=text(cell.host),
        page=text(cell.page),
        status=cell.status,
        sent=tuple(map(text, cell.sent)),
        withheld=tuple(map(text, cell.withheld)),
        sets=tuple(map(text, cell.sets)),
        refused=tuple(map(text, cell.refused)),
        missed=tuple(map(text, cell.missed)),
    )
