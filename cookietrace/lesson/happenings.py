"""What happened to the cookies of one row, in a few words each: the effect, why, and the fix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from cookietrace.cookies import Finding, Outcome, StoreResult, Withheld
from cookietrace.events import Browser
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    RequestCookie,
    RequestPart,
    Row,
    RowKind,
)
from cookietrace.lesson.browser_says import settled
from cookietrace.lesson.browser_says.wording import restarted, wrote
from cookietrace.lesson.display_text import some
from cookietrace.lesson.edits import edit_texts
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.prose import maker_of, named, reason, remedy, withheld_reason
from cookietrace.lesson.row_marks import Mark, result_mark
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.standing import (
    current_results,
    proviso,
    refuted_fix,
    refuted_verb,
    refuted_why,
)

Covers = Callable[[str], bool]
"""Returns whether a cookie of this name is of interest."""


def everything(_name: str) -> bool:
    """Return True: every cookie is of interest."""
    return True


class Happening(msgspec.Struct, frozen=True):
    """What happened to one or several cookies; display text."""

    text: str
    mark: Mark | None = None
    why: str = ""
    fix: str = ""


def of_row(
    row: Row, exchange: Exchange, covers: Covers, word: BrowserWord | None = None
) -> Iterator[Happening]:
    """Yield what a row shows: for a request, also what its response did without further rows.

    ``word`` is what browsers said beside the exchanges: who wrote a cookie that no response set.
    """
    method = exchange.request.method
    if row.kind is RowKind.EXCHANGE:
        yield from of_edits(exchange)
        yield from of_request(exchange.request, covers, word, said=exchange.browser)
        response = exchange.response
        if response is not None:
            quiet = (Outcome.REFRESHED, Outcome.IGNORED)
            results = [each for each in settled(exchange) if each.outcome in quiet]
            yield from of_results(results, method, covers)
        elif exchange.failure is not None:
            yield Happening("the request failed", Mark.FAILED)
        else:
            yield Happening("no response yet", Mark.PENDING)
    elif row.kind is RowKind.REFUTED:
        at = exchange.request.at
        for result in row.results:
            if covers(result.name):
                text = f"{named(result.name)}: the client {refuted_verb(result, at)} it"
                yield Happening(text, Mark.REFUTED, refuted_why(result), refuted_fix(result))
    else:
        yield from of_results(current_results(row, exchange), method, covers)


def of_edits(exchange: Exchange) -> Iterator[Happening]:
    """Yield what the user had changed of an exchange by hand, whatever is of interest."""
    for text in edit_texts(exchange):
        yield Happening(text, Mark.EDITED)


def of_request(
    part: RequestPart,
    covers: Covers,
    word: BrowserWord | None = None,
    hide: Callable[[str], str] = str,
    *,
    said: Browser | None = None,
) -> Iterator[Happening]:
    """Yield what a request did: cookies sent, unexplained, missing and withheld.

    ``said`` is what its browser says about it.

    ``hide`` masks the values in the address of a script.
    """
    odd = CookieStatus.UNEXPLAINED
    cookies = [cookie for cookie in part.cookies if covers(cookie.name)]
    sent = [cookie.name for cookie in cookies if cookie.status is not odd]
    unexplained: dict[str, list[str]] = defaultdict(list)
    scripted: dict[str, list[str]] = defaultdict(list)
    for cookie in cookies:
        if cookie.status is not odd:
            continue
        if by := wrote(word, part, cookie, hide):
            scripted[by].append(cookie.name)
        else:
            unexplained[_why_unexplained(cookie)].append(cookie.name)
    if sent:
        yield Happening(f"{_names(sent)} sent", Mark.SENT)
    elif not cookies:
        yield Happening("no cookies sent")
    for by, names in scripted.items():
        yield Happening(f"{_names(names)} sent{by}", Mark.SENT)
    for why, names in unexplained.items():
        yield Happening(f"{_names(names)} sent, but {why}", Mark.UNEXPLAINED)
    missing = [
        absent
        for absent in part.missing
        if absent.status is CookieStatus.MISSING and covers(absent.cookie.name)
    ]
    if missing:
        again = [bool(restarted(word, part, absent.cookie)) for absent in missing]
        text = f"{_names([absent.cookie.name for absent in missing])} expected, but not sent"
        if all(again) and all(absent.cookie.expires_at is None for absent in missing):
            text += ": the browser was restarted"
        elif any(again):  # it keeps a cookie with a lifetime, so that is no reason
            text += " (the browser has been restarted since)"
        findings = [finding for absent in missing for finding in absent.reasons]
        yield Happening(text, Mark.MISSING, *_explained(findings))
    withheld: dict[str, list[Withheld]] = defaultdict(list)
    for held in part.withheld:
        if covers(held.cookie.name):
            withheld[short_reason(held.reasons[0], part.method)].append(held)
    for short, alike in withheld.items():
        text = f"{_names([held.cookie.name for held in alike])} withheld: {short}"
        findings = [finding for held in alike for finding in held.reasons]
        why = joined(withheld_reason(finding, said) for finding in findings)
        fixes = joined(remedy(finding, maker=maker_of(part)) for finding in findings)
        yield Happening(text, Mark.WITHHELD, why, fixes)


def _why_unexplained(cookie: RequestCookie) -> str:
    """Return what is odd about a cookie that the jar did not predict."""
    if cookie.replaces is not None:
        return "with another value than the jar held"
    if cookie.refused_in is not None:
        return "should have been refused"
    if cookie.set_in is not None:
        return "no longer in the jar"
    return "never seen being set"


def of_results(results: Iterable[StoreResult], method: str, covers: Covers) -> Iterator[Happening]:
    """Yield what Set-Cookie lines did; ``method`` is the request's."""
    told: dict[Happening, list[str]] = defaultdict(list)
    for result in results:
        if covers(result.name):
            told[_effect(result, method)].append(result.name)
    for effect, names in told.items():
        yield msgspec.structs.replace(effect, text=f"{_names(names)} {effect.text}")


