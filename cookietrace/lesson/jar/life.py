"""The life of each cookie in each jar: set, refreshed, sent, withheld, gone, in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from cookietrace.cookies import CookieKey, Outcome
from cookietrace.fold.exchange import Exchange, JarChange, TraceUpdate
from cookietrace.lesson.detail import attributes
from cookietrace.lesson.lives import Did, Lives
from cookietrace.lesson.marks import SIGNS, Mark
from cookietrace.lesson.reasons import sentence
from cookietrace.lesson.table import Table
from cookietrace.lesson.words import plural, quoted, shown


class Happening(StrEnum):
    """What a cookie's life is made of."""

    STORED = "stored"
    REPLACED = "replaced"
    REFRESHED = "refreshed"
    """Set again, and nothing changed that a person would notice."""
    SENT = "sent"
    WITHHELD = "withheld"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    GONE = "gone"
    HELD = "held"
    """In the jar, and nothing happened."""
    ABSENT = "absent"
    """Not in the jar, and nothing happened."""


LIFE_SIGNS: Final[dict[Happening, tuple[str, Mark | None]]] = {
    Happening.STORED: (SIGNS[Mark.CHANGED], Mark.CHANGED),
    Happening.REPLACED: (SIGNS[Mark.CHANGED], Mark.CHANGED),
    Happening.REFRESHED: ("↻", None),
    Happening.SENT: (SIGNS[Mark.SENT], Mark.SENT),
    Happening.WITHHELD: (SIGNS[Mark.WITHHELD], Mark.WITHHELD),
    Happening.MISSING: (SIGNS[Mark.MISSING], Mark.MISSING),
    Happening.UNEXPLAINED: (SIGNS[Mark.UNEXPLAINED], Mark.UNEXPLAINED),
    Happening.GONE: ("○", Mark.CHANGED),
    Happening.HELD: ("─", None),
    Happening.ABSENT: ("·", None),
}
"""The sign of each on a line through time, and the mark whose colour it has."""

HOW_GONE: Final = {
    "deleted": ("deleted", "deleted by the server"),
    "expired": ("expired", "expired"),
    "evicted": ("pushed out", "pushed out to make room"),
    "given-up": ("given up", "given up: the browser no longer sends it"),
}
"""The ways in which a jar loses a cookie for good, in a word and in several."""

_GONE: Final = {
    **{cause: told for cause, (_, told) in HOW_GONE.items()},
    "observed": "no longer there",
    "stored": "replaced",
}
_REASONS: Final = 300
"""How many requests of one run are read for their reasons; the others count as alike."""


class LifeEvent(msgspec.Struct, frozen=True):
    """Something that happened to a cookie once, or several times in a row."""

    kind: Happening
    count: int
    step: int
    """The step at which it happened first; 0 where that is out of focus."""
    last_step: int
    text: str
    """In words, with the place: ``sent 3 times · step 4 to step 9``."""
    more: str = ""
    """The reason, or the attributes."""


class Life(msgspec.Struct, frozen=True):
    """What happened to one cookie up to a moment, oldest first."""

    events: tuple[LifeEvent, ...]
    """The latest ones, a run of the same being one."""
    before: int
    """How many things happened before those."""
    sent: int
    withheld: int


class Scale(msgspec.Struct, frozen=True):
    """A line through time: the steps so far, shared out among cells."""

    positions: tuple[int, ...]
    """Where each cell ends, in events of the capture."""
    numbers: tuple[int, ...]
    """The same in exchanges."""


