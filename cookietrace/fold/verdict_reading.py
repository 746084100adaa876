"""Reads verdict records, and checks everything that a replay and the front ends rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from cookietrace.cookies import (
    PROFILES,
    Code,
    Cookie,
    CookieKey,
    Finding,
    Outcome,
    RequestContext,
    Standing,
    StoreResult,
    Withheld,
    parse_set_cookie,
)
from cookietrace.cookies.verdicts import Where, checked_finding, shortened
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import (
    CookieStatus,
    JarChange,
    MissingCookie,
    RemovedCookie,
    RequestCookie,
)
from cookietrace.fold.misread import Misread
from cookietrace.fold.told import Told, ValueFacts
from cookietrace.fold.verdict_record import (
    PLACE,
    VERSION,
    ChangeEntry,
    JarCookie,
    MissingEntry,
    RequestCookieEntry,
    SetCookieEntry,
    VerdictRecord,
    WithheldEntry,
)


class ExchangeVerdicts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The content of a record, as the types of the fold."""

    exchange_id: str
    request_line: tuple[str, str, str]
    """The client's id, the method and the URL."""
    status_code: int | None
    profile: str
    context: RequestContext
    observed: str
    expected: str
    cookies: tuple[RequestCookie, ...]
    withheld: tuple[Withheld, ...]
    missing: tuple[MissingCookie, ...]
    removed: tuple[RemovedCookie, ...]
    withheld_elsewhere: int
    set_cookies: tuple[StoreResult, ...]
    request_changes: tuple[JarChange, ...]
    """Their position is 0; a replay sets it."""
    response_changes: tuple[JarChange, ...]
    two_jars: bool | None
    """As in the record."""
    told: Told | None
    """None if the record is too old to tell it."""

    @property
    def named(self) -> frozenset[str]:
        """The ids of the other exchanges that these verdicts refer to."""
        changes = (*self.request_changes, *self.response_changes)
        ids = {change.exchange_id for change in changes}
        ids.update(result.settled_by for result in self.set_cookies if result.settled_by)
        for cookie in self.cookies:
            ids.update(name for name in (cookie.refused_in, cookie.set_in) if name is not None)
        return frozenset(ids - {self.exchange_id})


class _Versioned(msgspec.Struct):
    version: Any = None


_decoder = msgspec.json.Decoder(VerdictRecord)
_version_decoder = msgspec.json.Decoder(_Versioned)


