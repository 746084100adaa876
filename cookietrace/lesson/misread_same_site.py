"""Cookies whose SameSite an old client takes for Strict, because it does not know the value."""

from __future__ import annotations

from cookietrace.cookies import Code, CookieKey, Finding, StoreResult
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.expired_lines import warning_of


def taken_for_strict(result: StoreResult) -> Finding | None:
    """Return the warning that a client takes a line's SameSite for Strict; None if it has none."""
    warning = warning_of(result, Code.SAME_SITE_MISREAD)
    if warning is None or dict(warning.facts)["taken_as"] != "strict":
        return None
    return warning


def set_as_strict(exchange: Exchange, key: CookieKey) -> Finding | None:
    """Return that warning for a cookie, from the exchange whose response set it."""
    results = () if exchange.response is None else exchange.response.set_cookies
    for result in reversed(results):
        if result.cookie is not None and result.cookie.key == key:
            return taken_for_strict(result)
    return None
