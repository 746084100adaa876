"""The engine and the fold alone: CPU time per exchange, on each kind of traffic.

The peers are the jars of Python's standard library and of Node. They only store and select
cookies for the same exchanges, and explain nothing.
"""

from __future__ import annotations

import http.client
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from http.cookiejar import CookieJar

from benchmarks.captures import doubtful, ordinary, siblings
from benchmarks.figures import (
    Figure,
    figure,
    fold_seconds,
    medians,
    only_its_own_garbage,
    rounds,
    sliced,
)
from benchmarks.runner import main
from benchmarks.tough_cookie import installed
from cookietrace import events as ev

HEADERS = (
    ("Host", "shop.test"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml"),
    ("Accept-Language", "en-GB,en"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)


def shop(exchanges: int) -> Iterator[ev.Event]:
    """Yield a visit to a shop: five cookies, one of which rotates every tenth page."""
    yield ev.Capture(capture_id="b", schema=1, at=0.0, producer="bench")
    yield ev.Client(client_id="c1", at=0.0, listen="l", peer="p", user_agent=HEADERS[1][1])
    jar = {f"c{number}": "0" * 16 for number in range(5)}
    for number in range(exchanges):
        cookie = "; ".join(f"{name}={value}" for name, value in jar.items()) if number else None
        headers = HEADERS if cookie is None else (*HEADERS, ("Cookie", cookie))
        at = float(number)
        yield ev.Request(
            exchange_id=f"x{number}",
            client_id="c1",
            at=at,
            method="GET",
            url=f"https://shop.test/page/{number % 50}",
            upstream=None,
            http_version="HTTP/2.0",
            headers=headers,
        )
        lines: list[tuple[str, str]] = [("Content-Type", "text/html")]
        if number == 0:
            lines += [("Set-Cookie", f"{name}={value}; Path=/") for name, value in jar.items()]
        elif number % 10 == 0:
            jar.pop("c0")  # Chromium sends a cookie with a new value after the older ones.
            jar["c0"] = f"{number:016d}"
            lines.append(("Set-Cookie", f"c0={jar['c0']}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        yield ev.Response(
            exchange_id=f"x{number}",
            at=at + 0.02,
            status_code=200,
            reason="",
            http_version="HTTP/2.0",
            headers=tuple(lines),
        )


Traffic = Callable[[int], Iterator[ev.Event]]

TRAFFIC: Mapping[str, Traffic] = {
    "one shop": shop,
    "ordinary": ordinary,
    "siblings": siblings,
    "doubtful": doubtful,
}


def exchanges_of(events: Iterator[ev.Event]) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of each exchange, and its Set-Cookie lines."""
    urls: dict[str, str] = {}
    for event in events:
        if isinstance(event, ev.Request):
            urls[event.exchange_id] = event.url
        elif isinstance(event, ev.Response):
            lines = [value for name, value in event.headers if name == "Set-Cookie"]
            yield urls.pop(event.exchange_id), lines


class _Response:
    """The part of a response that the standard library's jar uses."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._headers = http.client.HTTPMessage()
        for line in lines:
            self._headers.add_header("Set-Cookie", line)

    def info(self) -> Message:
        """Return the headers."""
        return self._headers


def cookiejar_seconds(exchanges: Iterator[tuple[str, list[str]]]) -> float:
    """Return the CPU seconds that ``http.cookiejar`` takes for exchanges."""
    jar, spent = CookieJar(), 0.0
    for batch in sliced(exchanges):
        work = [(url, _Response(lines)) for url, lines in batch]
        start = time.process_time()
        for url, response in work:
            request = urllib.request.Request(url)
            jar.add_cookie_header(request)
            jar.extract_cookies(response, request)  # type: ignore[arg-type]
        spent += time.process_time() - start
    return spent


Jar = Callable[[Iterator[tuple[str, list[str]]]], float]
"""A peer: returns its CPU seconds for exchanges."""


def _beside(peer: str, jar: Jar, sizes: Sequence[int]) -> Iterator[Figure]:
    for name, traffic in TRAFFIC.items():
        fold_seconds(traffic(100))  # what is loaded once
        for size in sizes:
            both = []
            for _ in range(rounds(size)):
                with only_its_own_garbage():
                    ours = fold_seconds(traffic(size))
                both.append((ours, jar(exchanges_of(traffic(size)))))
            ours, theirs = (each / size * 1e6 for each in medians(both))
            yield figure(
                f"fold, {name}: CPU", size, ours, "µs/exchange", peer=peer, peer_value=theirs
            )


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield the CPU time per exchange for each kind of traffic, beside each of the peers."""
    yield from _beside("http.cookiejar", cookiejar_seconds, sizes)
    with installed() as tough:
        if tough is not None:
            yield from _beside("tough-cookie", tough.seconds, sizes)


if __name__ == "__main__":
    sys.exit(main(["fold", *sys.argv[1:]]))
