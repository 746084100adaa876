"""What the browser itself said that is about no exchange: who wrote a cookie that no response set.

What it said of an exchange is with that exchange (``Exchange.browser``). Nothing here changes a
verdict: it is a second witness.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from cookietrace.events import Browser, BrowserChange

MOST_WRITES = 10_000
"""How many pairs of a name and a value that scripts wrote are remembered."""

MOST_TIMES = 8
"""How many writes of the same pair are; a page can write the same cookie again and again."""

SOONER = 0.25
"""How many seconds after a request it may be said to have happened: two clocks are compared."""


class Written(msgspec.Struct, frozen=True, gc=False):
    """One change of a browser's cookie store that no response made."""

    said_at: float
    said_by: str
    change: BrowserChange


_Changes = OrderedDict[tuple[str, str, str], tuple[Written, ...]]


class BrowserWord:
    """What browsers said beside the exchanges, of all clients."""

    def __init__(self) -> None:
        self.said_by: tuple[str, ...] = ()
        """Who said anything at all, in the order in which they first did."""
        self.unmatched = 0
        """How many statements are about no recorded exchange, and should have been."""
        self.matched = 0
        """How many are about an exchange."""
        self._written: _Changes = OrderedDict()
        """By client, name and value: the first one, and the latest."""
        self._deleted: _Changes = OrderedDict()

    def apply(self, event: Browser, *, known: bool) -> None:
        """Take a statement; ``known`` says whether it is about a known exchange."""
        if event.said_by not in self.said_by:
            self.said_by += (event.said_by,)
        self.matched += known
        self.unmatched += event.unmatched is not None
        for said in event.changes:
            change = said
            kept = self._written if change.kind == "added" else self._deleted
            key = (event.client_id or "", change.name, change.value)
            times = kept.pop(key, ())
            if times:  # a value can be long: it is kept once
                same = times[0].change
                change = msgspec.structs.replace(change, name=same.name, value=same.value)
            if len(times) == MOST_TIMES:
                times = (times[0], *times[2:])
            kept[key] = (*times, Written(event.said_at, event.said_by, change))
            if len(kept) > MOST_WRITES:
                kept.popitem(last=False)

    def writer(self, client_id: str, name: str, value: str, before: float) -> Written | None:
        """Return how a cookie that a request carried was written, if no response set it.

        ``before`` is when the request was made. None if the browser said nothing of it.
        """
        return _sooner(self._written.get((client_id, name, value), ()), before)

    def deleter(self, client_id: str, name: str, value: str, before: float) -> Written | None:
        """Return how a cookie that a request lacked was deleted, if no response did."""
        return _sooner(self._deleted.get((client_id, name, value), ()), before)


def _sooner(times: tuple[Written, ...], before: float) -> Written | None:
    """Return the latest that had happened."""
    happened = (each for each in times if each.said_at <= before + SOONER)
    return max(happened, key=lambda each: each.said_at, default=None)