class _Changes:
    """What changed one cookie of one jar; ``refreshed`` holds exchange numbers, sorted."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.kinds: list[Happening] = []
        self.changes: list[JarChange] = []
        self.refreshed: list[int] = []


class LifeBoard:
    """The lives of a growing trace's cookies, placed at the steps of a table.

    A life takes time in proportion to what is told of it; ``lives`` may be
    shared with others that look at the same trace.
    """

    def __init__(self, table: Table, lives: Lives | None = None) -> None:
        self._table = table
        self._trace = table.trace
        self._lives = lives if lives is not None else Lives(table.trace)
        self._changes: dict[tuple[str, CookieKey], _Changes] = {}
        self._seen: dict[str, int] = {}
        self._reach: list[int] = []

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in what changed; the table has taken it in before.

        Looks at no more than ``limit`` new exchanges, steps, and changes a jar; at
        none of an event that is just being applied. Returns True where none is left.
        """
        done = self._lives.update(update, limit)
        for state in tuple(self._trace.clients):
            done = self._client(state.client_id, limit) and done
        table = self._table
        end = len(table) if limit is None else min(len(table), len(self._reach) + 4 * limit)
        while len(self._reach) < end:
            position = table.position(len(self._reach) + 1)
            self._reach.append(max(position, self._reach[-1]) if self._reach else position)
        return done and end == len(table)

    def _client(self, client_id: str, limit: int | None) -> bool:
        changes = self._trace.jar_changes(client_id)
        seen = self._seen.get(client_id, 0)
        last = len(changes)
        end = last if limit is None else min(last, seen + limit)
        settled = self._trace.settled
        while seen < end and changes[seen].position <= settled:
            self._take(client_id, changes[seen])
            seen += 1
        self._seen[client_id] = seen
        return seen == last

    def _take(self, client_id: str, change: JarChange) -> None:
        found = self._changes.setdefault((client_id, change.key), _Changes())
        exchange = self._trace.exchange(change.exchange_id)
        kind = _kind(exchange, change)
        found.positions.append(change.position)
        found.kinds.append(kind)
        found.changes.append(change)
        if kind is Happening.REFRESHED:
            number = exchange.number
            if found.refreshed and found.refreshed[-1] > number:
                found.refreshed.insert(bisect_left(found.refreshed, number), number)
            else:
                found.refreshed.append(number)

    # --- telling

    def life(self, client_id: str, key: CookieKey, position: int, most: int = 40) -> Life:
        """Return what happened to a cookie up to event ``position``, in at most ``most`` events."""
        found = self._changes.get((client_id, key), _Changes())
        sent = self._lives.places(Did.SENT, client_id, key)
        held = self._lives.places(Did.WITHHELD, client_id, key)
        number = self._number(position)
        c = bisect_right(found.positions, position)
        s, w = bisect_right(sent, number), bisect_right(held, number)
        counts = (s, w)
        events: list[LifeEvent] = []
        while (c or s or w) and len(events) < most:
            change = found.positions[c - 1] if c else -1
            if change > max(self._position(sent, s), self._position(held, w)):
                c -= 1
                events.append(self._changed(found.kinds[c], found.changes[c]))
                continue
            first = self._number(change - 1) + 1
            if self._position(sent, s) > self._position(held, w):
                start = max(bisect_left(sent, first), bisect_right(sent, held[w - 1]) if w else 0)
                events.append(self._run(Happening.SENT, sent[start], sent[s - 1], s - start))
                s = start
            else:
                start = max(bisect_left(held, first), bisect_right(held, sent[s - 1]) if s else 0)
                start, why = self._alike(held, min(start, w - 1), w, key)
                run = self._run(Happening.WITHHELD, held[start], held[w - 1], w - start, why)
                events.append(run)
                w = start
        return Life(tuple(reversed(events)), c + s + w, *counts)

    def _position(self, numbers: Sequence[int], end: int) -> int:
        """Return the position of the last request before index ``end``; -1 without one."""
        return self._trace.exchanges[numbers[end - 1] - 1].request.position if end else -1

    def _number(self, position: int) -> int:
        """Return how many requests had been made up to an event."""
        return bisect_right(self._trace.exchanges, position, key=_asked_at)

    def _alike(self, held: Sequence[int], start: int, end: int, key: CookieKey) -> tuple[int, str]:
        """Return where the run before index ``end`` begins that has one reason, and that reason."""
        why = self._why(held[end - 1], key)
        for index in range(end - 2, max(start, end - _REASONS) - 1, -1):
            if self._why(held[index], key) != why:
                return index + 1, why
        return start, why

    def _why(self, number: int, key: CookieKey) -> str:
        for held in self._trace.exchanges[number - 1].request.withheld:
            if held.cookie.key == key:
                return "; ".join(map(sentence, held.reasons))
        return ""

    def _run(self, kind: Happening, first: int, last: int, count: int, more: str = "") -> LifeEvent:
        one, other = self._trace.exchanges[first - 1], self._trace.exchanges[last - 1]
        step, where = self.place(one.exchange_id, one.request.position)
        last_step, until = self.place(other.exchange_id, other.request.position)
        if count == 1:
            return LifeEvent(kind, 1, step, step, f"{kind.value} · {where}", more)
        text = f"{kind.value} {plural(count, 'time')} · {where} to {until}"
        return LifeEvent(kind, count, step, last_step, text, more)

    def _changed(self, kind: Happening, change: JarChange) -> LifeEvent:
        exchange = self._trace.exchange(change.exchange_id)
        step, where = self.place(change.exchange_id, change.position)
        text, more = self._words(kind, change, exchange)
        return LifeEvent(kind, 1, step, step, f"{text} · {where}", more)

    def _words(self, kind: Happening, change: JarChange, exchange: Exchange) -> tuple[str, str]:
        before, after = change.before, change.after
        mask = self._table.mask
        if after is None:
            return _GONE.get(change.cause, change.cause), ""
        value = quoted(mask(after.value))
        if kind is Happening.UNEXPLAINED:
            told = next((one for one in exchange.request.cookies if one.cookie == after), None)
            if told is not None and told.refused_in is not None:
                return f"seen in a request as {value}, though it was to be refused", ""
            return f"seen in a request as {value}, never seen set", ""
        if kind is Happening.MISSING:
            return "doubtful: it should have been sent and was not", ""
        if kind is Happening.HELD:
            return "no longer in doubt", ""
        if before is None:
            text = f"stored with the value {value}"
        elif before.value != after.value:
            text = f"value {quoted(mask(before.value))} replaced by {value}"
        else:
            text = f"set again to {value}"
        at = exchange.response.at if exchange.response is not None else exchange.request.at
        return text, attributes(after, at)

    def place(self, exchange_id: str, position: int) -> tuple[int, str]:
        """Return the step at which something happened, and its name.

        Out of focus the step is 0, and the name is that of the exchange and its path.
        """
        table = self._table
        steps = [step for step in table.steps_of(exchange_id) if table.position(step) <= position]
        if steps:
            return steps[-1], f"step {steps[-1]}"
        exchange = self._trace.exchange(exchange_id)
        return 0, f"exchange {exchange.number}, {shown(exchange.request.target.path)}"

    # --- drawing

    def scale(self, step: int, position: int, cells: int) -> Scale:
        """Return a line of at most ``cells`` cells from step 1 to ``step`` at event ``position``.

        With fewer steps than cells each step has a cell of its own.
        """
        last = min(step, len(self._reach))
        count = max(1, min(cells, last))
        ends = [last * (index + 1) // count for index in range(count)]
        positions = [min(self._reach[end - 1], position) if end else position for end in ends]
        positions[-1] = position
        return Scale(tuple(positions), tuple(self._number(end) for end in positions))

    def line(self, client_id: str, key: CookieKey, scale: Scale) -> tuple[Happening, ...]:
        """Return, cell by cell, the most telling thing that happened to a cookie."""
        found = self._changes.get((client_id, key), _Changes())
        sent = self._lives.places(Did.SENT, client_id, key)
        held = self._lives.places(Did.WITHHELD, client_id, key)
        cells: list[Happening] = []
        number = change = 0
        present = False
        now = scale.positions[-1]
        for position, last in zip(scale.positions, scale.numbers, strict=True):
            end = bisect_right(found.positions, position)
            telling = next(
                (
                    kind
                    for kind in reversed(found.kinds[change:end])
                    if kind not in (Happening.REFRESHED, Happening.HELD)
                ),
                None,
            )
            if end:
                present = found.changes[end - 1].after is not None
            if telling is not None:
                cells.append(telling)
            elif _between(held, number, last):
                cells.append(Happening.WITHHELD)
            elif self._refreshed(found, number, last, now):
                cells.append(Happening.REFRESHED)
            elif _between(sent, number, last):
                cells.append(Happening.SENT)
            else:
                cells.append(Happening.HELD if present else Happening.ABSENT)
            number, change = last, end
        return tuple(cells)

    def _refreshed(self, found: _Changes, after: int, upto: int, now: int) -> bool:
        """Say whether an exchange in between set the cookie again, and by now."""
        first = bisect_right(found.refreshed, after)
        if first == len(found.refreshed) or found.refreshed[first] > upto:
            return False
        response = self._trace.exchanges[found.refreshed[first] - 1].response
        return response is not None and response.position <= now

    # --- those that are gone

    @property
    def lives(self) -> Lives:
        """The index of what became of each cookie, exchange by exchange."""
        return self._lives

    def end(self, client_id: str, key: CookieKey, after: int, upto: int) -> str:
        """Return how a jar lost a cookie between two events, in a word; empty where it did not."""
        found = self._changes.get((client_id, key), _Changes())
        last = bisect_right(found.positions, upto)
        if not last or found.positions[last - 1] <= after:
            return ""
        change = found.changes[last - 1]
        return (
            HOW_GONE[change.cause][0] if change.after is None and change.cause in HOW_GONE else ""
        )

    def gone(self, client_id: str, position: int, most: int) -> Iterator[JarChange]:
        """Yield the last change of cookies that a jar has lost for good, the latest first."""
        changes = self._trace.jar_changes(client_id)
        later: set[CookieKey] = set()
        end = bisect_right(changes, position, key=_changed_at)
        for index in range(end - 1, max(-1, end - 1 - 100 * most), -1):
            change = changes[index]
            if change.key not in later:
                later.add(change.key)
                if change.after is None and change.cause in HOW_GONE:
                    yield change
                    most -= 1
                    if not most:
                        return


def _kind(exchange: Exchange, change: JarChange) -> Happening:
    before, after = change.before, change.after
    if after is None:
        return Happening.GONE
    if change.cause == "observed":
        if after.doubtful:
            return Happening.MISSING
        return Happening.UNEXPLAINED if after.inferred else Happening.HELD
    if before is None:
        return Happening.STORED
    results = exchange.response.set_cookies if exchange.response is not None else ()
    refreshed = any(
        result.outcome is Outcome.REFRESHED and result.cookie == after for result in results
    )
    return Happening.REFRESHED if refreshed else Happening.REPLACED


def _between(numbers: Sequence[int], after: int, upto: int) -> bool:
    index = bisect_right(numbers, after)
    return index < len(numbers) and numbers[index] <= upto


def _asked_at(exchange: Exchange) -> int:
    return exchange.request.position


def _changed_at(change: JarChange) -> int:
    return change.position
