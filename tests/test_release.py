"""Version, changelog and pages agree, and the release notes are the changelog's section."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cookietrace
from tests.release import (
    ROOT,
    UNRELEASED,
    NotReadyError,
    as_numbers,
    check_built,
    notes,
    sections,
)

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_is_about_this_version() -> None:
    """Its first section is this version's, or is still unreleased; versions go down."""
    found = sections(CHANGELOG)
    first = found[0]
    assert first.version == cookietrace.__version__ or (
        first.when == UNRELEASED and as_numbers(first.version) < as_numbers(cookietrace.__version__)
    )
    numbers = [as_numbers(section.version) for section in found]
    assert numbers == sorted(numbers, reverse=True)
    assert all(section.text for section in found)
    assert all(section.released or section.when == UNRELEASED for section in found)
    assert len(found) == len(re.findall(r"^## ", CHANGELOG, re.MULTILINE))


@pytest.mark.parametrize("page", ["docs/INSTALL.md"])
def test_the_pages_name_this_version(page: str) -> None:
    """Every wheel that a page names is of this version."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"cookietrace-(\d+\.\d+\.\d+)-py3-none-any\.whl", text))
    assert named == {cookietrace.__version__}


ONE = "# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- New.\n\n## 0.1.0 (2026-11-01)\n\n- Old.\n"


def test_the_notes() -> None:
    """They are the section, under the version."""
    assert notes(ONE, "0.2.0") == "# cookietrace 0.2.0\n\n- New.\n"


@pytest.mark.parametrize(
    ("changelog", "says"),
    [
        (ONE.replace("2026-12-01", UNRELEASED), "must be `## 0.2.0 (YYYY-MM-DD)`"),
        (ONE.replace("0.2.0", "0.3.0"), "must be `## 0.2.0 (YYYY-MM-DD)`"),
        (ONE.replace("- New.\n", ""), "says nothing about 0.2.0"),
        ("# Changelog\n", "must be `## 0.2.0 (YYYY-MM-DD)`"),
    ],
)
def test_notes_that_are_not_ready(changelog: str, says: str) -> None:
    """One line says what to change."""
    with pytest.raises(NotReadyError, match=re.escape(says)):
        notes(changelog, "0.2.0")


def test_what_was_built(tmp_path: Path) -> None:
    """The folder holds the two files and nothing else."""
    with pytest.raises(NotReadyError, match="make dist"):
        check_built(tmp_path / "dist", "0.2.0")
    for name in ("cookietrace-0.2.0-py3-none-any.whl", "cookietrace-0.2.0.tar.gz"):
        (tmp_path / name).touch()
    check_built(tmp_path, "0.2.0")
    (tmp_path / "cookietrace-0.1.0.tar.gz").touch()
    with pytest.raises(NotReadyError, match="make dist"):
        check_built(tmp_path, "0.2.0")
