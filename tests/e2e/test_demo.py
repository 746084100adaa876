"""``cookietrace demo`` without a terminal: two visits, two tables, a capture, status 0."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cookietrace.events import Browser as BrowserWord
from cookietrace.formats import export, read_capture
from cookietrace.supervision.browsers import Browser
from tests.e2e.conftest import SEED_FOCUS, SEED_MARKDOWN
from tests.e2e.terminal import ROOT
from tests.ports import FreePort


def demo(confdir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "cookietrace", "demo", "--confdir", str(confdir), *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def tables(printed: str) -> str:
    """Return the tables of what was printed."""
    return printed[printed.index("| Step") :].rstrip("\n") + "\n"


@pytest.mark.browser
@pytest.mark.parametrize("headless", [(), ("--headless",)])
def test_by_chromium(
    confdir: Path, chromium: Browser, free_port: FreePort, headless: tuple[str, ...]
) -> None:
    """Without a terminal or with ``--headless`` Chromium makes the visits, and the output says so.

    Free ports that flags name are used as they are, without a word. What Chromium says about its
    cookies is in the capture.
    """
    listen, reverse = free_port(), free_port()
    ports = ("--listen", f"127.0.0.1:{listen}", "--reverse-listen", f"127.0.0.1:{reverse}")
    result = demo(confdir, *headless, *ports)
    assert result.returncode == 0, result.stderr
    assert f"by a headless Chromium ({chromium.path})" in result.stdout
    assert tables(result.stdout) == SEED_MARKDOWN
    assert "instead" not in result.stderr
    named = re.search(r"The capture is (\S+)\n", result.stderr)
    assert named is not None
    said = [each for each in read_capture(Path(named[1])) if isinstance(each, BrowserWord)]
    assert [len(each.cookies or ()) for each in said if each.set_cookies] == [0, 1]


def test_by_our_own_client(confdir: Path, tmp_path: Path, free_port: FreePort) -> None:
    """Without Chromium our own client visits: same tables, and the capture holds them, too.

    The output says which browser names were tried, and its last line names the capture.
    """
    data, empty = tmp_path / "data", tmp_path / "empty"
    empty.mkdir()
    ports = ("--listen", f"127.0.0.1:{free_port()}", "--reverse-listen", f"127.0.0.1:{free_port()}")
    result = demo(confdir, *ports, PATH=str(empty), XDG_DATA_HOME=str(data))
    assert result.returncode == 0, result.stderr
    assert "by the built-in HTTP client (no chromium found (tried chromium, " in result.stdout
    assert tables(result.stdout) == SEED_MARKDOWN
    named = re.search(r"The capture is (\S+)\n", result.stderr)
    assert named is not None
    capture = Path(named[1])
    assert capture.is_relative_to(data)
    assert b"".join(export(read_capture(capture), "markdown", SEED_FOCUS)).decode() == SEED_MARKDOWN
