"""The retrieval rules (5.8.3): whether a request sends a cookie, or why it is withheld."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.cookies import Cookie, SameSite, parse_target
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar
from tests.cookies.findings import check_findings

HTTPS, HTTP = "https://shop.test/", "http://shop.test/"


class Row(NamedTuple):
    """A cookie set by ``origin``, and the expected result for a later request."""

    line: str
    url: str
    reasons: str = ""
    context: str = "same"
    profile: str = "spec"
    after: float = 1.0
    origin: str = HTTPS
    set_in: str = "page"


ROWS = [
    Row("a=1", HTTPS),
    Row("a=1", HTTP),
    Row("a=1", "https://www.shop.test/", "host-only"),
    Row("a=1; Domain=shop.test", "https://www.shop.test/"),
    Row("a=1", HTTPS, "other-host", origin="https://www.shop.test/"),
    Row("a=1", "https://api.shop.test/", "other-host", origin="https://www.shop.test/"),
    Row(
        "a=1; Domain=www.shop.test",
        "https://api.shop.test/",
        "other-host",
        origin="https://www.shop.test/",
    ),
    Row(
        "a=1; Path=/x",
        "http://api.shop.test/",
        "other-host path-mismatch",
        origin="https://www.shop.test/x",
    ),
    Row("a=1; Path=/x", "https://shop.test/x/y"),
    Row("a=1; Path=/x", "https://shop.test/xy", "path-mismatch"),
    Row("a=1; Secure", HTTP, "secure-over-insecure"),
    Row("a=1; Secure", "http://localhost/", "secure-over-insecure", origin="https://localhost/"),
    Row("a=1; Secure", "http://localhost/", "", profile="chromium", origin="http://localhost/"),
    Row("a=1; SameSite=Strict", HTTPS, "same-site-strict", "link"),
    Row("a=1; SameSite=Strict", HTTPS, "", "unknown"),
    Row("a=1; SameSite=Lax", HTTPS, "", "link"),
    Row("a=1; SameSite=Lax", HTTPS, "same-site-lax", "post"),
    Row("a=1; SameSite=Lax", HTTPS, "same-site-lax", "image"),
    Row("a=1", HTTPS, "", "link"),
    Row("a=1", HTTPS, "same-site-lax-default", "image"),
    Row("a=1", HTTPS, "same-site-lax-default", "post"),
    Row("a=1", HTTPS, "same-site-lax-default", "post", after=0.0),
    Row("a=1", HTTPS, "", "post", "chromium", 120.0),
    Row("a=1", HTTPS, "same-site-lax-default", "post", "chromium", 121.0),
    Row("a=1", HTTPS, "same-site-lax-default", "image", "chromium"),
    Row("a=1; SameSite=Lax", HTTPS, "same-site-lax", "post", "chromium"),
    Row("a=1", HTTPS, "", "post", "safari"),
    Row("a=1", HTTPS, "partition-mismatch", "image", "firefox"),
    Row("a=1", HTTPS, "client-policy", "image", "safari"),
    Row("a=1; SameSite=None; Secure", HTTPS, "", "image"),
    Row("a=1", HTTPS, "without-credentials", "omit"),
    Row("a=1; Secure; Partitioned", HTTPS, "", "page", "chromium"),
    Row(
        "a=1; Secure; Partitioned; SameSite=None",
        HTTPS,
        "partition-mismatch",
        "image on ads",
        "chromium",
    ),
    Row(
        "a=1; Secure; Partitioned; SameSite=None",
        HTTPS,
        "",
        "image on ads",
        "chromium",
        set_in="image on ads",
    ),
    Row("a=1", HTTPS, "partition-mismatch", "image on ads", "firefox"),
    Row("a=1; Domain=192.168.0.10", "http://www.192.168.0.10/", origin="http://192.168.0.10/"),
    Row("a=1", "http://192.168.0.10/", "other-host", origin="http://www.192.168.0.10/"),
    Row("a=1", "http://host7/", origin="http://host7/"),
    Row("a=1; Max-Age=60", HTTPS, "", after=59.0),
    Row("a=1; Max-Age=60", HTTPS, "expired", after=60.0),
    Row(
        "a=1; Path=/x; Secure; SameSite=Strict",
        "http://www.shop.test/",
        "host-only path-mismatch secure-over-insecure same-site-strict",
        "image",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.line} {row.url} {row.context}")
def test_a_cookie_is_sent_or_withheld_with_every_reason(row: Row) -> None:
    """All failing rules are reported, in their order; a cookie that fails none is sent."""
    jar = empty_jar(row.profile)
    stored = jar.store(row.line, parse_target(row.origin), CONTEXTS[row.set_in], NOW)
    assert stored.cookie is not None
    selection = jar.select(parse_target(row.url), CONTEXTS[row.context], NOW + row.after)
    if row.reasons:
        counted = row.reasons.startswith("other-host")
        target, context = parse_target(row.url), CONTEXTS[row.context]
        listed = jar.elsewhere(target, context, NOW + row.after)
        assert (selection.elsewhere, len(listed)) == (counted, counted)
        (withheld,) = (*selection.withheld, *listed)
        assert " ".join(reason.code.value for reason in withheld.reasons) == row.reasons
        check_findings(withheld.reasons, "withheld")
        assert (selection.sent, selection.header) == ((), "")
    else:
        assert (selection.sent, selection.withheld) == ((stored.cookie,), ())
        assert selection.elsewhere == 0
        assert selection.header == "a=1"


ORDERS = [
    (("a=1", "b=2"), HTTPS, "a=1; b=2"),
    (("b=2", "a=1"), HTTPS, "b=2; a=1"),
    (("a=1", "b=2; Path=/x"), "https://shop.test/x", "b=2; a=1"),
    (("a=1", "b=2; Secure", "c=3", "d=4; Secure"), HTTPS, "a=1; b=2; c=3; d=4"),
    (("a=1", "b=2", "a=3"), HTTPS, "a=3; b=2"),
    (("a=1; Path=/x", "b=2; Path=/x/y", "c=3"), "https://shop.test/x/y", "b=2; a=1; c=3"),
    (("=x", "b=2"), HTTPS, "x; b=2"),
]


@pytest.mark.parametrize(("lines", "url", "header"), ORDERS)
def test_longer_paths_and_older_cookies_come_first(
    lines: tuple[str, ...], url: str, header: str
) -> None:
    """5.8.3 steps 4 and 6; the order of receipt breaks ties."""
    jar = empty_jar()
    for line in lines:
        jar.store(line, parse_target(HTTPS), CONTEXTS["page"], NOW)
    assert jar.select(parse_target(url), CONTEXTS["same"], NOW).header == header


def test_order_follows_creation_time_if_the_clock_goes_back() -> None:
    """Creation time decides, not the order of receipt."""
    jar, target = empty_jar(), parse_target(HTTPS)
    jar.store("late=1", target, CONTEXTS["page"], NOW)
    jar.store("early=2", target, CONTEXTS["page"], NOW - 10)
    assert jar.select(target, CONTEXTS["same"], NOW).header == "early=2; late=1"


def test_chromium_moves_a_changed_cookie_to_the_end() -> None:
    """There, a new value counts as a new cookie; the same value does not."""
    jar, target = empty_jar("chromium"), parse_target(HTTPS)
    for line in ("a=1", "b=2", "a=1", "a=3"):
        header = jar.select(target, CONTEXTS["same"], NOW).header
        jar.store(line, target, CONTEXTS["page"], NOW)
    assert header == "a=1; b=2"
    assert jar.select(target, CONTEXTS["same"], NOW).header == "b=2; a=3"


def test_only_cookies_of_this_site_are_listed() -> None:
    """Cookies of other sites are neither sent nor withheld."""
    jar = empty_jar()
    jar.store("a=1", parse_target("https://ads.test/"), CONTEXTS["page"], NOW)
    selection = jar.select(parse_target(HTTPS), CONTEXTS["same"], NOW)
    assert (selection.sent, selection.withheld) == ((), ())


def test_an_invalid_host_gets_no_cookies() -> None:
    """5.8.3 step 2: without a canonical host there is no retrieval."""
    selection = empty_jar().select(parse_target("http://a b/"), CONTEXTS["same"], NOW)
    assert (selection.sent, selection.withheld, selection.header) == ((), (), "")


def test_inferred_cookies_are_not_predicted() -> None:
    """They are neither sent nor withheld, and are listed only for hosts that they cover."""
    jar = empty_jar()
    for name, host_only in (("a", True), ("b", False)):
        jar.put(
            Cookie(
                name=name,
                value="1",
                domain="shop.test",
                host_only=host_only,
                path="/",
                secure=False,
                http_only=False,
                same_site=SameSite.DEFAULT,
                expires_at=None,
                created_at=NOW,
                last_access_at=NOW,
                inferred=True,
            )
        )
    same_host = jar.select(parse_target("https://shop.test/x"), CONTEXTS["image"], NOW)
    assert ([c.name for c in same_host.inferred], same_host.sent, same_host.withheld) == (
        ["a", "b"],
        (),
        (),
    )
    below = jar.select(parse_target("https://www.shop.test/"), CONTEXTS["image"], NOW)
    assert [c.name for c in below.inferred] == ["b"]
