"""Extensions that may change the proxy, or respond to requests before they leave a browser."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.facts import Extension, Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.lesson.display_text import some


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the extensions that could keep requests from the recorder."""
    if facts.proxy is None or facts.seen.of_host:
        return
    moving = [each for each in facts.extensions if each.moves]
    filtering = [each for each in facts.extensions if not each.moves]
    if moving:
        yield Finding(
            Sure.PROBABLY,
            f"{_names(moving)} may send requests to another proxy.",
            "An extension with the permission to set the proxy takes precedence over the "
            "browser's and the system's settings.",
            _fixes(moving),
        )
    if filtering:
        yield Finding(
            Sure.GUESS,
            f"{_names(filtering)} may block or redirect requests.",
            "What an extension blocks or answers never leaves the browser.",
            _fixes(filtering),
        )


def _names(extensions: list[Extension]) -> str:
    return some(f"{each.name} ({each.browser})" for each in extensions)


def _fixes(extensions: list[Extension]) -> tuple[Fix, ...]:
    pages = {
        "about:addons" if "Firefox" in each.browser else "chrome://extensions"
        for each in extensions
    }
    return (
        *(Fix(f"{page} > switch it off") for page in sorted(pages)),
        Fix("cookietrace watch --browser chromium", "a fresh browser, without extensions"),
    )
