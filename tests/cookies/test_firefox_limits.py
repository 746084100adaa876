"""How many cookies Firefox keeps, as seen in Firefox 153: it makes room before it stores."""

from __future__ import annotations

import pytest

from cookietrace.cookies import StoreResult, parse_target
from cookietrace.cookies.rules.eviction import room_in_partition
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar

ROWS = [
    ("insecure", [f"k{i}=1" for i in range(185)], 154, "k31", "k184"),
    ("Secure", [f"k{i}=1; Secure" for i in range(185)], 154, "k31", "k184"),
    ("no room", [*(f"k{i}=1; Secure" for i in range(180)), "new=1"], 180, "k0", "k179"),
    (
        "few insecure",
        [*(f"k{i}=1; Secure" for i in range(170)), *(f"j{i}=1" for i in range(10)), "new=1"],
        171,
        "k0",
        "new",
    ),
    ("a new value", [*(f"k{i}=1" for i in range(180)), "k0=2"], 180, "k0", "k179"),
    (
        "room in a partition",
        [f"p{i}={'x' * 1000}; Secure; Partitioned" for i in range(14)],
        11,
        "p3",
        "p13",
    ),
    (
        "a little over",
        [f"p{i}={'x' * 1020}; Secure; Partitioned" for i in range(12)],
        12,
        "p0",
        "p11",
    ),
    (
        "many in a partition",
        [f"k{i}=1; Secure; Partitioned" for i in range(181)],
        150,
        "k31",
        "k180",
    ),
]


@pytest.mark.parametrize(
    ("lines", "count", "first", "last"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_room_is_made_before_storing(lines: list[str], count: int, first: str, last: str) -> None:
    """The least recently used go, insecure ones first; an insecure one does not replace Secure."""
    jar, target = empty_jar("firefox"), parse_target("https://shop.test/")
    results: list[StoreResult] = []
    for number, line in enumerate(lines):
        results.append(jar.store(line, target, CONTEXTS["page"], NOW + number / 1000))
    left = sorted(jar.cookies(), key=lambda cookie: cookie.sequence)
    assert (len(left), left[0].name, left[-1].name) == (count, first, last)
    stored = sum(result.outcome.value == "created" for result in results)
    assert stored - sum(len(result.evicted) for result in results) == count
    policies = [dict(result.reasons[0].facts)["policy"] for result in results if result.reasons]
    assert policies == ["site-full"] * (first == "k0" and lines[-1] == "new=1" and last != "new")


def test_a_partition_is_emptied_if_nothing_else_helps() -> None:
    """If one cookie alone is over the limit, all the others go, and it is stored."""
    jar, target = empty_jar("firefox"), parse_target("https://shop.test/")
    for line in ("a=1; Secure; Partitioned", "b=1; Secure; Partitioned", "c=123; Secure"):
        jar.store(line, target, CONTEXTS["page"], NOW)
    *held, new = sorted(jar.cookies(), key=lambda cookie: cookie.name)
    assert room_in_partition(new, held, 3, 1.0) == held
