"""Engine and fold together: exchanges a second on ordinary traffic, and whether time is linear.

Run as ``python -m benchmarks.bench_fold``. The peer in the same run is the
standard library's jar doing only extract and add-header on the same exchanges.
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
    """A person on a shop: five cookies, one of them rotated every tenth page."""
    told: list[ev.Event] = [ev.Capture(capture_id="b", schema=1, at=0.0, producer="bench")]
    told.append(ev.Client(client_id="c1", at=0.0, listen="l", peer="p", user_agent=HEADERS[1][1]))
    held = {f"c{number}": "0" * 16 for number in range(5)}
    for number in range(exchanges):
        cookie = "; ".join(f"{name}={value}" for name, value in held.items()) if number else None
        headers = HEADERS if cookie is None else (*HEADERS, ("Cookie", cookie))
        at = float(number)
        told.append(
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
            lines += [("Set-Cookie", f"{name}={value}; Path=/") for name, value in held.items()]
        elif number % 10 == 0:
            held.pop("c0")  # Chromium sends a cookie with a new value after the older ones.
            held["c0"] = f"{number:016d}"
            lines.append(("Set-Cookie", f"c0={held['c0']}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        told.append(
            ev.Response(
                exchange_id=f"x{number}",
                at=at + 0.02,
                status_code=200,
                reason="",
                http_version="HTTP/2.0",
                headers=tuple(lines),
            )
        )
    return told


class _Answer:
    """As much of a response as the standard library's jar asks for."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        """Return the headers."""
        return self._headers


def peer(events: list[ev.Event]) -> float:
    """Run the same exchanges through ``http.cookiejar``; seconds."""
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
        jar.extract_cookies(_Answer(message), request)  # type: ignore[arg-type]
    return time.process_time() - start


def ours(events: list[ev.Event]) -> float:
    """Fold the events; seconds."""
    start = time.process_time()
    fold(events)
    return time.process_time() - start


def main() -> None:
    """Print rates, the ratio to the peer, and how time grows.

    For the rates the best of a few runs counts, for both: other work on the
    machine only adds. For the growth, ten short folds are held against one of ten
    times their length, right after them and as long, so that a machine whose own
    speed changes is the same for both; of the rounds the middle one counts.
    """
    told = {exchanges: traffic(exchanges) for exchanges in SIZES}
    small, large = SIZES
    times = large // small
    gc.freeze()  # the traffic is ours, not the fold's: it is not searched for garbage
    fold(told[small])
    mine: dict[int, list[float]] = {exchanges: [] for exchanges in SIZES}
    theirs: dict[int, list[float]] = {exchanges: [] for exchanges in SIZES}
    growth = []
    for _ in range(RUNS):
        short = [ours(told[small]) for _ in range(times)]
        long = ours(told[large])
        growth.append(long / sum(short) * times)
        mine[small] += short
        mine[large].append(long)
        for exchanges, events in told.items():
            theirs[exchanges].append(peer(events))
    for exchanges in SIZES:
        best = min(mine[exchanges])
        print(
            f"{exchanges:>7} exchanges: {exchanges / best:>8,.0f} exchanges/s of CPU; "
            f"http.cookiejar takes {min(theirs[exchanges]) / best:.2f} x our time"
        )
    middle = statistics.median(growth)
    spread = f"{min(growth):.1f} to {max(growth):.1f}"
    print(f"{times} x the exchanges take {middle:.1f} x the time ({spread} in {RUNS} rounds)")


if __name__ == "__main__":
    main()
