"""Properties of any traffic: hostile headers, any order, any clock."""

from __future__ import annotations

from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace import events as ev
from cookietrace.cookies import Code, context_headers, parse_cookie_header
from cookietrace.fold import reconcile
from cookietrace.fold.exchange import CookieStatus
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.sibling_cookies import SiblingCookies, siblings_of
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, fold, merge_updates
from tests.story import TYPED, Story

NAMES = st.sampled_from(["a", "b", "__Host-a", "__Secure-b", "", "sid"])
VALUES = st.sampled_from(["", "1", "2", "x=y", "\xe9", " spaced "])
ATTRIBUTES = st.lists(
    st.sampled_from(
        [
            "Path=/",
            "Path=/x",
            "Domain=shop.test",
            "Domain=.shop.test",
            "Domain=test",
            "Secure",
            "HttpOnly",
            "SameSite=None",
            "SameSite=Lax",
            "SameSite=Strict",
            "Max-Age=0",
            "Max-Age=5",
            "Max-Age=99999999999999999999",
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Partitioned",
            "nonsense",
        ]
    ),
    max_size=4,
)
ANY_LINE = st.text(st.characters(max_codepoint=255), max_size=40)
LINES = st.one_of(
    ANY_LINE,
    st.builds(
        lambda name, value, rest: "; ".join([f"{name}={value}", *rest]), NAMES, VALUES, ATTRIBUTES
    ),
)
COOKIES = st.one_of(
    st.none(),
    ANY_LINE,
    st.lists(st.tuples(NAMES, VALUES), max_size=4).map(
        lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs)
    ),
)
URLS = st.sampled_from(
    [
        "http://shop.test/",
        "https://shop.test/x",
        "https://www.shop.test/x/y?q#f",
        "https://api.shop.test/",
        "https://ads.test:8443/",
        "http://[::1]:80/",
        "http://127.0.0.1/",
        "\xff://\x00",
        "",
    ]
)
CONTEXTS = st.sampled_from(
    [
        (),
        TYPED,
        (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")),
        (("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors")),
        (("Referer", "https://shop.test/x"), ("Origin", "null")),
    ]
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw requests of two clients, with responses that are late, out of order or absent."""
    story = Story()
    waiting: list[str] = []
    for _ in range(draw(st.integers(1, 12))):
        responds = draw(st.booleans())
        if waiting and responds:
            index = draw(st.integers(0, len(waiting) - 1))
            story.respond(
                waiting.pop(index),
                *draw(st.lists(LINES, max_size=3)),
                status=draw(st.sampled_from([200, 302, 304, 101, 500])),
                headers=draw(st.sampled_from([(), (("Location", "/x"),)])),
                after=draw(st.sampled_from([0.0, 0.3, 7.0, -3.0])),
            )
        else:
            waiting.append(
                story.ask(
                    draw(URLS) or "://",
                    draw(COOKIES),
                    method=draw(st.sampled_from(["GET", "POST", "OPTIONS"])),
                    headers=draw(CONTEXTS),
                    client_id=draw(st.sampled_from(["c1", "c2"])),
                    after=draw(st.sampled_from([0.0, 0.2, 3.0, 500.0, -2.0])),
                )
            )
    return story


@settings(max_examples=150, deadline=None)
@given(stories())
def test_no_cookie_is_reported_twice(story: Story) -> None:
    """No cookie of the jar is both sent and withheld, or sent and missing, or also counted."""
    trace = story.trace()
    siblings = SiblingCookies(trace)
    for exchange in trace.exchanges:
        part = exchange.request
        sent = [
            cookie.cookie.key
            for cookie in part.cookies
            if cookie.status is CookieStatus.SENT and cookie.cookie is not None
        ]
        unsent = [withheld.cookie.key for withheld in part.withheld]
        unsent += [missing.cookie.key for missing in part.missing]
        assert len(sent) == len(set(sent))
        assert len(unsent) == len(set(unsent))
        assert set(sent).isdisjoint(unsent)
        elsewhere = siblings.of(exchange)
        assert len(elsewhere) == part.withheld_elsewhere
        assert elsewhere == siblings_of(trace, exchange)
        assert all(held.reasons[0].code is Code.OTHER_HOST for held in elsewhere)
        assert all(held.reasons[0].code is not Code.OTHER_HOST for held in part.withheld)


@settings(max_examples=100, deadline=None)
@given(stories())
def test_observed_cookies_are_always_reported(story: Story) -> None:
    """Every pair of a Cookie header is reported exactly once, in the header's order.

    What the short way to compare finds is what the long way finds.
    """
    exchanges = story.trace().exchanges
    with patch.object(reconcile, "plainly", lambda *_: None):
        assert story.trace().exchanges == exchanges
    for exchange in exchanges:
        part = exchange.request
        reported = [(cookie.name, cookie.value) for cookie in part.cookies]
        if part.observed == part.expected:
            assert part.observed == "; ".join(
                f"{name}={value}" if name else value for name, value in reported
            )
        else:
            assert reported == list(parse_cookie_header(part.observed))


@settings(max_examples=100, deadline=None)
@given(stories())
def test_the_log_of_a_jar_is_the_jar(story: Story) -> None:
    """Each jar rebuilt from its changes equals the fold's jar, with each key once."""
    trace = story.trace()
    for state in trace.clients:
        jar = trace.jar_at(state.client_id, trace.position)
        keys = [cookie.key for cookie in jar]
        assert len(keys) == len(set(keys))
        held = trace._fold(state.client_id)._jar.cookies()
        assert set(keys) == {cookie.key for cookie in held}


@settings(max_examples=60, deadline=None)
@given(stories())
def test_decoded_events_fold_to_the_same_trace(story: Story) -> None:
    """Events that were encoded and decoded give the same explanations and the same table."""
    one = story.trace()
    two = fold(ev.decode(ev.encode(event)) for event in story.events)
    assert list(explanations(one, jar=True)) == list(explanations(two, jar=True))
    tables = [Table(trace) for trace in (one, two)]
    rows = [[table.row(step) for step in range(1, len(table) + 1)] for table in tables]
    assert rows[0] == rows[1]
    assert isinstance(one, Trace)


@settings(max_examples=100, deadline=None)
@given(stories())
def test_headers_that_come_again_are_read_as_new_ones(story: Story) -> None:
    """A header that means nothing, and has another value in each request, changes no verdict."""
    told = [
        msgspec.structs.replace(event, headers=(*event.headers, ("X-Number", str(number))))
        if isinstance(event, ev.Request)
        else event
        for number, event in enumerate(story.events)
    ]
    pairs = zip(story.trace().exchanges, fold(told).exchanges, strict=True)
    for one, two in pairs:
        assert one.request.observed == context_headers(one.request.headers)[1]
        assert two.response == one.response
        assert msgspec.structs.replace(two.request, event=one.request.event) == one.request


@settings(max_examples=100, deadline=None)
@given(stories())
def test_several_events_together_tell_what_they_tell_alone(story: Story) -> None:
    """Every row and every note is told once, and no more events count as settled than told of."""
    alone, together = Trace(), Trace()
    told = merge_updates([alone.apply(event) for event in story.events])
    updates = []
    for update in together.apply_all((event, None) for event in story.events):
        updates.append(update)
        assert together.settled == update.position == together.position
    assert merge_updates(updates) == told
    assert list(told.rows) == list(together.rows) == list(alone.rows)
    assert list(told.notes) == list(together.notes) == list(alone.notes)
