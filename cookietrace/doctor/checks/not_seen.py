"""The browser's own word against the capture: what it says it asked, and what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cookietrace.doctor.facts import Asked, Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.lesson.display_text import clip, plural, shown

_WHY = {
    "network": "They went to the network by another way: the browser bypasses the proxy for them.",
    "cache": "The browser took the responses from its cache.",
    "service-worker": "A service worker of the page responded.",
    "blocked": "The browser or one of its extensions blocked them.",
}
_FIXES = {
    "network": (Fix("cookietrace ca", "the settings for loopback, at its end"),),
    "cache": (Fix("DevTools > Network > Disable cache", "while DevTools is open"),),
    "service-worker": (Fix("DevTools > Application > Service workers > Bypass for network"),),
    "blocked": (Fix("chrome://extensions or about:addons > switch them off, one by one"),),
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield, for each way in which a browser got a response, the requests that were not seen.

    What went to the network has to be in the capture as often as the browser says. What did not may
    be there, for another reason.
    """
    for way in _WHY:
        left = Counter(facts.seen.addresses)
        missing = []
        for asked in facts.asked:
            if asked.answered_by == way and asked.url.startswith(("http://", "https://")):
                if left[asked.url] < 1:
                    missing.append(asked)
                elif way == "network":
                    left[asked.url] -= 1
        if missing:
            yield _finding(way, missing)


def _finding(way: str, missing: list[Asked]) -> Finding:
    first = missing[0]
    verb = "was" if len(missing) == 1 else "were"
    return Finding(
        Sure.KNOWN,
        f"{plural(len(missing), 'request')} of {first.browser} {verb} not seen.",
        f"{_WHY[way]} The first one: {clip(shown(f'{first.method} {first.url}'), 100)}.",
        _FIXES[way],
    )
