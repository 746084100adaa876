"""The public cookie test vectors, from the folder given by ``--conformance DIR``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    default_public_suffixes,
    is_ip,
    parse_cookie_date,
    parse_target,
)
from tests.cookies.contexts import CONTEXTS

pytestmark = pytest.mark.conformance


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of the vectors."""
    return Path(request.config.getoption("--conformance"))


class _EveryTopLevel:
    """The suffix list of the Go vectors: every top-level label, and ``co.uk``."""

    def is_public_suffix(self, domain: str, /) -> bool:
        return domain == "co.uk" or "." not in domain

    def registrable_domain(self, host: str, /) -> str | None:
        labels = host.split(".")
        needed = 3 if labels[-2:] == ["co", "uk"] else 2
        return ".".join(labels[-needed:]) if len(labels) >= needed and not is_ip(host) else None


def _load(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return found


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _wire(url: str) -> str:
    """Return a URL with non-ASCII characters as its bytes on the wire."""
    return url.encode().decode("latin-1")


def test_http_state_parser(folder: Path) -> None:
    """Every parser case gives the header that -22 requires."""
    wrong = []
    cases = _load(folder / "http_state_parser.json")
    for case in cases:
        jar, now = CookieJar(PROFILES["spec"], default_public_suffixes()), _at(case["now"])
        for line in case["received"]:
            jar.store(line, parse_target(case["url"]), CONTEXTS["page"], now)
        header = jar.select(parse_target(case["sent_to"]), CONTEXTS["page"], now).header
        expected = case.get("rfc6265bis_cookie_header", case["expected_cookie_header"])
        if header != expected:
            wrong.append((case["name"], header, expected))
    assert (wrong, len(cases)) == ([], 222)


def test_http_state_dates(folder: Path) -> None:
    """Every date is parsed as -22 requires."""
    wrong = []
    cases = _load(folder / "http_state_dates.json")
    for case in cases:
        moment = parse_cookie_date(case["date"])
        read = None
        if moment is not None:
            read = datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        if read != case["expected"]:
            wrong.append((case["date"], read, case["expected"]))
    assert (wrong, len(cases)) == ([], 70)


def test_go_cookiejar(folder: Path) -> None:
    """Every jar and every query of Go's tables gives the result that -22 requires."""
    wrong = []
    checks = 0
    for group in _load(folder / "go_cookiejar.json"):
        start = _at(group["now"])
        jar = CookieJar(PROFILES["spec"], _EveryTopLevel())
        for test in group["tests"]:
            if not group["shared_jar"]:
                jar = CookieJar(PROFILES["spec"], _EveryTopLevel())
            for line in test["set_cookies"]:
                jar.store(line, parse_target(_wire(test["url"])), CONTEXTS["page"], start)
            jar.expire(start + 1.001)
            held = " ".join(sorted(cookie.pair for cookie in jar.cookies()))
            checks += 1
            if held != test.get("rfc6265bis_jar", test["expected_jar"]):
                wrong.append((test["name"], "jar", held))
            for query in test["queries"]:
                target = parse_target(_wire(query["url"]))
                chosen = jar.select(target, CONTEXTS["page"], start + query["at_ms"] / 1000)
                sent = " ".join(cookie.pair for cookie in chosen.sent)
                checks += 1
                if sent != query.get("rfc6265bis", query["expected"]):
                    wrong.append((test["name"], query["url"], sent))
    assert (wrong, checks) == ([], 285)
