"""The verdict record: everything the fold derives about one exchange, as flat, versioned JSON.

A redacted capture carries records in its ``verdicts`` events, which
``cookietrace.fold.verdict_reading`` reads back. ``explain --json`` prints the part of it that a
reader needs (``cookietrace.lesson.explain``), by the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from cookietrace.cookies import (
    Cookie,
    CookieKey,
    Credentials,
    Finding,
    Outcome,
    RestsOn,
    SameSite,
    Site,
    Standing,
    StorageAccess,
    StoreResult,
    ThirdParty,
)
from cookietrace.cookies.cookie import Priority
from cookietrace.fold.exchange import (
    Cause,
    CookieStatus,
    Exchange,
    JarChange,
    RequestCookie,
    RequestPart,
)
from cookietrace.fold.misread import Why
from cookietrace.fold.told import LEAST_SIZE, Looks, told_size

VERSION = 4
"""The version that is written, and the newest one that can be read.

Version 1 had no standing, and no change with the cause ``settled``. Version 2 did not say where two
jars were suspected. Version 3 told nothing about the values behind the tokens, so the lesson's
rules judge the tokens themselves there; and it listed the cookies of a site's other hosts, which
are now counted.
"""

Size = Annotated[int, msgspec.Meta(ge=0)]

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number of things; JSON has no exact numbers above that."""

Facts = dict[str, Any]
"""The facts of one reason by name; checked against the engine's table."""


