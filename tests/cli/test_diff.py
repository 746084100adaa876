"""``cookietrace diff``: what changed, with an exit status, and without showing a value."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cookietrace.events import Capture
from cookietrace.stores import create_capture
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.e2e.terminal import terminal
from tests.lesson.changes.test_changes import LINE, journey
from tests.story import Story

VALUE = "abc123"


def written(path: Path, story: Story) -> Path:
    """Return a capture with real sessions."""
    first = story.events[0]
    assert isinstance(first, Capture)
    store = create_capture(path, info=msgspec.structs.replace(first, sensitive=True))
    store.append(story.events[1:])
    store.close()
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A capture of a sign-in that works."""
    return written(tmp_path / "good.cookietrace", journey())


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """One of a sign-in that does not."""
    line = LINE.replace("; Secure", "").replace("Lax", "None")
    return written(tmp_path / "bad.cookietrace", journey(line, sent=False))


def test_the_exit_status(run: Run, good: Path, bad: Path) -> None:
    """0 if nothing differs, 1 if something does."""
    assert run("diff", good, good).status == 0
    result = run("diff", good, bad)
    assert (result.status, result.err) == (1, "")
    assert "First difference, step 2: shop.example/login" in result.out
    assert "Fix: Add Secure" in result.out
    assert VALUE not in result.out
    assert all(len(line) <= 80 for line in result.out.splitlines())


def test_as_json(run: Run, good: Path, bad: Path, tmp_path: Path) -> None:
    """The same for programs; a redacted copy compares as its capture does."""
    copy = tmp_path / "good.jsonl"
    assert run("export", good, "-o", copy).status == 0
    for one in (good, copy):
        result = run("diff", one, bad, "--json")
        entry = json.loads(result.out)
        assert [each["kind"] for each in entry["differences"]] == [
            "set", "stored", "sent", "status",
        ]  # fmt: skip
        assert VALUE not in result.out
    assert run("diff", good, copy).status == 0


def test_nothing_in_common(run: Run, good: Path, tmp_path: Path) -> None:
    """It says so and what to try, and hosts can be joined."""
    other = written(tmp_path / "other.cookietrace", journey(base="https://b.test"))
    result = run("diff", good, other)
    assert result.status == 1
    assert "is it the same journey? --map joins their hosts." in result.out
    assert run("diff", good, other, "--map", "shop.example=b.test").status == 0
    refused(run("diff", good, other, "--map", "shop.example"), "not a pair of hosts: shop.example")
    refused(run("diff", good, tmp_path / "none"), "none")


def test_each_side_in_a_process_of_its_own(run: Run, good: Path, bad: Path, tmp_path: Path) -> None:
    """B is read beside A: the report is the same, and what is wrong with B is said as ever."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    program = (
        "import sys\n"
        "from cookietrace.commands import beside\n"
        "from cookietrace.entry import main\n"
        "assert beside._alone()\n"
        "sys.exit(main())"
    )
    for other, status in ((bad, 1), (broken, 2)):
        here = run("diff", good, other)
        command = [sys.executable, "-c", program, "diff", str(good), str(other)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (ended.returncode, ended.stdout) == (status, here.out)
        assert ended.stderr == here.err


def test_a_side_whose_process_is_killed(good: Path, bad: Path) -> None:
    """One line says so, with status 2: which is not that they differ."""
    program = (
        "import os, signal, sys\n"
        "from cookietrace.commands.compared_side import Side\n"
        "from cookietrace.entry import main\n"
        "own, read = os.getpid(), Side.exchanges\n"
        "def killed(*given):\n"
        "    if os.getpid() != own:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return read(*given)\n"
        "Side.exchanges = killed\n"
        "sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "diff", str(good), str(bad)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "cookietrace: the process that read B was killed: is there enough memory to read both "
        "captures at once?\n"
    )


def test_as_a_page(run: Run, good: Path, bad: Path, tmp_path: Path) -> None:
    """-o writes one file, without a value; what would be replaced needs --force."""
    page = tmp_path / "what-changed.html"
    result = run("diff", good, bad, "-o", page)
    assert (result.status, result.out) == (1, "")
    html = page.read_text()
    assert "Likely cause" in html
    assert VALUE not in html
    refused(run("diff", good, bad, "-o", page), "already exists: --force replaces it")
    assert run("diff", good, bad, "-o", page, "--force").status == 1
    assert run("diff", good, bad, "-o", "-").out == html
    refused(run("diff", good, bad, "-o", good, "--force"), "is the file being read")
    refused(run("diff", good, bad, "-o", page.with_suffix(".txt")), "give it a name in .html")
    assert not page.with_suffix(".txt").exists()
    refused(run("diff", good, bad, "-o", page, "--json"), "choose one of --json, --screen and -o")


def test_the_screen_needs_a_terminal(run: Run, good: Path, bad: Path) -> None:
    """Without one, the report in plain text is what is left."""
    assert "leave it out" in refused(run("diff", good, bad, "--screen"))


def test_the_screen(good: Path, bad: Path) -> None:
    """On a terminal both are shown side by side, and the exit status is that of the report."""
    with terminal("diff", str(good), str(bad), "--screen", mark=secrets.token_hex(8)) as screen:
        screen.wait_for("Likely cause")
        screen.press("q")
        assert screen.wait() == 1
