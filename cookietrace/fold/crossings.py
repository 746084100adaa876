"""Which requests and answers of one client crossed on their way (DESIGN 4, overlapping)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

OVERLAP_SECONDS = 1.0
"""How long before a request an answer may still have been on its way to the jar."""


_FORGOTTEN_AFTER = 2 * OVERLAP_SECONDS
"""Seconds between two events after which the earlier one says nothing about the later."""


class _Answer(NamedTuple):
    """An answer that changed cookies."""

    exchange_id: str
    at: float


class _Differing(NamedTuple):
    """A request that differed from the jar, and its place among all requests."""

    place: int
    exchange_id: str


class Crossings:
    """The answers of a moment ago, and the requests that differed while others were unanswered.

    Both are kept by the name of the cookie in question. All that is done with
    them takes time linear in the requests and answers.
    """

    def __init__(self) -> None:
        self._answers: defaultdict[str, deque[_Answer]] = defaultdict(deque)
        self._latest = 0.0
        self._open: dict[str, int] = {}
        self._differing: defaultdict[str, list[_Differing]] = defaultdict(list)
        self._begun = 0

    @property
    def nothing_differs(self) -> bool:
        """Whether no request waits for an answer to explain it."""
        return not self._differing

    def begun(self, exchange_id: str, differs_in: Iterable[str]) -> None:
        """Take note of a request, and of the names of the cookies in which it differs."""
        self._begun += 1
        if self._open:
            for name in differs_in:
                self._differing[name].append(_Differing(self._begun, exchange_id))
        self._open[exchange_id] = self._begun

    def explained(self, exchange_id: str, names: Iterable[str]) -> list[str]:
        """Return the requests that differed in such a cookie while this one was unanswered.

        They come in their order, and each once for a name: what one answer
        explains needs no other.
        """
        place = self._open.get(exchange_id)
        if place is None:
            return []
        found = set()
        for name in names:
            waiting = self._differing.get(name)
            while waiting and waiting[-1].place > place:
                found.add(waiting.pop())
        return [request.exchange_id for request in sorted(found)]

    def closed(self, exchange_id: str) -> None:
        """Take note that a request has its answer, or that none will come."""
        self._open.pop(exchange_id, None)
        if self._differing and not self._open:
            self._differing.clear()

    def forget_open(self) -> None:
        """Take note that no request has an answer to come."""
        self._open.clear()
        self._differing.clear()

    def changed(self, exchange_id: str, at: float, names: Iterable[str]) -> None:
        """Take note of an answer that changed cookies of these names."""
        if abs(at - self._latest) > _FORGOTTEN_AFTER:
            self._answers.clear()
        self._latest = at
        for name in names:
            answers = self._answers[name]
            _drop_what_is_past(answers, at)
            answers.append(_Answer(exchange_id, at))

    def under_way(self, name: str, at: float, followed: Collection[str]) -> bool:
        """Whether an answer that changed such a cookie may not have arrived by then.

        ``followed`` are the exchanges whose answers surely had.
        """
        answers = self._answers.get(name)
        if not answers:
            return False
        _drop_what_is_past(answers, at)
        for one in reversed(answers):
            if one.at < at - OVERLAP_SECONDS:
                break
            if one.at <= at and one.exchange_id not in followed:
                return True
        return False


def _drop_what_is_past(answers: deque[_Answer], at: float) -> None:
    """Forget the answers long before that time, or from before the clock was set back."""
    while answers and abs(at - answers[0].at) > _FORGOTTEN_AFTER:
        answers.popleft()
