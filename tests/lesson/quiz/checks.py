"""One check per kind: whether an option is true, derived from the events, not the quiz."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from weakref import WeakKeyDictionary

import msgspec

from cookietrace import events as ev
from cookietrace.cookies import Cookie, Outcome, parse_cookie_header
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.quiz import Question
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, fold
from tests.story import TYPED

Check = Callable[["Case", str], bool]
_FOLDED: WeakKeyDictionary[Table, dict[Hashable, Trace]] = WeakKeyDictionary()
"""What was folded for questions on a table."""


class Case:
    """A question with its trace and the events of that trace."""

    def __init__(self, events: list[ev.Event], table: Table, question: Question) -> None:
        self.events = events
        self.table = table
        self.trace = table.trace
        self.question = question
        self.exchange: Exchange = table.exchange(question.step)
        self.client_id = self.exchange.request.client_id

    @property
    def response(self) -> ev.Response:
        """The response event."""
        (found,) = (
            event
            for event in self.events
            if isinstance(event, ev.Response) and event.exchange_id == self.exchange.exchange_id
        )
        return found

    def header(self, step: int | None = None) -> list[tuple[str, str]]:
        """The pairs of a request's Cookie header, as on the wire."""
        exchange = self.exchange if step is None else self.table.exchange(step)
        value = "; ".join(v for n, v in exchange.request.headers if n.lower() == "cookie")
        return list(parse_cookie_header(value)) if value else []

    def jar(self) -> tuple[Cookie, ...]:
        """The jar after the question's step."""
        return self.trace.jar_at(self.client_id, self.table.position(self.question.step))

    def refold(self, lines: list[str] | None = None, then: str | None = None) -> Trace:
        """Fold the events up to the response, with other Set-Cookie lines or a visit afterwards.

        Questions and options that ask for the same share it; nobody may change it.
        """
        known = _FOLDED.setdefault(self.table, {})
        asked = (self.exchange.exchange_id, None if lines is None else tuple(lines), then)
        if asked not in known:
            known[asked] = self._refold(lines, then)
        return known[asked]

    def _refold(self, lines: list[str] | None, then: str | None) -> Trace:
        response = self.response
        kept = self.events[: self.events.index(response)]
        if lines is not None:
            headers = [(n, v) for n, v in response.headers if n.lower() != "set-cookie"]
            headers += [("Set-Cookie", line) for line in lines]
            response = msgspec.structs.replace(response, headers=tuple(headers))
        kept.append(response)
        if then is not None:
            kept.append(
                ev.Request(
                    exchange_id="then",
                    client_id=self.client_id,
                    at=response.at + 1,
                    method="GET",
                    url=then,
                    upstream=None,
                    http_version="HTTP/1.1",
                    headers=TYPED,
                )
            )
        return fold(kept)

    def lines(self) -> list[str]:
        """The response's Set-Cookie lines."""
        return [v for n, v in self.response.headers if n.lower() == "set-cookie"]


def key(cookie: Cookie) -> tuple[str, ...]:
    """A cookie's key, as in a question's subject."""
    return tuple(map(str, cookie.key))


def due(trace: Trace) -> list[Cookie]:
    """The cookies that the last request, which sends none, should have sent."""
    return [absent.cookie for absent in trace.exchanges[-1].request.missing]


def reads(case: Case, claim: str) -> bool:
    """The witness's event has this value."""
    server = case.exchange.server
    assert server is not None
    values = {read.value for read in server.reads if read.name == case.question.subject[0]}
    return claim in {"none" if value is None else f"value:{value}" for value in values}


def first_sent(case: Case, claim: str) -> bool:
    """The first request that sends the name is this one."""
    client_id, name = case.question.subject
    for step in range(1, len(case.table) + 1):
        mine = case.table.exchange(step).request.client_id == client_id
        is_request = case.table.trace_row(step).kind is RowKind.EXCHANGE
        if mine and is_request and name in dict(case.header(step)):
            return claim == str(step)
    return claim == "never"


