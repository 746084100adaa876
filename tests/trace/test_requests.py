"""The verdicts on a request's cookies: sent, unexplained, missing, overlapping, withheld."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.fold.exchange import NoteKind
from cookietrace.trace import Trace
from tests.story import TYPED, Story

FETCHED = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)
IMAGE = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
)


def verdicts_of(trace: Trace, exchange_id: str) -> str:
    """Return all verdicts on a request, in order, as one line: ``sent a=1; missing b=2``."""
    part = trace.exchange(exchange_id).request
    words = [f"{cookie.status.value} {cookie.name}={cookie.value}" for cookie in part.cookies]
    words += [
        f"withheld {entry.cookie.name}={entry.cookie.value} ({reason.code.value})"
        for entry in part.withheld
        for reason in entry.reasons[:1]
    ]
    words += [
        f"{absent.status.value} {absent.cookie.name}={absent.cookie.value}"
        + (" dropped" if absent.dropped else "")
        for absent in part.missing
    ]
    return "; ".join(words)


def jar(trace: Trace, client_id: str = "c1") -> str:
    """Return the jar as one line; ``~`` marks inferred and ``?`` doubtful cookies."""
    return " ".join(
        f"{cookie.name}={cookie.value}{'~' * cookie.inferred}{'?' * cookie.doubtful}"
        for cookie in trace.jar_at(client_id, trace.position)
    )


def sent_back(story: Story) -> str:
    """A cookie that was set is sent."""
    story.visit("/", None, "a=1")
    return story.ask("/", "a=1")


def sent_in_order(story: Story) -> str:
    """Two cookies of one name, each matched in header order."""
    story.visit("/x/y", None, "a=deep; Path=/x", "a=top; Path=/")
    return story.ask("/x/y", "a=deep; a=top")


def never_set(story: Story) -> str:
    """A cookie from before the capture."""
    return story.ask("/", "old=1")


def seen_before(story: Story) -> str:
    """A cookie that was never set is in the jar the second time."""
    story.visit("/", "old=1")
    return story.ask("/", "old=1")


def inferred_gone(story: Story) -> str:
    """A cookie that was never set is never predicted, so it cannot be missing."""
    story.visit("/", "old=1")
    return story.ask("/")


def inferred_then_set(story: Story) -> str:
    """A later Set-Cookie of that name replaces the inferred cookie."""
    story.visit("/", "a=old", "a=new; Path=/")
    return story.ask("/", "a=new")


def changed_by_script(story: Story) -> str:
    """A changed value is one unexplained cookie; the old one is not missing as well."""
    story.visit("/", None, "a=1", "b=2")
    return story.ask("/", "a=changed; b=2")


def lost_once(story: Story) -> str:
    """A predicted cookie that is absent is missing, and becomes doubtful."""
    story.visit("/", None, "a=1", "b=2")
    return story.ask("/", "b=2")


def lost_twice(story: Story) -> str:
    """A doubtful cookie that a navigation lacks again leaves the jar."""
    story.visit("/", None, "a=1", "b=2")
    story.visit("/", "b=2")
    return story.ask("/", "b=2")


def lost_then_fetched(story: Story) -> str:
    """A request that may have no credentials removes nothing from the jar."""
    story.visit("/", None, "a=1", "b=2")
    story.visit("/", "b=2")
    return story.ask("/", "b=2", headers=FETCHED)


def lost_and_found(story: Story) -> str:
    """A doubtful cookie that is sent again is no longer doubtful."""
    story.visit("/", None, "a=1", "b=2")
    story.visit("/", "b=2")
    return story.ask("/", "a=1; b=2")


def fetched_bare(story: Story) -> str:
    """A fetch without a Cookie header may have had no credentials."""
    story.visit("/", None, "a=1")
    return story.ask("/api", headers=FETCHED)


def image_bare(story: Story) -> str:
    """An image of the same site always carries credentials: its cookie is missing."""
    story.visit("/", None, "a=1")
    return story.ask("/logo.png", headers=IMAGE)


def overlapping_value(story: Story) -> str:
    """A request just after a response may still carry the old value."""
    story.visit("/", None, "a=1")
    story.visit("/", "a=1", "a=2")
    return story.ask("/x.png", "a=1", headers=IMAGE, after=0.5)


def overlapping_absence(story: Story) -> str:
    """A request just after a response may lack its cookie."""
    story.visit("/", None, "a=1")
    return story.ask("/x.png", headers=IMAGE, after=0.5)


def too_late_to_overlap(story: Story) -> str:
    """More than a second after the response, the cookie is missing."""
    story.visit("/", None, "a=1")
    return story.ask("/x.png", headers=IMAGE, after=1.5)


def follows_by_referer(story: Story) -> str:
    """A request whose Referer names the page that set the cookie must carry it."""
    story.visit("/page", None, "a=1; Path=/")
    referer = ("Referer", "http://127.0.0.1:5000/page")
    return story.ask("/x.png", headers=(*IMAGE, referer), after=0.1)


def follows_by_redirect(story: Story) -> str:
    """The target of a redirect must carry the cookie that the redirect set."""
    first = story.ask("/in")
    story.respond(first, "a=1; Path=/", status=302, headers=[("Location", "/home")], body=None)
    return story.ask("/home", headers=TYPED, after=0.02)


def explained_by_a_later_response(story: Story) -> str:
    """A difference that the response to an open request explains later is overlapping."""
    story.visit("/", None, "a=1")
    slow = story.ask("/slow", "a=1", after=5)
    early = story.ask("/x.png", "a=2", headers=IMAGE, after=0.5)
    story.respond(slow, "a=2; Path=/")
    return early


def explained_absence(story: Story) -> str:
    """A cookie that the response to an open request deletes may already be absent."""
    story.visit("/", None, "a=1", "b=1")
    slow = story.ask("/out", "a=1; b=1", after=5)
    early = story.ask("/x.png", "b=1", headers=IMAGE, after=0.5)
    story.respond(slow, "a=; Max-Age=0; Path=/")
    return early


def explained_for_one_of_two(story: Story) -> str:
    """A response explains only the cookies that it changes."""
    story.visit("/", None, "a=1", "b=1")
    slow = story.ask("/out", "a=1; b=1", after=5)
    early = story.ask("/x.png", None, headers=IMAGE, after=0.5)
    story.respond(slow, "a=; Max-Age=0; Path=/")
    return early


def expired(story: Story) -> str:
    """An expired cookie is withheld at the first request that would have carried it."""
    story.visit("/", None, "a=1; Max-Age=5", "b=2")
    return story.ask("/", "b=2", after=20)


def expired_twice(story: Story) -> str:
    """An expired cookie is reported only once."""
    story.visit("/", None, "a=1; Max-Age=5", "b=2")
    story.visit("/", "b=2")
    return story.ask("/", "b=2")


def nameless(story: Story) -> str:
    """A cookie without a name is sent as its bare value, and recognised."""
    story.visit("/", None, "=bare")
    return story.ask("/", "bare")


def other_path(story: Story) -> str:
    """A cookie of another path is withheld, with its reason."""
    story.visit("/", None, "a=1; Path=/admin")
    return story.ask("/")


def inferred_elsewhere_then_set_for_all(story: Story) -> str:
    """A Set-Cookie with a Domain replaces a cookie that was inferred on a subdomain."""
    story.base = "https://www.shop.test"
    story.visit("/", "a=old", "a=new; Domain=shop.test; Path=/")
    return story.ask("/", "a=new")


def repeated_name_changed(story: Story) -> str:
    """Of two cookies of one name, the one with its old value is sent; the other has changed."""
    story.visit("/x/y", None, "a=deep; Path=/x", "a=top; Path=/")
    return story.ask("/x/y", "a=new; a=top")


def repeated_name_in_order(story: Story) -> str:
    """The same if the unchanged one comes first."""
    story.visit("/x/y", None, "a=deep; Path=/x", "a=top; Path=/")
    return story.ask("/x/y", "a=deep; a=new")


def sent_against_the_context(story: Story) -> str:
    """A cookie that the context would withhold, but that the header has, was sent."""
    story.base = "https://shop.test"
    story.visit("/", None, "a=1; SameSite=Strict")
    return story.ask("/", "a=1", headers=(("Sec-Fetch-Site", "cross-site"), *TYPED[1:]))


def same_pair_of_another_path(story: Story) -> str:
    """A cookie of another path cannot be sent: the same name and value are another cookie."""
    story.visit("/", None, "a=1; Path=/admin")
    return story.ask("/", "a=1")


def expired_here_but_sent(story: Story) -> str:
    """A cookie that expired by our clock but is sent is not reported as expired."""
    story.visit("/", None, "a=1; Max-Age=5")
    return story.ask("/", "a=1", after=20)


def explained_new_cookie(story: Story) -> str:
    """A cookie that a response in progress sets for the first time is overlapping."""
    slow = story.ask("/in", None, after=5)
    early = story.ask("/x.png", "a=1", headers=IMAGE, after=0.5)
    story.respond(slow, "a=1; Path=/")
    return early


def not_explained_by_other_names(story: Story) -> str:
    """A response that sets other cookies explains nothing."""
    story.visit("/", None, "a=1")
    slow = story.ask("/slow", "a=1", after=5)
    early = story.ask("/x.png", "a=2", headers=IMAGE, after=0.5)
    story.respond(slow, "b=1; Path=/")
    return early


def overtaken_explanation(story: Story) -> str:
    """If the cookie was set again in between, a late explanation does not change the jar."""
    story.visit("/", None, "a=1; Path=/")
    slow = story.ask("/slow", "a=1", after=5)
    early = story.ask("/x.png", "a=2", headers=IMAGE, after=0.5)
    story.respond(early, "a=3; Path=/")
    story.respond(slow, "a=4; Path=/")
    return early


def gone_then_explained(story: Story) -> str:
    """A cookie that was given up returns if a response in progress explains its absence."""
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    slow = story.ask("/slow", "a=1; b=1", after=5)
    early = story.ask("/", "b=1")
    late = story.ask("/", "b=1")
    story.respond(slow, "a=1; Path=/")
    assert late != early
    return early


def deleted_then_explained(story: Story) -> str:
    """A late response that explains an absence restores no cookie deleted in between."""
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    slow = story.ask("/slow", "a=1; b=1", after=5)
    early = story.ask("/x.png", "b=1", headers=IMAGE, after=0.5)
    story.respond(early, "a=; Path=/; Max-Age=0")
    story.respond(slow, "a=; Path=/; Max-Age=0")
    return early


def refused_explanation(story: Story) -> str:
    """A late response whose line is refused explains nothing."""
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    slow = story.ask("/slow", "a=1; b=1", after=5)
    early = story.ask("/x.png", "b=1", headers=IMAGE, after=0.5)
    story.respond(slow, "a=2; Path=/; Domain=other.test")
    return early


def explanation_elsewhere(story: Story) -> str:
    """Nor does one that sets a cookie of that name for another path."""
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    slow = story.ask("/slow", "a=1; b=1", after=5)
    early = story.ask("/x.png", "b=1", headers=IMAGE, after=0.5)
    story.respond(slow, "a=2; Path=/deep")
    return early


def overlapping_elsewhere(story: Story) -> str:
    """A response that changes another cookie of that name crosses nothing."""
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    story.visit("/", "a=1; b=1", "a=2; Path=/deep")
    return story.ask("/", "b=1", after=0.2)


def clock_set_back(story: Story) -> str:
    """After the clock was set back, an old response explains nothing."""
    story.visit("/", None, "z=1; Path=/z")
    story.now -= 3600
    story.visit("/", None, "a=1")
    story.visit("/", "a=1", "b=1")
    return story.ask("/x.png", "b=1", headers=IMAGE, after=20)


def long_ago_in_a_busy_trace(story: Story) -> str:
    """Later responses do not keep an old one in progress."""
    story.visit("/", None, "a=1", "b=1")
    busy = story.ask("/", "a=1; b=1", after=1.5)
    story.respond(busy, "b=2")
    return story.ask("/x.png", "b=2", headers=IMAGE, after=0.1)


ROWS: list[tuple[Callable[[Story], str], str, str]] = [
    (sent_back, "sent a=1", "a=1"),
    (sent_in_order, "sent a=deep; sent a=top", "a=top a=deep"),
    (never_set, "unexplained old=1", "old=1~"),
    (seen_before, "sent old=1", "old=1~"),
    (inferred_gone, "", "old=1~"),
    (inferred_then_set, "sent a=new", "a=new"),
    (changed_by_script, "unexplained a=changed; sent b=2", "a=changed~ b=2"),
    (lost_once, "sent b=2; missing a=1", "a=1? b=2"),
    (lost_twice, "sent b=2; missing a=1 dropped", "b=2"),
    (lost_then_fetched, "sent b=2; missing a=1", "a=1? b=2"),
    (lost_and_found, "sent a=1; sent b=2", "a=1 b=2"),
    (fetched_bare, "withheld a=1 (without-credentials)", "a=1"),
    (image_bare, "missing a=1", "a=1?"),
    (overlapping_value, "overlapping a=1", "a=2"),
    (overlapping_absence, "overlapping a=1", "a=1"),
    (too_late_to_overlap, "missing a=1", "a=1?"),
    (follows_by_referer, "missing a=1", "a=1?"),
    (follows_by_redirect, "missing a=1", "a=1?"),
    (explained_by_a_later_response, "overlapping a=2", "a=2"),
    (explained_absence, "sent b=1; overlapping a=1", "b=1"),
    (explained_for_one_of_two, "overlapping a=1; missing b=1", "b=1?"),
    (expired, "sent b=2; withheld a=1 (expired)", "b=2"),
    (expired_twice, "sent b=2", "b=2"),
    (nameless, "sent =bare", "=bare"),
    (inferred_elsewhere_then_set_for_all, "sent a=new", "a=new"),
    (repeated_name_changed, "unexplained a=new; sent a=top", "a=top a=new~"),
    (repeated_name_in_order, "sent a=deep; unexplained a=new", "a=new~ a=deep"),
    (sent_against_the_context, "sent a=1", "a=1"),
    (same_pair_of_another_path, "unexplained a=1; withheld a=1 (path-mismatch)", "a=1~ a=1"),
    (expired_here_but_sent, "unexplained a=1", "a=1~"),
    (explained_new_cookie, "overlapping a=1", "a=1"),
    (not_explained_by_other_names, "unexplained a=2", "a=2~ b=1"),
    (overtaken_explanation, "overlapping a=2", "a=4"),
    (deleted_then_explained, "sent b=1; overlapping a=1", "b=1"),
    (refused_explanation, "sent b=1; missing a=1", "a=1? b=1"),
    (explanation_elsewhere, "sent b=1; missing a=1", "a=1? b=1 a=2"),
    (overlapping_elsewhere, "sent b=1; withheld a=2 (path-mismatch); missing a=1", "a=1? b=1 a=2"),
    (clock_set_back, "sent b=1; withheld z=1 (path-mismatch); missing a=1", "a=1? b=1 z=1"),
    (long_ago_in_a_busy_trace, "sent b=2; missing a=1", "a=1? b=2"),
    (gone_then_explained, "sent b=1; overlapping a=1", "a=1 b=1"),
    (other_path, "withheld a=1 (path-mismatch)", "a=1"),
]


@pytest.mark.parametrize(
    ("make", "verdicts", "contents"), ROWS, ids=[row[0].__name__ for row in ROWS]
)
def test_verdicts(make: Callable[[Story], str], verdicts: str, contents: str) -> None:
    """The verdicts on the last request, and the content of its client's jar afterwards."""
    story = Story()
    exchange_id = make(story)
    trace = story.trace()
    assert (verdicts_of(trace, exchange_id), jar(trace)) == (verdicts, contents)