class JarCookie(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One cookie of a jar; the fields are those of the engine's ``Cookie``."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: SameSite
    expires_at: float | None
    partition_key: str | None
    inferred: bool
    doubtful: bool
    priority: Priority
    created_at: float
    set_at: float
    last_access_at: float
    sequence: int
    kept_apart: bool
    unconfirmed: bool


class RequestCookieEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One cookie of the Cookie header."""

    name: str
    value: str
    domain: str
    path: str
    status: Literal["sent", "unexplained", "overlapping"]
    size: Size | None
    """Of the value in bytes; null if it is not told."""
    looks: Looks | None
    """Null in a record of version 3 and older."""
    cookie: JarCookie | None
    """The jar's cookie that it is or became; null if overlapping."""
    replaces: JarCookie | None
    refused_in: str | None
    set_in: str | None


class WithheldEntry(JarCookie, frozen=True, kw_only=True, gc=False):
    """A cookie of the jar that was rightly not sent."""

    reasons: tuple[str, ...]
    reason_facts: tuple[Facts, ...]


class MissingEntry(JarCookie, frozen=True, kw_only=True, gc=False):
    """A cookie of the jar that should have been sent."""

    status: Literal["missing", "overlapping"]
    reasons: tuple[str, ...]
    reason_facts: tuple[Facts, ...]
    dropped: bool


class RemovedEntry(JarCookie, frozen=True, kw_only=True, gc=False):
    """A cookie that left the jar by itself."""

    reason: Literal["expired", "evicted"]


class AimedEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The cookie that a deletion was meant for."""

    name: str
    domain: str
    host_only: bool
    path: str
    partition_key: str | None


class SetCookieEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The verdict on one Set-Cookie line."""

    raw: str
    name: str
    value: str
    size: Size | None
    looks: Looks | None
    outcome: Outcome
    reasons: tuple[str, ...]
    reason_facts: tuple[Facts, ...]
    warnings: tuple[str, ...]
    warning_facts: tuple[Facts, ...]
    cookie: JarCookie | None
    previous: JarCookie | None
    evicted: tuple[JarCookie, ...]
    aimed: AimedEntry | None
    missed: tuple[JarCookie, ...]
    standing: Standing
    settled_by: str | None
    rests_on: RestsOn | None


class MisreadEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A cookie of the Cookie header that some servers do not find in it."""

    name: str
    why: Why
    around: str | None


class ChangeEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One cookie of the jar before and after a request or a response."""

    exchange_id: str
    """The exchange whose cookies changed; a response can correct an earlier request's."""
    cause: Cause
    before: JarCookie | None
    after: JarCookie | None


class FailureEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why an exchange failed."""

    kind: str
    message: str


class ContextEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename={"sources": "from"}):
    """The context of the request, as the rules see it."""

    site: Site
    top_level: bool
    unsafe: bool
    credentials: Credentials
    storage_access: StorageAccess | None
    top_level_site: str | None
    certain: bool
    sources: tuple[str, ...]
    embedded: bool
    third_party: ThirdParty | None
    guessed_frame: bool


class VerdictRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything about one exchange. Every field is required; unknown ones are ignored.

    The fields from ``number`` to ``failure`` repeat the capture's events, for readers of the
    JSON; a replay uses the events.
    """

    version: int
    number: int
    step: int | None
    """The exchange's row in the default focus; null if it has none."""
    exchange_id: str
    client_id: str
    at: float
    method: str
    url: str
    status_code: int | None
    failure: FailureEntry | None
    profile: str
    context: ContextEntry
    observed_cookie_header: str
    header_size: Size | None
    """Of the Cookie header in bytes; null if it is not told."""
    misread: tuple[MisreadEntry, ...]
    expected_cookie_header: str
    request_cookies: tuple[RequestCookieEntry, ...]
    withheld: tuple[WithheldEntry, ...]
    missing: tuple[MissingEntry, ...]
    removed: tuple[RemovedEntry, ...]
    withheld_elsewhere: Count
    """How many cookies of the site's other hosts the jar held; they are not in ``withheld``."""
    set_cookies: tuple[SetCookieEntry, ...]
    request_changes: tuple[ChangeEntry, ...]
    """The changes to the client's jar at the request."""
    response_changes: tuple[ChangeEntry, ...]
    """The changes to the client's jar at the response."""
    two_jars: bool | None
    """Not null if it made the fold suspect a second jar in the client: whether each of the signs
    was seen on another connection than the jar's."""


PLACE = ("name", "value", "domain", "path")
"""The fields of a cookie that an entry for it repeats."""


class AsItIs:
    """Makes the fields of a record from what is on the wire; a subclass may replace secrets."""

    def name(self, name: str) -> str:
        """Return the name of a cookie."""
        return name

    def value(self, value: str) -> str:
        """Return the value of a cookie."""
        return value

    def line(self, line: str) -> str:
        """Return a Set-Cookie line."""
        return line

    def header(self, header: str) -> str:
        """Return a Cookie header."""
        return header

    def url(self, url: str) -> str:
        """Return a URL."""
        return url

    def place(self, place: str) -> str:
        """Return a Domain or a Path."""
        return place

    def text(self, text: str) -> str:
        """Return any other text."""
        return text

    def facts(self, facts: Facts) -> Facts:
        """Return the facts of a reason."""
        return facts

    def cookie(self, cookie: Cookie) -> JarCookie:
        """Return a cookie of a jar."""
        return JarCookie(**msgspec.structs.asdict(cookie))


AS_IT_IS: Final = AsItIs()


def record_of(
    exchange: Exchange,
    request_changes: Iterable[JarChange],
    response_changes: Iterable[JarChange],
    two_jars: bool | None,
    write: AsItIs = AS_IT_IS,
) -> VerdictRecord:
    """Return the record of one exchange.

    The changes are those of the client's jar at the request's position and at the response's.
    ``two_jars`` is None if the exchange did not make the fold suspect a second jar. ``write``
    makes each field that may hold a secret.
    """
    part, response, failure = exchange.request, exchange.response, exchange.failure
    context, size = part.context, part.header_size
    site = context.top_level_site
    results = response.set_cookies if response is not None else ()
    removed = [(entry.cookie, entry.reason) for entry in part.removed]
    evicted = [(cookie, "evicted") for result in results for cookie in result.evicted]
    return VerdictRecord(
        version=VERSION,
        number=exchange.number,
        step=exchange.row.step,
        exchange_id=part.exchange_id,
        client_id=part.client_id,
        at=part.at,
        method=write.text(part.method),
        url=write.url(part.url),
        status_code=response.status_code if response is not None else None,
        failure=FailureEntry(kind=failure.kind, message=write.text(failure.message))
        if failure
        else None,
        profile=part.profile,
        context=ContextEntry(
            site=context.site,
            top_level=context.top_level,
            unsafe=context.unsafe,
            credentials=context.credentials,
            storage_access=context.storage_access,
            top_level_site=None if site is None else write.text(site),
            certain=context.certain,
            sources=context.sources,
            embedded=context.embedded,
            third_party=context.third_party,
            guessed_frame=context.guessed_frame,
        ),
        observed_cookie_header=write.header(part.observed),
        header_size=size if size is not None and size >= LEAST_SIZE else None,
        misread=tuple(
            MisreadEntry(
                name=write.name(one.name),
                why=one.why,
                around=None if one.around is None else write.name(one.around),
            )
            for one in part.misread
        ),
        expected_cookie_header=write.header(part.expected),
        request_cookies=tuple([_request_cookie(cookie, part, write) for cookie in part.cookies]),
        withheld=tuple(
            WithheldEntry(**_fields(withheld.cookie, write), **_reasons(withheld.reasons, write))
            for withheld in part.withheld
        ),
        missing=tuple(
            MissingEntry(
                **_fields(absent.cookie, write),
                **_reasons(absent.reasons, write),
                status="missing" if absent.status is CookieStatus.MISSING else "overlapping",
                dropped=absent.dropped,
            )
            for absent in part.missing
        ),
        removed=tuple(
            RemovedEntry(
                **_fields(cookie, write), reason="expired" if reason == "expired" else "evicted"
            )
            for cookie, reason in (*removed, *evicted)
        ),
        withheld_elsewhere=part.withheld_elsewhere,
        set_cookies=tuple([_set_cookie(result, part, write) for result in results]),
        request_changes=tuple([_change(change, write) for change in request_changes]),
        response_changes=tuple([_change(change, write) for change in response_changes]),
        two_jars=two_jars,
    )


def encode_record(record: VerdictRecord) -> bytes:
    """Return the record as JSON."""
    return msgspec.json.encode(record)


def _fields(cookie: Cookie, write: AsItIs) -> dict[str, Any]:
    return msgspec.structs.asdict(write.cookie(cookie))


def _entry(cookie: Cookie | None, write: AsItIs) -> JarCookie | None:
    return None if cookie is None else write.cookie(cookie)


def _reasons(findings: Sequence[Finding], write: AsItIs) -> dict[str, Any]:
    return {
        "reasons": tuple(finding.code.value for finding in findings),
        "reason_facts": tuple(write.facts(dict(finding.facts)) for finding in findings),
    }


def _request_cookie(cookie: RequestCookie, part: RequestPart, write: AsItIs) -> RequestCookieEntry:
    facts = part.facts(cookie.name, cookie.value)
    status: Literal["sent", "unexplained", "overlapping"] = "overlapping"
    if cookie.status is CookieStatus.SENT:
        status = "sent"
    elif cookie.status is CookieStatus.UNEXPLAINED:
        status = "unexplained"
    return RequestCookieEntry(
        name=write.name(cookie.name),
        value=write.value(cookie.value),
        domain=write.place(cookie.domain),
        path=write.place(cookie.path),
        status=status,
        size=told_size(facts.size),
        looks=facts.looks,
        cookie=_entry(cookie.cookie, write),
        replaces=_entry(cookie.replaces, write),
        refused_in=cookie.refused_in,
        set_in=cookie.set_in,
    )


def _set_cookie(result: StoreResult, part: RequestPart, write: AsItIs) -> SetCookieEntry:
    facts = part.facts(result.name, result.value)
    return SetCookieEntry(
        raw=write.line(result.raw),
        name=write.name(result.name),
        value=write.value(result.value),
        size=told_size(facts.size),
        looks=facts.looks,
        outcome=result.outcome,
        **_reasons(result.reasons, write),
        warnings=tuple(warning.code.value for warning in result.warnings),
        warning_facts=tuple(write.facts(dict(warning.facts)) for warning in result.warnings),
        cookie=_entry(result.cookie, write),
        previous=_entry(result.previous, write),
        evicted=tuple(map(write.cookie, result.evicted)),
        aimed=_aimed(result.aimed, write),
        missed=tuple(map(write.cookie, result.missed)),
        standing=result.standing,
        settled_by=result.settled_by,
        rests_on=result.rests_on,
    )


def _aimed(key: CookieKey | None, write: AsItIs) -> AimedEntry | None:
    if key is None:
        return None
    return AimedEntry(
        name=write.name(key.name),
        domain=write.place(key.domain),
        host_only=key.host_only,
        path=write.place(key.path),
        partition_key=None if key.partition_key is None else write.text(key.partition_key),
    )


def _change(change: JarChange, write: AsItIs) -> ChangeEntry:
    return ChangeEntry(
        exchange_id=change.exchange_id,
        cause=change.cause,
        before=_entry(change.before, write),
        after=_entry(change.after, write),
    )
