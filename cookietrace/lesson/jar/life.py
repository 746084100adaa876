"""The life of each cookie in each jar: stored, sent, withheld, replaced, gone, in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from cookietrace.cookies import CookieKey, Outcome
from cookietrace.fold.exchange import Exchange, JarChange, RequestCookie, RowKind, TraceUpdate
from cookietrace.lesson.browser_says.wording import written
from cookietrace.lesson.cookie_histories import CookieEvent, CookieHistories
from cookietrace.lesson.detail import attributes
from cookietrace.lesson.display_text import plural, quoted, shown
from cookietrace.lesson.prose import withheld_reason
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.standing import proviso
from cookietrace.lesson.table import Table


class LifeKind(StrEnum):
    """What happened to a cookie, or what a cell of its timeline shows."""

    STORED = "stored"
    PERHAPS = "perhaps"
    """Stored or replaced, but nobody knows whether the client took it."""
    REPLACED = "replaced"
    REFRESHED = "refreshed"
    """Set again, without a change that a user would notice."""
    SENT = "sent"
    WITHHELD = "withheld"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    GONE = "gone"
    HELD = "held"
    """In the jar, and nothing happened."""
    ABSENT = "absent"
    """Not in the jar, and nothing happened."""


LIFE_SIGNS: Final[dict[LifeKind, tuple[str, Mark | None]]] = {
    LifeKind.STORED: (SIGNS[Mark.CHANGED], Mark.CHANGED),
    LifeKind.PERHAPS: (SIGNS[Mark.UNCONFIRMED], Mark.UNCONFIRMED),
    LifeKind.REPLACED: (SIGNS[Mark.CHANGED], Mark.CHANGED),
    LifeKind.REFRESHED: ("↻", None),
    LifeKind.SENT: (SIGNS[Mark.SENT], Mark.SENT),
    LifeKind.WITHHELD: (SIGNS[Mark.WITHHELD], Mark.WITHHELD),
    LifeKind.MISSING: (SIGNS[Mark.MISSING], Mark.MISSING),
    LifeKind.UNEXPLAINED: (SIGNS[Mark.UNEXPLAINED], Mark.UNEXPLAINED),
    LifeKind.GONE: ("○", Mark.CHANGED),
    LifeKind.HELD: ("─", None),
    LifeKind.ABSENT: ("·", None),
}
"""The sign of each kind on a timeline, and the mark whose colour it has."""

HOW_GONE: Final = {
    "deleted": ("deleted", "deleted by the server"),
    "expired": ("expired", "expired"),
    "evicted": ("evicted", "evicted to make room"),
    "given-up": ("dropped", "dropped: the browser no longer sends it"),
    "settled": ("not there", "not there after all: a request shows it"),
}
"""The ways in which a jar loses a cookie for good: one word, and a phrase."""

_GONE: Final = {
    **{cause: phrase for cause, (_, phrase) in HOW_GONE.items()},
    "observed": "no longer there",
    "stored": "replaced",
}
_REASONS: Final = 300
"""How many requests of a run are compared by their reasons; the rest count as equal."""


class LifeEvent(msgspec.Struct, frozen=True):
    """Something that happened to a cookie once, or several times in a row."""

    kind: LifeKind
    count: int
    step: int
    """The step in which it first happened; 0 if that is out of focus."""
    last_step: int
    text: str
    """What happened and where: ``sent 3 times · step 4 to step 9``."""
    more: str = ""
    """The reason, or the attributes."""


class Life(msgspec.Struct, frozen=True):
    """What happened to one cookie up to an event, oldest first."""

    events: tuple[LifeEvent, ...]
    """The latest ones; a run of equal ones is one event."""
    before: int
    """How many events came before those."""
    sent: int
    withheld: int


class Scale(msgspec.Struct, frozen=True):
    """The scale of a timeline: the steps so far, divided among cells."""

    positions: tuple[int, ...]
    """The number of events up to the end of each cell."""
    numbers: tuple[int, ...]
    """The number of exchanges up to the end of each cell."""


class _Changes:
    """The changes of one cookie of one jar; ``refreshed`` holds exchange numbers, sorted."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.kinds: list[LifeKind] = []
        self.changes: list[JarChange] = []
        self.refreshed: list[int] = []