def test_a_wrong_prediction_is_kept() -> None:
    """The exchange has both the predicted and the observed header."""
    story = Story()
    story.visit("/", None, "a=1", "b=2")
    exchange_id = story.ask("/", "b=3")
    part = story.trace().exchange(exchange_id).request
    assert (part.expected, part.observed) == ("a=1; b=2", "b=3")


def test_http2_crumbs_are_joined() -> None:
    """Several Cookie fields are read as one header."""
    story = Story()
    exchange_id = story.ask("/", headers=(*TYPED, ("cookie", "a=1"), ("Cookie", "b=2")))
    assert story.trace().exchange(exchange_id).request.observed == "a=1; b=2"


def test_two_jars_in_one_client_are_noticed() -> None:
    """Two values that alternate under one key are reported once, with what to do."""
    story = Story()
    story.visit("/", None, "sid=one")
    story.visit("/", None, "sid=two")
    for value in ("one", "two", "one", "two", "one"):
        story.visit("/", f"sid={value}")
    notes = [note for note in story.trace().notes if note.kind is NoteKind.TWO_JARS]
    assert len(notes) == 1
    assert "its own listener" in notes[0].message


@pytest.mark.parametrize(("headers", "noticed"), [(TYPED, 1), ((), 0)])
def test_cookies_that_come_and_go(headers: tuple[tuple[str, str], ...], noticed: int) -> None:
    """Absence indicates a second jar only if the request's context is certain."""
    story = Story("http://shop.test")
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    for _ in range(2):
        story.ask("/", "b=1", headers=headers)
        story.ask("/", "a=1; b=1", headers=headers)
    notes = [note for note in story.trace().notes if note.kind is NoteKind.TWO_JARS]
    assert len(notes) == noticed


def test_a_cookie_set_again_does_not_indicate_a_second_jar() -> None:
    """An absence no longer counts once a response has set the cookie again."""
    story = Story("http://shop.test")
    story.visit("/", None, "a=1; Path=/", "b=1; Path=/")
    for _ in range(2):
        story.visit("/", "b=1", "a=1; Path=/")
        story.ask("/", "b=1", headers=())
        story.ask("/", "a=1; b=1", headers=())
    assert [note.kind for note in story.trace().notes] == []


def test_two_clients_have_two_jars() -> None:
    """A cookie that one client received is not expected from another."""
    story = Story()
    story.visit("/", None, "a=1")
    exchange_id = story.ask("/", client_id="c2")
    trace = story.trace()
    assert verdicts_of(trace, exchange_id) == ""
    assert (jar(trace, "c1"), jar(trace, "c2")) == ("a=1", "")
