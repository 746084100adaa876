"""What changed between two captures, in words and as JSON. The lines are display text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.changes.divergences import Comparison, Divergence, Side
from cookietrace.lesson.display_text import plural, quoted, shown
from cookietrace.lesson.prose import page, reason, remedy
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace

NAMES: Final = ("A", "B")
"""What the two captures are called."""

Outgoing = tuple[Callable[[str], str], Callable[[str], str]]
"""Make the texts of either side fit to leave the machine."""

_SENT: Final = {
    "sent": "sends it",
    "withheld": "withholds it",
    "missing": "does not send it, though its jar holds it",
    "not in the jar": "has none for this request",
}


def changes_lines(
    before: Trace,
    after: Trace,
    found: Comparison,
    outgoing: Outgoing = (str, str),
    *,
    width: int,
    most: int,
) -> Iterator[str]:
    """Yield a report: how much is the same, the first difference with its cause, and the others.

    ``outgoing`` makes each side's texts fit to leave the machine. At most ``most`` differences
    are listed.
    """

    def wrapped(text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")

    both = _of_either(outgoing)
    tables = Table(before), Table(after)
    alignment = found.alignment
    yield (
        f"{plural(len(alignment.pairs), 'request')} in both, "
        f"{len(alignment.only_before):,} only in A, {len(alignment.only_after):,} only in B."
    )
    if not alignment.pairs:
        yield "The two have no request in common: is it the same journey? --map joins their hosts."
        return
    if not found.differs:
        yield "What both ask for fares the same."
    for number, each in enumerate(found.divergences[:most]):
        yield ""
        exchanges = (
            before.exchange(each.before.exchange_id),
            after.exchange(each.after.exchange_id),
        )
        first = "First difference" if not number else "Then"
        steps = _steps(tables, exchanges)
        yield from wrapped(f"{first}, {steps}: {both[0](page(exchanges[0]))}")
        yield from wrapped(_what(each, both), "  ")
        for name, side, text in zip(NAMES, (each.before, each.after), both, strict=True):
            for finding in side.reasons:
                yield from wrapped(text(f"{name}: {reason(finding)} [{finding.section}]"), "    ")
        if each.follows is not None:
            cause = found.divergences[each.follows]
            at = _steps(
                tables,
                (
                    before.exchange(cause.before.exchange_id),
                    after.exchange(cause.after.exchange_id),
                ),
            )
            yield from wrapped(f"Probably because of the difference in {at}.", "    ")
    if len(found.divergences) > most:
        yield ""
        yield f"and {plural(len(found.divergences) - most, 'more difference')}"
    if found.divergences:
        cookie = found.divergences[0].cookie
        fixes = dict.fromkeys(
            remedy(finding)
            for each in found.divergences
            if each.cookie == cookie and each.kind != "sent"
            for finding in (*each.before.reasons, *each.after.reasons)
        )
        for fix in fixes:
            yield ""
            yield from wrapped(both[0](f"Fix: {fix}"))


def _of_either(outgoing: Outgoing) -> Outgoing:
    """Return what also hides the other side's secrets, after those that are a side's own.

    The other way around, half of a value that merely begins as the other's does would be replaced.
    """
    one, other = outgoing
    return lambda text: other(one(text)), lambda text: one(other(text))


def _what(each: Divergence, outgoing: Outgoing) -> str:
    """Return a difference in one sentence."""
    before, after = outgoing[0](shown(each.before.what)), outgoing[1](shown(each.after.what))
    cookie = outgoing[0](quoted(each.cookie))
    if each.kind == "sent":
        return f"{cookie}: A {_SENT[each.before.what]}, B {_SENT[each.after.what]}"
    if each.kind == "status":
        return f"The response is {before} in A and {after} in B"
    if each.kind == "stored":
        return f"{cookie} is {before} in A and {after} in B"
    if "not set" in (before, after):
        return f"{cookie} is {before} in A and {after} in B"
    return f"{cookie} is set with {before} in A and with {after} in B"


def _steps(tables: tuple[Table, Table], exchanges: tuple[Exchange, Exchange]) -> str:
    labels = [_label(table, each) for table, each in zip(tables, exchanges, strict=True)]
    if labels[0] == labels[1]:
        return f"step {labels[0]}"
    return f"step {labels[0]} of A and {labels[1]} of B"


def _label(table: Table, exchange: Exchange) -> str:
    steps = table.steps_of(exchange.exchange_id)
    return table.label(steps[0]) if steps else "?"


def changes_entry(
    before: Trace, after: Trace, found: Comparison, outgoing: Outgoing = (str, str)
) -> dict[str, Any]:
    """Return the same as plain JSON types, with every difference."""
    both = _of_either(outgoing)
    tables = Table(before), Table(after)
    return {
        "requests": {
            "both": len(found.alignment.pairs),
            "only_in_a": len(found.alignment.only_before),
            "only_in_b": len(found.alignment.only_after),
        },
        "differences": [
            {
                "kind": each.kind,
                "cookie": both[0](each.cookie),
                "text": _what(each, both),
                "a": _entry(tables[0], each.before, both[0]),
                "b": _entry(tables[1], each.after, both[1]),
                "follows": each.follows,
            }
            for each in found.divergences
        ],
    }


def _entry(table: Table, side: Side, outgoing: Callable[[str], str]) -> dict[str, Any]:
    exchange = table.trace.exchange(side.exchange_id)
    steps = table.steps_of(side.exchange_id)
    return {
        "step": table.row(steps[0]).number if steps else None,
        "exchange_id": side.exchange_id,
        "url": outgoing(exchange.request.event.url),
        "what": outgoing(side.what),
        "reasons": [
            {
                "code": each.code.value,
                "section": each.section,
                "sentence": outgoing(reason(each)),
                "fix": outgoing(remedy(each)),
            }
            for each in side.reasons
        ],
    }
