"""Engine and fold together: exchanges a second on ordinary traffic, and whether time is linear.

Run as ``python -m benchmarks.bench_fold``. The peer in the same run is the
standard library's jar doing only extract and add-header on the same exchanges.
"""

from __future__ import annotations

import gc
import http.client
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

    The best of a few runs counts, for both: other work on the machine only adds.
    """
    told = {exchanges: traffic(exchanges) for exchanges in SIZES}
    gc.freeze()  # the traffic is ours, not the fold's: it is not searched for garbage
    fold(told[SIZES[0]])
    runs = [
        (exchanges, ours(events), peer(events))
        for _ in range(RUNS)
        for exchanges, events in told.items()
    ]
    best = {}
    for exchanges in SIZES:
        best[exchanges] = min(mine for count, mine, _ in runs if count == exchanges)
        other = min(theirs for count, _, theirs in runs if count == exchanges)
        print(
            f"{exchanges:>7} exchanges: {exchanges / best[exchanges]:>8,.0f} exchanges/s of CPU; "
            f"http.cookiejar takes {other / best[exchanges]:.2f} x our time"
        )
    small, large = SIZES
    print(f"{large // small} x the exchanges take {best[large] / best[small]:.1f} x the time")


if __name__ == "__main__":
    main()
