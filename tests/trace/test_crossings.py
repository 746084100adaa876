"""Requests and responses that crossed: which responses explain which requests."""

from __future__ import annotations

from functools import partial

import msgspec

from cookietrace.cookies import Cookie, CookieKey, SameSite
from cookietrace.fold.crossings import MOST_WAITING, Crossings


def cookie(name: str, domain: str = "shop.test", path: str = "/") -> Cookie:
    """A cookie for one host."""
    return Cookie(
        name=name,
        value="1",
        domain=domain,
        host_only=True,
        path=path,
        secure=False,
        http_only=False,
        same_site=SameSite.LAX,
        expires_at=None,
        created_at=0.0,
        last_access_at=0.0,
    )


def keys(*names: str) -> list[CookieKey]:
    """The keys of such cookies."""
    return [cookie(name).key for name in names]


def under_way(crossings: Crossings, name: str, at: float, followed: tuple[str, ...] = ()) -> bool:
    """Whether a response that changed a cookie of the shop was in progress."""
    return crossings.under_way(name, at=at, followed=followed, host="shop.test", path="/")


def test_a_response_explains_requests_that_differed_while_it_was_open() -> None:
    """They are returned in order, once per name, and only if they are later than its request."""
    crossings = Crossings()
    crossings.opened("first", ())
    crossings.opened("early", ("a", "b"), "shop.test")
    crossings.opened("slow", ())
    crossings.opened("one", ("a",), "shop.test")
    crossings.opened("two", ("b", "a"), "shop.test")
    assert crossings.explained("slow", keys("c")) == {}
    assert crossings.explained("slow", keys("a", "b")) == {"one": {"a"}, "two": {"a", "b"}}
    assert crossings.explained("slow", keys("a", "b")) == {}
    assert crossings.explained("first", keys("a", "b")) == {"early": {"a", "b"}}
    assert crossings.explained("unknown", keys("a")) == {}


def test_unexplainable_differences_are_forgotten() -> None:
    """A difference is kept only while some other request is open."""
    crossings = Crossings()
    crossings.opened("alone", ("a",))
    assert not crossings.waiting
    crossings.opened("second", ("a",))
    assert crossings.waiting
    crossings.closed("alone")
    assert crossings.waiting
    crossings.closed("second")
    assert not crossings.waiting


def test_a_response_is_under_way_for_a_second() -> None:
    """For every request that does not follow it, whatever other responses there are."""
    crossings = Crossings()
    crossings.changed("one", 10.0, [cookie("a").key])
    crossings.changed("two", 10.5, [cookie("a").key, cookie("b").key])
    crossings.changed("three", 11.2, [cookie("c").key])
    assert under_way(crossings, "a", 11.2)
    assert not under_way(crossings, "a", 11.2, ("two",))
    assert not under_way(crossings, "a", 10.0, ("one",))
    assert not under_way(crossings, "a", 11.6)
    assert not under_way(crossings, "d", 11.2)
    assert not under_way(crossings, "c", 20.0)


def test_no_response_is_under_way_after_the_clock_was_set_back() -> None:
    """Responses from before the step are forgotten; those after it count as usual."""
    crossings = Crossings()
    crossings.changed("before", 5000.0, [cookie("a").key])
    crossings.changed("after", 100.0, [cookie("a").key])
    crossings.changed("later", 101.5, [cookie("b").key])
    assert under_way(crossings, "a", 100.5)
    assert not under_way(crossings, "a", 101.6)
    assert under_way(crossings, "b", 101.6)


def test_only_that_cookie_counts() -> None:
    """A cookie of that name for another host or path is another cookie."""
    crossings = Crossings()
    crossings.changed("one", 10.0, [cookie("a", "other.test").key, cookie("a", path="/deep").key])
    assert not under_way(crossings, "a", 10.5)
    deep = partial(crossings.under_way, at=10.5, followed=(), host="shop.test", path="/deep/x")
    assert deep("a")
    assert deep("a", cookie("a", path="/deep").key)
    assert not deep("a", cookie("a").key)
    shared = msgspec.structs.replace(cookie("b"), host_only=False)
    crossings.changed("two", 10.0, [shared.key])
    assert crossings.under_way("b", at=10.5, followed=(), host="www.shop.test", path="/")
    assert not crossings.under_way("b", at=10.5, followed=(), host="shop.example", path="/")


def test_a_response_explains_no_other_cookie() -> None:
    """A request that differs in another host's cookie of that name waits on."""
    crossings = Crossings()
    crossings.opened("slow")
    crossings.opened("elsewhere", ("a",), "other.test")
    crossings.opened("here", ("a",), "shop.test")
    assert crossings.explained("slow", keys("a")) == {"here": {"a"}}
    assert crossings.explained("slow", [cookie("a", "other.test").key]) == {"elsewhere": {"a"}}


def test_the_latest_differences_wait() -> None:
    """Of very many requests that differ in one name, the oldest are not explained."""
    crossings = Crossings()
    crossings.opened("slow")
    for number in range(MOST_WAITING + 1):
        crossings.opened(str(number), ("a",), "shop.test")
    assert "0" not in crossings.explained("slow", keys("a"))


def test_the_requests_that_wait_are_in_an_order_of_their_own() -> None:
    """By name and then in order, so that what is saved is the same in every process."""
    crossings = Crossings()
    crossings.opened("slow")
    names = [f"x{number}" for number in range(20)]
    for name in names:
        crossings.opened(name, ("a", "b"))
    assert list(crossings.differing) == names
