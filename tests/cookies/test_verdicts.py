"""The table of reasons: complete, and strict about findings read from a file."""

from __future__ import annotations

import pytest

from cookietrace.cookies import TABLE, Code, Finding
from cookietrace.cookies.verdicts import CHOICES, Where, checked_finding, shortened


def test_every_code_is_in_the_table() -> None:
    """Every code has a section and the kinds of verdict in which it can appear."""
    assert set(TABLE) == set(Code)
    assert all(reason.section and reason.where for reason in TABLE.values())
    assert Finding(Code.EXPIRED).section == "5.8.3 step 3"
    names = {name for reason in TABLE.values() for name in reason.facts + reason.optional}
    assert set(CHOICES) <= names


@pytest.mark.parametrize(
    ("code", "facts", "where", "words"),
    [
        ("nonsense", {}, "rejected", "there is no reason 'nonsense'"),
        ("expired", {}, "rejected", "expired is not a reason for rejected"),
        ("client-policy", {"cookie": "a", "policy": "x"}, "withheld", "the fact 'policy'"),
        ("host-only", {"cookie": "a", "host": "b"}, "withheld", "lacks its fact 'domain'"),
        ("same-site-strict", {"cookie": 7}, "withheld", "the fact 'cookie'"),
        ("same-site-strict", {"cookie": "", "cause": "x"}, "withheld", "the fact 'cause'"),
        ("name-value-too-large", {"cookie": "", "size": 1.5}, "rejected", "the fact 'size'"),
        ("name-value-too-large", {"cookie": "", "size": True}, "rejected", "the fact 'size'"),
        ("expired", {"cookie": "", "seconds": "1"}, "withheld", "the fact 'seconds'"),
        ("expired", {"cookie": "", "seconds": True}, "withheld", "the fact 'seconds'"),
        ("expired", {"cookie": "", "seconds": float("inf")}, "withheld", "the fact 'seconds'"),
        ("prefix-http", {"cookie": "", "lacks": "Secure"}, "rejected", "the fact 'lacks'"),
        ("prefix-http", {"cookie": "", "lacks": ["x"]}, "rejected", "the fact 'lacks'"),
        ("prefix-http", {"cookie": "", "lacks": [7]}, "rejected", "the fact 'lacks'"),
    ],
)
def test_an_incomplete_or_invalid_finding_is_refused(
    code: str, facts: dict[str, object], where: Where, words: str
) -> None:
    """An unknown code, or a missing or wrong fact, is named in one short line."""
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        checked_finding(code, facts, where)
    assert words in str(refused.value)


def test_a_valid_finding_is_read_as_written() -> None:
    """Facts are in the order of the table, not of the file; unknown facts are dropped."""
    facts = {"more": 1, "path": "/", "domain": "", "origin": "http://x", "lacks": ["Secure"]}
    found = checked_finding("prefix-secure", facts | {"cookie": "__Secure-a"}, "rejected")
    name, lacks = ("cookie", "__Secure-a"), ("lacks", ("Secure",))
    place = (("origin", "http://x"), ("domain", ""), ("path", "/"))
    assert found == Finding(Code.PREFIX_SECURE, (name, lacks, *place))
    expired = checked_finding("expired", {"cookie": "a", "seconds": 5}, "withheld")
    assert expired == Finding(Code.EXPIRED, (("cookie", "a"), ("seconds", 5)))
    capped = {"cookie": "a", "policy": "third-party-blocked"}
    assert checked_finding("client-policy", capped, "withheld").code is Code.CLIENT_POLICY
    strict = checked_finding("same-site-strict", {"cookie": "a", "cause": "redirect"}, "withheld")
    assert strict.facts == (("cookie", "a"), ("cause", "redirect"))
    plain = checked_finding("same-site-strict", {"cookie": "a"}, "withheld")
    assert plain.facts == (("cookie", "a"),)
    size = {"cookie": "a", "size": 5000}
    assert dict(checked_finding("name-value-too-large", size, "rejected").facts) == size


def test_long_text_is_cut() -> None:
    """A hostile name cannot make a finding long."""
    assert len(shortened("x" * 10_000)) == 60
    assert shortened("x" * 60) == "x" * 60
