"""SelectionCache gives the same result as the plain rule after any sequence of changes."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.cookies import (
    PROFILES,
    Code,
    Cookie,
    CookieJar,
    RequestContext,
    SameSite,
    Selection,
    Target,
    parse_target,
)
from cookietrace.cookies.cookie import Key
from cookietrace.cookies.rules.retrieval import Retrieval
from cookietrace.cookies.selection import select
from cookietrace.cookies.selection_cache import MOST_PLANS, SelectionCache
from tests.cookies.contexts import CONTEXTS, NOW, SUFFIXES, empty_jar
from tests.cookies.strategies import ANY_CONTEXT, URLS, lines

PAGE = CONTEXTS["page"]
PROFILE = st.sampled_from(sorted(PROFILES))
REQUESTS = st.lists(st.tuples(URLS, ANY_CONTEXT), min_size=1, max_size=3)

CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("store"), lines(), URLS, ANY_CONTEXT),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 10, 130, -5])),
        st.tuples(st.just("expire")),
        st.tuples(st.just("forget"), st.integers(0, 9)),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("touch"), st.integers(0, 9)),
        st.tuples(st.just("infer"), st.integers(0, 9)),
        st.tuples(st.just("doubt"), st.integers(0, 9)),
    ),
    max_size=25,
)
"""What can happen to a jar; a number picks one of its cookies."""

HOSTS = ("shop.test", "ads.test", "localhost", "127.0.0.1", "[::1]")


def uncached(jar: CookieJar, target: Target, context: RequestContext, now: float) -> Selection:
    """Select from a jar's cookies with the plain rule, which counts what it does not list."""
    if target.host is None:
        return Selection()
    rules = Retrieval(target, context, jar.profile, jar.public_suffixes)
    cookies, evicted = jar.cookies_beside(target.host), jar.expired_beside(target.host)
    selection = select(cookies, evicted, rules, now)
    elsewhere = jar.elsewhere(target, context, now)
    assert len(elsewhere) == selection.elsewhere
    assert all(held.reasons[0].code is Code.OTHER_HOST for held in elsewhere)
    return selection


def change(jar: CookieJar, what: str, number: int, now: float) -> None:
    """Change one of a jar's cookies."""
    if what == "forget":
        gone = [cookie for host in HOSTS for cookie in jar.expired_beside(host)]
        if gone:
            jar.forget_expired(gone[number % len(gone)].key)
        return
    held = jar.cookies()
    if not held:
        return
    cookie = held[number % len(held)]
    match what:
        case "remove":
            jar.remove(cookie.key)
        case "touch":
            jar.touch([cookie], now + 3600)
        case "infer":
            jar.put(msgspec.structs.replace(cookie, inferred=True, value="seen"))
        case _:
            jar.put(msgspec.structs.replace(cookie, doubtful=True))


@given(CHANGES, REQUESTS, PROFILE)
@settings(max_examples=200)
def test_a_jar_selects_as_the_plain_rule_does(
    changes: list[tuple[str, *tuple[object, ...]]],
    requests: list[tuple[str, RequestContext]],
    profile: str,
) -> None:
    """After every change, every request gets the plain rule's result, twice in a row."""
    jar, now = CookieJar(PROFILES[profile], SUFFIXES), NOW
    targets = [(parse_target(url), context) for url, context in requests]
    for what, *details in changes:
        match what, details:
            case "store", [str(line), str(url), RequestContext() as context]:
                jar.store(line, parse_target(url), context, now)
            case "wait", [int(seconds)]:
                now += seconds
            case "expire", []:
                jar.expire(now)
            case _, [int(number)]:
                change(jar, what, number, now)
        for target, context in targets:
            expected = uncached(jar, target, context, now)
            assert jar.select(target, context, now) == expected
            assert jar.select(target, context, now) == expected


