"""Finds many secrets in one text, in the usual encodings, in linear time."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cookietrace.redact.unescape import ANY_ESCAPE, ESCAPES, Unescaped

SHORTEST = 6
"""Shorter values are not searched for: they would be found everywhere."""

_LAYERS = 3
"""The number of nested encodings to decode."""

_LAYERS_OF_KINDS = 2
"""The same, if each kind of escape is decoded separately, in any order."""

_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")

Span = tuple[int, int, str]
"""The start and end of a secret, and its token."""


class Secrets:
    """A set of secrets to search for, by their first characters and then as a whole.

    ``plain`` maps the readable forms of the secrets to tokens, ``encoded`` their Base64
    forms. Forms shorter than ``SHORTEST`` are left out. ``brittle`` means that a secret
    looks like escapes itself and gets shorter when it is decoded, so every kind of escape
    must be decoded separately.
    """

    def __init__(
        self, plain: Mapping[str, str], encoded: Mapping[str, str], *, brittle: bool = False
    ) -> None:
        self._brittle = brittle
        self._tokens = {form: token for form, token in plain.items() if len(form) >= SHORTEST}
        self._encoded = {
            form: token
            for form, token in encoded.items()
            if len(form) >= SHORTEST and form not in self._tokens
        }
        lengths: dict[str, set[int]] = {}
        for form in (*self._tokens, *self._encoded):
            lengths.setdefault(form[:SHORTEST], set()).add(len(form))
        self._lengths = {
            prefix: tuple(sorted(found, reverse=True)) for prefix, found in lengths.items()
        }
        self._sorted = sorted(self._tokens)
        self._longest = max(map(len, self._tokens), default=0)
        self._spaced = any(" " in form for form in self._tokens)
        alphabet = "".join(re.escape(character) for character in sorted(set("".join(lengths))))
        self._runs = re.compile(f"[{alphabet}]{{{SHORTEST},}}" if alphabet else r"(?!)")

    def replace(self, text: str, *, cut: bool = False) -> str:
        """Return the text with every secret in it replaced by its token.

        ``cut`` means that the text was truncated: then the beginning of a secret at its end
        is replaced as well.
        """
        if not self._lengths or len(text) < SHORTEST:
            return text
        spans = list(self._spans(text, cut))
        if not spans:
            return text
        pieces: list[str] = []
        end = 0
        for start, until, token in _merged(spans):
            pieces += (text[end:start], token)
            end = until
        pieces.append(text[end:])
        return "".join(pieces)

    def _spans(self, text: str, cut: bool) -> Iterator[Span]:
        """Yield every secret in the text and in its decoded forms.

        All kinds of escapes are decoded together, layer by layer. If the text has several
        kinds, each is also decoded alone, in any order: an escape of one kind may end right
        before a character that would begin an escape of another.
        """
        yield from self._found(text, cut)
        yield from self._below(text, (), (ANY_ESCAPE,), _LAYERS, cut)
        kinds = [escape for sign, escape in ESCAPES.items() if self._brittle or sign in text]
        if len(kinds) > 1:
            yield from self._below(text, (), kinds, _LAYERS_OF_KINDS, cut)

    def _below(
        self,
        text: str,
        layers: tuple[Unescaped, ...],
        escapes: Sequence[re.Pattern[str]],
        depth: int,
        cut: bool,
    ) -> Iterator[Span]:
        """Yield the secrets found after decoding any of the escapes, up to ``depth`` times."""
        for escape in escapes:
            layer = Unescaped(text, escape)
            if not layer.changed:
                continue
            taken = (*layers, layer)
            for start, end, token in self._found(layer.text, cut):
                for outer in reversed(taken):
                    start, end = outer.source(start, end)
                yield start, end, token
            if depth > 1:
                yield from self._below(layer.text, taken, escapes, depth - 1, cut)

    def _found(self, text: str, cut: bool) -> Iterator[Span]:
        """Yield every secret in the text as it is."""
        yield from self._whole(text)
        if self._spaced and "+" in text:
            yield from self._whole(text.replace("+", " "))
        if cut:
            yield from self._beginning_at_end(text)

    def _whole(self, text: str) -> Iterator[Span]:
        lengths = self._lengths
        for run in self._runs.finditer(text):
            first, last = run.span()
            for at in [
                at
                for at in range(first, last - SHORTEST + 1)
                if text[at : at + SHORTEST] in lengths
            ]:
                for length in lengths[text[at : at + SHORTEST]]:
                    form = text[at : at + length]
                    token = self._tokens.get(form)
                    if token is not None:
                        yield at, at + length, token
                        break
                    token = self._encoded.get(form)
                    if token is not None:
                        yield *_widened(text, at, at + length), token
                        break

    def _beginning_at_end(self, text: str) -> Iterator[Span]:
        """Yield the longest end of the text that is the beginning of a secret."""
        ends = len(text.rstrip("…'\")]},"))
        for end in {len(text), ends}:
            for start in range(max(0, end - self._longest), end - SHORTEST + 1):
                tail = text[start:end]
                nearest = bisect_left(self._sorted, tail)
                if nearest < len(self._sorted) and self._sorted[nearest].startswith(tail):
                    yield start, len(text), self._tokens[self._sorted[nearest]]
                    break


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Include the neighbouring characters that encode a few bits of a Base64 secret."""
    if start > 0 and text[start - 1] in _BASE64:
        start -= 1
    if end < len(text) and text[end] in _BASE64:
        end += 1
    return start, end


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans in order. Overlapping spans become one, with the token of the longest."""
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    start, end, token = ordered[0]
    longest = end - start
    for next_start, next_end, next_token in ordered[1:]:
        if next_start >= end:
            yield start, end, token
            start, end, token = next_start, next_end, next_token
            longest = end - start
            continue
        if next_end - next_start > longest:
            token, longest = next_token, next_end - next_start
        end = max(end, next_end)
    yield start, end, token
