"""Properties that hold for any cookies."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Credentials,
    PageHistory,
    RequestContext,
    RequestFacts,
    Site,
    canonical_host,
    context_headers,
    domain_match,
    parse_cookie_date,
    parse_cookie_header,
    parse_set_cookie,
    parse_target,
    path_match,
)
from cookietrace.cookies.match import is_loopback
from cookietrace.cookies.rules.storage import as_read
from tests.cookies.contexts import NOW, SUFFIXES
from tests.cookies.findings import check_findings
from tests.cookies.strategies import ANY_CONTEXT, ANY_TEXT, STEPS, URLS

Steps = list[tuple[str, str, RequestContext, int, bool]]


def play(steps: Steps, profile: str) -> tuple[CookieJar, list[Any], float]:
    """Store all lines into a fresh jar; return the jar, the results and the final time."""
    jar, now, results = CookieJar(PROFILES[profile], SUFFIXES), NOW, []
    for line, url, context, wait, http_api in steps:
        now += wait
        jar.expire(now)
        results.append(jar.store(line, parse_target(url), context, now, http_api=http_api))
    return jar, results, now


PROFILE = st.sampled_from(sorted(PROFILES))


@given(ANY_TEXT, ANY_TEXT, PROFILE)
def test_any_text_gets_a_verdict(line: str, url: str, profile: str) -> None:
    """Parsing, storing and selecting never raise, for any text."""
    parse_cookie_date(line)
    parse_cookie_header(line)
    canonical_host(line)
    parsed = parse_set_cookie(line)
    target = parse_target(url)
    history = PageHistory(PROFILES[profile], SUFFIXES)
    facts = RequestFacts(
        exchange_id="x",
        at=NOW,
        method=line,
        target=target,
        headers=context_headers([(line, line), ("Referer", line)])[0],
    )
    context = history.context(facts)
    history.request(facts, context)
    history.response("x", 302, line, line)
    jar = CookieJar(PROFILES[profile], SUFFIXES)
    result = jar.store(line, target, context, NOW)
    assert (result.parsed, result.raw) == (as_read(parsed, PROFILES[profile]), line)
    check_findings(result.reasons, "rejected")
    check_findings(result.warnings, "warning")
    for held in jar.select(target, context, NOW).withheld:
        check_findings(held.reasons, "withheld")


@given(STEPS, URLS, ANY_CONTEXT, PROFILE, st.integers(0, 30))
def test_what_is_sent_matches_and_nothing_is_both_sent_and_withheld(
    steps: Steps, url: str, context: RequestContext, profile: str, wait: int
) -> None:
    """No cookie is in both lists, and the cookies sent cover the host and path."""
    jar, _, now = play(steps, profile)
    target = parse_target(url)
    selection = jar.select(target, context, now + wait)
    sent = [cookie.key for cookie in selection.sent]
    held = [withheld.cookie.key for withheld in selection.withheld]
    assert len({*sent, *held}) == len(sent) + len(held)
    for cookie in selection.sent:
        assert target.host is not None
        assert domain_match(target.host, cookie.domain)
        assert not cookie.host_only or cookie.domain == target.host
        assert path_match(target.path, cookie.path)
        assert cookie.expires_at is None or cookie.expires_at > now + wait
    assert all(withheld.reasons for withheld in selection.withheld)
    lengths = [len(cookie.path) for cookie in selection.sent]
    assert lengths == sorted(lengths, reverse=True)


@given(STEPS, PROFILE)
def test_storing_is_deterministic_and_the_outcome_is_what_happened(
    steps: Steps, profile: str
) -> None:
    """The same lines give the same results, and each outcome agrees with the other fields."""
    jar, results, _ = play(steps, profile)
    again, same, _ = play(steps, profile)
    assert (again.dump(), same) == (jar.dump(), results)
    for result in results:
        assert (result.outcome.value == "rejected") == bool(result.reasons)
        assert (result.previous is None) == (result.outcome in ("created", "rejected", "ignored"))
    assert len({cookie.key for cookie in jar.dump()}) == len(jar)


@given(STEPS, URLS, ANY_CONTEXT, PROFILE)
def test_a_jar_from_its_own_dump_selects_the_same(
    steps: Steps, url: str, context: RequestContext, profile: str
) -> None:
    """``load`` reverses ``dump``, for any order of the cookies."""
    jar, _, now = play(steps, profile)
    jar.expire(now)
    for cookie in jar.select(parse_target(url), context, now).withheld:
        jar.forget_expired(cookie.cookie.key)
    target = parse_target(url)
    for cookies in (jar.dump(), jar.dump()[::-1]):
        loaded = CookieJar.load(cookies, PROFILES[profile], SUFFIXES)
        assert loaded.dump() == jar.dump()
        ours, theirs = (one.select(target, context, now) for one in (loaded, jar))
        assert ours.header == theirs.header
        assert {one.cookie.key for one in ours.withheld} == {
            one.cookie.key for one in theirs.withheld
        }


@given(STEPS, st.lists(st.tuples(URLS, ANY_CONTEXT), min_size=1, max_size=3), PROFILE)
def test_earlier_selections_do_not_change_later_ones(
    steps: Steps, urls_and_contexts: list[tuple[str, RequestContext]], profile: str
) -> None:
    """Cached selections are dropped as soon as anything changes them."""
    requests = [(parse_target(url), context) for url, context in urls_and_contexts]
    cached, now = CookieJar(PROFILES[profile], SUFFIXES), NOW
    for line, url, context, wait, http_api in steps:
        for target, request_context in requests:
            cached.select(target, request_context, now)
        now += wait
        cached.expire(now)
        cached.store(line, parse_target(url), context, now, http_api=http_api)
    for target, request_context in requests:
        fresh, _, _ = play(steps, profile)
        selection = cached.select(target, request_context, now)
        assert selection == fresh.select(target, request_context, now)
        assert selection == cached.select(target, request_context, now)
    for target, request_context in requests:
        sent = cached.select(target, request_context, now).sent
        cached.touch(sent, now + 3600)
        again = cached.select(target, request_context, now).sent
        assert [cookie.last_access_at for cookie in again] == [now + 3600] * len(sent)


def departs(profile: str, steps: Steps, url: str, context: RequestContext) -> bool:
    """Return whether a scenario touches a listed departure of a profile from ``spec``."""
    switches = {row.switch for row in PROFILES[profile].departures}
    text = " ".join(line.lower() for line, *_ in steps)
    urls = [parse_target(one) for one in (url, *(step[1] for step in steps))]
    third_party = any(
        one.site is Site.CROSS and not one.top_level
        for one in (context, *(step[2] for step in steps))
    )
    unspecified = any("samesite=" not in line.lower() or "samesite=x" in line.lower()
                      for line, *_ in steps)  # fmt: skip
    values = [line.split(";")[0] for line, *_ in steps]
    touched = {
        "same_site_default_lax": unspecified,
        "none_requires_secure": "samesite=none" in text,
        "lax_post_seconds": unspecified and context.unsafe,
        "schemeful": False,
        "address_host_only": False,
        "prefixes_require_secure": "__" in text,
        "expires_by_server_clock": False,
        "loopback_secure": any(is_loopback(one.host) for one in urls),
        "http_prefixes": "__http-" in text or "__host-http-" in text,
        "host_prefix_path": "__host-" in text,
        "partitioned": "partitioned" in text,
        "third_party": third_party,
        "says_storage_access": False,
        "priorities": "priority=" in text,
        "most_per_site": False,
        "purge_to": False,
        "eviction": False,
        "partition_overrun": False,
        "reports": False,
        "silent_after_redirect": False,
        "overlay_by_host": "secure" in text,
        "redirects_count": False,
        "domain_to_ascii": not text.isascii(),
        "utf8_values": not text.isascii(),
        "clear_site_data": False,
        "drops_responses": False,
        "most_partition_bytes": "partitioned" in text,
        "overwrite_keeps_creation": len(steps) > 1,
        "dot_domain_refused": "domain=." in text,
        "tabs": "\t" in text,
        "no_equals": any(not one.strip(" \t").partition("=")[0].strip(" \t") for one in values)
        or any("=" not in one for one in values),
        "lifetimes": "max-age" in text or "expires" in text,
    }
    return any(touched[switch] for switch in switches)


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"spec"}))
@given(data=st.data())
@settings(max_examples=200)
def test_a_profile_is_spec_outside_its_departures(profile: str, data: st.DataObject) -> None:
    """If no listed departure is touched, a profile gives the same results as ``spec``."""
    steps, url, context = data.draw(STEPS), data.draw(URLS), data.draw(ANY_CONTEXT)
    steps = [step for step in steps if not departs(profile, [step], url, context)]
    if departs(profile, steps, url, context):
        steps = steps[:1]
    ours, results, now = play(steps, profile)
    spec, expected, _ = play(steps, "spec")
    assert [(r.outcome, r.reasons) for r in results] == [(r.outcome, r.reasons) for r in expected]
    target = parse_target(url)
    assert ours.select(target, context, now) == spec.select(target, context, now)


@given(STEPS, URLS)
def test_without_credentials_nothing_is_sent(steps: Steps, url: str) -> None:
    """A request without credentials sends no cookies, and each is withheld for that reason."""
    jar, _, now = play(steps, "spec")
    context = RequestContext(
        site=Site.SAME,
        top_level=False,
        unsafe=False,
        credentials=Credentials.OMIT,
        top_level_site=None,
        certain=True,
    )
    selection = jar.select(parse_target(url), context, now)
    assert selection.sent == ()
    assert all(
        held.reasons[-1].code.value in ("without-credentials", "expired")
        for held in selection.withheld
    )


@given(STEPS, PROFILE)
def test_verdicts_survive_json(steps: Steps, profile: str) -> None:
    """Results are unchanged by a round trip through JSON."""
    _, results, _ = play(steps, profile)
    for result in results:
        again = msgspec.json.decode(msgspec.json.encode(result), type=type(result))
        assert again == result
