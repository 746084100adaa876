"""Every rule of the key moments: a story that it must tell of, and a near miss that it must not."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.lesson.moments import RULES, Moment, key_moments
from cookietrace.lesson.table import Table
from tests.lesson.tales import CLICK, WITHIN, Visit, tale

BIG = "x" * 3100
TWO_YEARS = 2 * 365 * 86400


class Case(NamedTuple):
    """Visits that fire a rule, visits that nearly do, and words of the answer."""

    rule: str
    fires: tuple[Visit, ...]
    near_miss: tuple[Visit, ...]
    words: tuple[str, ...]


CASES = [
    Case(
        "none-at-first",
        (Visit(sets=("a=1",), reads=(("a", None),)), Visit(cookie="a=1", reads=(("a", "1"),))),
        (
            Visit(sets=("a=1", "a=; Max-Age=0")),
            Visit(reads=(("a", None),)),
        ),
        ("brings no 'a'", "the answer to this very request that sets it"),
    ),
    Case(
        "none-at-first",
        (Visit(reads=(("a", None),)), Visit(sets=("a=1",))),
        (Visit(sets=("a=1; Path=/x",)), Visit(reads=(("a", None),))),
        ("Only the answer in step 2 sets it",),
    ),
    Case(
        "none-at-first",
        (Visit(reads=(("a", None),)),),
        (Visit(cookie="a=1", reads=(("a", "1"),)),),
        ("Nothing in this trace ever sets it",),
    ),
    Case(
        "came-back",
        (Visit(sets=("a=1",)), Visit(cookie="a=1")),
        (Visit(sets=("a=1",)), Visit(cookie="a=2")),
        ("step 1 set it to '1'", "stored it in step 2", "shop.test alone", "every path"),
    ),
    Case(
        "set-every-time",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1",))),
        (Visit(sets=("a=1",)), Visit(cookie="a=1"), Visit(cookie="a=1", sets=("a=1",))),
        ("both answers of shop.test/", "already had '1'", "stores the same cookie once more"),
    ),
    Case(
        "set-every-time",
        (
            Visit(sets=("a=1; Max-Age=60",)),
            Visit(cookie="a=1", sets=("a=1; Max-Age=60",)),
            Visit(cookie="a=1", sets=("a=1; Max-Age=60",)),
        ),
        (Visit(sets=("a=1",)), Visit("/other", cookie="a=1", sets=("b=1",))),
        ("all 3 answers", "begins anew", "for 1 minute"),
    ),
    Case(
        "refused",
        (Visit(sets=("a=1; Domain=other.test",)),),
        (Visit(sets=("a=1; Domain=shop.test",)),),
        ("'Domain=other.test' does not cover the host shop.test", "5.7 step 10"),
    ),
    Case(
        "withheld",
        (Visit(sets=("a=1; Path=/admin",)), Visit("/")),
        (Visit(sets=("a=1; Path=/admin",)), Visit("/admin", "a=1")),
        ("paths under /admin, and / is not", "'1'"),
    ),
    Case(
        "withheld",
        (Visit(sets=("a=1; SameSite=Strict; Secure",)), Visit(headers=CLICK)),
        (Visit(sets=("a=1; Max-Age=5",)), Visit()),
        ("SameSite=Strict, and another site caused this request",),
    ),
    Case(
        "wrong-host",
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", status=401),
        ),
        (Visit("https://www.shop.test/", sets=("a=1",)), Visit("https://api.shop.test/")),
        ("www.shop.test alone", "api.shop.test is another host", "answered 401"),
    ),
    Case(
        "wrong-host",
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", reads=(("a", None),)),
        ),
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", "a=2", reads=(("a", "2"),), status=403),
        ),
        ("asked for 'a' and got None",),
    ),
    Case(
        "missing",
        (Visit(sets=("a=1", "b=2")), Visit(cookie="a=1")),
        (Visit(sets=("a=1", "b=2; Path=/x")), Visit(cookie="a=1")),
        ("'b' goes with this request", "'2' since step 2"),
    ),
    Case(
        "never-set",
        (Visit(cookie="a=1"),),
        (Visit(sets=("a=1",)), Visit(cookie="a=1")),
        ("none before step 1 sets 'a'", "brings '1'"),
    ),
    Case(
        "changed-unseen",
        (Visit(sets=("a=1",)), Visit(cookie="a=2")),
        (Visit(cookie="a=2"),),
        ("step 1 set '1'", "brings '2'"),
    ),
    Case(
        "twice",
        (Visit(sets=("a=1", "a=2; Path=/x")), Visit("/x", "a=2; a=1", reads=(("a", "2"),))),
        (Visit(sets=("a=1", "a=2; Path=/x")), Visit("/", "a=1")),
        ("'2' for shop.test alone and path /x", "'1' for shop.test alone and path /", "read '2'"),
    ),
    Case(
        "shadowing",
        (Visit(sets=("a=1", "a=2; Domain=shop.test")),),
        (Visit(sets=("a=1", "a=2")),),
        ("for shop.test/", "shop.test and its subdomains", "'2'"),
    ),
    Case(
        "rotated",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))),
        (Visit(cookie="a=1", sets=("a=2",)),),
        ("set it to '2'", "had held '1' since step 2"),
    ),
    Case(
        "persistence",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1; Max-Age=3600",))),
        (Visit(sets=("a=1; Max-Age=60",)), Visit(cookie="a=1", sets=("a=1; Max-Age=3600",))),
        ("for 1 hour, on disk",),
    ),
    Case(
        "persistence",
        (Visit(sets=("a=1; Max-Age=60",)), Visit(cookie="a=1", sets=("a=1",))),
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))),
        ("without Max-Age and Expires", "for 1 minute"),
    ),
    Case(
        "guard-lost",
        (
            Visit(sets=("a=1; HttpOnly; Secure; SameSite=Strict",)),
            Visit(cookie="a=1", sets=("a=1; SameSite=Lax",)),
        ),
        (
            Visit(sets=("a=1; SameSite=Lax",)),
            Visit(cookie="a=1", sets=("a=1; HttpOnly; Secure; SameSite=Strict",)),
        ),
        ("HttpOnly, Secure and SameSite=Strict",),
    ),
    Case(
        "deleted",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",))),
        (Visit(sets=("a=; Max-Age=0",)),),
        ("expiry in the past (Max-Age=0)", "'1' is not sent again"),
    ),
    Case(
        "deleted-nothing",
        (Visit(sets=("a=1; Path=/x",)), Visit(sets=("a=; Max-Age=0; Path=/",))),
        (Visit(sets=("b=1; Path=/x",)), Visit(sets=("a=; Max-Age=0; Path=/",))),
        ("shop.test alone and path /:", "path /x", "those are two cookies"),
    ),
    Case(
        "expired",
        (Visit(sets=("a=1; Max-Age=4",)), Visit()),
        (Visit(sets=("a=1; Max-Age=40",)), Visit(cookie="a=1")),
        ("for 4 seconds", "6 seconds before the request in step 3"),
    ),
    Case(
        "unused-after-redirect",
        (Visit("/login", sets=("a=1; Path=/login",), status=302, location="/"), Visit("/")),
        (Visit("/login", sets=("a=1; Path=/",), status=302, location="/"), Visit("/", "a=1")),
        ("set it to '1'", "paths under /login", "1 request"),
    ),
    Case(
        "open-to-scripts",
        (Visit(sets=("sessionid=1; Secure",)),),
        (Visit(sets=("csrf_token=1", "sid=1; HttpOnly", "residence=1")),),
        ("sets 'sessionid' without HttpOnly",),
    ),
    Case(
        "open-to-the-wire",
        (Visit(sets=("auth-token=1; HttpOnly",)),),
        (
            Visit(sets=("auth-token=1; HttpOnly; Secure",)),
            Visit("http://127.0.0.1/", sets=("sid=1",)),
        ),
        ("without Secure", "http://shop.test"),
    ),
    Case(
        "needless-none",
        (Visit(sets=("a=1; SameSite=None; Secure",)), Visit(cookie="a=1")),
        (
            Visit(sets=("a=1; SameSite=None; Secure",)),
            Visit(cookie="a=1"),
            Visit(cookie="a=1", headers=WITHIN),
        ),
        ("went with 1 request",),
    ),
    Case(
        "third-party",
        (Visit(sets=("a=1; SameSite=None; Secure",), headers=WITHIN),),
        (Visit(sets=("a=1; SameSite=None; Secure",), headers=CLICK),),
        ("sets 'a' of shop.test", "not partitioned"),
    ),
    Case(
        "third-party",
        (Visit(sets=("a=1; SameSite=None; Secure; Partitioned",), headers=WITHIN),),
        (Visit(sets=("a=1",), headers=WITHIN),),
        ("a partitioned one",),
    ),
    Case(
        "capped",
        (Visit(sets=(f"a=1; Max-Age={TWO_YEARS}",)),),
        (Visit(sets=("a=1; Max-Age=34560000",)),),
        ("730 days", "for 400 days"),
    ),
    Case(
        "near-limit",
        (Visit(sets=(f"a={BIG}",)),),
        (Visit(sets=(f"a={BIG[:3000]}",)),),
        ("3101 octets", "995 left"),
    ),
    Case(
        "near-limit",
        (Visit(sets=(f"a={BIG}{BIG}",)),),
        (Visit(sets=(f"a={BIG}; Domain=other.test",)),),
        ("6201 octets", "over the limit"),
    ),
    Case(
        "header-large",
        (Visit(cookie="a=1"), Visit(cookie=f"a=1; b={BIG}; c={BIG[:1000]}")),
        (Visit(cookie=f"a=1; b={BIG}; c={BIG[:900]}"),),
        ("4111 octets, in 3 cookies", "In step 1 it was 3"),
    ),
    Case(
        "pushed-out",
        tuple(Visit(sets=tuple(f"n{i}=1" for i in range(200)), status=200) for _ in range(1)),
        (Visit(sets=tuple(f"n{i}=1" for i in range(100))),),
        ("pushed out",),
    ),
    Case(
        "two-jars",
        (
            Visit(sets=("a=1",)),
            *(Visit(cookie=cookie) for cookie in ("a=2", "a=1", "a=2", "a=1")),
        ),
        (Visit(sets=("a=1",)), *(Visit(cookie=f"a={number}") for number in range(2, 7))),
        ("took turns",),
    ),
    Case(
        "of-another-client",
        (Visit(sets=("sid=secret1",)), Visit(cookie="sid=secret1", client="c2")),
        (Visit(sets=("sid=1",)), Visit(cookie="sid=1", client="c2")),
        ("step 1 gave 'secret1' to another client",),
    ),
]
IDS = [f"{index}-{case.rule}" for index, case in enumerate(CASES)]


def moments(visits: tuple[Visit, ...], rule: str) -> list[Moment]:
    """What one rule says of these visits."""
    table = Table(tale(*visits).trace())
    return [moment for moment in key_moments(table) if moment.rule == rule]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_fires(case: Case) -> None:
    """The rule tells of its story, with the story's own values, and names steps that exist."""
    visits = case.fires
    steps = len(Table(tale(*visits).trace()))
    found = moments(visits, case.rule)
    assert found, f"{case.rule} did not fire"
    moment = found[0]
    for words in case.words:
        assert words in moment.answer
    assert moment.question.endswith("?")
    assert moment.count >= 1
    assert all(1 <= step <= steps for step in (moment.step, *moment.steps))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_near_miss(case: Case) -> None:
    """The rule keeps silent where nearly the same happened."""
    assert moments(case.near_miss, case.rule) == []


def test_every_rule_has_a_case() -> None:
    """No rule is without its story and its near miss."""
    assert {case.rule for case in CASES} == set(RULES)
