"""``cookietrace explain --browser all``: the verdicts that differ between browsers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.cli.test_diff import VALUE, written
from tests.lesson.compared.test_everywhere import told


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture with real sessions."""
    return written(tmp_path / "shop.cookietrace", told())


def test_the_report(run: Run, capture: Path) -> None:
    """How many differ, then each by step, in lines that fit; nothing of a value."""
    result = run("explain", capture, "--browser", "all")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "3 verdicts differ between browsers, in 3 of 4 requests."
    assert lines[2] == "Step 1: POST shop.example/login"
    assert "    Chromium 80+    refused     tried in 156      SameSite=None without Secure" in lines
    assert all(len(line) <= 80 for line in lines)
    assert VALUE not in result.out
    every = run("explain", capture, "--browser", "all", "--all-verdicts")
    assert every.out.splitlines()[0] == lines[0]
    assert len(every.out) > 2 * len(result.out)


def test_as_json(run: Run, capture: Path) -> None:
    """A line per exchange, in the focus."""
    result = run("explain", capture, "--browser", "all", "--json", "--path", "/back")
    (entry,) = map(json.loads, result.out.splitlines())
    assert (entry["step"], entry["url"]) == (5, "https://shop.example/back")
    (verdict,) = entry["verdicts"]
    assert [each["verdict"] for each in verdict["browsers"]] == [
        "withheld", "sent", "sent", "withheld",
    ]  # fmt: skip
    assert VALUE not in result.out


def test_what_does_not_go_together(run: Run, capture: Path) -> None:
    """It is said in one line."""
    for option in ("--problems", "--all-withheld"):
        wrong = refused(run("explain", capture, "--browser", "all", option))
        assert "--browser all compares verdicts" in wrong
    assert "--all-verdicts needs --browser all" in refused(
        run("explain", capture, "--all-verdicts")
    )
