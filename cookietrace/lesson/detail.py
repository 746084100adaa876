"""Everything about one step, in sections, for the detail pane and for copying."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import (
    Cookie,
    Credentials,
    Finding,
    Outcome,
    Site,
    StoreResult,
    Withheld,
)
from cookietrace.events import Body, Headers, Server
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestCookie, Row, RowKind
from cookietrace.lesson.browser_says import Word, settled, word_of
from cookietrace.lesson.browser_says.wording import attempts, own_word, restarted, written
from cookietrace.lesson.content import status_text
from cookietrace.lesson.cookie_rules import rules_name
from cookietrace.lesson.display_text import (
    plural,
    quoted,
    quoted_text,
    short,
    short_pair,
    shown,
    size,
)
from cookietrace.lesson.edits import edit_texts
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.guesses import unknown
from cookietrace.lesson.hiding import Hiding, to_wire
from cookietrace.lesson.jar.rows import SAME_SITE_WORDS, lifetime
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.moments.writing import Moment
from cookietrace.lesson.prose import (
    maker_of,
    reason,
    remedy,
    section_text,
    withheld_reason,
    without_credentials,
)
from cookietrace.lesson.reasons import Maker
from cookietrace.lesson.row_marks import Mark, result_mark
from cookietrace.lesson.sections import FIX, Line, Section, Weight
from cookietrace.lesson.server_prose import error_text
from cookietrace.lesson.sibling_cookies import elsewhere_text
from cookietrace.lesson.standing import (
    current_results,
    is_wrong,
    proviso,
    refuted_fix,
    refuted_verb,
    refuted_why,
)
from cookietrace.lesson.step_verdict import happened_section, problem_section
from cookietrace.safe_text import safe, safe_lines

BODY_LINES = 40
"""How many lines of a body are shown at most."""

SIBLING_LINES = 200
"""How many cookies of other hosts are listed at most."""


class Siblings(msgspec.Struct, frozen=True):
    """What a detail shows of the cookies of a site's other hosts."""

    listed: tuple[Withheld, ...] = ()
    """The cookies, if they are to be listed."""
    how: str = ""
    """How the user can list or hide them, as an aside: ``a: list them``; empty if there is no
    way."""


def detail(
    exchange: Exchange,
    row: Row | None = None,
    mask: Mask = unmasked,
    problem: Moment | None = None,
    siblings: Siblings | None = None,
    word: BrowserWord | None = None,
) -> tuple[Section, ...]:
    """Return the sections for a step; without ``row``, for the whole exchange.

    The verdict comes first: ``problem``, the worst one that the row shows, if there is one; what
    was stored or refused for such a row; and otherwise what happened to the cookies. Then comes
    what the server saw, then the exchange, and last what was on the wire. Empty sections are
    left out. ``siblings`` says what is shown of the cookies of other hosts, which are counted.
    ``word`` is what browsers said beside the exchanges: who wrote a cookie that no response set.
    """
    hide = Hiding(exchange, mask)
    sections = list(verdict(exchange, row, mask, problem, word))
    texts = [Line(text, Mark.EDITED) for text in edit_texts(exchange)]
    sections.append(Section("Changed on the wire", tuple(texts)))
    if exchange.server is not None:
        sections.append(Section("On the server", tuple(_server(exchange.server, mask))))
    sections += [
        Section("Exchange", tuple(_summary(exchange, hide))),
        Section("Cookies in the request", tuple(_request_cookies(exchange, mask, word))),
        Section("Withheld", tuple(_withheld(exchange, mask, siblings))),
        Section("Missing", tuple(_missing(exchange, mask, word))),
        Section("Removed from the jar", tuple(_removed(exchange, mask))),
    ]
    if exchange.response is not None and (row is None or row.kind is RowKind.EXCHANGE):
        results = settled(exchange)
        sections.append(Section("Set-Cookie", tuple(_stored(results, exchange, mask))))
    lines = header_lines(exchange.request.headers, exchange, mask)
    sections.append(Section("Request headers", tuple(lines), Weight.RAW))
    if exchange.response is not None:
        lines = header_lines(exchange.response.headers, exchange, mask)
        sections.append(Section("Response headers", tuple(lines), Weight.RAW))
    for title, body in (
        ("Request body", exchange.request_body),
        ("Response body", exchange.response_body),
    ):
        if body is not None:
            sections.append(Section(title, tuple(_body(body, hide)), Weight.RAW))
    return tuple(section for section in sections if section.lines)


