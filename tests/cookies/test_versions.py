"""Browsers of years ago are judged by the rules that they had."""

from __future__ import annotations

import pytest

from cookietrace.cookies import CookieJar, parse_target, profile_for
from cookietrace.cookies.profiles import PROFILES, ROWS, version_text
from tests.cookies.contexts import CONTEXTS, NOW, SUFFIXES

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) " + WEBKIT
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X {}) " + WEBKIT

AGENTS = [
    ("Mozilla/5.0 Chrome/60.0.3112.113 Safari/537.36", "chromium 60"),
    ("Mozilla/5.0 AppleWebKit/537.36 Chrome/47.0 Safari/537.36", "chromium 47 in doubt"),
    ("Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36 Edg/120.0 OPR/106.0", "chromium 120"),
    ("Mozilla/5.0 Chrome/x", "chromium"),
    ("Mozilla/5.0 (X11; rv:59.0) Gecko/20100101 Firefox/59.0", "firefox 59 in doubt"),
    ("Mozilla/5.0 (X11; rv:128.0) Gecko/20100101 Firefox/128.0", "firefox 128"),
    (IPHONE.format("12_4") + " Version/12.1.2 Mobile/15E148", "safari 12.1 in doubt"),
    (IPHONE.format("13_4") + " CriOS/80.0 Mobile/15E148", "safari 13.4"),
    (IPHONE.format("18_7") + " Version/26.2 Mobile/15E148", "safari 26.2"),
    (IPHONE.format("17_1") + " FxiOS/120 Chrome/1 Mobile/15E148", "safari 17.1"),
    (MAC.format("10_15_7") + " Version/13.0 Safari/605", "safari 13 in doubt"),
    (MAC.format("10_14_6") + " Version/13.1 Safari/605", "safari 13.1"),
    (WEBKIT, "safari"),
    ("Mozilla/5.0 AppleWebKit/537 Chrome/64.0 Safari/537.36 Edge/17.17134", "spec in doubt"),
    ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "spec in doubt"),
]


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_a_user_agent_gives_the_version(agent: str, expected: str) -> None:
    """A version older than anything known is judged with doubt, an unknown one as the newest."""
    profile = profile_for(agent)
    version = "" if profile.version is None else f" {version_text(profile.version)}"
    assert profile.name + version + " in doubt" * profile.doubtful == expected


LINES = [
    ("Chrome/50", "a=1", "image", "created", "", "same-site-defaulted"),
    ("Chrome/50", "a=1; SameSite=Strict", "image", "created", "", "same-site-misread"),
    ("Chrome/60", "a=1", "image", "created", "", "same-site-defaulted"),
    ("Chrome/60", "a=1; SameSite=Lax", "image", "rejected", "same-site-from-cross-site", ""),
    ("Chrome/60", "a=1; SameSite=None; Secure", "image", "rejected", "client-policy", ""),
    ("Chrome/60", "a=1; SameSite=None", "page", "rejected", "client-policy", ""),
    ("Chrome/70", "a=1; SameSite=None", "page", "created", "", ""),
    ("Chrome/80", "a=1; SameSite=None", "page", "rejected", "same-site-none-insecure", ""),
    ("Chrome/80", "a=1", "image", "rejected", "same-site-from-cross-site", "same-site-defaulted"),
    ("Chrome/103", "a=1; SameSite=Lax; Max-Age=99999999", "page", "created", "", ""),
    ("Chrome/104", "a=1; SameSite=Lax; Max-Age=99999999", "page", "created", "", "lifetime-capped"),
    ("Chrome/139", "__Http-a=1; SameSite=Lax; Secure", "page", "created", "", ""),
    ("Chrome/140", "__Http-a=1; SameSite=Lax; Secure", "page", "rejected", "prefix-http", ""),
    ("Firefox/59", "a=1; SameSite=Strict", "image", "created", "", "same-site-misread"),
    ("Firefox/60", "a=1; SameSite=Strict", "image", "rejected", "same-site-from-cross-site", ""),
    ("AppleWebKit Version/11.1", "a=1; SameSite=Lax", "page", "created", "", "same-site-misread"),
    ("AppleWebKit Version/12.1", "a=1; SameSite=None", "page", "created", "", "same-site-misread"),
    ("AppleWebKit Version/12.1", "a=1; SameSite=x", "page", "created", "", "same-site-misread"),
    ("AppleWebKit Version/12.1", "a=1; SameSite=Lax", "page", "created", "", ""),
    ("AppleWebKit Version/13.0", "a=1; SameSite=None", "page", "created", "", ""),
    (MAC.format("10_14") + " Version/14.0", "a=1; SameSite=None", "page", "created", "",
     "same-site-misread"),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "line", "context", "outcome", "reasons", "warnings"), LINES)
def test_a_line_is_judged_by_the_rules_of_its_version(
    agent: str, line: str, context: str, outcome: str, reasons: str, warnings: str
) -> None:
    """Defaults, caps and prefixes hold from their version on, and misreadings are told."""
    jar = CookieJar(profile_for(agent), SUFFIXES)
    result = jar.store(line, parse_target("https://shop.test/"), CONTEXTS[context], NOW)
    assert result.outcome.value == outcome
    assert " ".join(reason.code.value for reason in result.reasons) == reasons
    assert " ".join(warning.code.value for warning in result.warnings) == warnings


def test_none_is_withheld_as_strict() -> None:
    """A browser that took None for Strict withholds the cookie where Strict is withheld."""
    jar = CookieJar(profile_for("AppleWebKit Version/12.1"), SUFFIXES)
    target = parse_target("https://shop.test/")
    jar.store("a=1; SameSite=None; Secure", target, CONTEXTS["page"], NOW)
    withheld = jar.select(target, CONTEXTS["post"], NOW).withheld
    codes = [reason.code.value for held in withheld for reason in held.reasons]
    assert codes == ["same-site-strict"]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_of_one_switch_do_not_overlap(name: str) -> None:
    """In no version do two rows of a browser give one switch two values."""
    for version in (None, *range(1, 200), 13.1, 26.2):
        for system in ("", "Mac OS X 10_14"):
            holding = [row.switch for row in ROWS[name] if row.holds(version, system)]
            assert len(holding) == len(set(holding)), (version, holding)
    newest = {row.switch for row in PROFILES[name].departures}
    assert newest == {row.switch for row in ROWS[name] if row.until is None and not row.system}
