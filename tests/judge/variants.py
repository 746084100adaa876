"""The browsers that judge the fold: how each is started, and how its reports are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from cookietrace.cookies import Code, StoreResult
from tests.judge import chromium_reasons, firefox_reasons
from tests.judge.browser import Browser
from tests.judge.chromium import ALLOWED, BLOCKED, Chromium
from tests.judge.firefox import Firefox
from tests.judge.scenario import Scenario


def _without_invalid(wire: str) -> str:
    """Return wire text as Chromium shows it: decoded as UTF-8, invalid bytes dropped."""
    return wire.encode("latin-1").decode("utf-8", "ignore")


def _with_replacements(wire: str) -> str:
    """Return wire text as Firefox shows it: decoded as UTF-8, invalid bytes replaced."""
    return wire.encode("latin-1").decode("utf-8", "replace")


def _line(result: StoreResult) -> str:
    return _without_invalid(result.raw)


def _name(result: StoreResult) -> str:
    return _with_replacements(result.name)


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One browser with one setting."""

    shown_as: str
    """What people call it."""
    kind: str
    """The kind of browser, as ``find_browser`` knows it."""
    start: Callable[[str, Path], Browser]
    """Takes the listener for its own traffic, and the certificate authority to trust."""
    refused: Mapping[str, frozenset[Code]]
    """Its reasons for a refusal -> the codes that mean the same."""
    withheld: Mapping[str, frozenset[Code]]
    """Its reasons for a cookie withheld -> the codes that mean the same."""
    shown: Callable[[str], str]
    """Wire text as the browser reports it."""
    key: Callable[[StoreResult], str]
    """What the browser reports of a refused line."""
    most_uncertain: float
    """The largest share of exchanges that may be uncertain."""
    third_parties_only: bool = False
    """Whether it plays nothing but scenarios that can have a third party."""


def _chromium(shown_as: str, third_party: int) -> Variant:
    return Variant(
        shown_as=shown_as,
        kind="chromium",
        start=partial(Chromium, third_party=third_party),
        refused=chromium_reasons.REFUSED,
        withheld=chromium_reasons.WITHHELD,
        shown=_without_invalid,
        key=_line,
        most_uncertain=0.08,
        third_parties_only=third_party == BLOCKED,
    )


VARIANTS: Mapping[str, Variant] = {
    "chromium": _chromium("Chromium", ALLOWED),
    "chromium-blocked": _chromium("Chromium without third-party cookies", BLOCKED),
    "firefox": Variant(
        shown_as="Firefox",
        kind="firefox",
        start=Firefox,
        refused=firefox_reasons.REFUSED,
        withheld={},
        shown=_with_replacements,
        key=_name,
        most_uncertain=0.09,
    ),
}


def why_not(browser: str, scenario: Scenario) -> str | None:
    """Return why a browser does not play a scenario; None if it does."""
    if VARIANTS[browser].third_parties_only and not scenario.has_requests_of_pages():
        return "Without a page that requests something there is no third party."
    return scenario.cannot.get(browser)
