"""Finds many secrets in one text, in every usual encoding, in time linear in the text's length."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import itemgetter
from typing import TypeVar

from cookietrace.redact.decodings import LAYERS, allowed, decodings, restricted
from cookietrace.redact.layer import Layer
from cookietrace.redact.parts import SHORTEST, Kind
from cookietrace.redact.spans import Span

_ALWAYS = 2
"""As many are decoded however long the text is."""

_WORK = 24
_LEAST_WORK = 50_000
"""How many characters are searched at most beyond that: as many for each of the text, and some."""

_GRAM = 4
_STRIDE = SHORTEST - _GRAM + 1
"""Each secret has one piece of four characters at a place that is a multiple of three."""

_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_TOUCHES = {
    Kind.WORD: re.compile(r"[\w-]"),
    Kind.NUMBER: re.compile(r"[0-9]"),
}


_beginning = itemgetter(slice(SHORTEST))
_Of = TypeVar("_Of")

_Form = tuple[str, Kind, bool]
"""The token of a form of a secret, where it is looked for, and whether it is in Base64."""


class Secrets:
    """A set of secrets to search for, by four of their characters and then as a whole.

    ``plain`` maps the readable forms of the secrets to tokens, ``bounded`` those that must not
    touch other letters or digits, and ``encoded`` their Base64 forms. Forms shorter than
    ``SHORTEST`` are left out. The case of ASCII letters does not matter, but if two secrets
    differ in nothing else, each has its token. ``brittle`` means that a secret looks like escapes
    itself and gets shorter when it is decoded, so every kind of escape must be decoded separately.
    """

    def __init__(
        self,
        plain: Mapping[str, str],
        encoded: Mapping[str, str],
        bounded: Mapping[str, tuple[str, Kind]] | None = None,
        *,
        brittle: bool = False,
    ) -> None:
        self._brittle = brittle
        self._exact = {form: token for form, token in plain.items() if len(form) >= SHORTEST}
        self._readable_forms = _lowered(self._exact)
        self._encoded_forms = _lowered(
            {form: token for form, token in encoded.items() if len(form) >= SHORTEST}
        )
        self._bounded_forms = _lowered(
            {form: each for form, each in (bounded or {}).items() if len(form) >= SHORTEST}
        )
        every = (self._readable_forms, self._encoded_forms, self._bounded_forms)
        self._longest = max((max(map(len, forms), default=0) for forms in every), default=0)
        self._spaced = any(" " in form for forms in (every[0], every[2]) for form in forms)
        self._beginnings = set[str]().union(*(map(_beginning, forms) for forms in every))
        self._room = len(self._beginnings)
        """How many more characters are searched before ``_codes`` is worth making."""

    @cached_property
    def _codes(self) -> set[int]:
        """The pieces of each beginning, at all of its offsets, as numbers."""
        return _codes(_bytes("".join(self._beginnings)))

    @cached_property
    def _sorted(self) -> list[str]:
        """All forms in order; computed on first use, since most texts contain no secret."""
        return sorted({*self._readable_forms, *self._encoded_forms, *self._bounded_forms})

    @cached_property
    def _shorter(self) -> dict[str, str | None]:
        """The longest other form that each form begins with."""
        return dict(_shorter(self._sorted))

    @cached_property
    def _readable(self) -> list[str]:
        """The readable forms that may be cut off, in order."""
        return sorted(self._readable_forms)

    def spans(self, text: str, *, cut: bool = False) -> list[Span]:
        """Return where the secrets of a text are, and their tokens, in any order.

        What is encoded as a whole (Base64, hexadecimal, compressed bytes) and holds a secret is
        replaced as a whole. ``cut`` means that the text was truncated: then the beginning of a
        secret at its end is replaced as well.
        """
        if not self._beginnings or len(text) < SHORTEST:
            return []
        return list(self._spans(text, cut))

    def _spans(self, text: str, cut: bool) -> Iterator[Span]:
        """Yield every secret in the text and in its decoded forms.

        Encodings are decoded layer by layer, in any order: first each alone, then each in the
        results, and so on.
        """
        yield from self._found(text, cut)
        work = _WORK * len(text) + _LEAST_WORK
        seen = {("", text)}
        todo: deque[tuple[str, tuple[Layer, ...], tuple[str, ...]]] = deque([(text, (), ())])
        while todo:
            source, layers, path = todo.popleft()
            for name, decode in decodings(source, path, brittle=self._brittle):
                if not allowed(path, name):
                    continue
                layer = decode(source)
                if layer is None or len(layer.text) < SHORTEST:
                    continue
                key = (restricted(name) or (restricted(path[0]) if path else ""), layer.text)
                if key in seen:
                    continue
                work -= len(layer.text)
                if work < 0 and len(path) >= _ALWAYS:
                    return
                seen.add(key)
                taken = (*layers, layer)
                for start, end, token, _ in self._found(layer.text, cut):
                    core = (start, end)
                    for outer in reversed(taken):
                        start, end = outer.source(start, end)
                        core = outer.exactly(*core)
                    yield Span(start, end, token, None if core == (start, end) else core)
                if len(taken) < LAYERS:
                    todo.append((layer.text, taken, (*path, name)))

    def _found(self, text: str, cut: bool) -> Iterator[Span]:
        """Yield every secret in the text as it is."""
        low = _lower(text)
        yield from self._whole(text, low)
        if self._spaced and "+" in text:
            yield from self._whole(text.replace("+", " "), low.replace("+", " "))
        if cut:
            yield from self._beginning_at_end(low)

    def _whole(self, text: str, low: str) -> Iterator[Span]:
        beginnings = self._beginnings
        if self._room > 0:  # no more than the table of their pieces would take
            self._room -= len(low)
            starts: Iterable[int] = range(len(low) - SHORTEST + 1)
        else:
            starts = (
                start for at in self._places(low) for start in range(at, max(at - _STRIDE, -1), -1)
            )
        for start in starts:
            if low[start : start + SHORTEST] in beginnings:
                yield from self._at(text, low, start)

    def _places(self, low: str) -> list[int]:
        """Return the places, multiples of the stride, where a piece of a secret may be.

        Four bytes are one number, and numbers are compared without a step of ours for each.
        """
        codes, data = self._codes, _bytes(low)
        places: list[int] = []
        for first in range(0, _GRAM * _STRIDE, _STRIDE):
            whole = (len(data) - first) // _GRAM * _GRAM
            if whole <= 0:
                break
            numbers = memoryview(data)[first : first + whole].cast("I")[::_STRIDE].tolist()
            if not codes.isdisjoint(numbers):
                places += [
                    first + at * _GRAM * _STRIDE for at, code in enumerate(numbers) if code in codes
                ]
        places.sort()
        return places

    def _at(self, text: str, low: str, start: int) -> Iterator[Span]:
        """Yield the longest secret that begins at a place."""
        here = low[start : start + self._longest]
        nearest = bisect_right(self._sorted, here) - 1
        known = self._sorted[nearest] if nearest >= 0 else None
        while known is not None:
            if here.startswith(known):
                end = start + len(known)
                token, kind, is_encoded = self._form(known)
                touches = _TOUCHES.get(kind)
                if touches is None or not (
                    (start > 0 and touches.match(low, start - 1)) or touches.match(low, end)
                ):
                    token = self._exact.get(text[start:end], token)
                    if is_encoded:
                        start, end = _widened(text, start, end)
                    yield Span(start, end, token)
                    return
            known = self._shorter[known]

    def _form(self, form: str) -> _Form:
        """Return what there is to know about one of the forms; a readable one has priority."""
        token = self._readable_forms.get(form)
        if token is not None:
            return token, Kind.ANYWHERE, False
        token = self._encoded_forms.get(form)
        if token is not None:
            return token, Kind.ANYWHERE, True
        return *self._bounded_forms[form], False

    def _beginning_at_end(self, low: str) -> Iterator[Span]:
        """Yield the longest end of the text that is the beginning of a secret."""
        ends = len(low.rstrip("…'\")]},"))
        for end in {len(low), ends}:
            for start in range(max(0, end - self._longest), end - SHORTEST + 1):
                if low[start : start + SHORTEST] not in self._beginnings:
                    continue
                tail = low[start:end]
                nearest = bisect_left(self._readable, tail)
                if nearest < len(self._readable) and self._readable[nearest].startswith(tail):
                    yield Span(start, len(low), self._readable_forms[self._readable[nearest]])
                    break


def _lowered(forms: Mapping[str, _Of]) -> dict[str, _Of]:
    """Return what is mapped from forms in lower case; of forms that become equal, the first."""
    lower = list(map(str.lower, forms))
    if sum(map(len, lower)) != sum(map(len, forms)):
        lower = list(map(_lower, forms))
    found = dict(zip(lower, forms.values(), strict=True))
    if len(found) < len(lower):
        for form, each in zip(reversed(lower), reversed(list(forms.values())), strict=True):
            found[form] = each
    return found


def _codes(beginnings: bytes) -> set[int]:
    """Return each piece of four of the beginnings of secrets, six bytes each, as numbers."""
    pieces = bytearray(len(beginnings) // SHORTEST * _GRAM)
    codes: set[int] = set()
    for first in range(_STRIDE):
        for at in range(_GRAM):
            pieces[at::_GRAM] = beginnings[first + at :: SHORTEST]
        codes.update(memoryview(pieces).cast("I").tolist())
    return codes


def _lower(text: str) -> str:
    """Return a text in lower case, of the same length."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("\u0130", "i").lower()


def _bytes(text: str) -> bytes:
    """Return a text with one byte for each character; the same one for all beyond latin-1."""
    return text.encode("latin-1", "replace")


def _shorter(forms: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Yield each of the sorted forms with the longest other form that it begins with."""
    outer: list[str] = []
    for form in forms:
        while outer and not form.startswith(outer[-1]):
            outer.pop()
        yield form, outer[-1] if outer else None
        outer.append(form)


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Include the neighbouring characters that encode a few bits of a Base64 secret."""
    if start > 0 and text[start - 1] in _BASE64:
        start -= 1
    if end < len(text) and text[end] in _BASE64:
        end += 1
    return start, end
