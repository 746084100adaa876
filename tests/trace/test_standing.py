"""What a Set-Cookie did is unconfirmed until a later request shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookietrace.cookies import Code, Standing
from cookietrace.fold.exchange import CookieStatus, RowKind
from cookietrace.fold.unconfirmed import MOST_CHAINS, MOST_LINKS
from cookietrace.trace import Trace
from tests.story import Story

PAGE = "https://shop.test"
API = "https://api.shop.test"
SHARED = "; Domain=shop.test; Path=/; Secure; SameSite=None"
"""Attributes of a cookie for the page's host and the API's."""
FETCHED = (
    ("Sec-Fetch-Site", "same-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Origin", PAGE),
)
"""A script's request to another origin, which does not tell its credentials mode."""
OWN = (*FETCHED[1:3], ("Sec-Fetch-Site", "same-origin"))
"""A script's request to its own origin."""
PREFLIGHT = (("Origin", PAGE), ("Access-Control-Request-Method", "PUT"))


def fetch(
    story: Story,
    *lines: str,
    cookie: str | None = None,
    after: float = 10.0,
    connection: str | None = None,
) -> str:
    """A script's request to the API, and its response."""
    exchange_id = story.ask(f"{API}/x", cookie, headers=FETCHED, after=after, connection=connection)
    story.respond(exchange_id, *lines)
    return exchange_id


def standings(trace: Trace) -> str:
    """Return each result as ``x2 a created unconfirmed``, with the exchange that settled it."""
    words = []
    for exchange in trace.exchanges:
        if exchange.response is None:
            continue
        for result in exchange.response.set_cookies:
            word = f"{exchange.exchange_id} {result.name} {result.outcome} {result.standing}"
            words.append(word + (f" {result.settled_by}" if result.settled_by else ""))
    return "; ".join(words)


def jar(trace: Trace) -> str:
    """Return the jar as one line; ``*`` marks unconfirmed cookies, ``~`` inferred ones."""
    return " ".join(
        f"{cookie.name}={cookie.value}{'*' * cookie.unconfirmed}{'~' * cookie.inferred}"
        for cookie in trace.jar_at("c1", trace.position)
    )


def statuses(trace: Trace) -> str:
    """Return the verdicts on the latest request: ``sent a; missing b; withheld c; 1 elsewhere``."""
    part = trace.exchanges[-1].request
    words = [f"{cookie.status} {cookie.name}" for cookie in part.cookies]
    words += [f"withheld {entry.cookie.name}" for entry in part.withheld]
    words += [f"{part.withheld_elsewhere} elsewhere"] if part.withheld_elsewhere else []
    words += [f"{absent.status} {absent.cookie.name}" for absent in part.missing]
    return "; ".join([*words, "certain" if part.context.certain else "uncertain"])


def not_settled(story: Story) -> None:
    """A cookie that a script's request set."""
    fetch(story, f"a=1{SHARED}")


def sent(story: Story) -> None:
    """It is sent: the client had stored it."""
    fetch(story, f"a=1{SHARED}")
    story.ask("/", "a=1")


def not_sent(story: Story) -> None:
    """A navigation lacks it: the client had not."""
    fetch(story, f"a=1{SHARED}")
    story.ask("/")


def lacked_by_a_script(story: Story) -> None:
    """A request that may have no credentials itself shows nothing."""
    fetch(story, f"a=1{SHARED}")
    fetch(story)


def of_another_host(story: Story) -> None:
    """Nor does one that cannot carry it."""
    fetch(story, "a=1; Secure")
    story.ask("/")


def on_another_path(story: Story) -> None:
    """The same for the path."""
    fetch(story, f"a=1{SHARED}; Path=/deep")
    story.ask("/")


