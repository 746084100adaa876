"""Hides the secrets of an exchange wherever they are: in addresses, headers, bodies.

Secrets are cookie values, and what stands by the name of a secret in a header field, a URL, a form
or JSON. Which names these are depends on the mask.

This is for a screen and what is copied from it; exports use ``cookietrace.redact``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from cookietrace.events import Body
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.mask import Mask, names_of, unmasked
from cookietrace.safe_text import display
from cookietrace.secret_names import Kind, SecretNames

SHORTEST_MASKED = 6
"""The fewest characters of a hidden value that are looked for outside of its field."""

_LONGEST_SEARCHED = 65_536
"""The most characters of a body in which names are looked for."""

_NAMED = re.compile(
    r"""(?<![\w.$\[\]%-])([\w.$\[\]%-]{1,64}+)(?:=([^&;#\s"'<>]+)|["']\s{0,4}:\s{0,4}"((?:[^"\\]|\\.)*)")"""
)


class Hiding:
    """Masks the secrets of an exchange, as they are, decoded, and percent-encoded."""

    def __init__(self, exchange: Exchange, mask: Mask) -> None:
        self._mask = mask
        self._names = names_of(mask)
        self._forms: dict[str, str] = {}
        if mask is unmasked:
            return
        values = [value for _, value in exchange.request.pairs]
        if exchange.response is not None:
            values += [result.value for result in exchange.response.set_cookies]
        values += _named(exchange, self._names)
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

    def field(self, name: str, wire: str) -> str:
        """Return a header field's value masked; all of it, but for a scheme, if it is a secret."""
        if self._mask is unmasked:
            return wire
        secret = _field_secret(name, wire, self._names)
        return wire.replace(secret, to_wire(self._mask(secret))) if secret else self(wire)


def _named(exchange: Exchange, names: SecretNames) -> Iterator[str]:
    """Yield what stands by the name of a secret in an exchange."""
    fields = [*exchange.request.headers]
    if exchange.response is not None:
        fields += exchange.response.headers
    texts = [exchange.request.url]
    for name, field in fields:
        secret = _field_secret(name, field, names)
        if secret:
            yield secret
        else:
            texts.append(field)
    texts += map(_text, (exchange.request_body, exchange.response_body))
    for text in texts:
        for match in _NAMED.finditer(text):
            kind = names.kind(unquote(match[1]))
            if kind is Kind.SECRET or (kind is Kind.COMMON and match[2] is not None):
                yield match[2] if match[2] is not None else match[3]


def _text(body: Body | None) -> str:
    return (body.content or "")[:_LONGEST_SEARCHED] if body is not None else ""


def _field_secret(name: str, field: str, names: SecretNames) -> str:
    """Return the secret that a header field is, without its scheme; empty if it is none."""
    lower = name.lower()
    if lower in ("cookie", "set-cookie") or not names.is_field(name):
        return ""
    if lower.endswith("authorization"):
        scheme, _, rest = field.strip().partition(" ")
        return rest.strip() or scheme
    return field.strip()


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
