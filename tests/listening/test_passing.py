"""Whether a browser's traffic passes through our proxy: said after some requests, never guessed."""

from __future__ import annotations

import pytest

from cookietrace.listening.passing import ENOUGH, Passing
from cookietrace.scope import Scope

FAR, LOCAL = "http://shop.test/x", "http://localhost:3000/x"
PROXY, BYPASS = "--proxy-server=http://127.0.0.1:8080", "--proxy-bypass-list='<-loopback>'"

ROWS: dict[str, tuple[list[str], list[str], str | None]] = {
    "nothing": ([], [], None),
    "all passes": ([FAR, LOCAL] * 5, [], None),
    "a few": ([], [FAR] * (ENOUGH - 1), None),
    "no proxy": (
        [],
        [FAR] * ENOUGH,
        f"the Chrome does not use this proxy: start it with {PROXY}; it is not recorded yet",
    ),
    "no proxy, and localhost": (
        [],
        [FAR, LOCAL, LOCAL],
        f"the Chrome does not use this proxy: start it with {PROXY} {BYPASS}; "
        "it is not recorded yet",
    ),
    "only localhost: both are possible": (
        [],
        [LOCAL, "http://[::1]:3000/", "https://127.0.0.9/", "ws://app.localhost/"],
        "the Chrome sends no request for this machine's own hosts through this proxy: "
        f"start it with {PROXY} {BYPASS}; it is not recorded yet",
    ),
    "all but localhost": (
        [FAR],
        [LOCAL] * ENOUGH,
        "the Chrome does not use this proxy for this machine's own hosts: start it with "
        f"{BYPASS} as well; requests to them are not recorded yet",
    ),
    "a reverse listener": ([LOCAL], [FAR] * 9, None),
    "another proxy for some": ([FAR, LOCAL], [FAR] * 9, None),
    "neither http nor recorded": (
        [],
        ["data:,x", "chrome://newtab/", "http://ignored.test/", "http://[/"] * 9,
        None,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_said(name: str) -> None:
    """One line that says what to do, if anything is to be done."""
    passed, missed, expected = ROWS[name]
    scope = Scope(ignore=["ignored.test", "["])
    passing = Passing("Chrome", "127.0.0.1:8080", scope.records_url)
    for url in missed:
        passing.missed(url)
    for url in passed:
        passing.passed(url)
    assert passing.line == expected


def test_it_is_over_once_something_passes() -> None:
    """A browser that was started again with the proxy is heard."""
    passing = Passing("Chrome", "127.0.0.1:8080", lambda _: True)
    for _ in range(ENOUGH):
        passing.missed(FAR)
    assert passing.line is not None
    passing.passed(FAR)
    assert passing.line is None
