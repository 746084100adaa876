"""Every verdict of a capture in all browsers: what each does, in its newest versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from cookietrace.cookies import Finding, Outcome, default_public_suffixes, profile_of
from cookietrace.cookies.profiles import TRIED, version_text
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.compared.at_step import circumstance_of, cookies_of, setting_of
from cookietrace.lesson.compared.circumstance import Circumstance
from cookietrace.lesson.compared.opinions import BROWSERS, Basis, Opinion, opinions, outcome_of
from cookietrace.lesson.compared.wording import finding_entry, who
from cookietrace.lesson.corrections import line_of_cookie
from cookietrace.lesson.display_text import plural, quoted, shown
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.table import Table

MOST: Final = 100
"""How many lines, and how many cookies of a request, are looked at in one exchange."""

_PLAIN: Final = re.compile(r"[\w.~+/=-]*", re.ASCII)
_LONG: Final = 4_200
"""Longer values are refused everywhere, however long they are."""
_SOON: Final = 7 * 86_400.0
"""Up to that age, no browser has given up a cookie that another still has."""
_LAX_POST: Final = 120.0
_REMEMBERED: Final = 20_000


class Everywhere(msgspec.Struct, frozen=True):
    """One verdict in every browser."""

    name: str
    """The cookie's, as on the wire."""
    held: bool
    """Whether the question is if the request sends the cookie, and not if the line stores it."""
    circumstance: Circumstance
    certain: bool
    """Whether it is known how the request was made."""
    known: bool
    """Whether the cookie's attributes are known: a response was seen to set it."""
    opinions: tuple[Opinion, ...]
    """In the newest versions of each browser, in the order of ``BROWSERS``."""

    @property
    def differs(self) -> bool:
        """Whether the browsers do not all do the same."""
        return len({word(each, held=self.held) for each in self.opinions}) > 1


class VerdictsEverywhere:
    """Asks every browser about the cookies of exchanges, and remembers the replies."""

    def __init__(self, most: int = MOST) -> None:
        """``most`` lines, and as many cookies of a request, are looked at in one exchange."""
        self._most = most
        self._suffixes = default_public_suffixes()
        self._known: dict[tuple[object, ...], tuple[Opinion, ...]] = {}
        self._agreed: dict[tuple[object, ...], bool] = {}
        self._last: tuple[Exchange | None, list[Everywhere]] = (None, [])

    def of(self, exchange: Exchange, *, all_verdicts: bool = False) -> list[Everywhere]:
        """Return the verdicts on an exchange in which browsers differ, or all of them."""
        found = [*self._sent(exchange, all_verdicts), *self._set(exchange, all_verdicts)]
        return [each for each in found if all_verdicts or each.differs]

    def of_step(self, table: Table, step: int) -> list[Everywhere]:
        """Return the verdicts in which browsers differ, of what a row is about."""
        exchange, row = table.exchange(step), table.trace_row(step)
        known, found = self._last  # a response with hundreds of refused lines has as many rows
        if known is not exchange:
            found = self.of(exchange)
            self._last = exchange, found
        if row.kind is RowKind.EXCHANGE or not found:
            return found
        names = {result.name for result in row.results}
        return [each for each in found if not each.held and each.name in names]

    def _set(self, exchange: Exchange, all_verdicts: bool) -> Iterator[Everywhere]:
        response = exchange.response
        if response is None or not response.set_cookies:
            return
        how = circumstance_of(exchange)
        certain = exchange.request.context.certain
        for result in response.set_cookies[: self._most]:
            line = _canonical(result.raw)
            dated = "expires" in line.lower()
            key = (line, _place(how), response.at if dated else None, how.date if dated else None)
            found = self._ask(key, line, (how, response.at), None, all_verdicts=all_verdicts)
            if found is not None:
                yield Everywhere(result.name, False, how, certain, True, found)

    def _sent(self, exchange: Exchange, all_verdicts: bool) -> Iterator[Everywhere]:
        part = exchange.request
        cookies = cookies_of(exchange)
        if not cookies:
            return
        how = circumstance_of(exchange)
        for cookie in cookies[: self._most]:
            line = _canonical(line_of_cookie(cookie).wire)
            setting = setting_of(cookie, part.target)
            age = part.at - cookie.set_at
            when = age > _LAX_POST if 0 <= age < _SOON and cookie.expires_at is None else part.at
            key = (line, _place(setting), _place(how), when)
            found = self._ask(
                key, line, (setting, cookie.set_at), (how, part.at), all_verdicts=all_verdicts
            )
            if found is not None:
                certain = part.context.certain
                yield Everywhere(cookie.name, True, how, certain, not cookie.inferred, found)

    def _ask(
        self,
        key: tuple[object, ...],
        line: str,
        setting: tuple[Circumstance, float],
        asked: tuple[Circumstance, float] | None,
        *,
        all_verdicts: bool,
    ) -> tuple[Opinion, ...] | None:
        """Return what each browser says; None if all do the same, unless that is wanted too."""
        if len(self._agreed) > _REMEMBERED:
            self._agreed.clear()
            self._known.clear()
        if not all_verdicts:
            agreed = self._agreed.get(key)
            if agreed is None:
                said = {
                    outcome_of(line, profile_of(browser), self._suffixes, setting, asked)
                    for browser in BROWSERS
                }
                agreed = self._agreed[key] = len(said) == 1
            if agreed:
                return None
        found = self._known.get(key)
        if found is None:
            how, at = setting
            later, later_at = asked if asked is not None else (None, None)
            every = opinions(line, how, self._suffixes, at, asked=later, asked_at=later_at)
            found = self._known[key] = tuple(each for each in every if each.until is None)
        return found


