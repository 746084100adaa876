"""Compares the verdicts on one exchange with what its browser said about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, Literal

import msgspec

from cookietrace.cookies import Code, Cookie, Outcome, Standing, StoreResult
from cookietrace.events import Browser, BrowserCookie
from cookietrace.fold.browser_word import BrowserWord, Written
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestCookie, RequestPart
from cookietrace.fold.reconcile import CONTEXT_CODES
from cookietrace.lesson.browser_says.reasons import NO_CREDENTIALS, agree
from cookietrace.lesson.browser_says.witnesses import Witness, witness

_LOST = "\ufffd"

_NO_DIFFERENCE: Final = frozenset({Outcome.REFRESHED, Outcome.IGNORED})

_MOST_OF_A_NAME: Final = 200
"""How many cookies of one name are told apart: a browser keeps fewer of a site. Of more, nothing
is known."""


class Word(StrEnum):
    """What stands behind a verdict."""

    PREDICTED = "predicted"
    """The rules, and what was seen on the wire; the browser said nothing about it."""
    CONFIRMED = "confirmed"
    """The browser says the same."""
    DISPUTED = "disputed"
    """The browser says something else: both are kept."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One verdict, and what the browser says about it."""

    of: Literal["request", "response"]
    name: str
    domain: str
    path: str
    ours: str
    """``sent``, ``withheld``, ``missing``, or the outcome of a Set-Cookie line."""
    our_reasons: tuple[Code, ...] = ()
    theirs: str | None = None
    """``sent``, ``withheld``, ``stored`` or ``refused``; None if it said nothing."""
    their_reasons: tuple[str, ...] = ()
    word: Word = Word.PREDICTED
    guess: bool = False
    """Whether the verdict was uncertain. What the browser says then settles it."""
    line: int | None = None
    """Which Set-Cookie line of the response it is about, from 0."""


_ACCEPTED = frozenset(
    {Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED, Outcome.DELETED, Outcome.IGNORED}
)


def statements(exchange: Exchange) -> tuple[Statement, ...]:
    """Return a statement for each verdict on an exchange; none if its browser said nothing.

    First the cookies of the request, sent, withheld and missing, then the Set-Cookie lines.
    """
    said = exchange.browser
    if said is None:
        return ()
    found = list(_of_request(exchange.request, said))
    if exchange.response is not None:
        found += _of_response(exchange, said)
    return tuple(found)


def word_of(exchange: Exchange) -> Word | None:
    """Return what stands behind an exchange as a whole; None if its browser said nothing about it.

    Disputed if one of its verdicts is, guesses aside; confirmed if one is.
    """
    words = {each.word for each in statements(exchange) if not _settled_guess(each)}
    if Word.DISPUTED in words:
        return Word.DISPUTED
    if exchange.browser is None:
        return None
    return Word.CONFIRMED if Word.CONFIRMED in words else Word.PREDICTED


def settled(exchange: Exchange) -> tuple[StoreResult, ...]:
    """Return the verdicts on an exchange's Set-Cookie lines; its browser's word settles guesses.

    A result that was unconfirmed is confirmed or refuted then, as by a later request.
    """
    response, said = exchange.response, exchange.browser
    if response is None:
        return ()
    results = response.set_cookies
    if said is None or all(each.standing is not Standing.UNCONFIRMED for each in results):
        return results
    return tuple(
        [
            msgspec.structs.replace(
                result,
                standing=Standing.CONFIRMED if each.word is Word.CONFIRMED else Standing.REFUTED,
                settled_by=exchange.exchange_id,
            )
            if result.standing is Standing.UNCONFIRMED and each.word is not Word.PREDICTED
            else result
            for result, each in zip(results, _of_response(exchange, said), strict=True)
        ]
    )


def script_of(word: BrowserWord, part: RequestPart, carried: RequestCookie) -> Written | None:
    """Return how a script wrote a cookie that a request carried and no response set, if it did."""
    if carried.status is not CookieStatus.UNEXPLAINED or carried.refused_in is not None:
        return None
    found = word.writer(part.client_id, carried.name, carried.value, part.at)
    return found if found is not None and found.change.script else None


