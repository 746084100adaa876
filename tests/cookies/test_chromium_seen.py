"""Recordings of a real Chromium, which the profile ``chromium`` must predict.

``data/chromium_lines.json``: Set-Cookie lines sent to a fresh browser, and the Cookie header of
its next request. ``data/chromium_requests.json``: sessions with links, forms, nested frames,
redirects through other sites, fetches, partitions, workers and WebSockets, with third-party cookies
allowed and blocked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cookietrace.cookies import (
    PROFILES,
    PageHistory,
    RequestContext,
    RequestFacts,
    context_headers,
    parse_target,
)
from tests.cookies.contexts import CONTEXTS, NOW, SUFFIXES, empty_jar

DATA = Path(__file__).parent / "data"
LINES: list[dict[str, Any]] = json.loads((DATA / "chromium_lines.json").read_text())["rows"]
SESSIONS: list[dict[str, Any]] = json.loads((DATA / "chromium_requests.json").read_text())[
    "sessions"
]

MOST_UNCERTAIN = 0.15
"""The maximum share of the sessions' requests whose context is uncertain."""


@pytest.mark.parametrize("row", LINES, ids=lambda row: str(row["responses"])[:60])
def test_lines_do_what_they_did_in_chromium(row: dict[str, Any]) -> None:
    """After these lines, the predicted Cookie header is the one that Chromium sent."""
    jar, target = empty_jar("chromium"), parse_target(row["url"])
    for count, lines in enumerate(row["responses"]):
        for line in lines:
            jar.store(line, target, CONTEXTS["page"], NOW + count)
    assert jar.select(target, CONTEXTS["page"], NOW + 9).header == row["cookie_header"]


def play(session: dict[str, Any]) -> int:
    """Check the certain predictions of a session, and return how many requests are certain.

    A prediction counts only if no cookie of the header was set in the response to an uncertain
    request: the browser may not have stored that one.
    """
    jar, pages = empty_jar("chromium"), PageHistory(PROFILES["chromium"], SUFFIXES)
    certain, unknown = 0, set()
    contexts: dict[int, RequestContext] = {}
    exchanges = session["exchanges"]
    requests = [(one["at"], number, False) for number, one in enumerate(exchanges)]
    responses = [(one["answered_at"], number, True) for number, one in enumerate(exchanges)]
    for at, number, answered in sorted(requests + responses):
        exchange, now = exchanges[number], NOW + at
        target = parse_target(exchange["url"])
        if answered:
            for line in exchange["set_cookies"]:
                stored = jar.store(line, target, contexts[number], now)
                if not contexts[number].certain:
                    unknown.add(stored.name)
            location = exchange.get("location")
            pages.response(str(number), exchange["status"], location, exchange["content_type"])
            continue
        headers, sent = context_headers((name, value) for name, value in exchange["headers"])
        facts = RequestFacts(
            exchange_id=str(number),
            at=now,
            method=exchange["method"],
            target=target,
            headers=headers,
        )
        context = contexts[number] = pages.context(facts)
        jar.expire(now)
        selection = jar.select(target, context, now)
        pages.request(facts, context)
        if context.certain and unknown.isdisjoint(cookie.name for cookie in selection.sent):
            certain += 1
            assert selection.header == sent, (session["name"], exchange["url"])
    return certain


@pytest.mark.parametrize("third_party_cookies", ["allowed", "blocked"])
def test_contexts_are_what_they_were_in_chromium(third_party_cookies: str) -> None:
    """In whole sessions, every prediction marked as certain is correct, and most are certain."""
    sessions = [one for one in SESSIONS if one["third_party_cookies"] == third_party_cookies]
    certain = sum(map(play, sessions))
    requests = sum(len(session["exchanges"]) for session in sessions)
    assert requests > 100
    assert certain >= requests * (1 - MOST_UNCERTAIN)