def _effect(result: StoreResult, method: str) -> Happening:
    """Return what one line did, without its name."""
    mark, condition = result_mark(result), proviso((result,))
    if result.outcome is Outcome.REJECTED:
        short = refused_because(result, method)
        text = f"refused{f': {short}' if short else condition}"
        return Happening(text, mark, *_explained(result.reasons))
    if result.outcome in (Outcome.IGNORED, Outcome.DELETED) and not is_deletion(result):
        return Happening("not kept: expired when it arrived", mark)
    missed = missed_deletion(result)
    if missed is not None:
        text = f"not deleted: that needs {missed.needed}"
        return Happening(text, mark, missed.sentence, missed.fix)
    return Happening(f"{_EFFECTS[result.outcome]}{condition}", mark)


def refused_because(result: StoreResult, method: str) -> str:
    """Return why a cookie was refused, in a few words; empty as long as that is not certain.

    ``method`` is the request's.
    """
    if not result.reasons or proviso((result,)):
        return ""
    return short_reason(result.reasons[0], method)


_EFFECTS: Final = {
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "replaced",
    Outcome.REFRESHED: "set again, unchanged",
    Outcome.DELETED: "deleted",
    Outcome.IGNORED: "not deleted: no such cookie here",
}


def _explained(findings: Iterable[Finding]) -> tuple[str, str]:
    """Return the sentences of findings, and their fixes."""
    findings = tuple(findings)
    return joined(map(reason, findings)), joined(map(remedy, findings))


def joined(texts: Iterable[str]) -> str:
    """Return sentences as one text, without those that are empty or there twice."""
    return " ".join(dict.fromkeys(filter(None, texts)))


def _names(names: Iterable[str]) -> str:
    return some(dict.fromkeys(map(named, names)))
