"""Counted knows the same of a site's cookies as a look at each of them, after any changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.cookies import PROFILES, Cookie, SameSite
from cookietrace.cookies.bucket import Bucket
from cookietrace.cookies.cookie import Key
from tests.cookies.contexts import NOW, SUFFIXES

PARTITIONS = (None, "https://a.test", "https://b.test")

COOKIES = st.builds(
    lambda name, value, partition, unconfirmed: Cookie(
        name=name,
        value=value,
        domain="shop.test",
        host_only=True,
        path="/",
        secure=True,
        http_only=False,
        same_site=SameSite.NONE,
        expires_at=None,
        created_at=NOW,
        last_access_at=NOW,
        partition_key=partition,
        unconfirmed=unconfirmed,
    ),
    st.sampled_from(["a", "b", "longer"]),
    st.sampled_from(["", "1", "value"]),
    st.sampled_from(PARTITIONS),
    st.booleans(),
)
CHANGES = st.lists(st.tuples(st.sampled_from(["add", "add", "take", "evict"]), COOKIES))


@pytest.mark.parametrize("profile", ["chromium", "firefox"])
@given(CHANGES, st.integers(0, 10))
def test_counted_is_what_a_look_at_each_cookie_finds(
    profile: str, changes: list[tuple[str, Cookie]], first_use: int
) -> None:
    """Their number, their size, and the cookies in the order in which the site holds them."""
    bucket = Bucket(PROFILES[profile], SUFFIXES)
    held: dict[Key, Cookie] = {}
    for number, (what, cookie) in enumerate(changes):
        if what == "add":
            bucket.add(cookie.key, cookie)
            held[cookie.key] = cookie
        elif what == "take":
            bucket.take(cookie.key)
            held.pop(cookie.key, None)
        elif cookie.key in held:
            bucket.evict(cookie.key, held.pop(cookie.key))
        if number < first_use:
            continue
        for partition in PARTITIONS:
            expected = [
                each
                for each in held.values()
                if each.partition_key == partition
                and (profile == "firefox" or not each.unconfirmed)
            ]
            assert list(bucket.counted.cookies(partition)) == expected
            assert bucket.counted.number(partition) == len(expected)
            size = sum(len(each.name) + len(each.value) for each in expected)
            assert bucket.counted.size(partition) == size
