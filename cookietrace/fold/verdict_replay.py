"""Replays the verdicts in a redacted capture, instead of folding its tokens.

A redacted file has tokens instead of cookie values. What a browser stores depends on the
size and the prefix of a value, so tokens cannot be folded; the file contains the verdicts on
the real values.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Protocol

import msgspec

from cookietrace.cookies import (
    Credentials,
    RequestContext,
    Site,
    Standing,
    StoreResult,
    Target,
    context_headers,
)
from cookietrace.cookies.verdicts import shortened
from cookietrace.events import Request, Response
from cookietrace.fold.exchange import Exchange, JarChange, RequestPart, ResponsePart
from cookietrace.fold.headers import response_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.jar_history import Changes, JarHistory
from cookietrace.fold.verdict_reading import ExchangeVerdicts
from cookietrace.safe_text import safe

NO_CONTEXT = RequestContext(
    site=Site.UNKNOWN,
    top_level=False,
    unsafe=False,
    credentials=Credentials.UNKNOWN,
    top_level_site=None,
    certain=False,
    sources=(),
)
"""The context of a request without verdicts."""

TOO_LATE = "they are repeated, or come after the response"


def observed_header(request: Request) -> str:
    """Return the request's Cookie header, several fields joined; empty if there is none."""
    return context_headers(request.headers)[1]


def request_misfit(verdicts: ExchangeVerdicts, request: Request | RequestPart) -> str | None:
    """Return why these verdicts cannot be those on a request; None if they can."""
    if verdicts.exchange_id != request.exchange_id:
        return f"they belong to exchange {safe(shortened(verdicts.exchange_id))}"
    if verdicts.request_line != (request.client_id, request.method, request.url):
        return "they belong to another client, method or URL"
    observed = request.observed if isinstance(request, RequestPart) else observed_header(request)
    return None if verdicts.observed == observed else "they belong to another Cookie header"


def response_misfit(verdicts: ExchangeVerdicts, response: Response) -> str | None:
    """Return why these verdicts cannot be those on a response; None if they can."""
    if verdicts.status_code != response.status_code:
        return "they belong to another status code"
    lines = tuple(result.raw for result in verdicts.set_cookies)
    if lines == tuple(response_headers(response.headers).set_cookies):
        return None
    return "they do not belong to the Set-Cookie lines of the response"


def with_verdicts(part: RequestPart, verdicts: ExchangeVerdicts) -> RequestPart:
    """Return a request with the verdicts of a record."""
    return msgspec.structs.replace(
        part,
        profile=verdicts.profile,
        context=verdicts.context,
        expected=verdicts.expected,
        cookies=verdicts.cookies,
        withheld=verdicts.withheld,
        withheld_elsewhere=verdicts.withheld_elsewhere,
        missing=verdicts.missing,
        removed=verdicts.removed,
        told=verdicts.told,
    )


class Numbered(Protocol):
    """Exchanges that are found by their ids."""

    def number(self, exchange_id: str, /) -> int | None:
        """Return the number of an exchange; None if there is none."""


class Lists(Protocol):
    """Makes the lists of histories."""

    def changes(self) -> Changes:
        """Return an empty list of changes to a jar."""