def _canonical(line: str) -> str:
    """Return a line with another value of the same length, if it is an ordinary one.

    No browser looks at such a value, and most are met once only.
    """
    pair, semicolon, rest = line.partition(";")
    name, equals, value = pair.partition("=")
    value = value.strip(" \t")
    if not equals or not _PLAIN.fullmatch(value):
        return line
    return f"{name}={'v' * min(len(value), _LONG)}{semicolon}{rest}"


def _place(how: Circumstance) -> tuple[object, ...]:
    url = how.url.partition("?")[0].partition("#")[0]
    return url, how.page, how.top_level, how.method.upper(), how.access, how.told_by


def word(opinion: Opinion, *, held: bool) -> str:
    """Return what a browser does, in a word or two: ``stored``, ``withheld``."""
    if opinion.stored is None:
        if held:
            return "not stored"
        return "refused" if opinion.result.outcome is Outcome.REJECTED else "without effect"
    if not held:
        return "stored"
    return "sent" if opinion.sendings[0].sent else "withheld"


def why(opinion: Opinion, *, held: bool) -> tuple[Finding, ...]:
    """Return the reasons for what it does; none for a cookie that is stored or sent."""
    if opinion.stored is None:
        return opinion.result.reasons
    return opinion.sendings[0].reasons if held and not opinion.sendings[0].sent else ()


def basis_text(opinion: Opinion) -> str:
    """Return what an opinion rests on, in a few words."""
    if opinion.basis is Basis.TRIED:
        return f"tried in {version_text(TRIED[opinion.browser])}"
    return "documented only" if opinion.basis is Basis.DOCUMENTS else ""


def title(found: Everywhere) -> str:
    """Return what the verdict is on, as display text."""
    how = f"({shown(found.circumstance.words)}{'' if found.certain else ', as far as is known'})"
    if found.held:
        unknown = "" if found.known else ", its attributes unknown"
        return f"{quoted(found.name)} in the request {how}{unknown}"
    return f"{quoted(found.name)} set by the response {how}"


def cells(found: Everywhere) -> tuple[tuple[str, str, str, str], ...]:
    """Return for each browser: who, what it does, why, and what that rests on; display text."""
    return tuple(
        (
            who(each),
            word(each, held=found.held),
            "; ".join(dict.fromkeys(map(short_reason, why(each, held=found.held)))),
            basis_text(each),
        )
        for each in found.opinions
    )


TONES: Final = {
    "stored": "sent",
    "sent": "sent",
    "refused": "refused",
    "withheld": "withheld",
    "not stored": "refused",
    "without effect": "quiet",
}
"""The colour of each word."""


def everywhere_lines(found: Everywhere) -> Iterator[str]:
    """Yield a verdict in every browser: a title, and a line for each."""
    yield f"  {title(found)}"
    for browser, what, reasons, basis in cells(found):
        said = f"{what:<11} {basis:<17} {reasons}".rstrip()
        yield f"    {browser:<15} {said}"


def everywhere_entry(found: Everywhere) -> dict[str, Any]:
    """Return the same as plain JSON types."""
    return {
        "cookie": found.name,
        "of": "request" if found.held else "response",
        "page": found.circumstance.page,
        "top_level": found.circumstance.top_level,
        "certain": found.certain,
        "known": found.known,
        "differs": found.differs,
        "browsers": [
            {
                "browser": each.browser,
                "since": each.since,
                "verdict": word(each, held=found.held),
                "reasons": [finding_entry(one) for one in why(each, held=found.held)],
                "basis": each.basis.value,
            }
            for each in found.opinions
        ],
    }


def summary(differing: int, exchanges: int, of: int) -> str:
    """Return how many verdicts differ."""
    if not differing:
        return f"All browsers treat every cookie the same in {plural(of, 'request')}."
    verdicts = f"{plural(differing, 'verdict')} {'differs' if differing == 1 else 'differ'}"
    return f"{verdicts} between browsers, in {exchanges:,} of {plural(of, 'request')}."
