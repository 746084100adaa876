"""The opinions of the browsers in words, and as JSON. All of it is display text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from cookietrace.cookies import Code, Finding, Outcome
from cookietrace.cookies.profiles import TRIED, Departure, version_text
from cookietrace.lesson.compared.at_step import Comparison
from cookietrace.lesson.compared.circumstance import TITLES, Circumstance
from cookietrace.lesson.compared.opinions import Basis, Opinion, Sending
from cookietrace.lesson.display_text import capitalized, clip, listed, shown
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.prose import reason, remedy, section_text
from cookietrace.lesson.short_reasons import short_reason

NAMES: Final = {
    "chromium": "Chromium",
    "firefox": "Firefox",
    "safari": "Safari",
    "spec": "specification",
}

_LINE_CELLS: Final = 1_000
"""How much of a line is shown."""

YES: Final = "\N{CHECK MARK}"
NO: Final = "\N{BALLOT X}"

UNKNOWN_ATTRIBUTES: Final = (
    "No response was seen to set it, so its attributes are unknown: it is assumed to have none."
)
NOTHING_LEFT: Final = (
    "it has already expired when it arrives, so nothing is stored; an existing cookie like it is "
    "deleted"
)


def comparison_lines(
    line: str, circumstance: Circumstance, found: Sequence[Opinion]
) -> Iterator[str]:
    """Yield the lines of a report: one paragraph per browser and range of versions."""
    yield f"Set-Cookie: {clip(shown(line[:_LINE_CELLS]), _LINE_CELLS)}" + _cut(line)
    yield f"for {shown(circumstance.url)}: {shown(circumstance.words)}"
    yield from _opinion_lines(found, TITLES, over_https=circumstance.target.scheme == "https")
    yield from _slip_lines(found)


_SLIPS: Final = frozenset(
    {
        Code.ATTRIBUTE_TOO_LONG,
        Code.ATTRIBUTE_DUPLICATE,
        Code.EXPIRES_UNPARSABLE,
        Code.MAX_AGE_UNPARSABLE,
        Code.SAME_SITE_UNRECOGNISED,
        Code.LINES_JOINED,
        Code.LINE_MISWRITTEN,
    }
)
"""What is wrong with the line itself, and not with the place that it is for."""


def _slip_lines(found: Sequence[Opinion]) -> Iterator[str]:
    """Yield what in the line is most likely not meant so: browsers say nothing about it."""
    slips = _grouped(
        (finding, opinion)
        for opinion in found
        for finding in opinion.result.warnings
        if finding.code in _SLIPS or finding.code is Code.ATTRIBUTE_UNKNOWN
    )
    told = {
        finding: opinions
        for finding, opinions in slips.items()
        # An attribute that some browsers know is no typing error.
        if finding.code in _SLIPS or len(opinions) == len(found)
    }
    if not told:
        return
    yield from ("", "What looks like a mistake in the line:")
    for finding, opinions in told.items():
        what = reason(finding).replace("This client does not know", "No browser knows")
        where = "" if len(opinions) == len(found) else f"{_all(opinions)}: "
        yield f"  {where}{what} {remedy(finding)}"


def _cut(line: str) -> str:
    """Return how long a line is of which only the beginning is shown."""
    return f" ({len(line):,} bytes)" if len(line) > _LINE_CELLS else ""


def step_lines(found: Comparison, mask: Mask) -> Iterator[str]:
    """Yield the report on a line, or a cookie, of a step."""
    name, equals, rest = found.line.partition("=")
    value, semicolon, attributes = rest.partition(";")
    hidden = shown(mask(value.strip())) if value.strip() else ""
    text = f"{shown(name)}{equals}{hidden}{semicolon}{shown(attributes[:_LINE_CELLS])}"
    yield f"Set-Cookie: {clip(text, _LINE_CELLS)}" + _cut(found.line)
    how = shown(found.circumstance.words)
    yield f"{'This request' if found.held else 'Its request'}: {how}" + (
        "" if found.certain else ", as far as is known"
    )
    if not found.known:
        yield UNKNOWN_ATTRIBUTES
    titles = {**TITLES, "again": "this request"} if found.held else TITLES
    secure = found.circumstance.target.scheme == "https"
    yield from _opinion_lines(found.opinions, titles, over_https=secure)


def _opinion_lines(
    found: Sequence[Opinion], titles: Mapping[str, str], *, over_https: bool
) -> Iterator[str]:
    """Yield a table of all browsers, then why something is refused or withheld, and the fixes."""
    yield ""
    yield from _table(found, titles)
    reasons = _grouped(
        (f"{reason(finding)} {section_text(finding.section)}", opinion)
        for opinion in found
        for finding in opinion.result.reasons
    )
    if gone := [each for each in found if each.result.outcome is Outcome.IGNORED]:
        reasons[NOTHING_LEFT] = gone
    if reasons:
        yield from ("", "Why it is not stored:")
        yield from (f"  {_all(opinions)}: {why}" for why, opinions in reasons.items())
    names = _names(titles)
    where: dict[tuple[str, str], list[str]] = {}
    for request in titles:
        withheld = _grouped(
            ("; ".join(dict.fromkeys(map(short_reason, sending.reasons))), opinion)
            for opinion in found
            for sending in opinion.sendings
            if sending.request == request and not sending.sent
        )
        for why, opinions in withheld.items():
            where.setdefault((_all(opinions), why), []).append(names[request])
    if where:
        yield from ("", "Why it is not sent:")
        for (who, why), requests in where.items():
            yield f"  {who} ({', '.join(requests)}): {why}"
    fixes = dict.fromkeys(
        remedy(finding, over_https=over_https)
        for opinion in found
        for finding in opinion.result.reasons
    )
    if fixes:
        yield ""
        yield from (f"Fix: {fix}" for fix in fixes)
    rows = _grouped((row, opinion) for opinion in found for row in opinion.because)
    if rows:
        yield from ("", "What differs from the specification:")
        for row, opinions in rows.items():
            what = row.what.replace("`", "'")
            yield f"  {_all(opinions)}: {what} ({_source(row, opinions)})"


def _source(row: Departure, opinions: Iterable[Opinion]) -> str:
    """Return where a row is from; what was seen in a newer version than these is said to be so."""
    tried = {opinion.browser: TRIED.get(opinion.browser) for opinion in opinions}
    if any((at := tried[each.browser]) is None or each.covers(at) for each in opinions):
        return row.source
    return row.source.replace("Seen on ", "Seen only in a newer version: ")


_WHO_CELLS: Final = 18
_COLUMNS: Final = (
    ("stored", 8),
    ("again", 7),
    ("own", 5),
    ("link", 6),
    ("post", 7),
    ("embedded", 9),
)
_HEADINGS: Final = {
    "stored": "stored",
    "again": "again",
    "own": "own",
    "link": "link",
    "post": "POST",
    "embedded": "embedded",
}


def _table(found: Sequence[Opinion], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield a row for each browser and range of versions, and what the columns mean."""
    names = _names(titles)
    stored_somewhere = any(opinion.sendings for opinion in found)
    columns = _COLUMNS if stored_somewhere else _COLUMNS[:1]
    yield _row("", {name: names[name] for name, _ in columns}, "seen")
    for opinion in found:
        sent = {each.request: _sign(each) for each in opinion.sendings}
        signs = {"stored": YES if opinion.stored is not None else NO, **sent}
        cells = {name: signs.get(name, "") for name, _ in columns}
        yield _row(who(opinion), cells, _basis(opinion))
    yield ""
    if stored_somewhere:
        yield f"{YES} yes  {NO} no; then whether it is sent with:"
        yield from (f"  {names[request]}: {title}" for request, title in titles.items())
    else:
        yield f"{NO} no"
    limits = {each.seconds for opinion in found for each in opinion.sendings if each.sent}
    for seconds in sorted(each for each in limits if each is not None):
        yield f"{_limit(seconds)}: yes, for that long after it was set; then no"
    for opinion in found:
        if opinion.until is not None and not opinion.until_known:
            yield (
                f"{who(opinion)}: the last such version is not known, but is older than "
                f"{version_text(opinion.until)}"
            )
    if any(opinion.basis is not Basis.SPECIFICATION for opinion in found):
        yield "seen: the version of the browser that was tried; no: documented only"


