"""Where secrets are in a text, and the text with their tokens in their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """Where one secret is."""

    start: int
    end: int
    token: str
    """What replaces it."""
    core: tuple[int, int] | None = None
    """The part that stands for the secret, if the rest is only encoded together with it."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order. Overlapping spans become one, with the token of the longest."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    if len(ordered) < 2:
        return ordered
    result: list[Span] = []
    start, end, token, _ = ordered[0]
    longest = end - start
    for next_start, next_end, next_token, _ in ordered[1:]:
        if next_start >= end:
            result.append(Span(start, end, token))
            start, end, token = next_start, next_end, next_token
            longest = end - start
            continue
        if next_end - next_start > longest:
            token, longest = next_token, next_end - next_start
        end = max(end, next_end)
    result.append(Span(start, end, token))
    return result


def united(first: Sequence[Span], second: Iterable[Span]) -> list[Span] | None:
    """Return all spans of the first, and those of the second that are inside none of them.

    Both are in order and without overlaps. None if spans of the two overlap in another way.
    """
    result: list[Span] = []
    at = 0
    for span in second:
        while at < len(first) and first[at].end <= span.start:
            result.append(first[at])
            at += 1
        if at == len(first) or span.end <= first[at].start:
            result.append(span)
        elif not (first[at].start <= span.start and span.end <= first[at].end):
            return None
    return [*result, *first[at:]]


def with_tokens(text: str, spans: Iterable[Span]) -> str:
    """Return a text with each of the spans, in order and without overlaps, replaced."""
    pieces: list[str] = []
    at = 0
    for start, end, token, _ in spans:
        pieces += (text[at:start], token)
        at = end
    return "".join((*pieces, text[at:])) if pieces else text
