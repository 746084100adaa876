"""Mode 9 on the page: every cookie that a jar ever held, with its first and last step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import RowKind
from cookietrace.formats.page.step_ranges import ranges, steps_in_words
from cookietrace.lesson.cookie_histories import CookieEvent, CookieHistories
from cookietrace.lesson.cookie_rules import rules_name
from cookietrace.lesson.display_text import how_often
from cookietrace.lesson.focus_choices import client_name
from cookietrace.lesson.jar.life import LifeBoard
from cookietrace.lesson.jar.rows import JarRow, RefusedRow, jar_row, moment, refused_row
from cookietrace.lesson.table import Table


class HeldCookie(msgspec.Struct, frozen=True):
    """A cookie, during the steps in which the jar held it unchanged; display text."""

    row: JarRow
    """Its ``expires`` is a date, since the row is shown at many steps."""
    first: int
    last: int
    when: str
    """The steps from ``first`` to ``last`` in words."""
    sent: tuple[int, ...]
    """The steps that sent it."""
    withheld: tuple[int, ...]
    renewed: tuple[int, ...]
    """The steps whose responses set it, including the first one."""
    end: str
    """How the jar lost it after ``last``: ``deleted``, ``expired`` and so on; or empty."""
    gone_at: str
    """The steps, as ranges, at which it is gone; empty if there are none."""
    condition: str
    """What it depends on whether the client holds it; empty if that is known."""

    @property
    def at(self) -> str:
        """The steps at which the jar holds it, as ranges."""
        return ranges(range(self.first, self.last + 1))

    @property
    def life(self) -> str:
        """Its life in words, for example ``steps 2–5, sent once``."""
        parts = [self.when]
        if self.condition:
            parts.append(f"stored, {self.condition}")
        for verb, steps in (("sent", self.sent), ("withheld", self.withheld)):
            if steps:
                parts.append(how_often(verb, len(steps)))
        if self.end:
            parts.append(f"then {self.end}")
        return ", ".join(parts)


class Refusal(msgspec.Struct, frozen=True):
    """One Set-Cookie that a client refused."""

    step: int
    at: str
    """All steps from ``step`` on, as ranges."""
    row: RefusedRow


class ClientJar(msgspec.Struct, frozen=True):
    """Every cookie that one client held, and every Set-Cookie that it refused."""

    name: str
    profile: str
    cookies: tuple[HeldCookie, ...]
    refusals: tuple[Refusal, ...]


def client_jars(table: Table, histories: CookieHistories) -> tuple[ClientJar, ...]:
    """Return the jar of each client in the table, in the order of the clients."""
    acting = {table.exchange(step).request.client_id for step in range(1, len(table) + 1)}
    several = len(acting) > 1
    board = LifeBoard(table, histories)
    board.update()
    return tuple(
        ClientJar(
            name=client_name(state) if several else "The client",
            profile=rules_name(state.profile, state.version),
            cookies=_held_cookies(table, board, state.client_id),
            refusals=tuple(_refusals(table, state.client_id)),
        )
        for state in table.trace.clients
        if state.client_id in acting
    )


class _Period:
    """The steps, so far, in which a jar holds a cookie unchanged."""

    def __init__(self, row: JarRow, first: int, last: int) -> None:
        self.row = row
        self.first, self.last = first, last


def _held_cookies(table: Table, life_board: LifeBoard, client_id: str) -> tuple[HeldCookie, ...]:
    now: dict[CookieKey, _Period] = {}
    ended: list[_Period] = []
    before = -1
    for step in range(1, len(table) + 1):
        position = table.position(step)
        if position == before:  # another row of the same response
            continue
        before = position
        held = {
            cookie.key: cookie
            for cookie in table.trace.jar_at(client_id, position)
            if table.focus.covers(cookie.name)
        }
        changed = {
            key: _row(cookie, table)
            for key, cookie in held.items()
            if key not in now or now[key].row.cookie is not cookie
        }
        for key in [
            key
            for key in now
            if key not in held
            or (key in changed and _reads_differently(now[key].row, changed[key]))
        ]:
            period = now.pop(key)
            period.last = step - 1
            ended.append(period)
        for key, row in changed.items():
            now.setdefault(key, _Period(row, step, len(table)))
    ended += now.values()
    ended.sort(key=lambda period: (_place(period.row.cookie), period.first))
    begins: dict[CookieKey, list[int]] = defaultdict(list)
    for period in ended:
        begins[period.row.cookie.key].append(period.first)
    cookies = []
    for period in ended:
        later = [first for first in begins[period.row.cookie.key] if first > period.last]
        again = min(later, default=len(table) + 1)
        cookies.append(_held_cookie(table, life_board, client_id, period, again))
    return tuple(cookies)


def _held_cookie(
    table: Table, life_board: LifeBoard, client_id: str, period: _Period, again: int
) -> HeldCookie:
    """Return a cookie; ``again`` is the next step at which the jar holds one with its key."""
    key = period.row.cookie.key

    def within(event: CookieEvent) -> tuple[int, ...]:
        steps = _steps(table, life_board.histories.places(event, client_id, key))
        return tuple(step for step in steps if period.first <= step <= period.last)

    end = ""
    if period.last < len(table):
        position, after = table.position(period.last), table.position(period.last + 1)
        end = life_board.end(client_id, key, position, after)
    return HeldCookie(
        row=period.row,
        first=period.first,
        last=period.last,
        when=steps_in_words(range(period.first, period.last + 1), table.label),
        sent=within(CookieEvent.SENT),
        withheld=within(CookieEvent.WITHHELD),
        renewed=within(CookieEvent.SET),
        end=end,
        gone_at=ranges(range(period.last + 1, again)) if end else "",
        condition=(
            life_board.condition(client_id, key, table.position(period.last))
            if period.row.cookie.unconfirmed
            else ""
        ),
    )


def _row(cookie: Cookie, table: Table) -> JarRow:
    row = jar_row(cookie, cookie.created_at, table.mask)
    if cookie.inferred or cookie.expires_at is None:
        return row
    return msgspec.structs.replace(row, expires=moment(cookie.expires_at))


def _reads_differently(before: JarRow, after: JarRow) -> bool:
    """Return whether any text of a cookie changed."""
    return msgspec.structs.replace(before, cookie=after.cookie) != after


def _place(cookie: Cookie) -> tuple[str, str, str]:
    return cookie.domain, cookie.path, cookie.name


def _steps(table: Table, numbers: Iterable[int]) -> Iterator[int]:
    """Yield the first step of each exchange in focus."""
    for number in numbers:
        yield from table.steps_of(table.trace.exchanges[number - 1].exchange_id)[:1]


def _refusals(table: Table, client_id: str) -> list[Refusal]:
    refusals = []
    for step in range(1, len(table) + 1):
        row, exchange = table.trace_row(step), table.exchange(step)
        if row.kind is not RowKind.REFUSED or exchange.request.client_id != client_id:
            continue
        refused = refused_row(exchange, row, table.mask)
        if refused.code:
            refusals.append(Refusal(step, ranges(range(step, len(table) + 1)), refused))
    return refusals