def changed(story: Story) -> None:
    """A new value that is sent."""
    story.visit("/", None, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.ask("/", "a=2")


def kept(story: Story) -> None:
    """The old value is sent. The request lacked the old one, so this was the assumption."""
    story.visit("/", None, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.ask("/", "a=1")


def same_value(story: Story) -> None:
    """The same value again settles nothing."""
    story.visit("/", None, "a=1; HttpOnly; Max-Age=9000")
    story.respond(story.ask("/x", None, headers=OWN), "a=1; HttpOnly; Max-Age=99000")
    story.ask("/", "a=1")


def same_session_cookie(story: Story) -> None:
    """A session cookie that is set again as it was has no effect to be unsure of."""
    story.visit("/", None, "a=1; HttpOnly")
    story.respond(story.ask("/x", None, headers=OWN), "a=1; HttpOnly")
    story.ask("/", "a=1")


def deleted(story: Story) -> None:
    """A deleted cookie is no longer sent."""
    story.visit("/", None, "a=1")
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0")
    story.ask("/")


def not_deleted(story: Story) -> None:
    """A deleted cookie is still sent."""
    story.visit("/", None, "a=1")
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0")
    story.ask("/", "a=1")


def deletes_nothing(story: Story) -> None:
    """A deletion that finds nothing has no effect to be unsure of."""
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0")


def deletes_unconfirmed(story: Story) -> None:
    """A deletion of a cookie that may not be there settles nothing by its absence."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a={SHARED}; Max-Age=0")
    story.ask("/")


def deletes_twice(story: Story) -> None:
    """The first of two deletions may have done it; after it no state has a cookie."""
    story.visit("/", None, "a=1")
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0")
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0")
    story.visit("/")
    story.ask("/")


def together(story: Story) -> None:
    """All lines of a response share one fate, even those that no request shows."""
    fetch(story, f"a=1{SHARED}", "b=2; Path=/never; Secure")
    story.ask("/", "a=1")


def refused_all_the_same(story: Story) -> None:
    """A line that is refused in any case is certain."""
    fetch(story, f"a=1{SHARED}", "b=2; Domain=other.test")
    story.ask("/", "a=1")


def twice_in_one(story: Story) -> None:
    """Of two lines for one cookie in one response, the last one counts."""
    fetch(story, f"a=1{SHARED}", f"a=2{SHARED}")
    story.ask("/", "a=2")


def chain_last(story: Story) -> None:
    """Of several, the one whose value is sent was stored. Earlier ones cannot be told."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.ask("/", "a=2")


def chain_first(story: Story) -> None:
    """Later ones that would have overwritten it were not."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.ask("/", "a=1")


def chain_none(story: Story) -> None:
    """Nothing is sent: none was stored."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.ask("/")


def chain_equal(story: Story) -> None:
    """Two with the same value: one of them was stored, nobody knows which."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=1{SHARED}; HttpOnly")
    fetch(story, f"a=2{SHARED}")
    story.ask("/", "a=1")


def set_with_certainty(story: Story) -> None:
    """A certain line for the same cookie leaves nothing to settle."""
    fetch(story, f"a=1{SHARED}; Path=/deep")
    story.visit("/", None, f"a=2{SHARED}; Path=/deep")
    story.ask("/deep", "a=2")


def deleted_with_certainty(story: Story) -> None:
    """The same for a certain deletion."""
    story.visit("/", None, "a=1; Path=/deep")
    story.respond(story.ask("/x", None, headers=OWN), "a=; Max-Age=0; Path=/deep")
    story.visit("/", None, "a=; Max-Age=0; Path=/deep")
    story.ask("/deep")


def assumed_refused(story: Story) -> None:
    """A request to another origin that lacks a cookie had no credentials; later requests agree."""
    story.visit(f"{API}/", None, "held=1")
    fetch(story, f"a=1{SHARED}")
    story.ask("/")


def assumption_refuted(story: Story) -> None:
    """Unless the cookie is sent."""
    story.visit(f"{API}/", None, "held=1")
    fetch(story, f"a=1{SHARED}")
    story.ask("/", "a=1")


def deletion_assumed_refused(story: Story) -> None:
    """The same for a deletion: the cookie is gone."""
    story.visit(f"{API}/", None, "held=1", f"a=1{SHARED}; Path=/deep")
    fetch(story, f"a={SHARED}; Max-Age=0; Path=/deep")
    story.ask("/deep")


def deletion_of_a_lacking_one_refused(story: Story) -> None:
    """If a request with credentials lacked it, it was gone before. Either way it is missing."""
    story.visit("/", None, f"a=1{SHARED}")
    fetch(story, f"a={SHARED}; Max-Age=0")
    story.ask("/")


def deletion_of_nothing_refused(story: Story) -> None:
    """Nothing depends on the deletion of a cookie that is not there."""
    story.visit(f"{API}/", None, "held=1")
    fetch(story, f"a={SHARED}; Max-Age=0", f"b=1{SHARED}; Domain=other.test")


def unconfirmed_is_no_evidence(story: Story) -> None:
    """That an unconfirmed cookie is lacking shows nothing about the request."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"b=1{SHARED}")
    story.ask("/", "b=1")


def unknown_value(story: Story) -> None:
    """A value that no response set shows nothing about those that were."""
    fetch(story, f"a=1{SHARED}")
    story.ask("/", "a=9")


def two_of_a_name(story: Story) -> None:
    """Two cookies of one name, told apart by their values."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}; Path=/deep")
    story.ask("/deep", "a=2")


def two_of_a_name_alike(story: Story) -> None:
    """With the same value they cannot be told apart."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=1{SHARED}; Path=/deep")
    story.ask("/deep", "a=1")


def twice_in_a_header(story: Story) -> None:
    """Two values of one cookie: one of them is another cookie."""
    story.visit("/", None, "a=1")
    story.respond(story.ask("/x", None, headers=OWN), "a=2; Path=/")
    story.ask("/", "a=1; a=2")


def beside_a_certain_one(story: Story) -> None:
    """A certain cookie of that name explains its own value."""
    story.visit("/", None, "a=2; Path=/deep")
    story.respond(story.ask("/x", None, headers=OWN), "a=1; Path=/")
    story.ask("/deep/x", "a=2")


def lost_in_any_case(story: Story) -> None:
    """The client held one value or the other, and sends neither: the certain one is missing."""
    story.visit("/", None, "a=1; Path=/")
    story.respond(story.ask("/x", None, headers=OWN), "a=2; Path=/")
    story.ask("/")


def lost_beside_another(story: Story) -> None:
    """If another line shows that the new value was stored, that one is missing."""
    story.visit("/", None, "a=1; Path=/")
    story.respond(story.ask("/x", None, headers=OWN), "a=2; Path=/", "b=1; Path=/")
    story.ask("/", "b=1")


def refuted_after_an_assumed_refusal(story: Story) -> None:
    """What is left may be an effect that the jar does not assume."""
    story.visit(f"{API}/", None, "held=1")
    fetch(story, f"a=1{SHARED}")
    story.respond(story.ask("/x", headers=OWN, connection="n"), f"a=2{SHARED}")
    story.respond(story.ask("/x", method="OPTIONS", headers=PREFLIGHT, connection="n"))
    fetch(story)


def soon_after(story: Story) -> None:
    """A request of the same second may have crossed the response."""
    fetch(story, f"a=1{SHARED}")
    story.ask("/", after=0.2)


def soon_after_with_it(story: Story) -> None:
    """What it carries is evidence anyway."""
    fetch(story, f"a=1{SHARED}")
    story.ask("/", "a=1", after=0.2)


def soon_after_with_the_old_one(story: Story) -> None:
    """An old value is not."""
    story.visit("/", None, "a=1; Path=/")
    story.respond(story.ask("/x", None, headers=OWN), "a=2; Path=/")
    story.ask("/", "a=1", after=0.2)


def deletion_of_one_under_way(story: Story) -> None:
    """That a request lacks a cookie of the same second does not show that it was gone before."""
    story.visit(f"{API}/", None, "a=1; Path=/; Secure")
    story.respond(story.ask(f"{API}/x", None, headers=FETCHED, after=0.5), "a=; Max-Age=0; Path=/")
    story.ask(f"{API}/")


def value_of_one_just_deleted(story: Story) -> None:
    """A value that another cookie had until then is evidence of nothing."""
    story.visit(f"{API}/", None, f"a=1{SHARED}", "b=1; Path=/")
    fetch(story, "a=1; Path=/deep; Secure")
    story.visit(f"{API}/", "a=1; b=1", f"a={SHARED}; Max-Age=0")
    story.ask(f"{API}/deep", "a=1; b=1", after=0.5)


def value_of_one_just_replaced(story: Story) -> None:
    """Nor is one that this cookie had, until a response that is certain."""
    story.visit("/", None, "a=1; Path=/")
    story.visit("/", "a=1", "a=2; Path=/")
    story.respond(story.ask("/x", None, headers=OWN, after=0.1), "a=1; Path=/")
    story.ask("/", "a=1", after=0.1)


def two_of_a_name_each_alike(story: Story) -> None:
    """Unless it is carried as often as they are."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=1{SHARED}; Path=/deep")
    story.ask("/deep", "a=1; a=1")


def one_of_two_refused(story: Story) -> None:
    """A value that one of two refused lines had is no riddle, and the other stays open."""
    story.visit(f"{API}/", None, "held=1; Path=/")
    fetch(story, f"a=1{SHARED}")
    fetch(story, "a=1; Path=/; Secure")
    story.ask(f"{API}/", "a=1; held=1")


def neither_of_two_alike(story: Story) -> None:
    """A certain cookie that another line may have replaced is not missing."""
    story.visit(f"{API}/", None, "a=1; Path=/; Secure", "held=1; Path=/")
    fetch(story, "a=2; Path=/; Secure")
    fetch(story, f"a=2{SHARED}")
    story.ask(f"{API}/", "a=2; held=1")


def unknown_value_of_two(story: Story) -> None:
    """What one of two may have had goes to the other: which one had it is not known."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    fetch(story, f"a=1{SHARED}; Path=/deep")
    story.ask("/deep", "a=1; a=9")


def both_values(story: Story) -> None:
    """If both values of one cookie are carried, one is another's: nobody knows which."""
    fetch(story, f"a=1{SHARED}")
    fetch(story, f"a=2{SHARED}")
    story.visit("/", "a=1; a=2")
    story.ask(f"{API}/", "a=2")


def the_same_for_certain(story: Story) -> None:
    """A certain line for a cookie that may be there is in progress for a second."""
    fetch(story, f"a=1{SHARED}")
    story.respond(story.ask("/", None, after=0.1), f"a=1{SHARED}")
    story.ask("/", after=0.5)


def expired_since(story: Story) -> None:
    """A cookie that has expired since is rightly absent."""
    fetch(story, f"a=1{SHARED}; Max-Age=5")
    story.ask("/", after=20)


def sent_after_its_end(story: Story) -> None:
    """A value that no longer counts is evidence of nothing."""
    fetch(story, f"a=1{SHARED}; Max-Age=5")
    story.ask("/", "a=1", after=20)


def cleared(story: Story) -> None:
    """Clear-Site-Data from a script's request: a cookie is still there."""
    story.visit("/", None, "a=1", "b=1; Path=/deep")
    story.respond(story.ask("/x", None, headers=OWN), headers=(("Clear-Site-Data", '"cookies"'),))
    story.ask("/", "a=1")


def cleared_with_certainty(story: Story) -> None:
    """Certain Clear-Site-Data leaves nothing to settle."""
    story.visit("/", None, "a=1; Path=/deep")
    story.respond(
        story.ask("/x", None, headers=OWN), "a=; Max-Age=0; Path=/deep", "b=1; Path=/deep"
    )
    story.respond(story.ask("/"), headers=(("Clear-Site-Data", '"cookies"'),))
    story.ask("/deep")


def after_a_script(story: Story) -> None:
    """A cookie from before the capture, replaced or not."""
    story.visit("/", "a=0")
    story.respond(story.ask("/x", None, headers=OWN), "a=1; Domain=shop.test; Path=/deep")
    story.ask("/", "a=0")


@pytest.mark.parametrize(
    ("make", "expected", "held", "verdicts"),
    [
        (not_settled, "x1 a created unconfirmed", "a=1*", "uncertain"),
        (sent, "x1 a created confirmed x2", "a=1", "sent a; uncertain"),
        (not_sent, "x1 a created refuted x2", "", "uncertain"),
        (lacked_by_a_script, "x1 a created unconfirmed", "a=1*", "withheld a; uncertain"),
        (of_another_host, "x1 a created unconfirmed", "a=1*", "1 elsewhere; certain"),
        (on_another_path, "x1 a created unconfirmed", "a=1*", "withheld a; certain"),
        (
            changed,
            "x1 a created certain; x2 a rejected refuted x3",
            "a=2",
            "sent a; uncertain",
        ),
        (kept, "x1 a created certain; x2 a rejected confirmed x3", "a=1", "sent a; uncertain"),
        (
            same_value,
            "x1 a created certain; x2 a replaced unconfirmed",
            "a=1*",
            "sent a; certain",
        ),
        (
            same_session_cookie,
            "x1 a created certain; x2 a refreshed certain",
            "a=1",
            "sent a; certain",
        ),
        (deleted, "x1 a created certain; x2 a deleted confirmed x3", "", "uncertain"),
        (not_deleted, "x1 a created certain; x2 a deleted refuted x3", "a=1", "sent a; uncertain"),
        (deletes_nothing, "x1 a ignored certain", "", "uncertain"),
        (
            deletes_unconfirmed,
            "x1 a created unconfirmed; x2 a deleted unconfirmed",
            "",
            "uncertain",
        ),
        (
            deletes_twice,
            "x1 a created certain; x2 a deleted unconfirmed; x3 a ignored unconfirmed",
            "",
            "uncertain",
        ),
        (
            together,
            "x1 a created confirmed x2; x1 b created confirmed x2",
            "b=2 a=1",
            "sent a; 1 elsewhere; uncertain",
        ),
        (
            refused_all_the_same,
            "x1 a created confirmed x2; x1 b rejected certain",
            "a=1",
            "sent a; uncertain",
        ),
        (
            twice_in_one,
            "x1 a created confirmed x2; x1 a replaced confirmed x2",
            "a=2",
            "sent a; uncertain",
        ),
        (
            chain_last,
            "x1 a created unconfirmed; x2 a replaced confirmed x3",
            "a=2",
            "sent a; uncertain",
        ),
        (
            chain_first,
            "x1 a created confirmed x3; x2 a replaced refuted x3",
            "a=1",
            "sent a; uncertain",
        ),
        (chain_none, "x1 a created refuted x3; x2 a replaced refuted x3", "", "uncertain"),
        (
            chain_equal,
            "x1 a created unconfirmed; x2 a replaced unconfirmed; x3 a replaced refuted x4",
            "a=1*",
            "sent a; uncertain",
        ),
        (
            set_with_certainty,
            "x1 a created unconfirmed; x2 a replaced certain",
            "a=2",
            "sent a; certain",
        ),
        (
            deleted_with_certainty,
            "x1 a created certain; x2 a deleted unconfirmed; x3 a ignored certain",
            "",
            "certain",
        ),
        (
            assumed_refused,
            "x1 held created certain; x2 a rejected confirmed x3",
            "held=1",
            "1 elsewhere; uncertain",
        ),
        (
            assumption_refuted,
            "x1 held created certain; x2 a rejected refuted x3",
            "held=1 a=1",
            "sent a; 1 elsewhere; uncertain",
        ),
        (
            deletion_assumed_refused,
            "x1 held created certain; x1 a created certain; x2 a rejected refuted x3",
            "held=1",
            "1 elsewhere; uncertain",
        ),
        (
            deletion_of_a_lacking_one_refused,
            "x1 a created certain; x2 a rejected certain",
            "a=1",
            "missing a; certain",
        ),
        (
            deletion_of_nothing_refused,
            "x1 held created certain; x2 a rejected certain; x2 b rejected certain",
            "held=1",
            "withheld held; uncertain",
        ),
        (
            unconfirmed_is_no_evidence,
            "x1 a created refuted x3; x2 b created confirmed x3",
            "b=1",
            "sent b; uncertain",
        ),
        (unknown_value, "x1 a created unconfirmed", "a=9~", "unexplained a; uncertain"),
        (
            two_of_a_name,
            "x1 a created refuted x3; x2 a created confirmed x3",
            "a=2",
            "sent a; uncertain",
        ),
        (
            two_of_a_name_alike,
            "x1 a created unconfirmed; x2 a created unconfirmed",
            "a=1* a=1*",
            "sent a; uncertain",
        ),
        (
            twice_in_a_header,
            "x1 a created certain; x2 a replaced unconfirmed",
            "a=1~",
            "unexplained a; sent a; uncertain",
        ),
        (
            beside_a_certain_one,
            "x1 a created certain; x2 a created refuted x3",
            "a=2",
            "sent a; uncertain",
        ),
        (
            lost_in_any_case,
            "x1 a created certain; x2 a replaced unconfirmed",
            "a=1",
            "missing a; uncertain",
        ),
        (
            lost_beside_another,
            "x1 a created certain; x2 a replaced confirmed x3; x2 b created confirmed x3",
            "a=2 b=1",
            "sent b; missing a; uncertain",
        ),
        (
            refuted_after_an_assumed_refusal,
            "x1 held created certain; x2 a rejected unconfirmed; x3 a created refuted x4",
            "held=1",
            "withheld held; uncertain",
        ),
        (soon_after, "x1 a created unconfirmed", "a=1*", "uncertain"),
        (soon_after_with_it, "x1 a created confirmed x2", "a=1", "sent a; uncertain"),
        (
            soon_after_with_the_old_one,
            "x1 a created certain; x2 a replaced unconfirmed",
            "a=2*",
            "overlapping a; uncertain",
        ),
        (
            deletion_of_one_under_way,
            "x1 a created certain; x2 a rejected refuted x3",
            "",
            "uncertain",
        ),
        (
            value_of_one_just_deleted,
            "x1 a created certain; x1 b created certain; x2 a rejected unconfirmed; "
            "x3 a deleted certain",
            "b=1",
            "overlapping a; sent b; uncertain",
        ),
        (
            value_of_one_just_replaced,
            "x1 a created certain; x2 a replaced certain; x3 a replaced unconfirmed",
            "a=1*",
            "sent a; uncertain",
        ),
        (
            two_of_a_name_each_alike,
            "x1 a created confirmed x3; x2 a created confirmed x3",
            "a=1 a=1",
            "sent a; sent a; uncertain",
        ),
        (
            one_of_two_refused,
            "x1 held created certain; x2 a rejected unconfirmed; x3 a rejected unconfirmed",
            "held=1",
            "sent a; sent held; uncertain",
        ),
        (
            neither_of_two_alike,
            "x1 a created certain; x1 held created certain; x2 a rejected unconfirmed; "
            "x3 a rejected unconfirmed",
            "a=1 held=1",
            "sent a; sent held; uncertain",
        ),
        (
            unknown_value_of_two,
            "x1 a created unconfirmed; x2 a replaced unconfirmed; x3 a created unconfirmed",
            "a=9~ a=1*",
            "sent a; unexplained a; uncertain",
        ),
        (
            both_values,
            "x1 a created unconfirmed; x2 a replaced unconfirmed",
            "a=1~ a=2*",
            "sent a; certain",
        ),
        (
            the_same_for_certain,
            "x1 a created unconfirmed; x2 a refreshed certain",
            "a=1",
            "overlapping a; certain",
        ),
        (expired_since, "x1 a created unconfirmed", "", "withheld a; certain"),
        (sent_after_its_end, "x1 a created unconfirmed", "a=1~", "unexplained a; certain"),
        (
            cleared,
            "x1 a created certain; x1 b created certain",
            "a=1 b=1",
            "sent a; withheld b; uncertain",
        ),
        (
            cleared_with_certainty,
            "x1 a created certain; x2 a deleted unconfirmed; x2 b created unconfirmed",
            "",
            "certain",
        ),
        (
            after_a_script,
            "x2 a replaced refuted x3",
            "a=0~",
            "sent a; certain",
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_later_requests_settle_what_they_can(
    make: Callable[[Story], None], expected: str, held: str, verdicts: str
) -> None:
    """Only a request for which stored and not stored predict different headers settles it."""
    story = Story(PAGE)
    make(story)
    trace = story.trace()
    assert (standings(trace), jar(trace), statuses(trace)) == (expected, held, verdicts)


def refuted_rows(trace: Trace) -> list[str]:
    """Return the rows about results that turned out wrong: ``x3 refutes x1: a b``."""
    return [
        f"{row.exchange_id} refutes {row.refutes}: {' '.join(one.name for one in row.results)}"
        for row in trace.rows
        if row.kind is RowKind.REFUTED
    ]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (sent, []),
        (not_sent, ["x2 refutes x1: a"]),
        (not_deleted, ["x3 refutes x2: a"]),
        (assumption_refuted, ["x3 refutes x2: a"]),
        (assumed_refused, []),
        (chain_none, ["x3 refutes x1: a", "x3 refutes x2: a"]),
        (refused_all_the_same, []),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_refutation_is_a_row_of_its_own(
    make: Callable[[Story], None], expected: list[str]
) -> None:
    """It follows the row of the request that shows it; the rows before it stay as they are."""
    story = Story(PAGE)
    make(story)
    trace = Trace()
    for event in story.events:
        before = list(trace.rows)
        update = trace.apply(event)
        assert list(trace.rows[: len(before)]) == before
        assert tuple(trace.rows[len(before) :]) == update.rows
        refuted = [row.refutes for row in update.rows if row.kind is RowKind.REFUTED]
        assert set(refuted) <= set(update.exchanges)
        assert [row.index for row in trace.rows] == list(range(len(trace.rows)))
    assert refuted_rows(trace) == expected
    kinds = [row.kind for row in trace.rows]
    for index, kind in enumerate(kinds):
        assert kind is not RowKind.REFUTED or kinds[index - 1] in (kind, RowKind.EXCHANGE)


def test_a_refutation_without_anything_to_show_has_no_row() -> None:
    """A refresh that did not take place changes nothing that a user would notice."""
    story = Story(PAGE)
    story.visit("/", None, "a=1; Max-Age=9000")
    story.respond(story.ask("/x", None, headers=OWN, connection="n"), "a=1; Max-Age=9000")
    story.ask("/x", method="OPTIONS", headers=PREFLIGHT, connection="n")
    trace = story.trace()
    assert standings(trace) == "x1 a created certain; x2 a refreshed refuted x3"
    assert refuted_rows(trace) == []


def test_what_is_settled_changes_the_jar_with_a_cause_of_its_own() -> None:
    """The change belongs to the request that showed it."""
    story = Story(PAGE)
    chain_none(story)
    trace = story.trace()
    changes = [
        f"{change.exchange_id} {change.cause} {change.after.value if change.after else 'gone'}"
        for change in trace.jar_changes("c1")
    ]
    assert changes == ["x1 stored 1", "x2 stored 2", "x3 settled gone"]


@pytest.mark.parametrize(
    ("lines", "url", "cookie", "expected"),
    [
        (("a=1; Path=/", "a=2; Path=/"), "/", "a=1", "x1"),
        (("a=1", "a=2; Domain=other.test"), "/", "a=2", "x2"),
        (("a=1", "a=; Max-Age=0"), "/", "a=1", "x1"),
        (("a=1", "b=2"), "/", "a=1; b=2; c=3", None),
        (("a=1", "a=2"), "https://other.test/", "a=1", None),
        (("a=1; Domain=shop.test", "a=2"), "https://www.shop.test/", "a=2", "x2"),
    ],
)
def test_a_value_that_was_set_before_is_recognised(
    lines: tuple[str, ...], url: str, cookie: str, expected: str | None
) -> None:
    """Whatever became of it: such a value comes from the server and not from a script."""
    story = Story(PAGE)
    for line in lines:
        story.visit("/", None, line)
    last = story.ask(url, cookie)
    part = story.trace().exchange(last).request
    unexplained = [one for one in part.cookies if one.status is CookieStatus.UNEXPLAINED]
    assert [one.set_in for one in unexplained] == [expected]


def test_an_unconfirmed_cookie_judges_no_other() -> None:
    """It neither refuses a line, nor shadows a cookie, nor is missed by a deletion."""
    story = Story(PAGE)
    fetch(story, f"a=1{SHARED}", f"b=1{SHARED}", f"c=1{SHARED}")
    insecure = story.ask("http://shop.test/", after=0.1)
    story.respond(insecure, "a=2; Path=/")
    certain = story.ask("/", after=0.1)
    story.respond(certain, "b=2; Path=/", "c=; Max-Age=0; Path=/nowhere")
    trace = story.trace()
    results = [
        result
        for exchange_id in (insecure, certain)
        for result in trace.exchange(exchange_id).response.set_cookies  # type: ignore[union-attr]
    ]
    assert [result.outcome.value for result in results] == ["created", "created", "ignored"]
    codes = {warning.code for result in results for warning in result.warnings}
    assert Code.SHADOWS_OTHER_COOKIE not in codes
    assert results[-1].missed == ()


def test_an_unconfirmed_cookie_evicts_no_other() -> None:
    """A jar is full only of cookies that the client holds."""
    story = Story(PAGE)
    fetch(story, *(f"u{number}=1{SHARED}; Path=/never" for number in range(20)))
    story.visit("/deep", None, *(f"c{number}=1; Path=/deep; Max-Age=900" for number in range(170)))
    trace = story.trace()
    assert not any(change.cause == "evicted" for change in trace.jar_changes("c1"))
    story.visit("/deep", None, *(f"d{number}=1; Path=/deep; Max-Age=900" for number in range(11)))
    gone = [
        change.key.name for change in story.trace().jar_changes("c1") if change.cause == "evicted"
    ]
    assert gone
    assert not any(name.startswith("u") for name in gone)


def test_only_the_latest_unconfirmed_cookies_are_remembered() -> None:
    """A server that sets new ones without end does not slow the fold down."""
    story = Story(PAGE)
    fetch(story, *(f"u{number}=1{SHARED}" for number in range(MOST_CHAINS + 1)))
    for value in range(MOST_LINKS + 1):
        fetch(story, f"a={value}{SHARED}")
    first = story.ask("/", "u0=1; a=0")
    part = story.trace().exchange(first).request
    assert [(one.name, one.status.value) for one in part.cookies] == [
        ("u0", "sent"),
        ("a", "unexplained"),
    ]


@pytest.mark.parametrize(
    ("other", "method", "standing"),
    [
        ("with=1; Domain=shop.test; Path=/", "GET", Standing.CONFIRMED),
        ("with=1; Path=/", "GET", Standing.UNCONFIRMED),
        ("with=1; Domain=shop.test; Path=/; SameSite=Lax", "GET", Standing.UNCONFIRMED),
        ("with=1; Domain=shop.test; Path=/", "POST", Standing.UNCONFIRMED),
    ],
    ids=["alike", "of one host", "another SameSite", "an unsafe method"],
)
def test_a_cookie_like_it_that_was_carried_shows_that_it_was_not_stored(
    other: str, method: str, standing: Standing
) -> None:
    """If a request of an unknown site carries one, nothing but its lack withholds the other."""
    story = Story("http://shop.test")
    story.visit("http://ads.test/")
    story.visit("/", None, other)
    script = (("Origin", "http://shop.test"), ("Referer", "http://shop.test/"))
    silent = story.ask("http://api.shop.test/", headers=script)
    story.respond(silent, "silent=1; Domain=shop.test; Path=/")
    page = (("Upgrade-Insecure-Requests", "1"),)
    last = story.ask("/", "with=1", method=method, headers=page)
    trace = story.trace()
    assert not trace.exchange(last).request.context.certain
    response = trace.exchange(silent).response
    assert response is not None
    assert response.set_cookies[0].standing is standing
