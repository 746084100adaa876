"""What changed between two captures, in words and as JSON. The lines are display text."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cookietrace.lesson.changes.divergences import Comparison, Divergence, Lonely, Side
from cookietrace.lesson.display_text import listed, plural, quoted, shown
from cookietrace.lesson.prose import reason, remedy, section_text

NAMES: Final = ("A", "B")
"""What the two captures are called."""

_REMEMBERED: Final = 4096
"""How many texts are remembered."""

Outgoing = tuple[Callable[[str], str], Callable[[str], str]]
"""Make the texts of either side fit to leave the machine."""

SENT: Final = {
    "sent": "sends it",
    "withheld": "withholds it",
    "missing": "does not send it, though its jar holds it",
    "not in the jar": "has none for this request",
}
"""What a side does with a cookie of its request, in words."""


_DELETES_BY: Final = "5.7 step 23"
"""The section by which a deletion finds its cookie."""

_FEW: Final = 2
"""How many differences without a reason of their own are listed after the one that they follow."""

_BY_HAND: Final = {
    "status": " (the cookies that the app got were changed by hand in {})",
    "set": " (changed by hand in {})",
    "stored": " (its Set-Cookie was changed by hand in {})",
    "sent": "",
}
"""What is said about a difference if the user made it, by kind."""


class Why(NamedTuple):
    """Why one side does what it does, as display text."""

    code: str
    """That of a reason, or of the problem."""
    section: str
    sentence: str
    fix: str
    """Empty if none is known."""


def whys(side: Side) -> tuple[Why, ...]:
    """Return why a side does what it does; empty if no rule explains it."""
    found = [
        Why(each.code.value, each.section, reason(each), remedy(each, maker=side.maker))
        for each in side.reasons
    ]
    if side.missed is not None:
        missed = side.missed
        found.append(Why("deleted-nothing", _DELETES_BY, missed.sentence, missed.fix))
    return tuple(found)


def changes_lines(
    found: Comparison,
    outgoing: Outgoing = (str, str),
    *,
    width: int,
    most: int,
    folded: bool = True,
) -> Iterator[str]:
    """Yield a report: how much is the same, the first difference with its cause, and the others.

    Each difference with a known fix has it, once per cookie.

    ``outgoing`` makes each side's texts fit to leave the machine. At most ``most`` differences
    are listed, and as many requests that only one side has. If ``folded``, those that follow from
    an earlier one and have no reason of their own are only counted.
    """

    def wrapped(text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")

    both = of_either(outgoing)
    alignment = found.alignment
    yield (
        f"{plural(len(alignment.pairs), 'request')} in both, "
        f"{len(alignment.only_before):,} only in A, {len(alignment.only_after):,} only in B."
    )
    if not alignment.pairs:
        yield "The two have no request in common: is it the same journey? --map joins their hosts."
        return
    if order := order_text(found, both):
        yield from wrapped(order)
    if not found.divergences:
        yield "The requests that both have do not differ."
    counted = _counted(found) if folded else {}
    left = [at for at in range(len(found.divergences)) if at not in counted]
    more = Counter(counted.values())
    ends = {_root(found, at): at for at in left[:most]}
    fixed: set[tuple[str, str]] = set()
    for number in left[:most]:
        each = found.divergences[number]
        yield ""
        first = "First difference" if not number else "Then"
        yield from wrapped(f"{first}, {steps_text(each)}: {both[0](each.before.page)}")
        yield from wrapped(difference_text(each, both), "  ")
        for name, side, text in zip(NAMES, (each.before, each.after), both, strict=True):
            for why in whys(side):
                yield from wrapped(
                    text(f"{name}: {why.sentence} {section_text(why.section)}"), "    "
                )
                if why.fix and (each.cookie, why.fix) not in fixed:
                    fixed.add((each.cookie, why.fix))
                    yield from wrapped(text(f"Fix: {why.fix}"), "    ")
        if each.follows is not None:
            yield from wrapped(follows_text(found, number), "    ")
        root = _root(found, number)
        if more[root] and ends[root] == number:
            yield ""
            at = steps_text(found.divergences[root])
            yield from wrapped(f"and {more[root]:,} more because of {at} (--all lists them)", "")
    told = len(left[:most]) + sum(more[root] for root in ends)
    if len(found.divergences) > told:
        yield ""
        yield f"and {plural(len(found.divergences) - told, 'more difference')}"
    lonely = zip(NAMES, (found.only_before, found.only_after), both, strict=True)
    for name, requests, text in lonely:
        if requests:
            yield ""
            yield f"Only in {name}:"
        for one in requests[:most]:
            yield from wrapped(text(f"step {one.label}: {shown(one.method)} {one.page}"), "  ")
        count = len(alignment.only_before if name == "A" else alignment.only_after)
        if count > most:
            yield f"  and {plural(count - most, 'more request')}"


def order_text(found: Comparison, outgoing: Outgoing = (str, str)) -> str:
    """Return which pages the two ask for in another order; empty if in the same one."""
    if not found.moved:
        return ""
    one, other = found.moved[0]
    more = f", and {len(found.moved) - 1:,} more" if len(found.moved) > 1 else ""
    return (
        f"The order differs: {outgoing[0](one.page)} is step {one.label} of A and step "
        f"{other.label} of B{more}."
    )


def _counted(found: Comparison) -> dict[int, int]:
    """Return the differences that are not worth a paragraph each, with what they follow from."""
    roots = {
        at: _root(found, at)
        for at, each in enumerate(found.divergences)
        if each.follows is not None and not whys(each.before) and not whys(each.after)
    }
    often = Counter(roots.values())
    return {at: root for at, root in roots.items() if often[root] > _FEW}


def _root(found: Comparison, at: int) -> int:
    """Return the difference that one follows from in the end; itself if from none."""
    while (before := found.divergences[at].follows) is not None:
        at = before
    return at


def follows_text(found: Comparison, at: int) -> str:
    """Return what a difference probably follows from; empty if from none."""
    each, root = found.divergences[at], found.divergences[_root(found, at)]
    if each is root:
        return ""
    if each.places == root.places:
        return "Probably because of the difference above, in the same step."
    return f"Probably because of the difference in {steps_text(root)}."


def fixes(found: Comparison) -> tuple[str, ...]:
    """Return what to do about the cookie of the first difference, as display text."""
    if not found.divergences:
        return ()
    cookie = found.divergences[0].cookie
    return tuple(
        dict.fromkeys(
            why.fix
            for each in found.divergences
            if each.cookie == cookie
            for why in (*whys(each.before), *whys(each.after))
            if why.fix
        )
    )


def of_either(outgoing: Outgoing) -> Outgoing:
    """Return what also hides the other side's secrets, after those that are a side's own.

    The other way around, half of a value that merely begins as the other's does would be replaced.
    """
    one, other = outgoing
    remembered = lru_cache(_REMEMBERED)  # most differences say what others do
    return remembered(lambda text: other(one(text))), remembered(lambda text: one(other(text)))


def difference_text(each: Divergence, outgoing: Outgoing) -> str:
    """Return a difference in one sentence, with whether the user made it by hand."""
    edited = [
        name for name, side in zip(NAMES, (each.before, each.after), strict=True) if side.by_hand
    ]
    return _difference(each, outgoing) + (_BY_HAND[each.kind].format(listed(edited)) * bool(edited))


def _difference(each: Divergence, outgoing: Outgoing) -> str:
    before, after = outgoing[0](shown(each.before.what)), outgoing[1](shown(each.after.what))
    cookie = outgoing[0](quoted(each.cookie))
    if each.kind == "sent":
        if each.before.what not in SENT or each.after.what not in SENT:
            return f"{cookie} is {before} in A and {after} in B"
        return f"{cookie}: A {SENT[each.before.what]}, B {SENT[each.after.what]}"
    if each.kind == "status":
        return f"The response is {before} in A and {after} in B"
    if each.kind == "stored":
        return f"{cookie} is {before} in A and {after} in B"
    if "not set" in (before, after) or before.startswith("set ") or after.startswith("set "):
        return f"{cookie} is {before} in A and {after} in B"
    return f"{cookie} is set with {before} in A and with {after} in B"


def steps_text(each: Divergence) -> str:
    """Return the steps of a difference: ``step 3 of A and 4 of B``."""
    one, other = each.before.label, each.after.label
    return f"step {one}" if one == other else f"step {one} of A and {other} of B"


def changes_entry(found: Comparison, outgoing: Outgoing = (str, str)) -> dict[str, Any]:
    """Return the same as plain JSON types, with every difference."""
    both = of_either(outgoing)
    return {
        "requests": {
            "both": len(found.alignment.pairs),
            "only_in_a": len(found.alignment.only_before),
            "only_in_b": len(found.alignment.only_after),
        },
        "moved": [
            {"a": _lonely(one, both[0]), "b": _lonely(other, both[1])} for one, other in found.moved
        ],
        "differences": [
            {
                "kind": each.kind,
                "cookie": both[0](each.cookie),
                "text": difference_text(each, both),
                "a": _entry(each.before, both[0]),
                "b": _entry(each.after, both[1]),
                "follows": each.follows,
            }
            for each in found.divergences
        ],
        "only_in_a": [_lonely(each, both[0]) for each in found.only_before],
        "only_in_b": [_lonely(each, both[1]) for each in found.only_after],
    }


def _lonely(one: Lonely, outgoing: Callable[[str], str]) -> dict[str, Any]:
    return {
        "step": one.step,
        "exchange_id": one.exchange_id,
        "method": outgoing(one.method),
        "url": outgoing(one.url),
    }


def _entry(side: Side, outgoing: Callable[[str], str]) -> dict[str, Any]:
    return {
        "step": side.step,
        "exchange_id": side.exchange_id,
        "url": outgoing(side.url),
        "what": outgoing(side.what),
        **({"by_hand": True} if side.by_hand else {}),
        "reasons": [
            {
                "code": each.code,
                "section": each.section,
                "sentence": outgoing(each.sentence),
                "fix": outgoing(each.fix),
            }
            for each in whys(side)
        ],
    }
