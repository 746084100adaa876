"""An ignore covers what its patterns match, and no more."""

from __future__ import annotations

import pytest

from cookietrace.checking import Ignore, Severity
from cookietrace.checking.ignores import ignoring
from cookietrace.errors import FormatError
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.moments.grades import Grade

CODE, HOST = "path-mismatch", "api.shop.test"


def moment(*cookies: str) -> Moment:
    """A problem with some cookies."""
    grade = Grade(severity=Severity.PROBLEM, code=CODE, cookies=cookies)
    return Moment("withheld", "Why?", "So.", "", None, 1, (1,), 1, "x1", HOST, grade)


@pytest.mark.parametrize(
    ("patterns", "covered"),
    [
        ({"code": CODE}, True),
        ({"code": "path-*"}, True),
        ({"code": "path"}, False),
        ({"host": HOST}, True),
        ({"host": "*.SHOP.test"}, True),
        ({"host": "shop.test"}, False),
        ({"cookie": "user"}, True),
        ({"cookie": "USER"}, False),
        ({"cookie": "u?er"}, True),
        ({"code": CODE, "host": HOST, "cookie": "user"}, True),
        ({"code": CODE, "host": HOST, "cookie": "other"}, False),
        ({"code": "other", "host": HOST, "cookie": "user"}, False),
    ],
)
def test_patterns(patterns: dict[str, str], covered: bool) -> None:
    """Every pattern that is given must match; names are compared as they are, hosts are not."""
    assert bool(ignoring(moment("user"), [Ignore(reason="why", **patterns)])) is covered


@pytest.mark.parametrize(
    ("cookies", "ignored"),
    [
        (("a",), True),
        (("a", "b"), True),
        (("a", "c"), False),
        ((), False),
        (("Ã©",), True),
    ],
)
def test_several_cookies(cookies: tuple[str, ...], ignored: bool) -> None:
    """A moment is ignored if each of its cookies is; names are those of the wire, decoded."""
    ignores = [Ignore(cookie=name, reason="why") for name in ("a", "b", "é")]
    assert bool(ignoring(moment(*cookies), ignores)) is ignored


@pytest.mark.parametrize("given", [{"reason": " ", "code": "x"}, {"reason": "why"}])
def test_an_ignore_needs_a_reason_and_a_pattern(given: dict[str, str]) -> None:
    """Nothing is ignored without saying why, or without saying what."""
    with pytest.raises(FormatError, match="an ignore needs"):
        Ignore(**given)
