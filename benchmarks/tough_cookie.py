"""tough-cookie, the jar of Node's ecosystem, as a peer: left out where Node is not installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_EXCHANGES = """
const {CookieJar} = require('tough-cookie');
const lines = require('readline').createInterface({input: process.stdin});
const jar = new CookieJar(undefined, {rejectPublicSuffixes: false});
let work = [], used = 0;
const run = () => {
  const begin = process.cpuUsage();
  for (const [url, cookies] of work) {
    jar.getCookieStringSync(url);
    for (const cookie of cookies) jar.setCookieSync(cookie, url, {ignoreError: true});
  }
  const taken = process.cpuUsage(begin);
  used += taken.user + taken.system;
  work = [];
};
lines.on('line', line => { work.push(JSON.parse(line)); if (work.length == 1000) run(); });
lines.on('close', () => { run(); console.log(used / 1e6); });
"""


class ToughCookie:
    """An installed tough-cookie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, script: str, *arguments: str, given: Iterable[str] = ()) -> float:
        """Run a script that prints one number, with lines on its standard input."""
        with subprocess.Popen(
            ["node", "-e", script, *arguments],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for line in given:
                process.stdin.write(line + "\n")
            process.stdin.close()
            return float(process.stdout.read())

    def seconds(self, exchanges: Iterator[tuple[str, list[str]]]) -> float:
        """Return the CPU seconds for exchanges: the URL of each, and its Set-Cookie lines."""
        return self.run(_EXCHANGES, given=map(json.dumps, exchanges))


@contextmanager
def installed() -> Iterator[ToughCookie | None]:
    """Install tough-cookie for the duration of the block; None if that is not possible."""
    with tempfile.TemporaryDirectory() as name:
        yield ToughCookie(Path(name)) if _install(Path(name)) else None


def _install(folder: Path) -> bool:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "tough-cookie"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
