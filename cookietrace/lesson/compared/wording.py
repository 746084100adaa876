"""The opinions of the browsers in words, and as JSON. All of it is display text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from cookietrace.cookies import Finding, Outcome
from cookietrace.cookies.profiles import TRIED, version_text
from cookietrace.lesson.compared.circumstance import TITLES, Circumstance
from cookietrace.lesson.compared.opinions import Basis, Opinion, Sending
from cookietrace.lesson.display_text import capitalized, listed, shown, span
from cookietrace.lesson.prose import reason, remedy
from cookietrace.lesson.short_reasons import short_reason

NAMES: Final = {
    "chromium": "Chromium",
    "firefox": "Firefox",
    "safari": "Safari",
    "spec": "The specification",
}

SIGNS: Final = {True: "\N{BLACK CIRCLE}", False: "\N{BALLOT X}"}
"""The sign of a line that stores a cookie, and of one that does not, as in the table."""

_OUTCOMES: Final = {
    Outcome.CREATED: "stores it",
    Outcome.DELETED: "deletes the cookie",
    Outcome.REJECTED: "refuses it",
    Outcome.IGNORED: "stores nothing: the cookie has expired already",
}


def comparison_lines(
    line: str, circumstance: Circumstance, found: Sequence[Opinion]
) -> Iterator[str]:
    """Yield the lines of a report: one paragraph per browser and range of versions."""
    yield f"Set-Cookie: {shown(line)}"
    yield f"for {shown(circumstance.url)}: {shown(circumstance.words)}"
    for opinion in found:
        yield ""
        sign = SIGNS[opinion.stored is not None]
        yield f"{sign} {_who(opinion)} {_OUTCOMES[opinion.result.outcome]}"
        for finding in opinion.result.reasons:
            yield f"    {reason(finding)} [{finding.section}]"
        yield from _sendings(opinion)
        yield f"    {_basis(opinion)}"
    fixes = dict.fromkeys(
        remedy(finding) for opinion in found for finding in opinion.result.reasons
    )
    if fixes:
        yield ""
        for fix in fixes:
            yield f"Fix: {fix}"
    rows = {row: NAMES[each.browser] for each in found for row in each.because}
    if rows:
        yield ""
        yield "Where they differ from the specification:"
        for row, browser in rows.items():
            what = row.what.replace("`", "'")
            yield f"  {browser}: {what} ({row.source})"


def _who(opinion: Opinion) -> str:
    """Return the browser and its versions: ``Chromium 67 to 79``."""
    name = NAMES[opinion.browser]
    if opinion.since is None:
        return name
    since = version_text(opinion.since)
    if opinion.until is None:
        return f"{name} {since} and later"
    return f"{name} from {since} to before {version_text(opinion.until)}"


def _basis(opinion: Opinion) -> str:
    if opinion.basis is Basis.TRIED:
        version = version_text(TRIED[opinion.browser])
        return f"Seen in {NAMES[opinion.browser]} {version}."
    if opinion.basis is Basis.DOCUMENTS:
        return "By its documentation; not tried."
    return "As its text says."


def _sendings(opinion: Opinion) -> Iterator[str]:
    """Yield what is sent and what is withheld, requests of one kind in one line."""
    sent = [_sent(each) for each in opinion.sendings if each.sent]
    if opinion.sendings and len(sent) == len(opinion.sendings) and not _ends(opinion.sendings):
        yield "    Sent with every request to this URL."
        return
    if sent:
        yield f"    Sent with {listed(sent)}."
    withheld: dict[str, list[str]] = {}
    for each in opinion.sendings:
        if not each.sent:
            why = "; ".join(dict.fromkeys(short_reason(finding) for finding in each.reasons))
            withheld.setdefault(why, []).append(TITLES[each.request])
    for why, titles in withheld.items():
        yield f"    Withheld from {listed(titles)}: {why}."


def _ends(sendings: Sequence[Sending]) -> bool:
    return any(each.seconds is not None for each in sendings)


def _sent(sending: Sending) -> str:
    title = TITLES[sending.request]
    if sending.seconds is None:
        return title
    return f"{title} (for the first {span(sending.seconds)} only)"


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
        "outcome": opinion.result.outcome.value,
        "reasons": [_finding(finding) for finding in opinion.result.reasons],
        "warnings": [_finding(finding) for finding in opinion.result.warnings],
        "sent": {
            each.request: {
                "sent": each.sent,
                "seconds": each.seconds,
                "reasons": [_finding(finding) for finding in each.reasons],
            }
            for each in opinion.sendings
        },
        "basis": opinion.basis.value,
        "departures": [
            {"switch": row.switch, "what": row.what, "source": row.source}
            for row in opinion.because
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.value,
        "section": finding.section,
        "sentence": capitalized(reason(finding)),
        "fix": remedy(finding),
    }
