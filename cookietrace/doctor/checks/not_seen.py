"""The browser's own word against the capture: what it says it sent, and what was recorded."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import is_loopback, parse_target
from cookietrace.doctor.bypass import bypassing
from cookietrace.doctor.facts import Facts, Unseen
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.lesson.display_text import clip, plural

_LONGEST = 100


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the requests of a browser that did not pass the recorder, of hosts that it records."""
    missing = [each for each in facts.unseen if not _is_left_out(facts, each)]
    if not missing:
        return
    first = missing[0]
    loopback = all(is_loopback(parse_target(each.url).host) for each in missing)
    why = (
        "They are for this machine, for which browsers bypass a proxy."
        if loopback
        else "They reached the network another way, or while nothing could be recorded."
    )
    yield Finding(
        Sure.KNOWN,
        f"{plural(len(missing), 'request')} that {first.browser} made "
        f"{'was' if len(missing) == 1 else 'were'} not recorded.",
        f"The browser itself reports this. {why} The first one: "
        f"{clip(f'{first.method} {first.url}', _LONGEST)}.",
        (Fix("cookietrace watch --browser chromium", "a fresh browser that uses the recorder"),),
    )


def _is_left_out(facts: Facts, unseen: Unseen) -> bool:
    recorder, target = facts.recorder, parse_target(unseen.url)
    if recorder is None:
        return False
    if recorder.only and bypassing(target, recorder.only) is None:
        return True
    return bypassing(target, recorder.ignore) is not None
