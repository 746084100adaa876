"""What the fold makes of cookies whose answers may have set none, for want of credentials."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Code, Outcome
from cookietrace.trace import Trace
from tests.story import Story

BASE = "https://shop.test"
API = "https://api.shop.test/"
PREFLIGHT = (("Origin", BASE), ("Access-Control-Request-Method", "PUT"))


def fetched(site: str, origin: str | None = BASE) -> tuple[tuple[str, str], ...]:
    """The headers of a script's request, which tell nothing of its credentials."""
    told = (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"))
    return told if origin is None else (*told, ("Origin", origin))


def outcome_of(trace: Trace, exchange_id: str) -> str:
    """The outcome of the one Set-Cookie of an answer, and its first reason."""
    response = trace.exchange(exchange_id).response
    assert response is not None
    (result,) = response.set_cookies
    return " ".join([result.outcome.value, *(reason.code.value for reason in result.reasons[:1])])


def is_certain(trace: Trace, exchange_id: str) -> bool:
    """Whether a failed prediction would mean something."""
    return trace.exchange(exchange_id).request.context.certain


def test_an_answer_to_a_preflight_sets_nothing() -> None:
    """A preflight never has credentials, so what its answer sets is refused, and not predicted."""
    story = Story(BASE)
    preflight = story.ask(API, None, method="OPTIONS", headers=PREFLIGHT)
    story.respond(preflight, "a=1", status=204)
    page = story.ask(API)
    trace = story.trace()
    assert outcome_of(trace, preflight) == f"{Outcome.REJECTED} {Code.CLIENT_POLICY}"
    assert trace.exchange(page).request.expected == ""


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (fetched("same-site"), f"{Outcome.REJECTED} {Code.CLIENT_POLICY}"),
        (fetched("same-site", None), f"{Outcome.REJECTED} {Code.CLIENT_POLICY}"),
        ((("Origin", BASE),), f"{Outcome.REJECTED} {Code.CLIENT_POLICY}"),
        (fetched("same-origin", None), Outcome.CREATED.value),
        (fetched("same-origin", API.rstrip("/")), Outcome.CREATED.value),
    ],
    ids=["other origin", "no origin told", "no metadata", "own origin", "own origin, posted"],
)
def test_absent_cookies_tell_of_credentials(
    headers: tuple[tuple[str, str], ...], expected: str
) -> None:
    """A script's request to another origin without the cookies it could have had sets none."""
    story = Story(BASE)
    story.visit(API, None, "held=1")
    script = story.ask(API, None, headers=headers)
    story.respond(script, "new=1")
    assert outcome_of(story.trace(), script) == expected


def test_a_cookie_is_uncertain_until_it_is_seen() -> None:
    """What such an answer stored is predicted, but no failure until a request has carried it."""
    story = Story(BASE)
    script = story.ask(API, None, headers=fetched("same-site"))
    story.respond(script, "a=1")
    first, second = story.visit(API, "a=1"), story.visit(API, "a=1")
    trace = story.trace()
    assert trace.exchange(first).request.expected == "a=1"
    assert [is_certain(trace, one) for one in (first, second)] == [False, True]


def test_a_cookie_set_again_is_certain() -> None:
    """An answer whose request surely had credentials settles it."""
    story = Story(BASE)
    story.respond(story.ask(API, None, headers=fetched("same-site")), "a=1")
    story.visit(f"{API}set", None, "a=2; Path=/")
    after = story.visit(API, "a=2")
    assert is_certain(story.trace(), after)


def test_others_stay_certain() -> None:
    """A request for which no such cookie is predicted is as certain as ever."""
    story = Story(BASE)
    story.respond(story.ask(API, None, headers=fetched("same-site")), "a=1")
    other = story.visit("/")
    assert is_certain(story.trace(), other)