def verdict(
    exchange: Exchange,
    row: Row | None = None,
    mask: Mask = unmasked,
    problem: Moment | None = None,
    word: BrowserWord | None = None,
) -> tuple[Section, ...]:
    """Return the first sections of the detail: the verdict on a step, and nothing else."""
    sections = [] if problem is None else [problem_section(problem)]
    if row is not None and row.kind is not RowKind.EXCHANGE:
        sections.append(_own_section(exchange, row, mask))
    elif problem is None:
        sections.append(happened_section(exchange, word, mask))
    said = own_word(exchange)
    if said:
        last = sections.pop()
        if word_of(exchange) is Word.DISPUTED:
            lines = (Line(said, Mark.DISPUTED), *last.lines)
        else:
            lines = (*last.lines, Line(said))
        sections.append(msgspec.structs.replace(last, lines=lines))
    return tuple(section for section in sections if section.lines)


def _own_section(exchange: Exchange, row: Row, mask: Mask) -> Section:
    """Return what a storing, refused or refuting row is about."""
    if row.kind is RowKind.REFUTED:
        lines = tuple(_refuted(row.results, exchange))
        return Section("Not as assumed", lines, Weight.VERDICT)
    title = "Stored" if row.kind is RowKind.STORES else "Refused"
    results = current_results(row, exchange)
    return Section(title, tuple(_stored(results, exchange, mask)), Weight.VERDICT)


def _summary(exchange: Exchange, hide: Hiding) -> Iterable[Line]:
    part, response, failure = exchange.request, exchange.response, exchange.failure
    yield Line(f"{shown(part.method)} {shown(hide(part.url))}")
    if failure is not None:
        yield Line(f"failed ({failure.kind}): {safe(failure.message)}", Mark.FAILED)
    elif response is None:
        yield Line("no response yet", Mark.PENDING)
    else:
        took = max(0.0, response.at - part.at)
        yield Line(
            f"{status_text(response)} after {took * 1000:.0f} ms · {shown(response.http_version)}"
        )
    rules, comma, doubt = rules_name(part.profile, part.version).partition(",")
    yield Line(f"{context_text(exchange)} · {rules} rules{comma}{doubt}")


def context_text(exchange: Exchange) -> str:
    """Return the request's context, e.g. ``cross-site request (by Sec-Fetch-Site)``.

    What its browser says about credentials comes before what the headers do not tell.
    """
    context = exchange.request.context
    told = context.credentials is Credentials.UNKNOWN and without_credentials(exchange.browser)
    words = {
        Site.SAME: "same-site request",
        Site.CROSS: "cross-site request",
        Site.UNKNOWN: "same-site or cross-site: unknown",
    }[context.site]
    if context.top_level:
        words += ", top-level navigation"
    if context.guessed_frame:
        words += ", assumed to be a frame's"
    if context.unsafe:
        words += f", unsafe method {shown(exchange.request.method)}"
    if context.credentials is Credentials.OMIT:
        words += ", without credentials"
    elif context.credentials is Credentials.UNKNOWN and not told:
        words += ", credentials unknown"
    elif context.site is Site.UNKNOWN and "Cookie" in context.sources:
        words += ", with credentials"
    if context.sources:
        words += f" (by {', '.join(shown(name) for name in context.sources)})"
    certain = context.certain
    if told:
        words += ", without credentials (the browser says so)"
        certain = certain or (context.site is not Site.UNKNOWN and not context.guessed_frame)
    return words if certain else f"{words}; uncertain"


