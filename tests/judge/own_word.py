"""What a browser's own log says of every exchange, beside the verdicts of the fold."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cookietrace.events import Browser, Client, Event, Request, Response
from cookietrace.lesson.browser_says import Statement, Word, statements
from cookietrace.listening.devtools_log import SAID_BY as DEVTOOLS
from cookietrace.listening.firefox_log import SAID_BY as FIREFOX_LOG
from cookietrace.listening.matching import Matcher
from cookietrace.listening.said import Hop, Said
from cookietrace.supervision.bidi_following import SAID_BY as BIDI
from cookietrace.supervision.net_log_following import SAID_BY as NET_LOG
from cookietrace.trace import fold
from tests.judge.runner import BACKGROUND, Run, labels_of
from tests.judge.scenario import Scenario
from tests.judge.server import SERIAL
from tests.judge.variants import VARIANTS

SAID_BY = {"chromium": NET_LOG, "firefox": FIREFOX_LOG}
PROTOCOLS = {"chromium": DEVTOOLS, "firefox": BIDI}


class OwnWord(msgspec.Struct):
    """How well one browser's own word was understood."""

    requests: int = 0
    """What it says it sent to the scenarios' server, and had a response to."""
    matched: int = 0
    wrongly: list[str] = msgspec.field(default_factory=list)
    """Matched to an exchange with another response."""
    unmatched: list[str] = msgspec.field(default_factory=list)
    confirmed: int = 0
    predicted: int = 0
    settled: int = 0
    """Guesses of which it says whether they were right."""
    disputes: list[tuple[str, Statement]] = msgspec.field(default_factory=list)


def own_word(
    run: Run, browser: str, scenarios: Sequence[Scenario], *, protocol: bool = False
) -> OwnWord:
    """Match what a browser says to what was recorded of it, and compare the verdicts with it.

    Its own log says it, or its ``protocol``: DevTools or BiDi.
    """
    found = OwnWord()
    labels = [label for one in scenarios for label in labels_of(browser, one)]
    events = {label: run.recorded.get(label, ()) for label in labels}
    recorded = [*events.values(), run.recorded.get(BACKGROUND, ())]
    serials = {
        event.exchange_id: serial_of(event.headers)
        for each in recorded
        for event in each
        if isinstance(event, Response)
    }
    sources = run.heard if protocol else run.said
    said = [_of_scenarios(each) for each in sources.get(browser, ())]
    about: dict[str, Browser] = {}
    said_by = (PROTOCOLS if protocol else SAID_BY)[VARIANTS[browser].kind]
    matcher = Matcher(None, said_by)
    for each in recorded:
        for event in each:
            if isinstance(event, Client | Request | Response):
                matcher.recorded(event)
    for log in said:
        for one in log:
            found.requests += 1
            matcher.said(one, 0.0)
            for event in matcher.take(0.0, last=True):
                if event.exchange_id is None:
                    found.unmatched.append(f"{event.method} {event.url}: {event.unmatched}")
                    continue
                found.matched += 1
                about[event.exchange_id] = event
                if serials[event.exchange_id] != serial_of(one.response_headers or ()):
                    found.wrongly.append(f"{one.method} {one.url}")
    for label, each in events.items():
        _compare(label, each, about, found)
    return found


def _compare(
    label: str, events: Sequence[Event], about: dict[str, Browser], found: OwnWord
) -> None:
    ids = [event.exchange_id for event in events if isinstance(event, Request)]
    trace = fold([*events, *(about[name] for name in ids if name in about)])
    for exchange in trace.exchanges:
        for statement in statements(exchange):
            if statement.guess and statement.word is not Word.PREDICTED:
                found.settled += 1
            elif statement.word is Word.CONFIRMED:
                found.confirmed += 1
            elif statement.word is Word.PREDICTED:
                found.predicted += 1
            else:
                where = f"{label} {exchange.request.method} {exchange.request.url}"
                found.disputes.append((where, statement))


def _of_scenarios(said: Sequence[Said]) -> list[Hop]:
    """Return what was said about requests to which the scenarios' server has responded."""
    return [one for one in said if isinstance(one, Hop) and serial_of(one.response_headers or ())]


def serial_of(headers: Sequence[tuple[str, str]]) -> str:
    """Return which response of the scenarios' server has these header fields; empty if none."""
    return next((value for name, value in headers if name.lower() == SERIAL), "")
