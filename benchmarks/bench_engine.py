"""Compare the cookie engine with ``http.cookiejar`` and tough-cookie in one run.

``python -m benchmarks.bench_engine [--rounds N]``. One exchange parses a
Set-Cookie line, stores it, and builds the Cookie header of the next request, with
50 cookies in the jar. Times are CPU time, the best of several rounds. The jars
take turns, so that other load affects all of them. tough-cookie is installed
into a temporary folder if node and npm are available, and left out otherwise.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from email.message import Message
from http.cookiejar import CookieJar as StandardJar
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import NamedTuple, cast
from urllib.request import Request

from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Credentials,
    RequestContext,
    Site,
    default_public_suffixes,
    parse_target,
)

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


def tough(shape: Shape, folder: Path) -> Run:
    """Return a run of tough-cookie: its best slice, after warming up."""
    settings = {
        "sites": shape.sites,
        "each": shape.each,
        "lines": LINES,
        "exchanges": EXCHANGES,
        "slices": SLICES,
    }
    command = ["node", "-e", TOUGH, json.dumps(settings)]

    def run() -> float:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return float(done.stdout)

    return run


def install_tough(folder: Path) -> str | None:
    """Install tough-cookie; return why that failed, or None."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node or npm is not installed"
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "tough-cookie"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else "npm could not install it"


def many_sites() -> tuple[float, float]:
    """Return microseconds per select in a jar with one site, and in one with 10,000 sites.

    Each timed select follows a ``put``, so that the cached selection cannot be reused.
    """
    times = []
    for sites in (1, 10_000):
        jar = CookieJar(PROFILES["spec"], default_public_suffixes())
        for site in range(sites):
            for number in range(10):
                url, line = initial_cookie(site, number)
                jar.store(line, parse_target(url), CONTEXT, NOW)
        target, best = parse_target("https://s0.test/"), float("inf")
        cookie = jar.select(target, CONTEXT, NOW).sent[0]
        for _ in range(SLICES):
            begin = time.process_time()
            for _ in range(EXCHANGES):
                jar.put(cookie)
                jar.select(target, CONTEXT, NOW)
            best = min(best, (time.process_time() - begin) / EXCHANGES * 1e6)
        times.append(best)
    return times[0], times[1]


def main() -> None:
    """Print one line per shape and jar, with ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        missing = install_tough(folder)
        for shape in SHAPES:
            runs = {"cookietrace": ours(shape), "http.cookiejar": standard(shape)}
            if missing is None:
                runs["tough-cookie"] = tough(shape, folder)
            best = dict.fromkeys(runs, float("inf"))
            for _ in range(rounds):
                for jar, run in runs.items():
                    best[jar] = min(best[jar], run())
            print(f"one exchange, 50 cookies, {shape.title}:")
            for jar, taken in best.items():
                ratio = taken / best["cookietrace"]
                print(f"  {jar:<16}{taken:8.1f} µs   {ratio:6.2f} times ours")
        if missing is not None:
            print(f"tough-cookie was left out: {missing}")
    one, many = many_sites()
    print("one select of 10 cookies:")
    print(f"  1 site, 10 cookies in the jar           {one:6.1f} µs")
    print(f"  10,000 sites, 100,000 cookies           {many:6.1f} µs   {many / one:.2f} times that")


if __name__ == "__main__":
    main()