def _request_cookies(exchange: Exchange, mask: Mask, word: BrowserWord | None) -> Iterable[Line]:
    for carried in exchange.request.cookies:
        named = short_pair(carried.name, carried.value, mask)
        where = _where(carried.cookie, carried.domain, carried.path)
        if carried.status is CookieStatus.SENT:
            if carried.cookie is not None and carried.cookie.inferred:
                by = _written(word, exchange, carried, mask)
                known = "" if by else "; never seen being stored"
                yield Line(f"{named} sent again{known}", Mark.SENT)
                if by:
                    yield Line(by, indent=1)
            else:
                yield Line(f"{named} sent: the jar holds it for {where}", Mark.SENT)
        elif carried.status is CookieStatus.OVERLAPPING:
            yield Line(f"{named} differs from the jar, but a response that changes it", Mark.SENT)
            yield Line("was in flight when this request began: no verdict", indent=1)
        elif by := _written(word, exchange, carried, mask):
            yield Line(f"{named} sent", Mark.SENT)
            yield Line(by, indent=1)
            if carried.replaces is not None:
                yield Line(f"the jar held {short(carried.replaces.value, mask)}", indent=1)
        elif carried.replaces is not None:
            before = short(carried.replaces.value, mask)
            yield Line(f"{named} unexplained: the jar held {before}", Mark.UNEXPLAINED)
            if carried.set_in is not None:
                yield Line(
                    "an earlier response set this value; what brought it back is unknown", indent=1
                )
            else:
                yield Line("changed by a script, or in a way that the proxy did not see", indent=1)
        elif carried.refused_in is not None:
            yield Line(f"{named} unexplained: should have been refused", Mark.UNEXPLAINED)
            yield Line("this client kept it: not all clients follow these rules", indent=1)
        elif carried.set_in is not None:
            yield Line(f"{named} unexplained: no longer in the jar", Mark.UNEXPLAINED)
            yield Line(
                "an earlier response set this value; what brought it back is unknown", indent=1
            )
        else:
            yield Line(f"{named} unexplained: never seen being set", Mark.UNEXPLAINED)
            yield Line("set before the capture began, or by a script", indent=1)
    for text, place in attempts(word, exchange):
        yield Line(text)
        if place:
            yield Line(Hiding(exchange, mask).text(place), indent=1)


def _written(
    word: BrowserWord | None, exchange: Exchange, carried: RequestCookie, mask: Mask
) -> str:
    """Return how the browser says that a cookie was written; empty if it does not."""
    if word is None or carried.refused_in is not None:
        return ""
    return written(word, exchange, carried, mask)


def _where(cookie: Cookie | None, domain: str, path: str) -> str:
    host = shown(domain) if cookie is None or cookie.host_only else f"*.{shown(domain)}"
    return f"{host}{shown(path)}"


def _withheld(exchange: Exchange, mask: Mask, siblings: Siblings | None) -> Iterable[Line]:
    elsewhere = elsewhere_text(exchange.request)
    listed, how = ((), "") if siblings is None else (siblings.listed, siblings.how)
    for held in exchange.request.withheld:
        cookie = held.cookie
        where = _where(cookie, cookie.domain, cookie.path)
        yield Line(f"{short_pair(cookie.name, cookie.value, mask)} for {where}", Mark.WITHHELD)
        for finding in held.reasons:
            why = withheld_reason(finding, exchange.browser)
            yield from _finding(finding, why, maker_of(exchange.request))
    if elsewhere:
        also = "and " if exchange.request.withheld else ""
        aside = f" ({how})" if how else ""
        goes = "never goes" if exchange.request.withheld_elsewhere == 1 else "never go"
        yield Line(f"{also}{elsewhere}, which {goes} to this one{aside}")
    for held in listed[:SIBLING_LINES]:
        cookie = held.cookie
        where = _where(cookie, cookie.domain, cookie.path)
        yield Line(
            f"{short_pair(cookie.name, cookie.value, mask)} for {where}", Mark.WITHHELD, indent=1
        )
    if len(listed) > SIBLING_LINES:
        yield Line(f"… {plural(len(listed) - SIBLING_LINES, 'more cookie')}", indent=1)


