"""Verdicts that a redacted capture carries, put back in the place of a fold.

A redacted file holds tokens for cookie values. Sizes and prefixes of values
decide what a browser stores, so tokens cannot be folded; the verdicts made from
the true values travel with the file and are replayed.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from cookietrace.cookies import (
    Credentials,
    RequestContext,
    Site,
    StoreResult,
    Target,
    Withheld,
)
from cookietrace.events import Request, Response
from cookietrace.fold.exchange import (
    Exchange,
    JarChange,
    MissingCookie,
    RemovedCookie,
    RequestCookie,
    RequestPart,
    ResponsePart,
)
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.jar_history import JarHistory

NO_CONTEXT = RequestContext(
    site=Site.UNKNOWN,
    top_level=False,
    unsafe=False,
    credentials=Credentials.UNKNOWN,
    top_level_site=None,
    certain=False,
    sources=(),
)
"""The context of a request whose verdicts have not come yet."""


class ExchangeVerdicts(msgspec.Struct, frozen=True):
    """All that the fold said of one exchange."""

    profile: str
    context: RequestContext
    observed: str
    expected: str
    cookies: tuple[RequestCookie, ...]
    withheld: tuple[Withheld, ...]
    missing: tuple[MissingCookie, ...]
    removed: tuple[RemovedCookie, ...]
    set_cookies: tuple[StoreResult, ...]
    request_changes: tuple[JarChange, ...]
    """What the request did to its client's jar."""
    response_changes: tuple[JarChange, ...]
    """What the response did to its client's jar."""


def verdicts_of(exchange: Exchange, changes: tuple[JarChange, ...]) -> ExchangeVerdicts:
    """Return what travels with one exchange; ``changes`` are those of that exchange."""
    part = exchange.request
    return ExchangeVerdicts(
        profile=part.profile,
        context=part.context,
        observed=part.observed,
        expected=part.expected,
        cookies=part.cookies,
        withheld=part.withheld,
        missing=part.missing,
        removed=part.removed,
        set_cookies=exchange.response.set_cookies if exchange.response is not None else (),
        request_changes=tuple(change for change in changes if change.position == part.position),
        response_changes=tuple(change for change in changes if change.position != part.position),
    )


class VerdictReplay:
    """The jars of a redacted capture, moved by the verdicts that it carries."""

    def __init__(self) -> None:
        self._histories: dict[str, JarHistory] = defaultdict(JarHistory)
        self._waiting: dict[str, ExchangeVerdicts] = {}

    def history(self, client_id: str) -> JarHistory:
        """Return one client's jar through time."""
        return self._histories[client_id]

    def request(self, event: Request, target: Target, position: int) -> RequestPart:
        """Return a request without verdicts: its own follow in an event of their own."""
        return RequestPart(
            event=event,
            position=position,
            target=target,
            profile="spec",
            context=NO_CONTEXT,
            observed="",
            expected="",
            cookies=(),
            withheld=(),
            missing=(),
            removed=(),
            housekeeping=is_housekeeping(target.host or "", target.path),
        )

    def verdicts(self, verdicts: ExchangeVerdicts, part: RequestPart) -> RequestPart:
        """Return the request with its verdicts; its response's are kept for it."""
        self._waiting[part.exchange_id] = verdicts
        self._move(part, verdicts.request_changes, part.position)
        return msgspec.structs.replace(
            part,
            profile=verdicts.profile,
            context=verdicts.context,
            observed=verdicts.observed,
            expected=verdicts.expected,
            cookies=verdicts.cookies,
            withheld=verdicts.withheld,
            missing=verdicts.missing,
            removed=verdicts.removed,
        )

    def response(self, event: Response, part: RequestPart, position: int) -> ResponsePart:
        """Return the response with the verdicts that came with its request."""
        verdicts = self._waiting.pop(part.exchange_id, None)
        if verdicts is not None:
            self._move(part, verdicts.response_changes, position)
        return ResponsePart(
            event=event,
            position=position,
            set_cookies=verdicts.set_cookies if verdicts is not None else (),
        )

    def _move(self, part: RequestPart, changes: tuple[JarChange, ...], position: int) -> None:
        history = self._histories[part.client_id]
        for change in changes:
            history.add(msgspec.structs.replace(change, position=position))
