"""The jar itself: expiry, eviction, inferred cookies, and direct access to cookies."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from cookietrace.cookies import PROFILES, Cookie, CookieJar, SameSite, parse_target
from tests.cookies.contexts import CONTEXTS, NOW, SUFFIXES, empty_jar

TARGET = parse_target("https://shop.test/")
PAGE = CONTEXTS["page"]


def inferred(name: str, domain: str = "shop.test", *, path: str = "/") -> Cookie:
    """Return a cookie that was seen in a request but never seen being set."""
    return Cookie(
        name=name,
        value="seen",
        domain=domain,
        host_only=True,
        path=path,
        secure=False,
        http_only=False,
        same_site=SameSite.DEFAULT,
        expires_at=None,
        created_at=NOW - 5,
        last_access_at=NOW - 5,
        inferred=True,
    )


def test_expired_cookies_are_evicted_and_reported_once() -> None:
    """``expire`` returns them once; ``select`` lists them until they are forgotten."""
    jar = empty_jar()
    jar.store("a=1; Max-Age=10", TARGET, PAGE, NOW)
    jar.store("b=1; Max-Age=20; Path=/x", TARGET, PAGE, NOW)
    jar.store("c=1", TARGET, PAGE, NOW)
    assert jar.expire(NOW + 9) == ()
    gone = jar.expire(NOW + 30)
    assert [cookie.name for cookie in gone] == ["a", "b"]
    assert (len(jar), jar.expire(NOW + 30)) == (1, ())
    (withheld,) = jar.select(TARGET, PAGE, NOW + 30).withheld
    assert (withheld.cookie, withheld.reasons[0].code.value) == (gone[0], "expired")
    jar.forget_expired(gone[0].key)
    assert jar.select(TARGET, PAGE, NOW + 30).withheld == ()


def test_setting_a_cookie_again_changes_its_expiry() -> None:
    """The new expiry counts, whether it is later, earlier or absent."""
    jar = empty_jar()
    for line in ("a=1; Max-Age=10", "b=1; Max-Age=10", "c=1; Max-Age=90"):
        jar.store(line, TARGET, PAGE, NOW)
    for line in ("a=1; Max-Age=60", "b=1", "c=1; Max-Age=20"):
        jar.store(line, TARGET, PAGE, NOW)
    assert jar.expire(NOW + 15) == ()
    assert [cookie.name for cookie in jar.expire(NOW + 25)] == ["c"]
    assert [cookie.name for cookie in jar.expire(NOW + 95)] == ["a"]
    assert [cookie.name for cookie in jar.cookies()] == ["b"]


def test_storing_does_not_replace_an_expired_cookie() -> None:
    """``store`` evicts due cookies too; the next call of ``expire`` returns them."""
    jar = empty_jar()
    jar.store("a=1; Max-Age=10", TARGET, PAGE, NOW)
    assert jar.store("a=1", TARGET, PAGE, NOW + 10).outcome.value == "created"
    assert [cookie.name for cookie in jar.expire(NOW + 10)] == ["a"]
    assert jar.select(TARGET, PAGE, NOW + 10).withheld == ()


@pytest.mark.parametrize("line", ["a=2", "a=2; Max-Age=0"])
def test_setting_an_expired_cookie_again_stops_its_report(line: str) -> None:
    """Once it is set or deleted again, it is no longer listed as expired."""
    jar = empty_jar()
    jar.store("a=1; Max-Age=10", TARGET, PAGE, NOW)
    jar.expire(NOW + 10)
    jar.store(line, TARGET, PAGE, NOW + 10)
    assert jar.select(TARGET, PAGE, NOW + 10).withheld == ()


def test_select_skips_due_cookies_and_changes_nothing() -> None:
    """A due cookie counts as expired even before it is evicted."""
    jar = empty_jar()
    jar.store("a=1; Max-Age=10", TARGET, PAGE, NOW)
    jar.store("b=1; Max-Age=90", TARGET, PAGE, NOW)
    jar.put(msgspec.structs.replace(inferred("c"), expires_at=NOW + 5))
    selection = jar.select(TARGET, PAGE, NOW + 10)
    assert selection.header == "b=1"
    assert [held.cookie.name for held in selection.withheld] == ["a"]
    assert len(jar) == 3


def test_an_expired_cookie_does_not_affect_others() -> None:
    """Other cookies keep their order, and cookies of other hosts are still not listed."""
    jar = empty_jar()
    for line in ("c=3; Max-Age=10", "b=2", "a=1; Path=/x"):
        jar.store(line, TARGET, PAGE, NOW)
    jar.put(inferred("seen", "www.shop.test"))
    before, after = (
        jar.select(parse_target("https://shop.test/x"), PAGE, NOW + at) for at in (9, 10)
    )
    assert (before.header, before.withheld) == ("a=1; c=3; b=2", ())
    assert (after.header, after.inferred) == ("a=1; b=2", ())
    assert [held.cookie.name for held in after.withheld] == ["c"]


def test_the_expiry_queue_does_not_grow_with_deleted_cookies() -> None:
    """After ten thousand cookies were set and deleted, the jar is empty and the queue short."""
    jar = empty_jar()
    for number in range(10_000):
        jar.store(f"c{number}=1; Max-Age=999", TARGET, PAGE, NOW)
        jar.store(f"c{number}=1; Max-Age=0", TARGET, PAGE, NOW)
    assert (len(jar), len(jar._queue) < 100, jar._buckets) == (0, True, {})


LIMITS: list[tuple[str, int, Callable[[int], str], list[str]]] = [
    ("equal", 181, lambda i: "", [f"c{i}" for i in range(31)]),
    ("at the limit", 180, lambda i: "", []),
    (
        "secure last",
        181,
        lambda i: "; Secure" if i < 100 else "",
        [f"c{i}" for i in range(100, 131)],
    ),
    (
        "few insecure",
        181,
        lambda i: "; Secure" if i >= 11 else "",
        [f"c{i}" for i in range(11)] + [f"c{i}" for i in range(11, 31)],
    ),
    (
        "low first",
        181,
        lambda i: "; Priority=Low" if i >= 100 else "",
        [f"c{i}" for i in range(100, 131)],
    ),
    (
        "high last",
        181,
        lambda i: "; Priority=High" if i < 40 else "",
        [f"c{i}" for i in range(40, 71)],
    ),
    ("secure and high", 181, lambda i: "; Secure; Priority=High", [f"c{i}" for i in range(31)]),
    ("partitioned", 181, lambda i: "; Secure; Partitioned", ["c0"]),
]


@pytest.mark.parametrize(("name", "count", "attributes", "gone"), LIMITS, ids=lambda v: str(v)[:14])
def test_excess_cookies_are_evicted_as_in_chromium(
    name: str, count: int, attributes: Callable[[int], str], gone: list[str]
) -> None:
    """Above 180 per site, 150 are left: least recently used, insecure and low priority go first."""
    jar = empty_jar("chromium")
    evicted: list[str] = []
    for number in range(count):
        line = f"c{number}=1; SameSite=Lax{attributes(number)}"
        evicted += [c.name for c in jar.store(line, TARGET, PAGE, NOW + number / 1000).evicted]
    assert evicted == gone
    assert len(jar) == count - len(gone)


def test_partitions_have_their_own_limit() -> None:
    """Cookies of a partition do not count towards the limit of the site."""
    jar = empty_jar("chromium")
    for number in range(100):
        for extra in ("", "; Partitioned"):
            line = f"c{number}=1; Secure; SameSite=None{extra}"
            assert jar.store(line, TARGET, PAGE, NOW).evicted == ()
    assert len(jar) == 200


def test_a_partition_holds_ten_kib() -> None:
    """Names and values both count; the least recently used go, and only as many as needed."""
    jar = empty_jar("chromium")
    tail = "; Secure; SameSite=None"
    jar.store(f"free={'v' * 4000}{tail}", TARGET, PAGE, NOW)
    for name, size in (("a", 4000), ("b", 4000), ("c", 2237)):
        assert jar.store(f"{name}={'v' * size}{tail}; Partitioned", TARGET, PAGE, NOW).evicted == ()
    jar.touch([cookie for cookie in jar.cookies() if cookie.name == "a"], NOW + 100)
    evicted = jar.store(f"d=1{tail}; Partitioned", TARGET, PAGE, NOW + 100).evicted
    assert [cookie.name for cookie in evicted] == ["b"]
    assert [cookie.name for cookie in jar.cookies()] == ["a", "c", "d", "free"]


def test_priority_does_not_matter_in_a_partition() -> None:
    """Of 181 cookies in a partition, the least recently used goes, even with high priority."""
    jar = empty_jar("chromium")
    evicted: tuple[Cookie, ...] = ()
    for number in range(181):
        priority = "Low" if number else "High"
        line = f"c{number}=1; Secure; Partitioned; Priority={priority}"
        evicted += jar.store(line, TARGET, PAGE, NOW).evicted
    assert [cookie.name for cookie in evicted] == ["c0"]


def test_an_access_keeps_a_cookie_in_the_jar() -> None:
    """A cookie that was sent recently is not evicted; accesses are recorded to the minute."""
    jar = empty_jar("chromium")
    for number in range(180):
        jar.store(f"c{number}=1; SameSite=Lax", TARGET, PAGE, NOW)
    first = jar.select(TARGET, PAGE, NOW).sent[0]
    jar.touch([first], NOW + 30)
    assert jar.get(first.key) == first
    jar.touch([first, msgspec.structs.replace(first, name="gone")], NOW + 90)
    jar.touch([msgspec.structs.replace(first, domain="gone.test")], NOW + 90)
    evicted = jar.store("one-more=1", TARGET, PAGE, NOW + 91).evicted
    assert evicted[0].name == "c1"


def test_the_cookies_of_a_selection_are_touched_when_one_of_them_is_due() -> None:
    """Each keeps its own time: one that was sent within the minute stays as it is."""
    jar = empty_jar()
    jar.touch_selected(jar.select(TARGET, PAGE, NOW), NOW + 90)
    jar.store("old=1", TARGET, PAGE, NOW)
    jar.store("new=1", TARGET, PAGE, NOW + 50)
    for at, accesses in ((60, [0, 50]), (61, [61, 50]), (90, [61, 50]), (122, [122, 122])):
        selection = jar.select(TARGET, PAGE, NOW + at)
        jar.touch_selected(selection, NOW + at)
        sent = jar.select(TARGET, PAGE, NOW + at).sent
        assert [cookie.last_access_at - NOW for cookie in sent] == accesses, at


INFERRED = [
    ("a=2", "shop.test", "replaced"),
    ("a=2; Path=/x", "shop.test", "replaced"),
    ("a=2; Max-Age=0", "shop.test", "deleted"),
    ("a=2; Domain=shop.test", "www.shop.test", "replaced"),
    ("a=2", "www.shop.test", "created"),
    ("b=2", "shop.test", "created"),
]


@pytest.mark.parametrize(("line", "domain", "outcome"), INFERRED)
def test_a_set_cookie_explains_an_inferred_cookie(line: str, domain: str, outcome: str) -> None:
    """A Set-Cookie with its name that covers its host replaces it."""
    jar, seen = empty_jar(), inferred("a", domain)
    assert jar.put(seen) is None
    result = jar.store(line, TARGET, PAGE, NOW)
    assert result.outcome.value == outcome
    if outcome == "created":
        assert (len(jar), result.previous) == (2, None)
    else:
        assert (len(jar), result.previous) == (int(outcome == "replaced"), seen)
        assert not any(cookie.inferred for cookie in jar.cookies())


def test_a_known_cookie_is_replaced_before_an_inferred_one() -> None:
    """If the jar has a cookie with the same key, an inferred namesake stays, without a warning."""
    jar = empty_jar()
    jar.store("a=1", TARGET, PAGE, NOW)
    jar.put(inferred("a", path="/x"))
    result = jar.store("a=2; SameSite=Lax", TARGET, PAGE, NOW)
    assert (result.previous and result.previous.value, len(jar)) == ("1", 2)
    assert result.warnings == ()


def test_put_remove_and_get() -> None:
    """They add, remove and return cookies without applying any rule."""
    jar = empty_jar()
    cookie = jar.store("a=1; Max-Age=50", TARGET, PAGE, NOW).cookie
    assert cookie is not None
    doubtful = msgspec.structs.replace(cookie, doubtful=True)
    assert jar.put(doubtful) == cookie
    assert jar.get(cookie.key) == doubtful
    assert jar.remove(cookie.key) == doubtful
    assert (jar.remove(cookie.key), jar.get(cookie.key), len(jar)) == (None, None, 0)
    assert jar.put(msgspec.structs.replace(cookie, sequence=0)) is None
    again = jar.get(cookie.key)
    assert again is not None
    assert again.sequence > cookie.sequence
    jar.forget_expired(msgspec.structs.replace(cookie, domain="other.test").key)


def test_one_of_two_namesakes_is_removed() -> None:
    """Removing one leaves the other, and removing it again does nothing."""
    jar = empty_jar()
    for line in ("a=1", "a=2; Path=/x"):
        jar.store(line, TARGET, PAGE, NOW)
    first, second = jar.cookies()
    assert jar.remove(first.key) == first
    assert jar.remove(first.key) is None
    assert jar.cookies() == (second,)


def test_a_cookie_put_back_keeps_its_position() -> None:
    """The order follows creation, not the order of ``put``."""
    jar = empty_jar()
    for line in ("a=1", "b=1", "c=1"):
        jar.store(line, TARGET, PAGE, NOW)
    middle = jar.remove(jar.select(TARGET, PAGE, NOW).sent[1].key)
    assert middle is not None
    jar.put(middle)
    jar.store("d=1", TARGET, PAGE, NOW)
    assert jar.select(TARGET, PAGE, NOW).header == "a=1; b=1; c=1; d=1"


def test_a_jar_is_rebuilt_from_its_dump() -> None:
    """It has the same cookies in the same order, also after a round trip through JSON."""
    jar = empty_jar("chromium")
    for line in (
        "z=1; Max-Age=50",
        "a=1; Path=/x",
        "=n",
        "p=1; Secure; Partitioned",
        "z=2; Max-Age=50",
    ):
        jar.store(line, TARGET, PAGE, NOW)
    dump = msgspec.json.decode(msgspec.json.encode(jar.dump()), type=tuple[Cookie, ...])
    again = CookieJar.load(dump, PROFILES["chromium"], SUFFIXES)
    target = parse_target("https://shop.test/x")
    assert again.dump() == jar.dump() == jar.cookies()
    assert again.select(target, PAGE, NOW).header == jar.select(target, PAGE, NOW).header
    assert [cookie.name for cookie in again.expire(NOW + 60)] == ["z"]


def test_memory_of_hosts_is_bounded() -> None:
    """Neither many hosts nor long ones make the cache grow without limit."""
    jar = empty_jar()
    for number in range(5000):
        jar.select(parse_target(f"https://h{number}.test/"), PAGE, NOW)
    before = jar._cached_site.cache_info()
    jar.select(parse_target("https://" + "a." * 200 + "test/"), PAGE, NOW)
    assert before.maxsize == before.currsize == 4096
    assert jar._cached_site.cache_info() == before


def test_results_go_through_json() -> None:
    """Verdicts are unchanged by a round trip through JSON."""
    jar = empty_jar()
    result = jar.store("__Host-a=1; Domain=x.test; Foo", TARGET, PAGE, NOW)
    again = msgspec.json.decode(msgspec.json.encode(result), type=type(result))
    assert again == result
    assert again.reasons[0].facts == result.reasons[0].facts
    jar.store("a=1; SameSite=Strict", TARGET, PAGE, NOW)
    selection = jar.select(TARGET, CONTEXTS["image"], NOW)
    assert msgspec.json.decode(msgspec.json.encode(selection), type=type(selection)) == selection


def test_unreported_expired_cookies_are_bounded() -> None:
    """Of ten thousand expired cookies that no request reports, only the latest are kept."""
    jar = empty_jar()
    for number in range(10_000):
        now = NOW + 2 * number
        jar.store(f"n{number}=1; Path=/x; Max-Age=1", TARGET, PAGE, now)
        jar.expire(now + 1)
    assert jar.select(TARGET, PAGE, now + 1).withheld == ()
    withheld = jar.select(parse_target("https://shop.test/x"), PAGE, now + 1).withheld
    assert [held.cookie.name for held in withheld] == [
        f"n{number}" for number in range(9744, 10_000)
    ]


def test_the_cookies_beside_a_host_are_those_of_its_site() -> None:
    """Hosts of one registrable domain share a site; an invalid host has no cookies."""
    jar = empty_jar()
    for url in ("https://www.shop.test/", "https://shop.test/", "https://other.test/"):
        jar.store("a=1", parse_target(url), PAGE, NOW)
    beside = [cookie.domain for cookie in jar.cookies_beside("api.shop.test")]
    assert beside == ["shop.test", "www.shop.test"]
    assert jar.cookies_beside("new.test") == jar.cookies_beside(None) == ()


def test_a_pair_is_serialised_as_in_the_header() -> None:
    """5.8.3 step 6, with and without a name."""
    jar = empty_jar()
    for line, pair in (("a=1", "a=1"), ("=x", "x"), ("b=", "b=")):
        cookie = jar.store(line, TARGET, PAGE, NOW).cookie
        assert cookie is not None
        assert cookie.pair == pair
