"""Makes captures to measure with: seeded, so that every run and every version reads the same one.

``python -m benchmarks.captures SHAPE EXCHANGES FILE [--seed N]`` writes one. The shapes are those
of the table ``SHAPES``:

- ``ordinary``: five sites, a page with its parts, a Set-Cookie in every third response;
- ``siblings``: forty hosts on one site, with five cookies each;
- ``doubtful``: every response sets a cookie with a new name, and nobody knows whether the browser
  took it, or whether it came before the next request;
- ``har``: as ``ordinary``, as a HAR with bodies of 4 KB.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cookietrace import events as ev
from cookietrace.stores import create_capture

SEED = 14
BATCH = 2_000
"""Events per transaction."""

_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Safari/537.36"
)
_SITES = ("shop.test", "news.test", "mail.test", "wiki.test", "bank.test")
_NAMES = ("session", "theme", "cart", "visits", "consent")
_BEGUN = 1_790_000_000.0


class _Browser:
    """The cookies that one browser holds, as far as this traffic needs them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._jars: dict[str, dict[str, str]] = {}

    def value(self) -> str:
        """Return a new value."""
        return f"{self._random.getrandbits(96):024x}"

    def choose(self, count: int) -> int:
        """Return a number below ``count``."""
        return self._random.randrange(count)

    def header(self, host: str) -> str:
        """Return the Cookie header for a host; empty without cookies."""
        return "; ".join(f"{name}={value}" for name, value in self._jars.get(host, {}).items())

    def set(self, host: str, name: str) -> str:
        """Give a cookie a new value, and return it; the browser sends it last from then on."""
        jar, value = self._jars.setdefault(host, {}), self.value()
        jar.pop(name, None)
        jar[name] = value
        return value


