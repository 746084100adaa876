"""Hostile input takes time linear in its length: counted in steps, not in seconds.

Within one line, a built-in makes a single pass over its text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from cookietrace.cookies import (
    Credentials,
    RequestContext,
    Site,
    canonical_host,
    parse_cookie_date,
    parse_cookie_header,
    parse_set_cookie,
    parse_target,
)
from cookietrace.lesson.reasons import sentence
from tests.cookies.contexts import CONTEXTS, NOW, context, empty_jar
from tests.work import lines_run

TARGET = parse_target("https://shop.test/")


def store(line: str) -> Callable[[], object]:
    """Return an action that stores a line into an empty jar."""
    return lambda: empty_jar("chromium").store(line, TARGET, CONTEXTS["page"], NOW)


FEEDS: dict[str, Callable[[int], Callable[[], object]]] = {
    "a long value": lambda n: store("a=" + "v" * (100 * n)),
    "a long name": lambda n: store("v" * (100 * n)),
    "many attributes": lambda n: store("a=1" + "; Path=/" * n),
    "many unknown attributes": lambda n: store("a=1;" + ";".join(f"x{i}" for i in range(n))),
    "many semicolons": lambda n: store("a=1" + ";" * n),
    "many tabs": lambda n: store("a=1" + "\t;\t" * n),
    "many equals signs": lambda n: store("=" * n),
    "spaces and tabs": lambda n: store("a=b" + " \t" * n + "c"),
    "a long path": lambda n: store("a=1; Path=/" + "p" * n),
    "a long domain": lambda n: store("a=1; Domain=" + "d." * n),
    "a long date": lambda n: lambda: parse_cookie_date("9 " * n),
    "a Cookie header": lambda n: lambda: parse_cookie_header("a=1; " * n),
    "a long host": lambda n: lambda: canonical_host("a." * n + "\xc3\xa9"),
    "a host of xn--": lambda n: lambda: canonical_host("xn--a." * n),
    "a long URL": lambda n: lambda: parse_target("http://shop.test/" + "a/" * n),
    "many ports": lambda n: lambda: parse_target("http://" + ":" * n),
}


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_ten_times_the_input_is_at_most_ten_times_the_work(name: str) -> None:
    """The work grows at most in proportion to the input."""
    feed = FEEDS[name]
    little, much = lines_run(feed(500)), lines_run(feed(5000))
    assert much <= 11 * little + 100


@pytest.mark.parametrize(
    "line",
    [
        "a=" + "v" * 1_000_000,
        "a=1; " + "x" * 1_000_000,
        "a=1; Expires=" + "9 " * 500_000,
        "a=1; Max-Age=" + "9" * 1_000_000,
        "a=1" + "; SameSite=Lax" * 10_000,
        "a=b" + " \t" * 500_000 + "c",
        "\x00" * 1_000_000,
        "\xff" * 1_000_000,
    ],
    ids=lambda line: line[:20],
)
def test_a_megabyte_gets_a_verdict(line: str) -> None:
    """A line of any length has an outcome, and the sentences about it stay short."""
    result = empty_jar("chromium").store(line, TARGET, CONTEXTS["page"], NOW)
    for finding in (*result.reasons, *result.warnings):
        assert len(sentence(finding)) < 400


def test_a_header_of_ten_thousand_cookies_is_parsed_completely() -> None:
    """No pair is lost, and the order is kept."""
    pairs = parse_cookie_header("; ".join(f"c{number}=v" for number in range(10_000)))
    assert (len(pairs), pairs[0], pairs[-1]) == (10_000, ("c0", "v"), ("c9999", "v"))


def test_a_line_with_ten_thousand_attributes_is_parsed_completely() -> None:
    """The last one counts."""
    parsed = parse_set_cookie("a=1" + "; Path=/x" * 10_000 + "; Path=/last")
    assert parsed.path == "/last"


def test_ten_thousand_names_in_one_site() -> None:
    """The cost of storing a cookie does not grow with the number of cookies."""
    jar = empty_jar()
    for number in range(10_000):
        jar.store(f"c{number}=1; SameSite=Lax", TARGET, CONTEXTS["page"], NOW)
    many = lines_run(lambda: jar.store("z=1; SameSite=Lax", TARGET, CONTEXTS["page"], NOW))
    few = lines_run(store("z=1; SameSite=Lax"))
    assert many <= few + 20


UNCONFIRMED = msgspec.structs.replace(CONTEXTS["same"], credentials=Credentials.UNKNOWN)
TAIL = "; Secure; SameSite=None"


def inside(site: int) -> RequestContext:
    """Return the context of an image on a page of one of many sites."""
    return context(Site.CROSS, top_level_site=f"https://s{site}.test")


CROWDS: list[tuple[str, str, Callable[[int], tuple[str, RequestContext]]]] = [
    ("unconfirmed", "chromium", lambda i: (f"c{i}=1", UNCONFIRMED)),
    ("partitions", "chromium", lambda i: (f"c=1{TAIL}; Partitioned", inside(i))),
    ("partitions", "firefox", lambda i: (f"c=1{TAIL}", inside(i))),
    ("paths", "spec", lambda i: (f"c=1; Path=/p{i}", CONTEXTS["page"])),
    ("unconfirmed paths", "chromium", lambda i: (f"c=1; Path=/p{i}", UNCONFIRMED)),
]
"""What a site can set so that no limit ends it: a line for each number, and its context."""


@pytest.mark.parametrize(("name", "profile", "crowd"), CROWDS, ids=lambda v: str(v)[:14])
def test_what_no_limit_ends_costs_no_more_per_cookie(
    name: str, profile: str, crowd: Callable[[int], tuple[str, RequestContext]]
) -> None:
    """Limits are checked without a look at each cookie of the site."""
    jar, work = empty_jar(profile), []
    for number in range(2000):
        line, within = crowd(number)
        store = partial(jar.store, line, TARGET, within, NOW)
        if number in (300, 1999):
            work.append(lines_run(store))
        else:
            store()
    assert work[1] <= work[0] + 20


def test_select_costs_the_same_among_many_sites() -> None:
    """Cookies of other sites are not looked at."""
    jar = empty_jar()
    jar.store("a=1", TARGET, CONTEXTS["page"], NOW)
    alone = lines_run(lambda: jar.select(TARGET, CONTEXTS["page"], NOW))
    for number in range(2000):
        jar.store("a=1", parse_target(f"https://s{number}.test/"), CONTEXTS["page"], NOW)
    assert lines_run(lambda: jar.select(TARGET, CONTEXTS["page"], NOW)) <= alone
