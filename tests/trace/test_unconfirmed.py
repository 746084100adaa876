"""Cookies that may not have been stored, since the request may have had no credentials."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Code, Outcome
from cookietrace.trace import Trace
from tests.story import Story

BASE = "https://shop.test"
API = "https://api.shop.test/"
PREFLIGHT = (("Origin", BASE), ("Access-Control-Request-Method", "PUT"))


def fetched(site: str, origin: str | None = BASE) -> tuple[tuple[str, str], ...]:
    """Return the headers of a script's request, which do not reveal its credentials mode."""
    headers = (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"))
    return headers if origin is None else (*headers, ("Origin", origin))


def outcome_of(trace: Trace, exchange_id: str) -> str:
    """Return the outcome of a response's only Set-Cookie line, and its first reason."""
    response = trace.exchange(exchange_id).response
    assert response is not None
    (result,) = response.set_cookies
    return " ".join([result.outcome.value, *(reason.code.value for reason in result.reasons[:1])])


def is_certain(trace: Trace, exchange_id: str) -> bool:
    """Return whether a request's context is certain."""
    return trace.exchange(exchange_id).request.context.certain


def test_the_response_to_a_preflight_sets_nothing() -> None:
    """A preflight never has credentials, so its response's cookies are refused."""
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
    ids=["other origin", "no Origin", "no metadata", "own origin", "own origin, posted"],
)
def test_absent_cookies_reveal_the_credentials_mode(
    headers: tuple[tuple[str, str], ...], expected: str
) -> None:
    """A script's request to another origin that lacks its cookies has no credentials."""
    story = Story(BASE)
    story.visit(API, None, "held=1")
    script = story.ask(API, None, headers=headers)
    story.respond(script, "new=1")
    assert outcome_of(story.trace(), script) == expected


def test_a_cookie_is_uncertain_until_it_is_seen() -> None:
    """An unconfirmed cookie is predicted, but the context is not certain until it is sent."""
    story = Story(BASE)
    script = story.ask(API, None, headers=fetched("same-site"))
    story.respond(script, "a=1")
    first, second = story.visit(API, "a=1"), story.visit(API, "a=1")
    trace = story.trace()
    assert trace.exchange(first).request.expected == "a=1"
    assert [is_certain(trace, one) for one in (first, second)] == [False, True]


def test_a_cookie_set_again_is_certain() -> None:
    """A response to a request that is known to have credentials confirms the cookie."""
    story = Story(BASE)
    story.respond(story.ask(API, None, headers=fetched("same-site")), "a=1")
    story.visit(f"{API}set", None, "a=2; Path=/")
    after = story.visit(API, "a=2")
    assert is_certain(story.trace(), after)


def test_others_stay_certain() -> None:
    """A request for which no unconfirmed cookie is predicted keeps its certainty."""
    story = Story(BASE)
    story.respond(story.ask(API, None, headers=fetched("same-site")), "a=1")
    other = story.visit("/")
    assert is_certain(story.trace(), other)
