"""Measures engine and fold: exchanges per second on ordinary traffic, and whether time is linear.

Run ``python -m benchmarks.bench_fold``. The comparison in the same run is the standard
library's jar, which only stores and selects cookies for the same exchanges.
"""

from __future__ import annotations

import gc
import http.client
import statistics
import time
import urllib.request
from email.message import Message
from http.cookiejar import CookieJar

from cookietrace import events as ev
from cookietrace.trace import fold

RUNS = 5
SIZES = (5_000, 50_000)

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


def traffic(exchanges: int) -> list[ev.Event]:
    """Return a visit to a shop: five cookies, one of which rotates every tenth page."""
    events: list[ev.Event] = [ev.Capture(capture_id="b", schema=1, at=0.0, producer="bench")]
    events.append(ev.Client(client_id="c1", at=0.0, listen="l", peer="p", user_agent=HEADERS[1][1]))
    jar = {f"c{number}": "0" * 16 for number in range(5)}
    for number in range(exchanges):
        cookie = "; ".join(f"{name}={value}" for name, value in jar.items()) if number else None
        headers = HEADERS if cookie is None else (*HEADERS, ("Cookie", cookie))
        at = float(number)
        events.append(
            ev.Request(
                exchange_id=f"x{number}",
                client_id="c1",
                at=at,
                method="GET",
                url=f"https://shop.test/page/{number % 50}",
                upstream=None,
                http_version="HTTP/2.0",
                headers=headers,
            )
        )
        lines: list[tuple[str, str]] = [("Content-Type", "text/html")]
        if number == 0:
            lines += [("Set-Cookie", f"{name}={value}; Path=/") for name, value in jar.items()]
        elif number % 10 == 0:
            jar.pop("c0")  # Chromium sends a cookie with a new value after the older ones.
            jar["c0"] = f"{number:016d}"
            lines.append(("Set-Cookie", f"c0={jar['c0']}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        events.append(
            ev.Response(
                exchange_id=f"x{number}",
                at=at + 0.02,
                status_code=200,
                reason="",
                http_version="HTTP/2.0",
                headers=tuple(lines),
            )
        )
    return events


class _Response:
    """The part of a response that the standard library's jar uses."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        """Return the headers."""
        return self._headers


def cookiejar_seconds(events: list[ev.Event]) -> float:
    """Return the CPU seconds that ``http.cookiejar`` takes for the same exchanges."""
    jar = CookieJar()
    work: list[tuple[str, http.client.HTTPMessage]] = []
    urls = {event.exchange_id: event.url for event in events if isinstance(event, ev.Request)}
    for event in events:
        if isinstance(event, ev.Response):
            message = http.client.HTTPMessage()
            for name, value in event.headers:
                message.add_header(name, value)
            work.append((urls[event.exchange_id], message))
    start = time.process_time()
    for url, message in work:
        request = urllib.request.Request(url)
        jar.add_cookie_header(request)
        jar.extract_cookies(_Response(message), request)  # type: ignore[arg-type]
    return time.process_time() - start


def fold_seconds(events: list[ev.Event]) -> float:
    """Return the CPU seconds that folding the events takes."""
    start = time.process_time()
    fold(events)
    return time.process_time() - start


def main() -> None:
    """Print the rates, the ratio to ``http.cookiejar``, and how time grows.

    A rate is the best of several runs, since other work on the machine only adds time. For
    the growth, ten short folds are compared with one fold of ten times their length directly
    afterwards, so that both run at about the same machine speed. The result is the median of
    the rounds.
    """
    traffics = {exchanges: traffic(exchanges) for exchanges in SIZES}
    small, large = SIZES
    times = large // small
    gc.freeze()  # exclude the traffic from garbage collection during the fold
    fold(traffics[small])
    ours: dict[int, list[float]] = {exchanges: [] for exchanges in SIZES}
    theirs: dict[int, list[float]] = {exchanges: [] for exchanges in SIZES}
    growth = []
    for _ in range(RUNS):
        short = [fold_seconds(traffics[small]) for _ in range(times)]
        long = fold_seconds(traffics[large])
        growth.append(long / sum(short) * times)
        ours[small] += short
        ours[large].append(long)
        for exchanges, events in traffics.items():
            theirs[exchanges].append(cookiejar_seconds(events))
    for exchanges in SIZES:
        best = min(ours[exchanges])
        print(
            f"{exchanges:>7} exchanges: {exchanges / best:>8,.0f} exchanges/s of CPU; "
            f"http.cookiejar takes {min(theirs[exchanges]) / best:.2f} x our time"
        )
    median = statistics.median(growth)
    spread = f"{min(growth):.1f} to {max(growth):.1f}"
    print(f"{times} x the exchanges take {median:.1f} x the time ({spread} in {RUNS} rounds)")


if __name__ == "__main__":
    main()