def _missing(exchange: Exchange, mask: Mask, word: BrowserWord | None) -> Iterable[Line]:
    context = exchange.request.context
    for absent in exchange.request.missing:
        cookie = absent.cookie
        named = short_pair(cookie.name, cookie.value, mask)
        where = _where(cookie, cookie.domain, cookie.path)
        if absent.status is CookieStatus.OVERLAPPING:
            yield Line(f"{named} for {where} not sent, but a response that", Mark.SENT)
            yield Line("changes it was in flight when this request began: no verdict", indent=1)
            continue
        doubt = "" if context.certain else f" (perhaps correctly: not known {unknown(context)})"
        yield Line(f"{named} for {where} should have been sent but was not{doubt}", Mark.MISSING)
        for finding in absent.reasons:
            yield from _finding(finding)
        if perhaps := restarted(word, exchange.request, cookie):
            yield Line(perhaps, indent=1)
        if absent.dropped:
            yield Line("missing again, from a navigation: removed from the jar", indent=1)


def _removed(exchange: Exchange, mask: Mask) -> Iterable[Line]:
    for removed in exchange.request.removed:
        named = short_pair(removed.cookie.name, removed.cookie.value, mask)
        yield Line(f"{named} for {shown(removed.cookie.domain)} {removed.reason}", Mark.WITHHELD)
    for result in exchange.response.set_cookies if exchange.response is not None else ():
        for cookie in result.evicted:
            named = short_pair(cookie.name, cookie.value, mask)
            by = quoted(result.name)
            yield Line(f"{named} evicted to make room for {by}", Mark.WITHHELD)


_OUTCOME_WORDS = {
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "stored, replacing the previous one",
    Outcome.REFRESHED: "stored again, unchanged",
    Outcome.DELETED: "deleted: its expiry is in the past",
    Outcome.REJECTED: "refused",
    Outcome.IGNORED: "not deleted: no such cookie",
}


def _refuted(results: Iterable[StoreResult], exchange: Exchange) -> Iterable[Line]:
    at = exchange.request.at
    for result in results:
        yield Line(f"{quoted(result.name)}: the client {refuted_verb(result, at)} it", Mark.REFUTED)
        yield Line(refuted_why(result), indent=1)
        what_to_do = refuted_fix(result)
        if what_to_do:
            yield Line(f"{FIX}{what_to_do}", indent=1)


def _stored(results: Iterable[StoreResult], exchange: Exchange, mask: Mask) -> Iterable[Line]:
    at = exchange.response.at if exchange.response is not None else exchange.request.at
    for result in results:
        refused = result.outcome is Outcome.REJECTED
        named = (
            quoted(result.name)
            if is_deletion(result)
            else short_pair(result.name, result.value, mask)
        )
        words = _OUTCOME_WORDS[result.outcome]
        if result.outcome is Outcome.IGNORED and not is_deletion(result):
            words = "not stored: it expires at once"
        yield Line(f"{named} {words}{proviso((result,))}", result_mark(result))
        if result.outcome is Outcome.REPLACED and result.previous is not None:
            yield Line(_difference(result.previous, result.cookie, mask), indent=1)
        if result.cookie is not None and not refused and result.outcome is not Outcome.DELETED:
            yield Line(attributes(result.cookie, at), indent=1)
        missed = missed_deletion(result)
        if missed is not None:
            yield Line(missed.sentence, indent=1)
            yield Line(f"{FIX}{missed.fix}", indent=1)
        if refused and proviso((result,)):
            if not is_wrong(result):
                yield from (
                    Line(f"{FIX}{remedy(finding)}", indent=1) for finding in result.reasons[:1]
                )
        else:
            for finding in result.reasons:
                yield from _finding(finding)
        for finding in result.warnings:
            yield from _finding(finding)


