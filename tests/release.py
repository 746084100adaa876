"""``python -m tests.release`` prints the release notes of this version, or says what is missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
_HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+) \((?P<when>[^)]+)\)$", re.MULTILINE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
UNRELEASED = "unreleased"


class NotReadyError(Exception):
    """The release cannot be made: one line says what to do."""


class Section(NamedTuple):
    """One version in the changelog."""

    version: str
    when: str
    """A date, or ``unreleased``."""
    text: str

    @property
    def released(self) -> bool:
        """Whether it has a date."""
        return _DATE.fullmatch(self.when) is not None


def sections(changelog: str) -> list[Section]:
    """Return the versions of a changelog, in its order."""
    headings = [*_HEADING.finditer(changelog)]
    ends = [*(each.start() for each in headings), len(changelog)][1:]
    return [
        Section(each["version"], each["when"], changelog[each.end() : end].strip())
        for each, end in zip(headings, ends, strict=True)
    ]


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version in a form that can be compared."""
    return tuple(int(part) for part in version.split("."))


def notes(changelog: str, version: str) -> str:
    """Return the release notes of a version. Raises ``NotReadyError``."""
    found = sections(changelog)
    if not found or found[0].version != version or not found[0].released:
        raise NotReadyError(
            f"the first heading of CHANGELOG.md must be `## {version} (YYYY-MM-DD)`"
        )
    if not found[0].text:
        raise NotReadyError(f"CHANGELOG.md says nothing about {version}")
    return f"# cookietrace {version}\n\n{found[0].text}\n"


def check_built(folder: Path, version: str) -> None:
    """Return if a folder holds the wheel and the sdist and nothing else, or raise."""
    wanted = {f"cookietrace-{version}-py3-none-any.whl", f"cookietrace-{version}.tar.gz"}
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if there != wanted:
        raise NotReadyError(f"dist/ must hold {' and '.join(sorted(wanted))}: run `make dist`")


def main() -> int:
    """Print the notes, or one line and status 2."""
    version = cookietrace.__version__
    try:
        text = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
        check_built(ROOT / "dist", version)
    except NotReadyError as error:
        print(f"release: {error}", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