KEYS: list[Key] = [
    (name, domain, host_only, path, None)
    for name in ("a", "b")
    for domain, host_only in (
        ("shop.test", True),
        ("shop.test", False),
        ("www.shop.test", True),
        ("www.shop.test", False),
        ("api.shop.test", True),
    )
    for path in ("/", "/a", "/b")
]
COOKIES = st.builds(
    lambda key, secure, same_site, inferred, created_at, value: Cookie(
        name=key[0],
        value=value,
        domain=key[1],
        host_only=key[2],
        path=key[3],
        secure=secure,
        http_only=False,
        same_site=same_site,
        expires_at=None,
        created_at=created_at,
        last_access_at=NOW,
        inferred=inferred,
    ),
    st.sampled_from(KEYS),
    st.booleans(),
    st.sampled_from(SameSite),
    st.booleans(),
    st.sampled_from([NOW - 200, NOW - 1, NOW]),
    st.sampled_from(["1", "2"]),
)


@given(
    st.lists(st.tuples(st.sampled_from(["put", "remove", "evict"]), COOKIES), max_size=25),
    REQUESTS,
    PROFILE,
)
@settings(max_examples=200)
def test_the_cache_alone_selects_as_the_plain_rule_does(
    changes: list[tuple[str, Cookie]], requests: list[tuple[str, RequestContext]], profile: str
) -> None:
    """Cookies put, removed and evicted in any order, created in any order."""
    cache = SelectionCache(PROFILES[profile], SUFFIXES)
    held: dict[Key, Cookie] = {}
    evicted: dict[Key, Cookie] = {}
    for number, (what, cookie) in enumerate(changes, 1):
        key = cookie.key
        if what == "put":
            held[key] = msgspec.structs.replace(cookie, sequence=number)
            evicted.pop(key, None)
            cache.put(key, held[key])
        elif what == "remove":
            held.pop(key, None)
            evicted.pop(key, None)
            cache.remove(key)
        elif key in held:
            evicted[key] = held.pop(key)
            cache.evict(key)
        for url, context in requests:
            target = parse_target(url)
            if target.host is not None:
                rules = Retrieval(target, context, PROFILES[profile], SUFFIXES)
                expected = select(held.values(), evicted.values(), rules, NOW)
                assert cache.select(target, context, NOW) == expected


def test_plans_are_bounded() -> None:
    """Requests for many paths leave only a few plans, and all get their cookies."""
    jar = empty_jar()
    jar.store("a=1; Path=/p", parse_target("https://shop.test/"), PAGE, NOW)
    targets = [parse_target(f"https://shop.test/p/{number}") for number in range(400)]
    for _ in range(2):
        assert {jar.select(target, PAGE, NOW).header for target in targets} == {"a=1"}
    cache = jar._buckets["shop.test"].selections

    def plans() -> int:
        return sum(len(view.plans) for view in cache._views.values())

    assert plans() == cache._number_of_plans <= MOST_PLANS
    jar.store("a=2; Path=/p", parse_target("https://shop.test/"), PAGE, NOW)
    assert {jar.select(target, PAGE, NOW).header for target in targets} == {"a=2"}
    jar.store("b=1", parse_target("https://shop.test/"), PAGE, NOW)
    assert plans() == cache._number_of_plans == 0


def test_cookies_of_other_hosts_are_counted_without_a_look_at_them() -> None:
    """A host's selection is made anew for its own cookies; those of others change the count."""
    jar, target = empty_jar(), parse_target("https://www.shop.test/")
    jar.store("a=1", target, PAGE, NOW)
    before = jar.select(target, PAGE, NOW)
    for number in range(3):
        host = parse_target(f"https://app{number}.shop.test/")
        jar.store("a=2; Domain=" + (host.host or ""), host, PAGE, NOW)
        jar.store("b=2; Path=/x", host, PAGE, NOW)
        selection = jar.select(target, PAGE, NOW)
        assert (selection.elsewhere, selection.withheld) == (2 * number + 2, ())
        assert selection.sent is before.sent