def attributes(cookie: Cookie, at: float) -> str:
    """Return everything that the jar holds of a cookie except its value, in one line."""
    words = [
        f"host-only {shown(cookie.domain)}"
        if cookie.host_only
        else f"domain {shown(cookie.domain)} and subdomains",
        f"path {shown(cookie.path)}",
        "session" if cookie.expires_at is None else f"expires {lifetime(cookie.expires_at, at)}",
    ]
    if cookie.secure:
        words.append("Secure")
    if cookie.http_only:
        words.append("HttpOnly")
    words.append(f"SameSite {SAME_SITE_WORDS[cookie.same_site]}")
    if cookie.partition_key is not None:
        words.append(f"partitioned under {shown(cookie.partition_key)}")
    return " · ".join(words)


def _difference(before: Cookie, after: Cookie | None, mask: Mask) -> str:
    if before.inferred:
        return "replaces one never seen being set"
    if after is None or before.value != after.value:
        return f"previous value: {short(before.value, mask)}"
    return f"previously: {attributes(before, before.created_at)}"


def _finding(finding: Finding, why: str = "", maker: Maker = Maker.UNKNOWN) -> Iterable[Line]:
    yield Line(f"{why or reason(finding)} {section_text(finding.section)}", indent=1)
    yield Line(f"{FIX}{remedy(finding, maker=maker)}", indent=1)


def _server(server: Server, mask: Mask) -> Iterable[Line]:
    if "all" in server.dropped:
        yield Line("the report was too large to send")
        return
    if server.function is not None:
        at = f" ({safe(server.file)}:{server.first_line})" if server.file is not None else ""
        yield Line(f"view {safe(server.function)}{at}")
    elif server.knows_reads:
        yield Line("no view handled the request")
    else:
        yield Line("the view and what it read are unknown: this witness sees only what was set")
    for read in server.reads:
        if read.where == "session" and read.value is None:
            continue  # Flask looks for its session in every request
        found = "None" if read.value is None else quoted_text(mask(read.value))
        yield Line(f"{_place(read.where, read.line)} read {quoted_text(read.name)}: {found}")
    for write in server.writes:
        place = _place(write.where, write.line)
        if write.value is None:
            yield Line(f"{place} deleted {quoted_text(write.name)}")
        else:
            value = quoted_text(mask(write.value))
            yield Line(f"{place} set {quoted_text(write.name)} to {value}")
    if server.error is not None:
        yield Line(f"raised {error_text(server, mask)}", Mark.FAILED)
    left_out = [part for part in server.dropped if part != "reads"]
    if left_out:
        yield Line(f"left out to keep the report small: {', '.join(map(safe, left_out))}")


def _place(where: str, line: int | None) -> str:
    return safe(where) if line is None else f"{safe(where)}, line {line},"


def header_lines(headers: Headers, exchange: Exchange, mask: Mask) -> Iterable[Line]:
    """Yield the headers as they are; with a mask, values and credentials in them are masked."""
    values, hide = _values(exchange) if mask is not unmasked else (), Hiding(exchange, mask)
    for name, value in headers:
        lower = name.lower()
        if lower in ("cookie", "set-cookie"):
            hidden = value
            for secret in values:
                hidden = hidden.replace(secret, to_wire(mask(secret)))
        else:
            hidden = hide.field(name, value)
        yield Line(f"{shown(name)}: {shown(hidden)}")


def _values(exchange: Exchange) -> list[str]:
    """Return every cookie value of an exchange, the longest first."""
    values = {cookie.value for cookie in exchange.request.cookies}
    if exchange.response is not None:
        values |= {result.value for result in exchange.response.set_cookies}
    return sorted(filter(None, values), key=len, reverse=True)


def _body(body: Body, hide: Hiding) -> Iterable[Line]:
    kind = safe(body.content_type or "unknown type")
    cut = ", truncated" if body.truncated else ""
    yield Line(f"{kind} · {size(body.size)}{cut}")
    if body.content is None:
        return
    lines = safe_lines(hide.text(body.content))
    for line in lines[:BODY_LINES]:
        yield Line(line, indent=1)
    if len(lines) > BODY_LINES:
        yield Line(f"… {plural(len(lines) - BODY_LINES, 'more line')}", indent=1)