def _pair(
    browser: _Browser, number: int, host: str, path: str, setting: str | None
) -> Iterator[ev.Event]:
    """Yield the request and the response of one exchange, with the body of the response."""
    at = _BEGUN + number * 0.25
    page = path.endswith("/")
    headers = [
        ("Host", host),
        ("User-Agent", _AGENT),
        ("Accept", "text/html,application/xhtml+xml" if page else "*/*"),
        ("Accept-Language", "en-GB,en;q=0.9"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Sec-Fetch-Site", "none" if page else "same-origin"),
        ("Sec-Fetch-Mode", "navigate" if page else "no-cors"),
        ("Sec-Fetch-Dest", "document" if page else "image"),
    ]
    if page:
        headers += [("Sec-Fetch-User", "?1"), ("Upgrade-Insecure-Requests", "1")]
    else:
        headers.append(("Referer", f"https://{host}/"))
    cookie = browser.header(host)
    if cookie:
        headers.append(("Cookie", cookie))
    exchange_id = f"{number:08x}{browser.value()[:8]}"
    yield ev.Request(
        exchange_id=exchange_id,
        client_id="c1",
        at=at,
        method="GET",
        url=f"https://{host}{path}",
        http_version="HTTP/2.0",
        headers=tuple(headers),
    )
    fields = [
        ("Content-Type", "text/html; charset=utf-8" if page else "image/png"),
        ("Server", "bench"),
        ("Cache-Control", "no-store"),
    ]
    if setting is not None:
        value = browser.set(host, setting)
        fields.append(("Set-Cookie", f"{setting}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"))
    yield ev.Response(
        exchange_id=exchange_id,
        at=at + 0.02,
        status_code=200,
        http_version="HTTP/2.0",
        headers=tuple(fields),
    )
    text = f"<!doctype html><title>Page {number}</title>" + "<p>Hello again.</p>" * 20
    yield ev.Body(
        exchange_id=exchange_id,
        at=at + 0.03,
        of="response",
        content_type=fields[0][1],
        size=len(text) if page else 2_048,
        content=text if page else None,
    )


def _begin() -> Iterator[ev.Event]:
    yield ev.Capture(
        capture_id=f"{SEED:032x}", schema=ev.SCHEMA, at=_BEGUN, producer="cookietrace benchmarks"
    )
    yield ev.Client(
        client_id="c1",
        at=_BEGUN,
        listen="127.0.0.1:8080",
        peer="127.0.0.1",
        user_agent=_AGENT,
    )


def ordinary(exchanges: int, seed: int = SEED) -> Iterator[ev.Event]:
    """Yield five sites, a page and two of its parts in turn; every third response sets a cookie."""
    browser = _Browser(seed)
    yield from _begin()
    for number in range(exchanges):
        site = _SITES[(number // 3) % len(_SITES)]
        part = number % 3
        path = f"/page/{browser.choose(200)}/" if part == 0 else f"/part/{browser.choose(200)}.png"
        setting = _NAMES[browser.choose(len(_NAMES))] if part == 0 else None
        yield from _pair(browser, number, f"www.{site}", path, setting)


def siblings(exchanges: int, seed: int = SEED) -> Iterator[ev.Event]:
    """Yield forty hosts on one site, each of which sets five cookies of its own at first."""
    browser = _Browser(seed)
    hosts = 40
    yield from _begin()
    for number in range(exchanges):
        host = f"app{number % hosts}.{_SITES[0]}"
        visit = number // hosts
        setting = _NAMES[visit] if visit < len(_NAMES) else None
        yield from _pair(browser, number, host, f"/page/{browser.choose(200)}/", setting)


_BY_SCRIPT = (("User-Agent", _AGENT), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"))


def doubtful(exchanges: int, seed: int = SEED) -> Iterator[ev.Event]:
    """Yield pairs of script's requests without cookies, and pairs that overlap in a new name.

    The first two are to another host of the page's site, and set a cookie of a new name each:
    nobody knows whether they were made with credentials. The others carry a name that nothing
    sets, and one that is set only by the response to it.
    """
    values = random.Random(seed)
    api, other = f"https://api.{_SITES[0]}", f"https://www.{_SITES[1]}"
    yield from _begin()
    for first in range(0, exchanges, 4):
        group = range(first, min(first + 4, exchanges))
        named = [(number, f"n{number}={values.getrandbits(96):024x}") for number in group]
        for number, pair in named[:2]:
            yield _by_script(number, api, ("Sec-Fetch-Site", "same-site"), _ORIGIN)
            yield _sets(number, pair)
        for number, pair in named[2:]:
            cookie = f"{pair}; m{number}=1"
            yield _by_script(number, other, ("Sec-Fetch-Site", "same-origin"), ("Cookie", cookie))
        for number, pair in named[2:]:
            yield _sets(number, f"{pair}; Max-Age=5")


_ORIGIN = ("Origin", f"https://www.{_SITES[0]}")


def _by_script(number: int, origin: str, *headers: tuple[str, str]) -> ev.Request:
    return ev.Request(
        exchange_id=f"{number:08x}",
        client_id="c1",
        connection=f"{origin}#{number // 64}",
        at=_BEGUN + number * 0.25,
        method="GET",
        url=f"{origin}/data/{number % 200}",
        http_version="HTTP/2.0",
        headers=(*_BY_SCRIPT, *headers),
    )


def _sets(number: int, cookie: str) -> ev.Response:
    return ev.Response(
        exchange_id=f"{number:08x}",
        at=_BEGUN + number * 0.25 + 0.3,
        status_code=200,
        http_version="HTTP/2.0",
        headers=(("Set-Cookie", f"{cookie}; Path=/; Secure; HttpOnly; SameSite=Lax"),),
    )


def write_capture(path: Path, events: Iterator[ev.Event]) -> None:
    """Write events into a new capture."""
    info = next(events)
    assert isinstance(info, ev.Capture)
    store = create_capture(path, info=info)
    batch: list[ev.Event] = []
    try:
        for event in events:
            batch.append(event)
            if len(batch) == BATCH:
                store.append(batch)
                batch.clear()
        if batch:
            store.append(batch)
    finally:
        store.close()


def _write_har(path: Path, events: Iterator[ev.Event]) -> None:
    """Write the exchanges as a HAR, entry by entry, each with a body of 4 KB of noise."""
    noise = random.Random(SEED)
    requests: dict[str, ev.Request] = {}
    separator = ""
    with path.open("w") as file:
        file.write('{"log": {"version": "1.2", "creator": {"name": "bench", "version": "1"}, ')
        file.write('"entries": [')
        for event in events:
            if isinstance(event, ev.Request):
                requests[event.exchange_id] = event
            elif isinstance(event, ev.Response):
                entry = _entry(requests.pop(event.exchange_id), event, noise.randbytes(2_250))
                file.write(f"{separator}\n{json.dumps(entry)}")
                separator = ","
        file.write("]}}\n")


def _entry(request: ev.Request, response: ev.Response, body: bytes) -> dict[str, object]:
    """Return an exchange as an entry of a HAR."""

    def fields(headers: ev.Headers) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in headers]

    return {
        "startedDateTime": datetime.fromtimestamp(request.at, UTC).isoformat(),
        "time": 20.0,
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": request.http_version,
            "cookies": [],
            "headers": fields(request.headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": response.status_code,
            "statusText": "OK",
            "httpVersion": response.http_version,
            "cookies": [],
            "headers": fields(response.headers),
            "content": {
                "size": len(body),
                "mimeType": "application/octet-stream",
                "text": base64.b64encode(body).decode(),
                "encoding": "base64",
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(body),
        },
        "cache": {},
        "timings": {"send": 1.0, "wait": 18.0, "receive": 1.0},
    }


Writer = Callable[[Path, int, int], None]

SHAPES: Mapping[str, Writer] = {
    "ordinary": lambda path, exchanges, seed: write_capture(path, ordinary(exchanges, seed)),
    "siblings": lambda path, exchanges, seed: write_capture(path, siblings(exchanges, seed)),
    "doubtful": lambda path, exchanges, seed: write_capture(path, doubtful(exchanges, seed)),
    "har": lambda path, exchanges, seed: _write_har(path, ordinary(exchanges, seed)),
}
"""How to write a capture of each shape."""


def main() -> None:
    """Write one capture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.captures", description=__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("exchanges", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    SHAPES[given.shape](given.file, given.exchanges, given.seed)


if __name__ == "__main__":
    main()
