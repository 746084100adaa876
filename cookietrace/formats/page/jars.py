"""Mode 9 on the page: each cookie that a jar ever held, from which step to which."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import Cookie, CookieKey, Outcome
from cookietrace.fold.exchange import ClientState, CookieStatus, RowKind
from cookietrace.formats.page.spans import ranges, steps_in_words
from cookietrace.lesson.jar import JarRow, jar_row, moment
from cookietrace.lesson.table import Table
from cookietrace.lesson.words import authority, plural, shown


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

    @property
    def at(self) -> str:
        """The steps as the page's script reads them."""
        return ranges(range(self.first, self.last + 1))

    @property
    def life(self) -> str:
        """Its life in words, e.g. ``steps 2–5, sent once``."""
        told = [steps_in_words(range(self.first, self.last + 1))]
        for verb, steps in (("sent", self.sent), ("kept back", self.withheld)):
            if steps:
                told.append(f"{verb} {'once' if len(steps) == 1 else plural(len(steps), 'time')}")
        return ", ".join(told)


class Refusal(msgspec.Struct, frozen=True):
    """One Set-Cookie that a client refused, as display text."""

    step: int
    at: str
    name: str
    raw: str
    host: str
    sentence: str
    fix: str
    section: str


class ClientJar(msgspec.Struct, frozen=True):
    """Everything that one client held or refused."""

    name: str
    profile: str
    stays: tuple[Stay, ...]
    refusals: tuple[Refusal, ...]


def client_jars(table: Table) -> tuple[ClientJar, ...]:
    """Return the jars of the clients that act in the table, in the order of the clients."""
    acting = {table.exchange(step).request.client_id for step in range(1, len(table) + 1)}
    several = len(acting) > 1
    return tuple(
        ClientJar(
            name=_name(state) if several else "The client",
            profile=state.profile,
            stays=_stays(table, state.client_id),
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


def _stays(table: Table, client_id: str) -> tuple[Stay, ...]:
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
    uses = _Uses(table, client_id)
    return tuple(
        Stay(
            row=held.row,
            first=held.first,
            last=held.last,
            sent=uses.within(uses.sent, held.row.cookie.key, held.first, held.last),
            withheld=uses.within(uses.withheld, held.row.cookie.key, held.first, held.last),
            renewed=uses.within(uses.renewed, held.row.cookie.key, held.first, held.last),
        )
        for held in sorted(ended, key=lambda held: (_place(held.row.cookie), held.first))
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


class _Uses:
    """At which steps a client's cookies were sent, withheld and set."""

    def __init__(self, table: Table, client_id: str) -> None:
        self.sent: dict[CookieKey, list[int]] = {}
        self.withheld: dict[CookieKey, list[int]] = {}
        self.renewed: dict[CookieKey, list[int]] = {}
        for step in range(1, len(table) + 1):
            exchange = table.exchange(step)
            part = exchange.request
            if part.client_id != client_id or table.trace_row(step).kind is not RowKind.EXCHANGE:
                continue
            for told in part.cookies:
                if told.status is CookieStatus.SENT and told.cookie is not None:
                    self.sent.setdefault(told.cookie.key, []).append(step)
            for held in part.withheld:
                self.withheld.setdefault(held.cookie.key, []).append(step)
            for result in exchange.response.set_cookies if exchange.response is not None else ():
                if result.cookie is not None and result.outcome is not Outcome.DELETED:
                    self.renewed.setdefault(result.cookie.key, []).append(step)

    @staticmethod
    def within(
        steps: dict[CookieKey, list[int]], key: CookieKey, first: int, last: int
    ) -> tuple[int, ...]:
        """Return the steps of one stay."""
        return tuple(step for step in steps.get(key, ()) if first <= step <= last)


def _refusals(table: Table, client_id: str) -> list[Refusal]:
    refusals = []
    for step in range(1, len(table) + 1):
        row, exchange = table.trace_row(step), table.exchange(step)
        if row.kind is not RowKind.REFUSED or exchange.request.client_id != client_id:
            continue
        for result in row.results:
            if not result.reasons:
                continue
            finding = result.reasons[0]
            refusals.append(
                Refusal(
                    step=step,
                    at=ranges(range(step, len(table) + 1)),
                    name=shown(result.name) if result.name else "(no name)",
                    raw=shown(result.raw),
                    host=authority(exchange.request.target),
                    sentence=shown(finding.sentence),
                    fix=shown(finding.fix),
                    section=finding.section,
                )
            )
    return refusals
