"""What a user waits for: an export to every format, redacted, as a whole process."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from benchmarks.bench_commands import Commands, compare
from benchmarks.figures import Figure
from benchmarks.runner import main
from cookietrace.formats import writable

ONE_PAGE = ("--path", "/page/7/")
"""A page of HTML holds 500 steps: of up to 100,000 exchanges, those of one path."""
WITH_THE_PATH = ("ordinary", "har")


def commands(shape: str, size: int) -> Commands:
    """Return the exports to measure."""
    return {
        f"export to {each.name}": (
            *("export", "--format", each.name),
            *(ONE_PAGE if each.name == "html" else ()),
        )
        for each in writable()
        if each.name != "html" or (shape in WITH_THE_PATH and size <= 100_000)
    }


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what an export to each format takes."""
    yield from compare(commands, sizes)


if __name__ == "__main__":
    sys.exit(main(["exports", *sys.argv[1:]]))
