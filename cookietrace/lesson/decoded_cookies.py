"""What is inside the cookies of an exchange, for those who ask: never part of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import quoted_text
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sections import Line, Section, Weight
from cookietrace.sessions import Decoded, Keys, Signature, decode, decoded_entry, decoded_lines

MOST = 20
"""The most cookies of one exchange that are decoded for a screen."""

TITLE = "Inside the cookies"
NOTHING_INSIDE = (
    "No cookie here is a signed session or a token. What is only an id is in the app's own store."
)
_HIDDEN = "Values are hidden, and so is what is inside them. m shows values."

Named = tuple[str, str, str]
"""A cookie's name, its value as on the wire, and where it was: ``sent`` or ``set``."""


def decoded_section(
    cookies: Iterable[Named], keys: Keys, mask: Mask, now: float | None = None
) -> Section:
    """Return what is inside some cookies; only that it is hidden if values are."""
    if mask is not unmasked:
        return Section(TITLE, (Line(_HIDDEN),))
    lines: list[Line] = []
    for name, where, decoded in _decoded(cookies, keys):
        first, signature, *others = decoded_lines(decoded, now)
        is_bad = decoded.signature in (Signature.WRONG, Signature.NONE)
        lines.append(Line(f"{quoted_text(name)}, {where}: {first}"))
        lines.append(Line(signature, Mark.FAILED if is_bad else None, indent=1))
        lines += [
            Line(text.lstrip(" "), indent=1 + (len(text) - len(text.lstrip(" "))) // 2)
            for text in others
        ]
    return Section(TITLE, tuple(lines) or (Line(NOTHING_INSIDE),), Weight.PLAIN)


def cookies_of(exchange: Exchange) -> Iterator[Named]:
    """Yield the cookies of an exchange: those that were set, then those that were sent."""
    if exchange.response is not None:
        for result in exchange.response.set_cookies:
            yield result.name, result.value, "set"
    for name, value in exchange.request.pairs:
        yield name, value, "sent"


def decoded_entries(printed: Mapping[str, Any], keys: Keys) -> list[dict[str, Any]]:
    """Return what is inside the cookies of what ``explain --json`` prints of an exchange."""
    cookies = [(each["name"], each["value"], "sent") for each in printed["request_cookies"]]
    cookies += [(each["name"], each["value"], "set") for each in printed["set_cookies"]]
    return [
        {"name": name, "where": where, **decoded_entry(decoded)}
        for name, where, decoded in _decoded(cookies, keys)
    ]


def decoded_story(exchanges: Iterable[tuple[str, Exchange]], keys: Keys) -> Iterator[str]:
    """Yield what is inside each cookie of a story as display text, equal values once.

    The exchanges come with what texts call their steps.
    """
    seen: set[tuple[str, str]] = set()
    for step, exchange in exchanges:
        fresh = [each for each in cookies_of(exchange) if each[:2] not in seen]
        seen.update((name, value) for name, value, _ in fresh)
        for name, where, decoded in _decoded(fresh, keys):
            first, *others = decoded_lines(decoded)
            yield ""
            yield f"Step {step}, {quoted_text(name)}, {where}: {first}"
            yield from (f"  {line}" for line in others)


def _decoded(cookies: Iterable[Named], keys: Keys) -> Iterator[tuple[str, str, Decoded]]:
    """Yield the cookies that can be decoded, equal ones once."""
    seen: set[tuple[str, str]] = set()
    for name, value, where in cookies:
        if (name, value) in seen or len(seen) >= 1000:
            continue
        seen.add((name, value))
        decoded = decode(value, keys, name)
        if decoded is not None:
            yield name, where, decoded
