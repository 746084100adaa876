"""Hides the cookie values of an exchange wherever they are repeated: in addresses, headers, bodies.

This is for a screen and what is copied from it; exports use ``cookietrace.redact``.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.safe_text import display

SHORTEST_MASKED = 6
"""The fewest characters of a hidden cookie value that are looked for outside of cookies."""


class Hiding:
    """Masks the cookie values of an exchange, as they are, decoded, and percent-encoded."""

    def __init__(self, exchange: Exchange, mask: Mask) -> None:
        self._mask = mask
        self._forms: dict[str, str] = {}
        if mask is unmasked:
            return
        values = [value for _, value in exchange.request.pairs]
        if exchange.response is not None:
            values += [result.value for result in exchange.response.set_cookies]
        found = {form: value for value in values for form in _forms(value)}
        long = sorted((form for form in found if len(form) >= SHORTEST_MASKED), key=len)
        self._forms = {form: mask(found[form]) for form in reversed(long)}

    def __call__(self, wire: str) -> str:
        """Return wire text with the values masked."""
        for form, hidden in self._forms.items():
            wire = wire.replace(form, to_wire(hidden))
        return wire

    def text(self, text: str) -> str:
        """Return decoded text with the values masked."""
        for form, hidden in self._forms.items():
            text = text.replace(display(form), display(to_wire(hidden)))
        return text

    def credentials(self, wire: str) -> str:
        """Return an Authorization header's value with all but its scheme masked."""
        if self._mask is unmasked:
            return wire
        scheme, space, rest = wire.partition(" ")
        return f"{scheme}{space}{to_wire(self._mask(rest))}" if space else to_wire(self._mask(wire))


def _forms(value: str) -> tuple[str, ...]:
    """Return a value as it may be repeated: as it is, read by an app, or in an address."""
    bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return value, bare, to_wire(unquote(bare)), quote(bare, safe="", encoding="latin-1")


def to_wire(text: str) -> str:
    """Return what a mask made of wire text as wire text again."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("latin-1")
    return text