def stops_setting(case: Case, claim: str) -> bool:
    """Folded without the cookie's lines and with a visit afterwards, this happens."""
    _, *wanted = case.question.subject
    lines = [line for line in case.lines() if line.partition("=")[0].strip() != wanted[0]]
    trace = case.refold(lines, then=case.exchange.request.url)
    sent = {f"sent:{cookie.value}" for cookie in due(trace) if key(cookie) == tuple(wanted)}
    if sent:
        return claim in sent
    held = any(
        key(cookie) == tuple(wanted) for cookie in trace.jar_at(case.client_id, trace.position)
    )
    return claim == ("held" if held else "gone")


def which_sent(case: Case, claim: str) -> bool:
    """The names are those of the header."""
    names = sorted(name for name, _ in case.header())
    return claim == ("; ".join(names) if names else "(none)")


def why_refused(case: Case, claim: str) -> bool:
    """The code is one of the verdict's reasons."""
    (result,) = case.table.trace_row(case.question.step).results
    return claim in {finding.code.value for finding in result.reasons}


def why_withheld(case: Case, claim: str) -> bool:
    """The code is one of the reasons for which the cookie was withheld."""
    _, *wanted = case.question.subject
    return any(
        claim in {finding.code.value for finding in held.reasons}
        for held in case.exchange.request.withheld
        if key(held.cookie) == tuple(wanted)
    )


def which_of_two(case: Case, claim: str) -> bool:
    """The value comes first in the header."""
    values = [value for name, value in case.header() if name == case.question.subject[0]]
    return claim == f"value:{values[0]}"


def expires(case: Case, claim: str) -> bool:
    """The cookie in the jar after the response has this lifetime."""
    assert case.exchange.response is not None
    _, *wanted = case.question.subject
    jar = case.trace.jar_at(case.client_id, case.exchange.response.position)
    cookies = [cookie for cookie in jar if key(cookie) == tuple(wanted)]
    ends = set()
    for cookie in cookies:
        at = case.exchange.response.at
        ends.add("session" if cookie.expires_at is None else str(round(cookie.expires_at - at)))
    return claim in ends


def outcome(case: Case, claim: str) -> bool:
    """Folded again, the line has this outcome."""
    place = int(case.question.subject[0])
    response = case.refold().exchange(case.exchange.exchange_id).response
    assert response is not None
    return response.set_cookies[place].outcome.value == claim


def jar_value(case: Case, claim: str) -> bool:
    """The jar holds this value, or none, for the name."""
    values = [cookie.value for cookie in case.jar() if cookie.name == case.question.subject[1]]
    return claim in ([f"value:{value}" for value in values] or ["none"])


def sent_where(case: Case, claim: str) -> bool:
    """A visit to the address right after the response should send the cookie.

    One that only a later request confirms is predicted too, but never missing.
    """
    _, *wanted = case.question.subject
    trace = case.refold(then=claim)
    if any(key(cookie) == tuple(wanted) for cookie in due(trace)):
        return True
    visit = trace.exchanges[-1].request
    predicted = list(parse_cookie_header(visit.expected)) if visit.expected else []
    return any(
        cookie.unconfirmed
        and key(cookie) == tuple(wanted)
        and (cookie.name, cookie.value) in predicted
        for cookie in trace.jar_at(case.client_id, visit.position - 1)
    )


def which_fixes(case: Case, claim: str) -> bool:
    """Folded with this line instead of the refused one, the line is accepted."""
    (refused,) = case.table.trace_row(case.question.step).results
    lines = case.lines()
    place = lines.index(refused.raw)
    lines[place] = claim
    response = case.refold(lines).exchange(case.exchange.exchange_id).response
    assert response is not None
    accepted = (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED)
    return response.set_cookies[place].outcome in accepted


def how_many(case: Case, claim: str) -> bool:
    """The jar holds this many."""
    return claim == str(len(case.jar()))


CHECKS: Mapping[str, Check] = {
    "server-reads": reads,
    "first-sent": first_sent,
    "stops-setting": stops_setting,
    "which-sent": which_sent,
    "why-refused": why_refused,
    "why-withheld": why_withheld,
    "which-of-two": which_of_two,
    "expires": expires,
    "outcome": outcome,
    "jar-value": jar_value,
    "sent-where": sent_where,
    "which-fixes": which_fixes,
    "how-many": how_many,
}
