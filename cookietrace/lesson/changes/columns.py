"""Two captures as two columns: a row for each request that both have, or one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.changes.divergences import Comparison, Kind, Side
from cookietrace.lesson.changes.journey import Journey, Step
from cookietrace.lesson.changes.wording import (
    SENT,
    Outgoing,
    difference_text,
    fixes,
    follows_text,
    of_either,
    steps_text,
    whys,
)
from cookietrace.lesson.display_text import authority, capitalized, clip, shown
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.prose import page, section_text

_NAME_CELLS: Final = 40

_REFUSED = frozenset({Outcome.REJECTED, Outcome.IGNORED})


class Pair(NamedTuple):
    """One row, by indices among the exchanges of each capture."""

    before: int | None
    after: int | None
    divergences: tuple[int, ...]
    """Indices of the differences that it has."""

    @property
    def sign(self) -> str:
        """``≠`` if both differ, ``<`` or ``>`` if only one has it, as in ``diff -y``."""
        if self.after is None:
            return "<"
        if self.before is None:
            return ">"
        return "≠" if self.divergences else ""

    @property
    def differs(self) -> bool:
        """Whether the two sides are not the same."""
        return bool(self.sign)


class Cell(msgspec.Struct, frozen=True):
    """One request in one of the columns; all of it is display text."""

    label: str
    method: str
    host: str
    page: str
    """Its address without scheme and query, beginning with the host."""
    status: str
    sent: tuple[str, ...]
    """The cookies that it sends."""
    withheld: tuple[str, ...]
    sets: tuple[str, ...]
    """The cookies that its response sets or deletes."""
    refused: tuple[str, ...]
    missed: tuple[str, ...] = ()
    """The cookies that its response means to delete, and does not."""


class Block(msgspec.Struct, frozen=True):
    """One difference, as a heading over two columns; all of it is display text."""

    heading: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    follows: str = ""
    """What it probably follows from."""

    @property
    def reasons(self) -> bool:
        """Whether a side says more than the heading does."""
        return len(self.before) > 1 or len(self.after) > 1


class Cause(msgspec.Struct, frozen=True):
    """The first difference, which the others most likely follow from."""

    where: str
    what: str
    fixes: tuple[str, ...]


def pairs(found: Comparison) -> tuple[Pair, ...]:
    """Return all rows, in the order of the first capture's requests."""
    differences: dict[int, list[int]] = {}
    for number, each in enumerate(found.divergences):
        differences.setdefault(each.places[0], []).append(number)
    lonely = list(found.alignment.only_before), list(found.alignment.only_after)
    rows: list[Pair] = []
    at = [0, 0]

    def alone(before: float, after: float) -> None:
        while at[0] < len(lonely[0]) and lonely[0][at[0]] < before:
            rows.append(Pair(lonely[0][at[0]], None, ()))
            at[0] += 1
        while at[1] < len(lonely[1]) and lonely[1][at[1]] < after:
            rows.append(Pair(None, lonely[1][at[1]], ()))
            at[1] += 1

    for one, other in found.alignment.pairs:
        alone(one, other)
        rows.append(Pair(one, other, tuple(differences.get(one, ()))))
    alone(float("inf"), float("inf"))
    return tuple(rows)


def first_shown(found: Comparison, rows: Sequence[Pair]) -> int:
    """Return the index of the row that is selected first: of the first difference with a cause."""
    if found.divergences:
        return next(at for at, row in enumerate(rows) if 0 in row.divergences)
    return next((at for at, row in enumerate(rows) if row.differs), 0)


def cells(journey: Journey, indices: Sequence[int]) -> list[Cell]:
    """Return what the exchanges at these indices look like in a column."""
    exchanges = journey.exchanges(indices)
    steps = journey.steps([each.exchange_id for each in exchanges])
    return [_cell(each, step) for each, step in zip(exchanges, steps, strict=True)]


def _cell(exchange: Exchange, step: Step) -> Cell:
    part, response = exchange.request, exchange.response
    results = response.set_cookies if response is not None else ()
    return Cell(
        label=step.label,
        method=shown(part.method),
        host=authority(part.target),
        page=page(exchange),
        status="…" if response is None else str(response.event.status_code),
        sent=_names(each.name for each in part.cookies),
        withheld=_names(each.cookie.name for each in part.withheld),
        sets=_names(each.name for each in results if each.outcome not in _REFUSED),
        refused=_names(
            each.name for each in results if each.outcome in _REFUSED and not _deletes(each)
        ),
        missed=_names(each.name for each in results if missed_deletion(each) is not None),
    )


def _deletes(result: StoreResult) -> bool:
    """Return whether a line deletes nothing, and is not refused either."""
    return result.outcome is Outcome.IGNORED and is_deletion(result)


def _names(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clip(shown(name), _NAME_CELLS) or "(no name)" for name in names))


def cause(found: Comparison, outgoing: Outgoing = (str, str)) -> Cause | None:
    """Return the likely cause of all differences; None if no request of both differs."""
    if not found.divergences:
        return None
    both = of_either(outgoing)
    first = found.divergences[0]
    return Cause(
        where=f"{capitalized(steps_text(first))}: {both[0](first.before.page)}",
        what=difference_text(first, both),
        fixes=tuple(both[0](fix) for fix in fixes(found)),
    )


def blocks(found: Comparison, row: Pair, outgoing: Outgoing = (str, str)) -> list[Block]:
    """Return the differences of a row, each with what both sides do and why."""
    both = of_either(outgoing)
    return [_block(found, number, both) for number in row.divergences]


def _block(found: Comparison, number: int, both: Outgoing) -> Block:
    each = found.divergences[number]
    return Block(
        heading=difference_text(each, both),
        before=tuple(map(both[0], _side(each.kind, each.before))),
        after=tuple(map(both[1], _side(each.kind, each.after))),
        follows=follows_text(found, number),
    )


def _side(kind: Kind, side: Side) -> Iterator[str]:
    what = SENT.get(side.what, side.what) if kind == "sent" else shown(side.what)
    yield capitalized(what)
    for why in whys(side):
        yield f"{capitalized(why.sentence)} {section_text(why.section)}"
        if why.fix:
            yield f"Fix: {why.fix}"
