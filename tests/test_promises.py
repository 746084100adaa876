"""``docs/PROMISES.md`` has a line for every promise, and commands that exist."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
PROMISES = (ROOT / "docs" / "PROMISES.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def cells(table: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without headings."""
    rows = [line.strip("| \n").split(" | ") for line in table.splitlines() if line[:2] == "| "]
    return [row for row in rows if row[0] != "promise"]


ROWS = cells(PROMISES)


def commands() -> list[list[str]]:
    """Return the words of each command that repeats a figure."""
    return [found.split() for row in ROWS for found in re.findall(r"`([^`]+)`", row[2])]


def missing(words: list[str]) -> list[str]:
    """Return what a command names that is not there."""
    match words:
        case ["pytest", *paths]:
            return [path for path in paths if not (ROOT / path).exists()]
        case ["python", "-m", module, *_]:
            return [] if importlib.util.find_spec(module) is not None else [module]
        case ["make", target, *settings]:
            names = [setting.partition("=")[0] for setting in settings]
            wanted = [rf"^{target}:", *(rf"^{name} \?=" for name in names)]
            return [each for each in wanted if not re.search(each, MAKEFILE, re.MULTILINE)]
    return [" ".join(words)]


def test_each_row_is_whole() -> None:
    """Each promise has a figure, and a command that repeats it."""
    assert ROWS
    assert [row for row in ROWS if len(row) != 3 or not all(row) or "`" not in row[2]] == []


def test_each_command_exists() -> None:
    """Make targets, their variables, modules and test files are there."""
    assert [gone for words in commands() for gone in missing(words)] == []


def test_each_promise_of_the_architecture_has_a_line() -> None:
    """As many lines name a test file as promises are pinned by it first."""
    table = ARCHITECTURE.partition("## What always holds")[2]
    pinned = Counter(re.findall(r"`([^`]+)`", row[2])[0].rstrip("/") for row in cells(table))
    lines = Counter(path.rstrip("/") for words in commands() for path in words)
    assert {path: count for path, count in pinned.items() if lines[path] < count} == {}


def test_it_speaks_to_its_reader() -> None:
    """Nothing in it is of one machine, or of how it came about."""
    words = re.sub(r"\btests/\S+", "", PROMISES)  # which may be those of cookies' sessions
    assert not re.search(r"/tmp/|/root|/home|\bissue|helper|session", words)
