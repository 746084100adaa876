"""The storage model (5.7), one row per case: cookies set before, a new line, the outcome."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.cookies import parse_target
from cookietrace.lesson.reasons import sentence
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar

HTTPS, HTTP, WWW = "https://shop.test/", "http://shop.test/", "https://www.shop.test/a/b"


class Row(NamedTuple):
    """One Set-Cookie line, and the verdict on it."""

    line: str
    outcome: str
    reasons: str = ""
    url: str = HTTPS
    context: str = "page"
    profile: str = "spec"
    before: tuple[str, ...] = ()
    script: bool = False


ROWS = [
    Row("a=1", "created"),
    Row("a=1", "refreshed", before=("a=1",)),
    Row("a=2", "replaced", before=("a=1",)),
    Row("a=1; Secure", "replaced", before=("a=1",)),
    Row("a=1; HttpOnly", "replaced", before=("a=1",)),
    Row("a=1; SameSite=Lax", "replaced", before=("a=1",)),
    Row("a=1; Max-Age=9", "replaced", before=("a=1",)),
    Row("a=1", "replaced", before=("a=1; Max-Age=9",)),
    Row("a=1; Max-Age=9", "refreshed", before=("a=1; Max-Age=9",)),
    Row("a=1; Max-Age=11", "refreshed", before=("a=1; Max-Age=9",)),
    Row("a=1; Max-Age=99", "replaced", before=("a=1; Max-Age=9",)),
    Row("a=1; Path=/x", "created", before=("a=1",)),
    Row("a=1; Domain=shop.test", "created", before=("a=1",)),
    Row("a=; Max-Age=0", "deleted", before=("a=1",)),
    Row("a=; Max-Age=0", "ignored"),
    Row("a=; Max-Age=0; Path=/x", "ignored", before=("a=1",)),
    Row("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "deleted", before=("a=1",)),
    Row("a=; Expires=1 Jan 1970 0:0:0; Max-Age=9", "replaced", before=("a=1",)),
    # 5.7 step 1: the browser's own policy
    Row("a=1; SameSite=None; Secure", "rejected", "client-policy", HTTPS, "image", "safari"),
    Row("a=1; SameSite=None; Secure", "created", "", HTTPS, "link", "safari"),
    Row("=a=b", "rejected", "client-policy", profile="chromium"),
    Row("=a=b", "created"),
    # 5.6 step 1 and 5.7 step 2
    Row("a=\x01", "rejected", "control-character"),
    Row("a=b\tc", "rejected", "control-character", profile="chromium"),
    Row("a=b\tc", "created"),
    Row("=", "rejected", "empty-cookie"),
    Row("; Path=/", "rejected", "empty-cookie", profile="chromium"),
    # steps 7 to 10
    Row("a=1; Domain=caf\xc3\xa9.test", "rejected", "domain-not-ascii domain-mismatch"),
    Row("a=1; Domain=test", "rejected", "public-suffix-domain"),
    Row("a=1; Domain=test:80", "rejected", "domain-mismatch"),
    Row("a=1; Domain=co.uk", "rejected", "public-suffix-domain domain-mismatch"),
    Row("a=1; Domain=localhost", "created", url="http://localhost/"),
    Row("a=1; Domain=other.test", "rejected", "domain-mismatch"),
    Row("a=1; Domain=www.shop.test", "rejected", "domain-mismatch"),
    Row("a=1; Domain=shop.test", "created", url=WWW),
    Row("a=1; Domain=.", "created"),
    Row("a=1; Domain=.", "rejected", "domain-mismatch", profile="chromium"),
    Row("a=1", "rejected", "domain-mismatch", url="http://a b/"),
    Row("a=1; Domain=x.test", "rejected", "domain-mismatch", url="http://a b/"),
    # step 13
    Row("a=1; Secure", "rejected", "secure-from-insecure", url=HTTP),
    Row("a=1; Secure", "rejected", "secure-from-insecure", url="http://localhost/"),
    Row("a=1; Secure", "created", url="http://localhost/", profile="chromium"),
    # step 15
    Row("a=1; HttpOnly", "rejected", "http-only-from-script", script=True),
    Row("a=1", "created", script=True),
    # step 16
    Row("a=2", "rejected", "would-overwrite-secure", HTTP, before=("a=1; Secure",)),
    Row("a=2; Path=/x/y", "rejected", "would-overwrite-secure", HTTP, before=("a=1; Secure",)),
    Row("a=2", "created", "", HTTP, "page", "chromium", before=("a=1; Secure; Partitioned",)),
    Row("a=2", "created", "", HTTP, before=("a=1; Secure; Path=/x",)),
    Row("b=2", "created", "", HTTP, before=("a=1; Secure",)),
    Row(
        "a=2; Domain=shop.test; Path=/",
        "rejected",
        "would-overwrite-secure",
        "http://www.shop.test/",
        before=("a=1; Secure",),
    ),
    Row("a=2", "replaced", before=("a=1; Secure",)),
    # step 18
    Row("a=1", "rejected", "same-site-from-cross-site", context="image"),
    Row("a=1; SameSite=Lax", "rejected", "same-site-from-cross-site", context="image"),
    Row("a=1; SameSite=Strict", "rejected", "same-site-from-cross-site", context="image"),
    Row("a=1; SameSite=None; Secure", "created", context="image"),
    Row("a=1; SameSite=Strict", "created", context="link"),
    Row("a=1; SameSite=Strict", "created", context="unknown"),
    Row("a=1", "created", context="image", profile="firefox"),
    # step 19
    Row("a=1; SameSite=None", "rejected", "same-site-none-insecure"),
    Row("a=1; SameSite=None", "rejected", "same-site-none-insecure", profile="firefox"),
    Row(
        "a=1; Domain=b\xc3\xbccher.test",
        "created",
        url="https://xn--bcher-kva.test/",
        profile="chromium",
    ),
    Row(
        "b=2; Path=/",
        "created",
        url="http://www.shop.test/",
        profile="firefox",
        before=("b=1; Secure; Path=/",),
    ),
    Row(
        "b=2; Path=/; Domain=shop.test",
        "rejected",
        "would-overwrite-secure",
        url="http://www.shop.test/",
        profile="firefox",
        before=("b=1; Secure; Path=/",),
    ),
    # steps 20 to 22
    Row("__Secure-a=1", "rejected", "prefix-secure"),
    Row("__sEcUrE-a=1", "rejected", "prefix-secure"),
    Row("__Secure-a=1; Secure", "created"),
    Row("__Host-a=1", "rejected", "prefix-host"),
    Row("__Host-a=1; Secure", "rejected", "prefix-host"),
    Row("__Host-a=1; Secure; Path=/x", "rejected", "prefix-host"),
    Row("__Host-a=1; Secure; Path=/; Domain=shop.test", "rejected", "prefix-host"),
    Row("__Host-a=1; Secure; Path=/", "created"),
    Row("__Host-a=1; Secure; Path=/; Domain=", "created"),
    Row("__Host-a=1; Secure; Path=x", "created"),
    Row("__Host-a=1; Secure; Path=x", "rejected", "prefix-host", profile="chromium"),
    Row("__Secure-a", "rejected", "prefix-nameless"),
    Row("=__HOST-a", "rejected", "prefix-nameless"),
    Row("=__Http-a", "created"),
    Row("=__Host-Http-a", "rejected", "prefix-nameless", profile="chromium"),
    Row("=__Http-a", "rejected", "prefix-nameless", profile="chromium"),
    Row("__other-a=1", "created"),
    # layered-cookies
    Row("__Http-a=1; Secure", "created"),
    Row("__Http-a=1; Secure", "rejected", "prefix-http", profile="chromium"),
    Row("__Http-a=1; Secure; HttpOnly", "created", profile="chromium"),
    Row("__Host-Http-a=1; Secure; Path=/", "rejected", "prefix-host-http", profile="chromium"),
    Row(
        "__Host-Http-a=1; HttpOnly", "rejected", "prefix-host prefix-host-http", profile="chromium"
    ),
    # step 23
    Row("a=2", "rejected", "would-overwrite-http-only", before=("a=1; HttpOnly",), script=True),
    Row("a=2", "replaced", before=("a=1; HttpOnly",)),
    # CHIPS
    Row("a=1; Partitioned", "created"),
    Row("a=1; Partitioned", "rejected", "partitioned-insecure", profile="chromium"),
    Row("a=1; Partitioned; Secure", "created", profile="chromium"),
    Row("a=1; Partitioned; Secure", "created", before=("a=1; Secure",), profile="chromium"),
    # every reason, in the order of the steps
    Row(
        "__Host-a=1; Secure; SameSite=Lax; Domain=other.test; HttpOnly",
        "rejected",
        "domain-mismatch secure-from-insecure http-only-from-script same-site-from-cross-site "
        "prefix-host",
        HTTP,
        "image",
        script=True,
    ),
    # lenient lifetimes in Chromium
    Row("a=; Max-Age=+0", "deleted", before=("a=1",), profile="chromium"),
    Row("a=; Max-Age=+0", "replaced", before=("a=1",)),
    Row("a=; Expires=1 Jan 1500 0:0:0", "deleted", before=("a=1",), profile="chromium"),
    Row("a=; Expires=1 Jan 1500 0:0:0", "replaced", before=("a=1",)),
    Row("a=; Max-Age=0; Max-Age=x", "replaced", before=("a=1",), profile="chromium"),
    Row("a=; Max-Age=0; Max-Age=x", "deleted", before=("a=1",)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.profile}: {row.line}"[:70])
def test_a_line_gets_its_verdict(row: Row) -> None:
    """The outcome, and every reason that applies, in the order of the steps."""
    jar, target = empty_jar(row.profile), parse_target(row.url)
    secure_target = parse_target(row.url.replace("http://shop", "https://shop"))
    for line in row.before:
        at = parse_target(HTTPS) if row.url == "http://www.shop.test/" else secure_target
        assert jar.store(line, at, CONTEXTS["page"], NOW).outcome.value == "created"
    held = jar.dump()
    result = jar.store(row.line, target, CONTEXTS[row.context], NOW, http_api=not row.script)
    assert result.outcome.value == row.outcome
    assert " ".join(reason.code.value for reason in result.reasons) == row.reasons
    assert (result.raw, result.name, result.value) == (
        row.line,
        result.parsed.name,
        result.parsed.value,
    )
    match row.outcome:
        case "rejected" | "ignored":
            assert jar.dump() == held
            assert (result.cookie, result.previous) == (None, None)
        case "deleted":
            assert len(jar) == len(held) - 1
            assert result.previous == result.cookie == held[0]
        case "created":
            assert len(jar) == len(held) + 1
            assert result.cookie is not None
            assert result.previous is None
        case _:
            assert len(jar) == len(held)
            assert result.cookie is not None
            assert jar.get(result.cookie.key) == result.cookie
            assert result.previous in held


WARNINGS = [
    ("a=1", "spec", "page", "same-site-defaulted"),
    ("a=1; SameSite=x", "spec", "page", "same-site-unrecognised"),
    ("a=1; SameSite=Lax", "spec", "page", ""),
    ("a=1; SameSite=Lax", "spec", "unknown", "same-site-unknown"),
    ("a=1; SameSite=Lax", "spec", "unknown page", ""),
    ("a=1; SameSite=None; Secure", "spec", "unknown", ""),
    ("a=1; SameSite=Lax; Max-Age=+5", "spec", "page", "max-age-unparsable"),
    ("a=1; SameSite=Lax; Max-Age=+5", "chromium", "page", ""),
    ("a=1; SameSite=Lax; Max-Age=x", "chromium", "page", "max-age-unparsable"),
    ("a=1; SameSite=Lax; Expires=1 Jan 1500 0:0:0", "spec", "page", "expires-unparsable"),
    ("a=1; SameSite=Lax; Expires=1 Jan 1500 0:0:0", "chromium", "page", ""),
    ("a=1", "spec", "unknown", "same-site-defaulted"),
    ("a=1; SameSite=Lax; Max-Age=34560000", "spec", "page", ""),
    ("a=1; SameSite=Lax; Max-Age=34560001", "spec", "page", "lifetime-capped"),
    ("a=1; SameSite=Lax; Expires=1 Jan 2099 0:0:0", "spec", "page", "lifetime-capped"),
    ("a=1; SameSite=Lax; Partitioned; Secure", "spec", "page", "attribute-unknown"),
    ("a=1; SameSite=Lax; Partitioned; Secure", "chromium", "page", ""),
    ("a=1; SameSite=Lax; Priority=Low", "spec", "page", "attribute-unknown"),
    ("a=1; SameSite=Lax; Priority=Low", "chromium", "page", ""),
    ("__Host-a=1", "firefox", "page", "same-site-defaulted"),
]


@pytest.mark.parametrize(("line", "profile", "context", "codes"), WARNINGS)
def test_warnings_are_separate_from_reasons(
    line: str, profile: str, context: str, codes: str
) -> None:
    """A warning does not refuse a line, and is reported whether or not the line is refused."""
    result = empty_jar(profile).store(line, parse_target(HTTPS), CONTEXTS[context], NOW)
    assert " ".join(warning.code.value for warning in result.warnings) == codes


SHADOWS = [
    ("a=1; Path=/x", "a=2", True),
    ("a=1; Path=/x", "a=2; Path=/y", False),
    ("a=1; Domain=shop.test", "a=2", True),
    ("a=1", "b=2; Path=/x", False),
    ("a=1", "a=2", False),
]


@pytest.mark.parametrize(("before", "line", "expected"), SHADOWS)
def test_a_cookie_that_shadows_another_gets_a_warning(
    before: str, line: str, expected: bool
) -> None:
    """Two cookies with one name that the same request can send cause a warning."""
    jar, target = empty_jar(), parse_target(HTTPS)
    jar.store(before + "; SameSite=Lax", target, CONTEXTS["page"], NOW)
    warnings = jar.store(line + "; SameSite=Lax", target, CONTEXTS["page"], NOW).warnings
    assert [warning.code.value for warning in warnings] == ["shadows-other-cookie"] * expected


@pytest.mark.parametrize(
    ("first", "second", "places"),
    [
        ("a=1; Secure; Partitioned", "a=2", "shop.test/ and for shop.test/ (partition {0})"),
        ("a=1", "a=2; Secure; Partitioned", "shop.test/ (partition {0}) and for shop.test/"),
        ("a=1", "a=2; Domain=shop.test", ".shop.test/ and for shop.test/"),
    ],
)
def test_a_shadowing_cookie_is_distinguished_from_the_other(
    first: str, second: str, places: str
) -> None:
    """The sentence names the partition, or the subdomains covered, if domain and path are equal."""
    jar, target = empty_jar("chromium"), parse_target(HTTPS)
    jar.store(first, target, CONTEXTS["page"], NOW)
    found = jar.store(second, target, CONTEXTS["page"], NOW).warnings[-1]
    assert f"for {places.format('https://shop.test')};" in sentence(found)


def test_a_lifetime_just_over_the_limit_is_not_shown_as_the_limit() -> None:
    """The warning never says that 400 days are more than 400 days."""
    line = "a=1; SameSite=Lax; Max-Age=34560001"
    result = empty_jar().store(line, parse_target(HTTPS), CONTEXTS["page"], NOW)
    assert sentence(result.warnings[0]).startswith("`a` asks for just over 400 days;")


def test_a_cookie_of_another_host_is_not_shadowed() -> None:
    """A host-only cookie of a sibling host is never in the same request."""
    jar = empty_jar()
    jar.store("a=1; SameSite=Lax; Path=/", parse_target(WWW), CONTEXTS["page"], NOW)
    result = jar.store("a=2; SameSite=Lax", parse_target(HTTPS), CONTEXTS["page"], NOW)
    assert result.warnings == ()


LIFETIMES = [
    ("a=1", None),
    ("a=1; Max-Age=60", NOW + 60),
    ("a=1; Max-Age=60; Expires=1 Jan 2099 0:0:0", NOW + 60),
    ("a=1; Expires=Fri, 15 Jan 2027 08:01:00 GMT", NOW + 60),
    ("a=1; Max-Age=99999999", NOW + 34_560_000),
    ("a=1; Expires=1 Jan 2099 0:0:0", NOW + 34_560_000),
    ("a=1; Expires=x", None),
]


@pytest.mark.parametrize(("line", "expires_at"), LIFETIMES)
def test_a_lifetime_is_as_requested_and_at_most_400_days(
    line: str, expires_at: float | None
) -> None:
    """Max-Age wins over Expires, a cookie with neither is a session cookie, and 5.5 limits both."""
    cookie = empty_jar().store(line, parse_target(HTTPS), CONTEXTS["page"], NOW).cookie
    assert cookie is not None
    assert cookie.expires_at == expires_at


CLOCKS = [
    ("chromium", "a=1; Expires=Fri, 15 Jan 2027 08:01:00 GMT", NOW + 160),
    ("chromium", "a=1; Max-Age=60", NOW + 60),
    ("spec", "a=1; Expires=Fri, 15 Jan 2027 08:01:00 GMT", NOW + 60),
]


@pytest.mark.parametrize(("profile", "line", "expires_at"), CLOCKS)
def test_some_browsers_read_expires_by_the_servers_clock(
    profile: str, line: str, expires_at: float
) -> None:
    """A server whose clock is 100 seconds slow still gets the intended lifetime."""
    result = empty_jar(profile).store(
        line, parse_target(HTTPS), CONTEXTS["page"], NOW, server_time=NOW - 100
    )
    assert result.cookie is not None
    assert result.cookie.expires_at == expires_at


PARTITIONS = [
    ("chromium", "a=1; Secure; Partitioned; SameSite=None", "page", "https://shop.test"),
    ("chromium", "a=1; Secure; Partitioned; SameSite=None", "image on ads", "https://ads.test"),
    ("chromium", "a=1; Secure; Partitioned; SameSite=None", "image", "?"),
    ("chromium", "a=1; Secure; Partitioned; SameSite=None", "unknown", "https://shop.test"),
    (
        "chromium",
        "a=1; Secure; Partitioned; SameSite=None",
        "embedded",
        "https://shop.test (embedded)",
    ),
    ("chromium", "a=1; Secure; SameSite=None", "image on ads", None),
    ("spec", "a=1; Secure; Partitioned; SameSite=None", "page", None),
    ("firefox", "a=1", "image on ads", "https://ads.test"),
    ("firefox", "a=1", "page", None),
]


@pytest.mark.parametrize(("profile", "line", "context", "partition"), PARTITIONS)
def test_a_partitioned_cookie_is_bound_to_the_address_bar(
    profile: str, line: str, context: str, partition: str | None
) -> None:
    """CHIPS, and Firefox's partitioning of every third-party cookie."""
    jar = empty_jar(profile)
    cookie = jar.store(line, parse_target(HTTPS), CONTEXTS[context], NOW).cookie
    assert cookie is not None
    assert cookie.partition_key == partition