def _names(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the heading of each column."""
    return _HEADINGS if titles is TITLES else {**_HEADINGS, "again": "this"}


def _row(who: str, cells: Mapping[str, str], basis: str) -> str:
    middle = "".join(f"{cells[name]:<{width}}" for name, width in _COLUMNS if name in cells)
    return f"{who:<{_WHO_CELLS}}{middle}{basis}"


def _sign(sending: Sending) -> str:
    if not sending.sent:
        return NO
    if sending.seconds is None:
        return YES
    return _limit(sending.seconds)


def _limit(seconds: float) -> str:
    return f"{seconds / 60:g} min"


Item = TypeVar("Item")


def _grouped(pairs: Iterable[tuple[Item, Opinion]]) -> dict[Item, list[Opinion]]:
    groups: dict[Item, list[Opinion]] = {}
    for item, opinion in pairs:
        groups.setdefault(item, []).append(opinion)
    return groups


def _all(found: Sequence[Opinion]) -> str:
    """Return the browsers of some opinions, each with its versions."""
    return capitalized(listed([who(opinion) for opinion in found]))


def who(opinion: Opinion) -> str:
    """Return the browser and its versions: ``Chromium 67-79``; ``-?`` if the last is unknown."""
    name = NAMES[opinion.browser]
    if opinion.since is None:
        return name
    since = version_text(opinion.since)
    if opinion.until is None:
        return f"{name} {since}+"
    if not opinion.until_known:
        return f"{name} {since}-?"
    if opinion.until % 1 == opinion.since % 1 == 0:
        last = opinion.until - 1
        return f"{name} {since}" if last == opinion.since else f"{name} {since}-{last:g}"
    return f"{name} {since}-<{version_text(opinion.until)}"


def _basis(opinion: Opinion) -> str:
    if opinion.basis is Basis.TRIED:
        return f"in {version_text(TRIED[opinion.browser])}"
    return "no" if opinion.basis is Basis.DOCUMENTS else ""


def comparison_entry(
    line: str, circumstance: Circumstance, found: Sequence[Opinion]
) -> dict[str, Any]:
    """Return the same as plain JSON types."""
    return {
        "set_cookie": line,
        "url": circumstance.url,
        "page": circumstance.page,
        "top_level": circumstance.top_level,
        "method": circumstance.method,
        "browsers": [_entry(opinion) for opinion in found],
    }


def _entry(opinion: Opinion) -> dict[str, Any]:
    return {
        "browser": opinion.browser,
        "since": opinion.since,
        "until": opinion.until,
        "until_known": opinion.until_known,
        "outcome": opinion.result.outcome.value,
        "reasons": [finding_entry(finding) for finding in opinion.result.reasons],
        "warnings": [finding_entry(finding) for finding in opinion.result.warnings],
        "sent": {
            each.request: {
                "sent": each.sent,
                "seconds": each.seconds,
                "reasons": [finding_entry(finding) for finding in each.reasons],
            }
            for each in opinion.sendings
        },
        "basis": opinion.basis.value,
        "departures": [
            {"switch": row.switch, "what": row.what, "source": row.source}
            for row in opinion.because
        ],
    }


def finding_entry(finding: Finding) -> dict[str, Any]:
    """Return a reason as plain JSON types."""
    return {
        "code": finding.code.value,
        "section": finding.section,
        "sentence": capitalized(reason(finding)),
        "fix": remedy(finding),
    }