class LifeBoard:
    """The lives of a growing trace's cookies, in the steps of a table.

    A life takes time in proportion to the events returned; ``histories`` can be
    shared with other boards of the same trace.
    """

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        self._table = table
        self._trace = table.trace
        self._histories = histories if histories is not None else CookieHistories(table.trace)
        self._changes: dict[tuple[str, CookieKey], _Changes] = {}
        self._seen: dict[str, int] = {}
        self._reach: list[int] = []

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new exchanges and changes per jar, and a few times as
        many steps; nothing of an event that is still being applied. Returns True if
        none is left.
        """
        done = self._histories.update(update, limit)
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
        if kind is LifeKind.REFRESHED:
            number = exchange.number
            if found.refreshed and found.refreshed[-1] > number:
                found.refreshed.insert(bisect_left(found.refreshed, number), number)
            else:
                found.refreshed.append(number)

    # --- lives

    def life(self, client_id: str, key: CookieKey, position: int, most: int = 40) -> Life:
        """Return what happened to a cookie up to event ``position``, in at most ``most`` events."""
        found = self._changes.get((client_id, key), _Changes())
        sent = self._histories.places(CookieEvent.SENT, client_id, key)
        held = self._histories.places(CookieEvent.WITHHELD, client_id, key)
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
                events.append(self._run(LifeKind.SENT, sent[start], sent[s - 1], s - start))
                s = start
            else:
                start = max(bisect_left(held, first), bisect_right(held, sent[s - 1]) if s else 0)
                start, why = self._alike(held, min(start, w - 1), w, key)
                run = self._run(LifeKind.WITHHELD, held[start], held[w - 1], w - start, why)
                events.append(run)
                w = start
        return Life(tuple(reversed(events)), c + s + w, *counts)

    def _position(self, numbers: Sequence[int], end: int) -> int:
        """Return the position of the last request before index ``end``; -1 without one."""
        return self._trace.requests.position(numbers[end - 1]) if end else -1

    def _number(self, position: int) -> int:
        """Return how many requests had been made by an event."""
        return self._trace.requests.until(position)

    def _alike(self, held: Sequence[int], start: int, end: int, key: CookieKey) -> tuple[int, str]:
        """Return the start of the run before index ``end`` that has one reason, and the reason."""
        why = self._why(held[end - 1], key)
        for index in range(end - 2, max(start, end - _REASONS) - 1, -1):
            if self._why(held[index], key) != why:
                return index + 1, why
        return start, why

    def _why(self, number: int, key: CookieKey) -> str:
        exchange = self._trace.exchanges[number - 1]
        for held in exchange.request.withheld:
            if held.cookie.key == key:
                return "; ".join(withheld_reason(each, exchange.browser) for each in held.reasons)
        return ""

    def _run(self, kind: LifeKind, first: int, last: int, count: int, more: str = "") -> LifeEvent:
        one, other = self._trace.exchanges[first - 1], self._trace.exchanges[last - 1]
        step, where = self.place(one.exchange_id, one.request.position)
        last_step, until = self.place(other.exchange_id, other.request.position)
        if count == 1:
            return LifeEvent(kind, 1, step, step, f"{kind.value} · {where}", more)
        text = f"{kind.value} {plural(count, 'time')} · {where} to {until}"
        return LifeEvent(kind, count, step, last_step, text, more)

    def _changed(self, kind: LifeKind, change: JarChange) -> LifeEvent:
        exchange = self._trace.exchange(change.exchange_id)
        step, where = self.place(change.exchange_id, change.position)
        text, more = self._words(kind, change, exchange)
        if kind is LifeKind.UNEXPLAINED and self._writer(change, exchange):
            kind = LifeKind.STORED
        return LifeEvent(kind, 1, step, step, f"{text} · {where}", more)

    def _writer(self, change: JarChange, exchange: Exchange) -> str:
        """Return who wrote a cookie that no response set; empty if nobody says."""
        carried = _carried(change, exchange)
        if carried is None or carried.refused_in is not None:
            return ""
        return written(self._trace.browser, exchange, carried, self._table.mask)

    def _words(self, kind: LifeKind, change: JarChange, exchange: Exchange) -> tuple[str, str]:
        before, after = change.before, change.after
        mask = self._table.mask
        condition = self._condition(change, exchange)
        if after is None:
            return f"{_GONE.get(change.cause, change.cause)}{condition}", ""
        value = quoted(mask(after.value))
        if change.cause == "settled":
            return _settled(change, value), ""
        if kind is LifeKind.UNEXPLAINED:
            if by := self._writer(change, exchange):
                return f"seen in a request as {value}, {by}", ""
            carried = _carried(change, exchange)
            if carried is not None and carried.refused_in is not None:
                return f"seen in a request as {value}, though it should have been refused", ""
            if carried is not None and carried.set_in is not None:
                label = self._trace.exchange(carried.set_in).row.label
                return f"seen in a request as {value}, which the response in step {label} set", ""
            return f"seen in a request as {value}, never seen being set", ""
        if kind is LifeKind.MISSING:
            return "doubtful: should have been sent but was not", ""
        if kind is LifeKind.HELD:
            return "no longer doubtful", ""
        if before is None:
            text = f"stored with the value {value}"
        elif before.value != after.value:
            text = f"value {quoted(mask(before.value))} replaced with {value}"
        else:
            text = f"set again to {value}"
        at = exchange.response.at if exchange.response is not None else exchange.request.at
        return f"{text}{condition}", attributes(after, at)

    def condition(self, client_id: str, key: CookieKey, position: int) -> str:
        """Return what it depends on whether a jar holds a cookie after event ``position``.

        For example ``if the request was made with credentials``; empty if that is known.
        """
        found = self._changes.get((client_id, key), _Changes())
        last = bisect_right(found.positions, position)
        if not last:
            return ""
        change = found.changes[last - 1]
        text = self._condition(change, self._trace.exchange(change.exchange_id))
        return text.removeprefix(", ")

    def _condition(self, change: JarChange, exchange: Exchange) -> str:
        """Return what follows the words on a change if it may not have taken place."""
        if change.cause not in ("stored", "deleted") or exchange.response is None:
            return ""
        return proviso(
            result
            for result in exchange.response.set_cookies
            if result.outcome is not Outcome.REJECTED
            and result.cookie is not None
            and result.cookie.key == change.key
        )

    def place(self, exchange_id: str, position: int) -> tuple[int, str]:
        """Return the step in which something happened, and what texts call it.

        If that is out of focus, the step is 0 and the text adds the path.
        """
        table = self._table
        steps = [
            step
            for step in table.steps_of(exchange_id)
            if table.position(step) <= position
            and table.trace_row(step).kind is not RowKind.REFUTED
        ]
        if steps:
            return steps[-1], f"step {table.label(steps[-1])}"
        exchange = self._trace.exchange(exchange_id)
        return 0, f"step {exchange.row.label}, {shown(exchange.request.target.path)}"

    # --- timelines

    def scale(self, step: int, position: int, cells: int) -> Scale:
        """Return a scale of at most ``cells`` cells for steps 1 to ``step`` at event ``position``.

        If there are fewer steps than cells, each step has its own cell.
        """
        last = min(step, len(self._reach))
        count = max(1, min(cells, last))
        ends = [last * (index + 1) // count for index in range(count)]
        positions = [min(self._reach[end - 1], position) if end else position for end in ends]
        positions[-1] = position
        return Scale(tuple(positions), tuple(self._number(end) for end in positions))

    def line(self, client_id: str, key: CookieKey, scale: Scale) -> tuple[LifeKind, ...]:
        """Return the most important thing that happened to a cookie in each cell."""
        found = self._changes.get((client_id, key), _Changes())
        sent = self._histories.places(CookieEvent.SENT, client_id, key)
        held = self._histories.places(CookieEvent.WITHHELD, client_id, key)
        cells: list[LifeKind] = []
        number = change = 0
        present = False
        now = scale.positions[-1]
        for position, last in zip(scale.positions, scale.numbers, strict=True):
            end = bisect_right(found.positions, position)
            notable = next(
                (
                    kind
                    for kind in reversed(found.kinds[change:end])
                    if kind not in (LifeKind.REFRESHED, LifeKind.HELD)
                ),
                None,
            )
            if end:
                present = found.changes[end - 1].after is not None
            if notable is not None:
                cells.append(notable)
            elif _between(held, number, last):
                cells.append(LifeKind.WITHHELD)
            elif self._refreshed(found, number, last, now):
                cells.append(LifeKind.REFRESHED)
            elif _between(sent, number, last):
                cells.append(LifeKind.SENT)
            else:
                cells.append(LifeKind.HELD if present else LifeKind.ABSENT)
            number, change = last, end
        return tuple(cells)

    def _refreshed(self, found: _Changes, after: int, upto: int, now: int) -> bool:
        """Return whether an exchange in between has set the cookie again by event ``now``."""
        first = bisect_right(found.refreshed, after)
        if first == len(found.refreshed) or found.refreshed[first] > upto:
            return False
        response = self._trace.exchanges[found.refreshed[first] - 1].response
        return response is not None and response.position <= now

    # --- lost cookies

    @property
    def histories(self) -> CookieHistories:
        """The index of what happened to each cookie, exchange by exchange."""
        return self._histories

    def end(self, client_id: str, key: CookieKey, after: int, upto: int) -> str:
        """Return how a jar lost a cookie between two events, in a word; empty if it did not."""
        found = self._changes.get((client_id, key), _Changes())
        last = bisect_right(found.positions, upto)
        if not last or found.positions[last - 1] <= after:
            return ""
        change = found.changes[last - 1]
        return (
            HOW_GONE[change.cause][0] if change.after is None and change.cause in HOW_GONE else ""
        )

    def gone(self, client_id: str, position: int, most: int) -> Iterator[JarChange]:
        """Yield the last change of each cookie that a jar has lost for good, the latest first."""
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


def _carried(change: JarChange, exchange: Exchange) -> RequestCookie | None:
    """Return the cookie of a request that a jar took over."""
    return next((one for one in exchange.request.cookies if one.cookie == change.after), None)


def _kind(exchange: Exchange, change: JarChange) -> LifeKind:
    before, after = change.before, change.after
    if after is None:
        return LifeKind.GONE
    if change.cause == "observed":
        if after.doubtful:
            return LifeKind.MISSING
        return LifeKind.UNEXPLAINED if after.inferred else LifeKind.HELD
    if change.cause == "settled":
        same = before is not None and before.value == after.value
        return LifeKind.HELD if same else LifeKind.STORED
    if after.unconfirmed:
        return LifeKind.PERHAPS
    if before is None:
        return LifeKind.STORED
    results = exchange.response.set_cookies if exchange.response is not None else ()
    refreshed = any(
        result.outcome is Outcome.REFRESHED and result.cookie == after for result in results
    )
    return LifeKind.REFRESHED if refreshed else LifeKind.REPLACED


def _settled(change: JarChange, value: str) -> str:
    """Return what a request showed about a cookie that the jar holds since."""
    before, after = change.before, change.after
    assert after is not None
    if before is None:
        return f"there after all, with the value {value}"
    if before.value != after.value:
        return f"still has the value {value}"
    return "confirmed by a request" if before.unconfirmed and not after.unconfirmed else "as before"


def _between(numbers: Sequence[int], after: int, upto: int) -> bool:
    index = bisect_right(numbers, after)
    return index < len(numbers) and numbers[index] <= upto


def _changed_at(change: JarChange) -> int:
    return change.position
