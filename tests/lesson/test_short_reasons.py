"""Each reason in a few words."""

from __future__ import annotations

import pytest

from cookietrace.cookies import TABLE, Code, Finding
from cookietrace.cookies.verdicts import CHOICES, Fact
from cookietrace.lesson.short_reasons import SHORT, short_reason

LINE = 66
"""No reason is longer than this with facts of a usual length."""

USUAL: dict[str, Fact] = {
    "character": 7,
    "size": 5003,
    "seconds": 7200.0,
    "same_site": "lax",
    "lacks": ("Secure",),
    "prefix": "__Host-",
    "path": "/account",
    "request_path": "/callback",
    "origin": "http://shop.test",
    "partition": "https://news.test",
    "domain": "shop.example",
    "host": "www.shop.test",
}


def findings() -> list[Finding]:
    """A finding for each reason, and for each word of a fact that selects its text."""
    made = []
    for code, reason in TABLE.items():
        if set(reason.where) == {"warning"}:
            continue
        names = reason.facts + reason.optional
        choosing = next((name for name in names if name in CHOICES and name != "lacks"), None)
        for word in sorted(CHOICES[choosing]) if choosing else [""]:
            facts = {name: USUAL.get(name, "x") for name in names}
            if choosing:
                facts[choosing] = word
            made.append(Finding(code, tuple(facts.items())))
    return made


@pytest.mark.parametrize("finding", findings(), ids=repr)
def test_every_reason_has_a_short_form(finding: Finding) -> None:
    """It fits in a line, has its facts in it, and is no sentence."""
    text = short_reason(finding)
    assert 0 < len(text) <= LINE
    assert not set("{}`") & set(text)
    assert not text.endswith(".")


def test_no_warning_has_one() -> None:
    """The table has exactly the reasons that refuse or withhold a cookie, or that miss one."""
    assert set(SHORT) == {finding.code for finding in findings()}


@pytest.mark.parametrize(
    ("code", "facts", "method", "expected"),
    [
        (Code.SAME_SITE_LAX, {"request": "unsafe-navigation"}, "POST", "cross-site POST"),
        (Code.SAME_SITE_LAX, {"request": "unsafe-navigation"}, "PUT", "cross-site PUT"),
        (Code.SAME_SITE_STRICT, {}, "GET", "caused by another site"),
        (Code.DOMAIN_MISMATCH, {"domain": "a" * 60, "host": "b.test"}, "GET", "aaa… does not"),
        (
            Code.PATH_MISMATCH,
            {"path": "/\x1b[31m", "request_path": "/"},
            "GET",
            "Path=/\\x1b[31m does not",
        ),
    ],
)
def test_facts_are_clipped_and_safe(
    code: Code, facts: dict[str, Fact], method: str, expected: str
) -> None:
    """Facts from the wire are cut if they are long, and safe for a terminal."""
    assert expected in short_reason(Finding(code, tuple(facts.items())), method)