def decode_record(content: bytes | msgspec.Raw) -> ExchangeVerdicts:
    """Return the verdicts in a JSON record.

    Raises ``FormatError`` that names the first problem: another version, a missing
    field or fact, a wrong type, an unknown reason, or parts that contradict each other.
    """
    try:
        version = _version_decoder.decode(content).version
        if version is None:
            raise FormatError(
                "they have no version, so an older cookietrace wrote them: export the capture again"
            )
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise FormatError("their version is not a number from 1")
        if version > VERSION:
            raise FormatError(
                f"a newer cookietrace wrote them (version {version}, this one reads up to "
                f"{VERSION}): upgrade cookietrace"
            )
        if version < VERSION:
            older = msgspec.json.decode(content)
            older = {"two_jars": None, "withheld_elsewhere": 0} | (
                _from_version_1(older) if version == 1 else older
            )
            record = msgspec.convert(_from_version_3(older), VerdictRecord)
        else:
            record = _decoder.decode(content)
    except RecursionError:
        raise FormatError("they are nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(_in_words(str(error))) from error
    return _verdicts(record)


def _from_version_1(part: Any) -> Any:
    """Return a part of a record of version 1 with the fields that version 2 has added."""
    if isinstance(part, list):
        return [_from_version_1(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    entry = {name: _from_version_1(value) for name, value in part.items()}
    if "last_access_at" in entry:
        entry = {"kept_apart": False, "unconfirmed": False} | entry
    if "refused_in" in entry:
        entry.setdefault("set_in", None)
    if "top_level_site" in entry:
        entry = {"third_party": None, "guessed_frame": False} | entry
    if "outcome" in entry:
        entry = {"standing": "certain", "settled_by": None, "rests_on": None} | entry
    return entry


def _from_version_3(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record of version 3 with the fields that version 4 has added: nothing is told."""
    record = {"header_size": None, "misread": []} | record
    for name in ("request_cookies", "set_cookies"):
        entries = record.get(name)
        if isinstance(entries, list):
            record[name] = [
                {"size": None, "looks": None} | entry if isinstance(entry, dict) else entry
                for entry in entries
            ]
    return record


_PROBLEM = re.compile(r"(?s)(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?\Z")
_LACKING = re.compile(r"Object missing required field `(.*)`\Z")


def _in_words(error: str) -> str:
    """Return an error message of msgspec as ``WHERE: what is wrong``."""
    found = _PROBLEM.match(error)
    assert found is not None
    what, where = shortened(found["what"], 200), shortened(found["where"] or "the record")
    lacking = _LACKING.match(what)
    if lacking is not None:
        return f"{where} lacks the field '{lacking[1]}'"
    return f"{where}: {what[:1].lower()}{what[1:]}"


def _problem(where: str, what: str) -> NoReturn:
    raise FormatError(f"{where}: {what}")


_FIRST_TO_COUNT = 4
"""The version from which the cookies of a site's other hosts are counted, and no longer listed."""


def _verdicts(record: VerdictRecord) -> ExchangeVerdicts:
    if record.profile not in PROFILES:
        _problem("profile", f"there is no profile {shortened(record.profile)!r}")
    context = record.context
    withheld = tuple(
        Withheld(_cookie(entry), _findings(entry, "withheld", f"withheld[{index}]", needed=True))
        for index, entry in enumerate(record.withheld)
    )
    elsewhere = record.withheld_elsewhere
    if record.version < _FIRST_TO_COUNT:
        listed = [held for held in withheld if held.reasons[0].code is not Code.OTHER_HOST]
        elsewhere, withheld = len(withheld) - len(listed), tuple(listed)
    return ExchangeVerdicts(
        exchange_id=record.exchange_id,
        request_line=(record.client_id, record.method, record.url),
        status_code=record.status_code,
        profile=record.profile,
        context=RequestContext(
            site=context.site,
            top_level=context.top_level,
            unsafe=context.unsafe,
            credentials=context.credentials,
            top_level_site=context.top_level_site,
            certain=context.certain,
            sources=context.sources,
            embedded=context.embedded,
            storage_access=context.storage_access,
            third_party=context.third_party,
            guessed_frame=context.guessed_frame,
        ),
        observed=record.observed_cookie_header,
        expected=record.expected_cookie_header,
        cookies=tuple(
            _read_request_cookie(entry, f"request_cookies[{index}]")
            for index, entry in enumerate(record.request_cookies)
        ),
        withheld=withheld,
        missing=tuple(
            _read_missing(entry, f"missing[{index}]") for index, entry in enumerate(record.missing)
        ),
        removed=tuple(
            RemovedCookie(_cookie(entry), entry.reason)
            for entry in record.removed
            if entry.reason == "expired"  # the others are in ``set_cookies``
        ),
        withheld_elsewhere=elsewhere,
        set_cookies=tuple(
            _read_set_cookie(entry, f"set_cookies[{index}]")
            for index, entry in enumerate(record.set_cookies)
        ),
        request_changes=_read_changes(record.request_changes, "request_changes"),
        response_changes=_read_changes(record.response_changes, "response_changes"),
        two_jars=record.two_jars,
        told=_told(record),
    )


def _told(record: VerdictRecord) -> Told | None:
    """Return what a record tells about the secrets; None if it is too old to tell anything."""
    if record.version < 4:
        return None
    values = {}
    entries: tuple[RequestCookieEntry | SetCookieEntry, ...]
    entries = (*record.request_cookies, *record.set_cookies)
    for index, entry in enumerate(entries):
        if entry.looks is None:
            _problem(f"cookie {index}", "it does not say what the value looks like")
        values[entry.name, entry.value] = ValueFacts(entry.size, entry.looks)
    misread = tuple([Misread(one.name, one.why, one.around) for one in record.misread])
    return Told(record.header_size, misread, values)


def _cookie(entry: JarCookie) -> Cookie:
    return msgspec.convert(entry, Cookie, from_attributes=True)


def _maybe(entry: JarCookie | None) -> Cookie | None:
    return None if entry is None else _cookie(entry)


def _findings(
    entry: WithheldEntry | MissingEntry | SetCookieEntry, kind: Where, where: str, *, needed: bool
) -> tuple[Finding, ...]:
    if needed and not entry.reasons:
        _problem(where, "there is no reason")
    return _checked(entry.reasons, entry.reason_facts, kind, f"{where}.reasons")


def _checked(
    codes: tuple[str, ...], facts: tuple[Mapping[str, object], ...], kind: Where, where: str
) -> tuple[Finding, ...]:
    if len(codes) != len(facts):
        _problem(where, f"there are facts for {len(facts)} of {len(codes)}")
    try:
        return tuple(
            checked_finding(code, each, kind) for code, each in zip(codes, facts, strict=True)
        )
    except ValueError as error:
        _problem(where, str(error))


def _read_request_cookie(entry: RequestCookieEntry, where: str) -> RequestCookie:
    cookie, replaces = _maybe(entry.cookie), _maybe(entry.replaces)
    if (cookie is None) is not (entry.status == "overlapping"):
        _problem(where, "an overlapping cookie has no cookie of the jar, any other has one")
    if cookie is not None and any(getattr(cookie, name) != getattr(entry, name) for name in PLACE):
        _problem(f"{where}.cookie", "this is another cookie")
    return RequestCookie(
        entry.name,
        entry.value,
        entry.domain,
        entry.path,
        CookieStatus(entry.status),
        cookie,
        replaces,
        entry.refused_in,
        entry.set_in,
    )


def _read_missing(entry: MissingEntry, where: str) -> MissingCookie:
    reasons = _findings(entry, "missing", where, needed=entry.status == "missing")
    return MissingCookie(_cookie(entry), CookieStatus(entry.status), reasons, entry.dropped)


_HAS_COOKIE = (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED, Outcome.DELETED)
_SETTLED = (Standing.CONFIRMED, Standing.REFUTED)
_HAS_PREVIOUS = (Outcome.REPLACED, Outcome.REFRESHED, Outcome.DELETED)


def _read_set_cookie(entry: SetCookieEntry, where: str) -> StoreResult:
    for name, outcomes in (("cookie", _HAS_COOKIE), ("previous", _HAS_PREVIOUS)):
        if (getattr(entry, name) is not None) is not (entry.outcome in outcomes):
            _problem(f"{where}.{name}", f"this does not fit the outcome {entry.outcome.value}")
    if (entry.settled_by is not None) is not (entry.standing in _SETTLED):
        _problem(f"{where}.settled_by", f"this does not fit the standing {entry.standing.value}")
    if (entry.rests_on is not None) is (entry.standing is Standing.CERTAIN):
        _problem(f"{where}.rests_on", f"this does not fit the standing {entry.standing.value}")
    reasons = _findings(entry, "rejected", where, needed=entry.outcome is Outcome.REJECTED)
    parsed = msgspec.structs.replace(
        parse_set_cookie(entry.raw), name=entry.name, value=entry.value, reasons=()
    )
    return StoreResult(
        raw=entry.raw,
        outcome=entry.outcome,
        parsed=parsed,
        reasons=reasons,
        warnings=_checked(entry.warnings, entry.warning_facts, "warning", f"{where}.warnings"),
        cookie=_maybe(entry.cookie),
        previous=_maybe(entry.previous),
        evicted=tuple(map(_cookie, entry.evicted)),
        aimed=(None if entry.aimed is None else CookieKey(**msgspec.structs.asdict(entry.aimed))),
        missed=tuple(map(_cookie, entry.missed)),
        standing=entry.standing,
        settled_by=entry.settled_by,
        rests_on=entry.rests_on,
    )


def _read_changes(entries: tuple[ChangeEntry, ...], where: str) -> tuple[JarChange, ...]:
    changes = []
    for index, entry in enumerate(entries):
        before, after = _maybe(entry.before), _maybe(entry.after)
        either = after or before
        if either is None or (before is not None and before.key != either.key):
            _problem(f"{where}[{index}]", "before and after are not one cookie")
        changes.append(JarChange(0, entry.exchange_id, either.key, before, after, entry.cause))
    return tuple(changes)
