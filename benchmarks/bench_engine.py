"""The cookie engine alone, beside ``http.cookiejar`` and tough-cookie in the same run.

One exchange parses a Set-Cookie line, stores it, and builds the Cookie header of the next
request, with 50 cookies in the jar. Times are CPU time, the best of many slices. The jars take
turns, so that other load affects all of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from email.message import Message
from http.cookiejar import CookieJar as StandardJar
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple, cast
from urllib.request import Request

from benchmarks.figures import ANY_SIZE, Figure, figure, medians, rounds
from benchmarks.runner import main
from benchmarks.tough_cookie import ToughCookie, installed
from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Credentials,
    RequestContext,
    Site,
    default_public_suffixes,
    parse_target,
)

ROUNDS = 5
EXCHANGES = 500
"""Exchanges per slice: few enough that some slices are not interrupted by other load."""
SLICES = 20
LINES = [
    f"c{number % 5}=value{number}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600"
    for number in range(100)
]
NOW = 1_800_000_000.0
CONTEXT = RequestContext(
    site=Site.SAME,
    top_level=True,
    unsafe=False,
    credentials=Credentials.INCLUDE,
    top_level_site="https://s0.test",
    certain=True,
)


class Shape(NamedTuple):
    """How the 50 cookies are spread over sites."""

    title: str
    sites: int
    each: int


SHAPES = (Shape("10 sites of 5", 10, 5), Shape("one site of 50", 1, 50))
Run = Callable[[], float]


def initial_cookie(site: int, number: int) -> tuple[str, str]:
    """Return a URL and a line for filling the jar."""
    line = f"c{number}=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600"
    return f"https://s{site}.test/", line


def ours(shape: Shape) -> Run:
    """Return a run of our engine. A run returns microseconds per exchange."""
    jar = CookieJar(PROFILES["chromium"], default_public_suffixes())
    for site in range(shape.sites):
        for number in range(shape.each):
            url, line = initial_cookie(site, number)
            jar.store(line, parse_target(url), CONTEXT, NOW)

    def run() -> float:
        begin = time.process_time()
        for number in range(EXCHANGES):
            target = parse_target("https://s0.test/a/b")
            jar.store(LINES[number % 100], target, CONTEXT, NOW)
            _ = jar.select(target, CONTEXT, NOW).header
        return (time.process_time() - begin) / EXCHANGES * 1e6

    return best_of(run, SLICES)


def best_of(run: Run, count: int) -> Run:
    """Return a run of many slices that returns the time of the best one."""
    return lambda: min(run() for _ in range(count))


class Response:
    """The part of a response that ``http.cookiejar`` reads."""

    def __init__(self, line: str) -> None:
        self.message = Message()
        self.message["Set-Cookie"] = line

    def info(self) -> Message:
        """Return the headers."""
        return self.message


def standard(shape: Shape) -> Run:
    """Return a run of the standard library's jar."""
    jar = StandardJar(DefaultCookiePolicy(rfc2965=False))

    def extract(url: str, line: str) -> None:
        jar.extract_cookies(cast("object", Response(line)), Request(url))  # type: ignore[arg-type]

    for site in range(shape.sites):
        for number in range(shape.each):
            extract(*initial_cookie(site, number))

    def run() -> float:
        count = EXCHANGES // 10
        begin = time.process_time()
        for number in range(count):
            extract("https://s0.test/a/b", LINES[number % 100])
            jar.add_cookie_header(Request("https://s0.test/a/b"))
        return (time.process_time() - begin) / count * 1e6

    return best_of(run, SLICES)


TOUGH = """
const {CookieJar} = require('tough-cookie');
const {sites, each, lines, exchanges, slices} = JSON.parse(process.argv[1]);
const jar = new CookieJar();
for (let s = 0; s < sites; s++)
  for (let i = 0; i < each; i++)
    jar.setCookieSync(`c${i}=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600`,
                      `https://s${s}.test/`);
const round = () => {
  const begin = process.cpuUsage();
  for (let i = 0; i < exchanges; i++) {
    jar.setCookieSync(lines[i % 100], 'https://s0.test/a/b');
    jar.getCookieStringSync('https://s0.test/a/b');
  }
  const used = process.cpuUsage(begin);
  return (used.user + used.system) / exchanges;
};
for (let i = 0; i < 20; i++) round();
let best = Infinity;
for (let i = 0; i < slices; i++) best = Math.min(best, round());
console.log(best);
"""


def tough(shape: Shape, jar: ToughCookie) -> Run:
    """Return a run of tough-cookie: its best slice, after warming up."""
    settings = {
        "sites": shape.sites,
        "each": shape.each,
        "lines": LINES,
        "exchanges": EXCHANGES,
        "slices": SLICES,
    }
    return lambda: jar.run(TOUGH, json.dumps(settings))


def _beside(shape: Shape, peer: str, theirs: Run) -> Iterator[Figure]:
    our_run = ours(shape)
    both = [(our_run(), theirs()) for _ in range(ROUNDS)]
    best = [min(times) for times in zip(*both, strict=True)]
    yield figure(
        f"store and select, 50 cookies, {shape.title}: CPU",
        ANY_SIZE,
        best[0],
        "µs/exchange",
        peer=peer,
        peer_value=best[1],
    )


def select_seconds(jar: CookieJar) -> float:
    """Return the CPU seconds of one select.

    Each timed select follows a ``put``, so that the cached selection cannot be reused.
    """
    target, best = parse_target("https://s0.test/"), float("inf")
    cookie = jar.select(target, CONTEXT, NOW).sent[0]
    for _ in range(SLICES):
        begin = time.process_time()
        for _ in range(EXCHANGES):
            jar.put(cookie)
            jar.select(target, CONTEXT, NOW)
        best = min(best, (time.process_time() - begin) / EXCHANGES)
    return best


def filled(cookies: int) -> CookieJar:
    """Return a jar with ten cookies for each of its sites."""
    jar = CookieJar(PROFILES["spec"], default_public_suffixes())
    for site in range(max(1, cookies // 10)):
        for number in range(10):
            url, line = initial_cookie(site, number)
            jar.store(line, parse_target(url), CONTEXT, NOW)
    return jar


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield a select's time in jars of so many cookies, and an exchange's beside other jars."""
    small = filled(10)
    for size in sizes:
        large = filled(size)
        both = [(select_seconds(large), select_seconds(small)) for _ in range(rounds(size))]
        ours, theirs = (each * 1e6 for each in medians(both))
        yield figure(
            "select 10 of this many cookies: CPU",
            size,
            ours,
            "µs",
            peer="a jar of 10",
            peer_value=theirs,
        )
    for shape in SHAPES:
        yield from _beside(shape, "http.cookiejar", standard(shape))
    with installed() as jar:
        if jar is not None:
            for shape in SHAPES:
                yield from _beside(shape, "tough-cookie", tough(shape, jar))


if __name__ == "__main__":
    sys.exit(main(["engine", *sys.argv[1:]]))
