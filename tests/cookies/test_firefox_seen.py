"""Recordings of a real Firefox, which the profile ``firefox`` must predict.

``data/firefox_lines.json``: Set-Cookie lines sent to a browser without cookies, and the Cookie
header of its next request. ``data/firefox_requests.json``: the exchanges of a session with links,
forms, frames, fetches and popups over http and https, and with redirects through other sites.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cookietrace.cookies import PROFILES, PageHistory, RequestFacts, context_headers, parse_target
from tests.cookies.contexts import CONTEXTS, NOW, SUFFIXES, empty_jar

DATA = Path(__file__).parent / "data"
LINES: list[dict[str, Any]] = json.loads((DATA / "firefox_lines.json").read_text())["rows"]
EXCHANGES: list[dict[str, Any]] = json.loads((DATA / "firefox_requests.json").read_text())[
    "exchanges"
]

MOST_UNCERTAIN = 0.09
"""The maximum share of the session's requests whose context is uncertain."""


@pytest.mark.parametrize("row", LINES, ids=lambda row: ascii(row["responses"])[:60])
def test_lines_do_what_they_did_in_firefox(row: dict[str, Any]) -> None:
    """After these lines, the predicted Cookie header is the one that Firefox sent."""
    jar, target = empty_jar("firefox"), parse_target(row["url"])
    for count, lines in enumerate(row["responses"]):
        for line in lines:
            jar.store(line, target, CONTEXTS["page"], NOW + count)
    assert jar.select(target, CONTEXTS["page"], NOW + 9).header == row["cookie_header"]


def test_contexts_are_what_they_were_in_firefox() -> None:
    """In a whole session, every prediction marked as certain is correct."""
    jar, pages = empty_jar("firefox"), PageHistory(PROFILES["firefox"], SUFFIXES)
    certain = 0
    for number, exchange in enumerate(EXCHANGES):
        now, target = NOW + exchange["at"], parse_target(exchange["url"])
        facts = RequestFacts(
            exchange_id=str(number),
            at=now,
            method=exchange["method"],
            target=target,
            headers=context_headers((name, value) for name, value in exchange["headers"])[0],
        )
        context = pages.context(facts)
        selection = jar.select(target, context, now)
        pages.request(facts, context)
        if context.certain:
            certain += 1
            sent = "; ".join(v for name, v in exchange["headers"] if name.lower() == "cookie")
            assert selection.header == sent, exchange["url"]
        for line in exchange["set_cookies"]:
            jar.store(line, target, context, now)
        pages.response(
            str(number), exchange["status"], exchange["location"], exchange["content_type"]
        )
    assert certain >= len(EXCHANGES) * (1 - MOST_UNCERTAIN)