def _settled_guess(statement: Statement) -> bool:
    return statement.guess and statement.word is Word.DISPUTED


def _of_request(part: RequestPart, said: Browser) -> Iterator[Statement]:
    told = _Told(said.cookies or ())
    others = told if witness(said.said_by).names_withheld else _Told(())
    guess = not part.context.certain
    for sent in part.cookies:
        cookie = sent.cookie
        theirs = told.take(sent.name, sent.domain, sent.path, cookie, sent=True)
        yield _request_statement(
            sent.name, sent.domain, sent.path, "sent", (), theirs, said, guess=False
        )
    for held in part.withheld:
        cookie = held.cookie
        theirs = others.take(cookie.name, cookie.domain, cookie.path, cookie, sent=None)
        reasons = tuple([finding.code for finding in held.reasons])
        # A reason such as another path holds whatever the request's context is.
        unsure = guess and CONTEXT_CODES.issuperset(reasons)
        yield _request_statement(
            cookie.name, cookie.domain, cookie.path, "withheld", reasons, theirs, said, guess=unsure
        )
    for absent in part.missing:
        cookie = absent.cookie
        theirs = others.take(cookie.name, cookie.domain, cookie.path, cookie, sent=None)
        reasons = tuple([finding.code for finding in absent.reasons])
        overlapping = absent.status is CookieStatus.OVERLAPPING
        yield _request_statement(
            cookie.name,
            cookie.domain,
            cookie.path,
            "overlapping" if overlapping else "missing",
            reasons,
            theirs,
            said,
            guess=guess or overlapping or cookie.unconfirmed,
        )


def _request_statement(
    name: str,
    domain: str,
    path: str,
    ours: str,
    our_reasons: tuple[Code, ...],
    theirs: BrowserCookie | None,
    said: Browser,
    *,
    guess: bool,
) -> Statement:
    """Return the statement on one cookie of a request."""
    word, outcome = Word.PREDICTED, None
    reasons: tuple[str, ...] = ()
    who = witness(said.said_by)
    if theirs is None and said.credentials is False and ours != "sent":
        # It may carry no cookie at all: then Chromium does not look at each.
        outcome, reasons = "withheld", (NO_CREDENTIALS,)
        word = Word.CONFIRMED if ours == "withheld" else Word.DISPUTED
    elif theirs is None and who.names_withheld is False and said.cookies is not None:
        # It names all that it sent. That a cookie which we expected was not sent is seen anyway.
        outcome = "withheld" if ours == "withheld" else None
        word = Word.PREDICTED if outcome is None else Word.CONFIRMED
    elif theirs is not None:
        outcome, reasons = ("sent" if theirs.taken else "withheld"), theirs.reasons
        if ours == "sent":
            word = Word.CONFIRMED if theirs.taken else Word.DISPUTED
        elif ours == "withheld" and not theirs.taken:
            same = agree(who.withheld, theirs.reasons, frozenset(our_reasons))
            word = Word.CONFIRMED if same else Word.DISPUTED
        else:
            word = Word.DISPUTED
    return Statement(
        of="request",
        name=name,
        domain=domain,
        path=path,
        ours=ours,
        our_reasons=our_reasons,
        theirs=outcome,
        their_reasons=reasons,
        word=word,
        guess=guess,
    )


def _of_response(exchange: Exchange, said: Browser) -> Iterator[Statement]:
    assert exchange.response is not None
    certain = exchange.request.context.certain
    who = witness(said.said_by)
    by_line = {each.line: each for each in said.set_cookies or () if each.line is not None}
    # From a response to a request without credentials nothing is taken, and nothing is said.
    nothing_taken = said.credentials is False and said.set_cookies == ()
    for line, result in enumerate(exchange.response.set_cookies):
        # The jar is the same whether it was taken or not, so its result is certain.
        no_matter = result.outcome in _NO_DIFFERENCE and not certain
        guess = no_matter or result.standing is Standing.UNCONFIRMED
        told = by_line.get(line)
        yield _line_statement(line, result, told, who, nothing_taken=nothing_taken, guess=guess)


