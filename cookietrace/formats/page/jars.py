"""Mode 9 on the page: each cookie that a jar ever held, from which step to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import ClientState, RowKind
from cookietrace.formats.page.spans import ranges, steps_in_words
from cookietrace.lesson.cookie_histories import CookieEvent, CookieHistories
from cookietrace.lesson.display_text import how_often, shown
from cookietrace.lesson.jar.life import LifeBoard
from cookietrace.lesson.jar.rows import JarRow, RefusedRow, jar_row, moment, refused_row
from cookietrace.lesson.table import Table


class Stay(msgspec.Struct, frozen=True):
    """One cookie as the jar held it unchanged, as display text."""

    row: JarRow
    """Its ``expires`` is a date, since it is looked at from many moments."""
    first: int
    last: int
    sent: tuple[int, ...]
    """The steps at which it went along."""
    withheld: tuple[int, ...]
    renewed: tuple[int, ...]
    """The steps whose answers set it, the first one included."""
    end: str
    """How the jar lost it after the last step: ``deleted``, ``expired`` and so on; else empty."""
    gone_at: str
    """The steps at which it is gone, as the page's script reads them; empty where it never is."""

    @property
    def at(self) -> str:
        """The steps as the page's script reads them."""
        return ranges(range(self.first, self.last + 1))

    @property
    def life(self) -> str:
        """Its life in words, e.g. ``steps 2–5, sent once``."""
        told = [steps_in_words(range(self.first, self.last + 1))]
        for verb, steps in (("sent", self.sent), ("withheld", self.withheld)):
            if steps:
                told.append(how_often(verb, len(steps)))
        if self.end:
            told.append(f"then {self.end}")
        return ", ".join(told)


class Refusal(msgspec.Struct, frozen=True):
    """One Set-Cookie that a client refused."""

    step: int
    at: str
    """The steps from there on, as the page's script reads them."""
    told: RefusedRow


class ClientJar(msgspec.Struct, frozen=True):
    """Everything that one client held or refused."""

    name: str
    profile: str
    stays: tuple[Stay, ...]
    refusals: tuple[Refusal, ...]


def client_jars(table: Table, histories: CookieHistories) -> tuple[ClientJar, ...]:
    """Return the jars of the clients that act in the table, in the order of the clients."""
    acting = {table.exchange(step).request.client_id for step in range(1, len(table) + 1)}
    several = len(acting) > 1
    board = LifeBoard(table, histories)
    board.update()
    return tuple(
        ClientJar(
            name=_name(state) if several else "The client",
            profile=state.profile,
            stays=_stays(table, board, state.client_id),
            refusals=tuple(_refusals(table, state.client_id)),
        )
        for state in table.trace.clients
        if state.client_id in acting
    )


def _name(state: ClientState) -> str:
    return shown(state.label) if state.label else f"Client {state.ordinal}"


class _Held:
    """A stay that may go on."""

    def __init__(self, row: JarRow, step: int) -> None:
        self.row = row
        self.first = self.last = step


def _stays(table: Table, life_board: LifeBoard, client_id: str) -> tuple[Stay, ...]:
    now: dict[CookieKey, _Held] = {}
    ended: list[_Held] = []
    for step in range(1, len(table) + 1):
        held = {
            cookie.key: _row(cookie, table)
            for cookie in table.trace.jar_at(client_id, table.position(step))
            if table.focus.covers(cookie.name)
        }
        for key in [key for key in now if key not in held or _told(now[key].row, held[key])]:
            ended.append(now.pop(key))
        for key, row in held.items():
            now.setdefault(key, _Held(row, step)).last = step
    ended += now.values()
    ended.sort(key=lambda held: (_place(held.row.cookie), held.first))
    begins: dict[CookieKey, list[int]] = defaultdict(list)
    for one in ended:
        begins[one.row.cookie.key].append(one.first)
    stays = []
    for one in ended:
        later = [first for first in begins[one.row.cookie.key] if first > one.last]
        stays.append(_stay(table, life_board, client_id, one, min(later, default=len(table) + 1)))
    return tuple(stays)


def _stay(table: Table, life_board: LifeBoard, client_id: str, held: _Held, again: int) -> Stay:
    """Return a stay; ``again`` is the step at which the jar holds such a cookie again."""
    key = held.row.cookie.key

    def within(did: CookieEvent) -> tuple[int, ...]:
        steps = _steps(table, life_board.histories.places(did, client_id, key))
        return tuple(step for step in steps if held.first <= step <= held.last)

    end = ""
    if held.last < len(table):
        position, after = table.position(held.last), table.position(held.last + 1)
        end = life_board.end(client_id, key, position, after)
    return Stay(
        row=held.row,
        first=held.first,
        last=held.last,
        sent=within(CookieEvent.SENT),
        withheld=within(CookieEvent.WITHHELD),
        renewed=within(CookieEvent.SET),
        end=end,
        gone_at=ranges(range(held.last + 1, again)) if end else "",
    )


def _row(cookie: Cookie, table: Table) -> JarRow:
    row = jar_row(cookie, cookie.created_at, table.mask)
    if cookie.inferred or cookie.expires_at is None:
        return row
    return msgspec.structs.replace(row, expires=moment(cookie.expires_at))


def _told(before: JarRow, after: JarRow) -> bool:
    """Say whether a cookie reads otherwise than before."""
    return msgspec.structs.replace(before, cookie=after.cookie) != after


def _place(cookie: Cookie) -> tuple[str, str, str]:
    return cookie.domain, cookie.path, cookie.name


def _steps(table: Table, numbers: Iterable[int]) -> Iterator[int]:
    """Yield the steps of exchanges that are in focus."""
    for number in numbers:
        yield from table.steps_of(table.trace.exchanges[number - 1].exchange_id)[:1]


def _refusals(table: Table, client_id: str) -> list[Refusal]:
    refusals = []
    for step in range(1, len(table) + 1):
        row, exchange = table.trace_row(step), table.exchange(step)
        if row.kind is not RowKind.REFUSED or exchange.request.client_id != client_id:
            continue
        told = refused_row(exchange, row, table.mask)
        if told.code:
            refusals.append(Refusal(step, ranges(range(step, len(table) + 1)), told))
    return refusals