class VerdictReplay:
    """The jars of a redacted capture, rebuilt from its verdicts."""

    def __init__(self, exchanges: Numbered, lists: Lists) -> None:
        """Start with empty jars. ``exchanges`` are those so far; ``lists`` makes the histories'."""
        self._exchanges = exchanges
        self._lists = lists
        self._histories: dict[str, JarHistory] = {}
        self._waiting: dict[str, ExchangeVerdicts] = {}
        """The verdicts on exchanges that have no response yet."""
        self._unsettled: dict[str, list[str]] = defaultdict(list)
        """The exchange whose request settles results -> the exchanges of those results."""
        self._settled: dict[str, tuple[StoreResult, ...]] = {}
        """The results of those exchanges, once they are settled."""
        self._judged: set[str] = set()
        """The exchanges that have verdicts."""

    def history(self, client_id: str) -> JarHistory:
        """Return the history of one client's jar."""
        history = self._histories.get(client_id)
        if history is None:
            history = self._histories[client_id] = JarHistory(self._lists.changes())
        return history

    def _known(self, exchange_id: str) -> bool:
        return self._exchanges.number(exchange_id) is not None

    @staticmethod
    def request(event: Request, target: Target, position: int, profile: str) -> RequestPart:
        """Return a request without verdicts, which follow in a separate event.

        The Cookie header is kept. ``profile`` is the client's.
        """
        return RequestPart(
            event=event,
            position=position,
            target=target,
            profile=profile,
            context=NO_CONTEXT,
            observed=observed_header(event),
            expected="",
            cookies=(),
            withheld=(),
            missing=(),
            removed=(),
            housekeeping=is_housekeeping(event, target),
        )

    def misfit(self, verdicts: ExchangeVerdicts, exchange: Exchange) -> str | None:
        """Return why these verdicts cannot be used on an exchange; None if they can."""
        if exchange.exchange_id in self._judged or exchange.response is not None:
            return TOO_LATE
        return request_misfit(verdicts, exchange.request)

    def revision_misfit(self, verdicts: ExchangeVerdicts, exchange: Exchange) -> str | None:
        """Return why these cannot replace the verdicts on an exchange; None if they can."""
        if exchange.exchange_id not in self._judged:
            return "they are revised, and there were none before"
        problem = request_misfit(verdicts, exchange.request)
        if problem is None and exchange.response is not None:
            problem = response_misfit(verdicts, exchange.response.event)
        return problem

    def revised(self, verdicts: ExchangeVerdicts, exchange: Exchange) -> Exchange:
        """Return an exchange with newer verdicts instead of those it has.

        What its request did to the jar stays; what a later one shows is entered when that comes.
        """
        exchange_id, response = exchange.exchange_id, exchange.response
        part = self._with_verdicts(exchange.request, verdicts)
        if response is None:
            self._waiting[exchange_id] = verdicts
        else:
            results = self._as_first_judged(exchange_id, verdicts.set_cookies)
            response = msgspec.structs.replace(response, set_cookies=results)
        return msgspec.structs.replace(exchange, request=part, response=response)

    def verdicts(self, verdicts: ExchangeVerdicts, part: RequestPart) -> RequestPart:
        """Return the request with its verdicts; keep those on its response until it arrives."""
        self._judged.add(part.exchange_id)
        self._waiting[part.exchange_id] = verdicts
        self._apply(part, verdicts.request_changes, part.position)
        return self._with_verdicts(part, verdicts)

    def _with_verdicts(self, part: RequestPart, verdicts: ExchangeVerdicts) -> RequestPart:
        part = with_verdicts(part, verdicts)
        return msgspec.structs.replace(
            part,
            cookies=tuple(
                msgspec.structs.replace(
                    cookie,
                    refused_in=self._if_known(cookie.refused_in),
                    set_in=self._if_known(cookie.set_in),
                )
                for cookie in part.cookies
            ),
        )

    def response(
        self, event: Response, part: RequestPart, position: int
    ) -> tuple[ResponsePart, str | None]:
        """Return the response with the verdicts that came with its request.

        The second result is None, or why the verdicts cannot be used; the response then has
        no verdicts.
        """
        verdicts = self._waiting.pop(part.exchange_id, None)
        problem = response_misfit(verdicts, event) if verdicts is not None else None
        if problem is not None:
            verdicts = None
        if verdicts is not None:
            self._apply(part, verdicts.response_changes, position)
        results = verdicts.set_cookies if verdicts is not None else ()
        response = ResponsePart(
            event=event,
            position=position,
            set_cookies=self._as_first_judged(part.exchange_id, results),
        )
        return response, problem

    def _as_first_judged(
        self, exchange_id: str, results: tuple[StoreResult, ...]
    ) -> tuple[StoreResult, ...]:
        """Return results without what a later request settles, and keep that until it comes."""
        settling = {
            result.settled_by
            for result in results
            if result.settled_by is not None and not self._known(result.settled_by)
        }
        if not settling:
            return results
        self._settled[exchange_id] = results
        for settled_by in settling:
            self._unsettled[settled_by].append(exchange_id)
        return tuple(
            msgspec.structs.replace(result, standing=Standing.UNCONFIRMED, settled_by=None)
            if result.settled_by in settling
            else result
            for result in results
        )

    def settled_by(self, exchange_id: str) -> list[tuple[str, tuple[StoreResult, ...]]]:
        """Return the exchanges that a request settles, with their final results."""
        earlier = self._unsettled.pop(exchange_id, ())
        return [(one, self._settled.pop(one)) for one in earlier if one in self._settled]

    def _if_known(self, exchange_id: str | None) -> str | None:
        return exchange_id if exchange_id is not None and self._known(exchange_id) else None

    def _apply(self, part: RequestPart, changes: tuple[JarChange, ...], position: int) -> None:
        """Apply changes to the client's jar; those of an unknown exchange count as this one's."""
        history = self.history(part.client_id)
        position = max(position, history.latest)
        for change in changes:
            exchange_id = change.exchange_id
            if not self._known(exchange_id):
                exchange_id = part.exchange_id
            history.add(msgspec.structs.replace(change, position=position, exchange_id=exchange_id))
