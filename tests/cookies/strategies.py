"""Hypothesis strategies for cookies, URLs and contexts."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.cookies.contexts import CONTEXTS

NAMES = st.sampled_from(["a", "b", "", "__Secure-a", "__Host-a", "__Http-a", "__Host-Http-a", "A"])
VALUES = st.sampled_from(["1", "2", "", "x=y", "__Host-x", "\xe9", "t\tt", "\x01"])
ATTRIBUTES = st.sampled_from(
    [
        "Secure",
        "HttpOnly",
        "Path=/",
        "Path=/a",
        "Path=/a/b",
        "Path=x",
        "Domain=shop.test",
        "Domain=www.shop.test",
        "Domain=.",
        "Domain=test",
        "Domain=\xe9",
        "SameSite=Strict",
        "SameSite=Lax",
        "SameSite=None",
        "SameSite=x",
        "Max-Age=10",
        "Max-Age=0",
        "Max-Age=+0",
        "Max-Age=x",
        "Expires=1 Jan 2099 0:0:0",
        "Expires=1 Jan 1500 0:0:0",
        "Partitioned",
        "Priority=High",
        "Unknown=1",
    ]
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A Set-Cookie line whose every part is meaningful to some rule."""
    name, value = draw(NAMES), draw(VALUES)
    return "; ".join([f"{name}={value}", *draw(st.lists(ATTRIBUTES, max_size=5))])


URLS = st.sampled_from(
    [
        f"{scheme}://{host}{path}"
        for scheme in ("http", "https")
        for host in ("shop.test", "www.shop.test", "api.www.shop.test", "ads.test", "localhost")
        for path in ("/", "/a", "/a/b", "/ab")
    ]
    + ["http://127.0.0.1/", "http://[::1]/a", "http://a b/"]
)
ANY_CONTEXT = st.sampled_from(sorted(CONTEXTS)).map(CONTEXTS.__getitem__)
STEPS = st.lists(
    st.tuples(lines(), URLS, ANY_CONTEXT, st.integers(0, 30), st.booleans()), max_size=12
)
ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(max_codepoint=255), max_size=200),
    st.lists(st.one_of(lines(), st.text(max_size=9)), max_size=5).map(";".join),
)
