"""Cookies that had expired when they were set, told from deletions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cookietrace.cookies import Code, parse_target
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar

SHOP = parse_target("https://shop.test/")
RECENT = "Expires=Fri, 15 Jan 2027 07:30:00 GMT"
"""Half an hour before ``NOW``."""


def facts_of(
    line: str, server_time: float | None = None, held: str | None = None, profile: str = "spec"
) -> Mapping[str, object] | None:
    """The facts of the warning about a line; None without one."""
    jar = empty_jar(profile)
    if held is not None:
        jar.store(held, SHOP, CONTEXTS["same"], NOW - 60)
    result = jar.store(line, SHOP, CONTEXTS["same"], NOW, server_time=server_time)
    found = [dict(each.facts) for each in result.warnings if each.code is Code.BORN_EXPIRED]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("server_time", "clock", "offset"),
    [
        (None, "unknown", 0.0),
        (NOW - 5, "right", 5.0),
        (NOW - 1800, "behind", 1800.0),
        (NOW + 3600, "ahead", 3600.0),
    ],
)
def test_the_server_clock(server_time: float | None, clock: str, offset: float) -> None:
    """A value that a browser drops at once is told, with what the response's Date shows."""
    assert facts_of(f"sid=abc123; {RECENT}", server_time) == {
        "cookie": "sid",
        "seconds": 1800.0,
        "clock": clock,
        "offset": offset,
    }


@pytest.mark.parametrize(
    "line",
    [
        f"sid=; {RECENT}",
        f'sid=""; {RECENT}',
        f"sid=deleted; {RECENT}",
        f"rememberMe=deleteMe; {RECENT}",
        "sid=abc123; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "sid=abc123; Expires=Mon, 11 Jan 2027 08:00:00 GMT",
        "sid=abc123; Max-Age=0",
        f"sid=abc123; {RECENT}; Max-Age=-1",
        f"sid=abc123; Path=/, b=2; {RECENT}",
    ],
)
def test_a_deletion(line: str) -> None:
    """What frameworks send to delete a cookie is no mistake, and neither is a joined expiry."""
    assert facts_of(line) is None


def test_a_value_that_the_jar_holds_is_deleted() -> None:
    """A cookie that is sent again as it was, with an expiry in the past, is deleted."""
    line = f"sid=abc123; {RECENT}"
    assert facts_of(line, held="sid=abc123") is None
    assert facts_of(line, held="sid=other") is not None


def test_a_browser_that_corrects_the_clock_keeps_the_cookie() -> None:
    """Chromium reads Expires by the server's clock, so a slow one does no harm there."""
    line = "sid=abc123; Expires=Fri, 15 Jan 2027 07:45:00 GMT"
    assert facts_of(line, NOW - 1800, profile="chromium") is None
    assert facts_of(line, NOW - 1800) is not None


def test_a_deletion_gets_no_advice_for_cookies_that_stay() -> None:
    """A missing SameSite does not matter to a cookie that is not kept."""
    jar = empty_jar("chromium")
    result = jar.store("sid=; Max-Age=0", SHOP, CONTEXTS["same"], NOW)
    assert result.warnings == ()
