"""What was found, the surest first, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from cookietrace.addresses import from_here
from cookietrace.doctor.checks import CHECKS
from cookietrace.doctor.facts import Facts, Passed
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.lesson.display_text import plural, some
from cookietrace.safe_text import safe

WIDTH = 80
_INDENT = "  "
_ORDER = tuple(Sure)
LABELS = {Sure.KNOWN: "known", Sure.PROBABLY: "probably", Sure.GUESS: "a guess"}


class Found(msgspec.Struct, frozen=True):
    """A finding, and the name of the check that found it."""

    check: str
    finding: Finding


def diagnose(facts: Facts) -> tuple[Found, ...]:
    """Return what all checks find, the surest first; equally sure ones in the table's order."""
    found = [Found(name, finding) for name, check in CHECKS.items() for finding in check(facts)]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.finding.sure)))


def without_guesses(found: tuple[Found, ...]) -> tuple[Found, ...]:
    """Return the findings to which something on this machine points."""
    return tuple(each for each in found if each.finding.sure is not Sure.GUESS)


def report_lines(facts: Facts, found: tuple[Found, ...], *, every: bool = False) -> Iterator[str]:
    """Yield the report: what was tried, then each finding with its fixes; safe for a terminal.

    Guesses are last. While traffic arrives and no URL is asked about, they are only counted, unless
    ``every`` is set.
    """
    for line in _tried(facts):
        yield from _wrapped(line)
    surer = without_guesses(found)
    for each in surer:
        yield ""
        yield from finding_lines(each.finding)
    if not surer:
        yield ""
        yield "Nothing was found that keeps traffic from the recorder."
    yield from _guesses(facts, found[len(surer) :], every=every)
    if facts.not_looked:
        yield ""
        left_out = "; ".join(f"{each.what} ({each.why})" for each in facts.not_looked)
        yield from _wrapped(f"Not checked: {left_out}.")
    if facts.url is None and facts.recorder is not None and facts.recorder.live:
        yield ""
        yield "To try a request for a URL: cookietrace doctor URL"


def _guesses(facts: Facts, guesses: tuple[Found, ...], *, every: bool) -> Iterator[str]:
    if not guesses:
        return
    yield ""
    if facts.url is None and facts.seen.requests and not every:
        causes = plural(len(guesses), "common cause")
        yield f"{causes} that nothing here points to: cookietrace doctor --all"
        return
    yield "Often the cause, but nothing here shows that it is:"
    for each in guesses:
        yield ""
        yield from finding_lines(each.finding)


def finding_lines(finding: Finding, width: int = WIDTH) -> Iterator[str]:
    """Yield one finding: what, why, and the fixes. A command is never broken."""
    label = f"{LABELS[finding.sure]}: "
    yield from _wrapped(label + finding.what, width)
    yield from (f"{_INDENT}{line}" for line in _wrapped(finding.why, width - len(_INDENT)))
    lead = "Fix:"
    for fix in finding.fixes:
        where = f"{fix.where}: " if fix.where else ""
        yield safe(f"{_INDENT}{lead:<5}{where}{fix.do}")
        lead = ""


def short_fix(finding: Finding) -> str:
    """Return the first fix for somebody who is recording already; empty if there is none."""
    others = (fix.do for fix in finding.fixes if not fix.do.startswith("cookietrace watch"))
    return next(others, "")


def report_entry(facts: Facts, found: tuple[Found, ...]) -> dict[str, Any]:
    """Return the report for programs."""
    recorder, tried = facts.recorder, facts.attempt
    return {
        "url": None if facts.url is None else facts.url.origin,
        "recorder": None
        if recorder is None
        else {
            "capture": recorder.capture,
            "live": recorder.live,
            "listeners": [from_here(listener.address) for listener in recorder.listeners],
            "named_by_user": recorder.given,
            "requests": facts.seen.requests if facts.is_read else None,
            "requests_of_host": None
            if facts.url is None or not facts.is_read
            else facts.seen.of_host,
        },
        "attempt": tried,
        "findings": [
            {
                "check": each.check,
                "sure": each.finding.sure,
                "what": each.finding.what,
                "why": each.finding.why,
                "fixes": [_fix_entry(fix) for fix in each.finding.fixes],
            }
            for each in found
        ],
        "not_looked_at": facts.not_looked,
    }


def _fix_entry(fix: Fix) -> dict[str, str | None]:
    return {"do": fix.do, "where": fix.where or None}


def _tried(facts: Facts) -> Iterator[str]:
    """Yield what is known about the recorder, and what became of a request."""
    recorder = facts.recorder
    if recorder is None:
        return
    said = [from_here(listener.address) for listener in recorder.listeners]
    addresses = some(each for each in said if each != recorder.given)
    state = "The recorder" if recorder.live else "The recorder, which has stopped,"
    verb = "listens" if recorder.live else "listened"
    seen = f"{plural(facts.seen.requests, 'request')} so far"
    if facts.url is not None and facts.seen.requests:
        seen += f", {facts.seen.of_host:,} of them to {safe(facts.url.origin)}"
    by_name: Counter[str] = Counter()
    for client in facts.seen.clients:
        by_name[client.name] += client.requests
    clients = [f"{count:,} from {name}" for name, count in by_name.items() if count]
    if clients:
        seen += f" ({some(clients)})"
    capture = "" if recorder.capture is None else f"; its capture {recorder.capture} has {seen}"
    if facts.is_read:
        yield f"{state} {verb} on {addresses or 'no address that is known'}{capture}."
    if recorder.given is not None:
        yield f"You named {recorder.given} as the recorder's proxy (--proxy)."
    tried = facts.attempt
    if tried is not None and tried.outcome is Passed.PASSED:  # otherwise a finding says so
        rest = _RECORDED[tried.recorded]
        yield f"This command sent a request through {tried.through}: {tried.detail}{rest}."


_RECORDED = {
    True: ". It was recorded, so the recorder works for this URL. A request that is missing did "
    "not go through the recorder",
    False: ". It was not recorded",
    None: ". Whether it was recorded is not known: name the capture with --capture",
}


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(safe(text), width, break_long_words=False, break_on_hyphens=False)