def _line_statement(
    line: int,
    result: StoreResult,
    theirs: BrowserCookie | None,
    who: Witness,
    *,
    nothing_taken: bool,
    guess: bool,
) -> Statement:
    codes = tuple([finding.code for finding in result.reasons])
    # What a later request showed comes before what was assumed.
    accepted = (result.outcome in _ACCEPTED) is not (result.standing is Standing.REFUTED)
    word, outcome = Word.PREDICTED, None
    reasons: tuple[str, ...] = ()
    if theirs is None and nothing_taken and result.outcome is not Outcome.IGNORED:
        outcome, reasons = "refused", (NO_CREDENTIALS,)
        word = Word.DISPUTED if accepted else Word.CONFIRMED
    elif theirs is not None:
        outcome, reasons = ("stored" if theirs.taken else "refused"), theirs.reasons
        same = accepted is theirs.taken
        if same and not accepted and result.standing is not Standing.REFUTED:
            same = agree(who.refused, theirs.reasons, frozenset(codes))
        word = Word.CONFIRMED if same else Word.DISPUTED
    return Statement(
        of="response",
        name=result.name,
        domain=result.cookie.domain if result.cookie is not None else "",
        path=result.cookie.path if result.cookie is not None else "",
        ours=result.outcome,
        our_reasons=codes,
        theirs=outcome,
        their_reasons=reasons,
        word=word,
        guess=guess,
        line=line,
    )


class _Told:
    """What a browser said about the cookies of one request; each is about one verdict."""

    def __init__(self, said: Sequence[BrowserCookie]) -> None:
        self._by_name: dict[str, list[BrowserCookie]] = {}
        for each in said:
            self._by_name.setdefault(_readable(each.name or ""), []).append(each)
        for named in self._by_name.values():
            if len(named) > _MOST_OF_A_NAME:
                named.clear()

    def take(
        self, name: str, domain: str, path: str, cookie: Cookie | None, *, sent: bool | None
    ) -> BrowserCookie | None:
        """Return what was said about one cookie; None if nothing, or if it is not certain of which.

        Of a cookie that was never seen being set, neither domain nor path are known: then the
        only one of that name that was sent is meant.
        """
        named = self._by_name.get(_readable(name), [])
        known = cookie is not None and not cookie.inferred
        possible = [
            each
            for each in named
            if (sent is None or each.taken is sent or known)
            and (not known or _is_meant(each, cookie, domain, path))
        ]
        if len(possible) > 1:
            possible = [each for each in possible if sent is None or each.taken is sent]
        if not possible or any(each != possible[0] for each in possible):
            return None
        named.remove(possible[0])
        return possible[0]


def _is_meant(said: BrowserCookie, cookie: Cookie | None, domain: str, path: str) -> bool:
    if said.domain is None and said.path is None:
        return True  # it names the cookies that it sent, and says nothing else of them
    if said.path is not None and _readable(said.path) != _readable(path):
        return False
    if cookie is not None and (cookie.partition_key is None) is not (said.partition_key is None):
        return False
    if said.domain is None:
        return True
    if _readable(said.domain.removeprefix(".")).lower() != _readable(domain).lower():
        return False
    host_only = not said.domain.startswith(".")
    return cookie is None or cookie.host_only is host_only or _is_address(domain)


def _is_address(domain: str) -> bool:
    return domain.startswith("[") or domain.replace(".", "").isdigit()


def _readable(text: str) -> str:
    """Return wire text as a browser's log has it, in which what is no UTF-8 is lost."""
    if text.isascii():
        return text
    read = text.encode("latin-1", "replace").decode("utf-8", "replace")
    while _LOST * 2 in read:
        read = read.replace(_LOST * 2, _LOST)
    return read
