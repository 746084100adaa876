"""The benchmarks run, and the page on performance tells of each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from benchmarks import bench_exports, report
from benchmarks.figures import ANY_SIZE, Benchmark, Figure, figure
from benchmarks.registry import BENCHMARKS
from benchmarks.runner import main
from cookietrace.formats import writable

ROOT = Path(report.__file__).parents[1]
TINY = (10,)
OF_COMMANDS = "exports"
"""Measured as ``commands`` is, which is enough to start processes for."""


def _yields(name: str) -> Figure:
    return next(BENCHMARKS[name].load()(TINY))


@pytest.mark.parametrize(
    "name", [name for name, entry in BENCHMARKS.items() if not entry.needs and name != OF_COMMANDS]
)
def test_it_measures(name: str) -> None:
    """A benchmark yields a figure that is more than nothing."""
    found = _yields(name)
    assert found.value > 0
    assert found.size in (*TINY, ANY_SIZE)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_is_described(name: str) -> None:
    """The page has a line on each benchmark, and the figures of its last run."""
    page = (ROOT / "docs" / "PERFORMANCE.md").read_text(encoding="utf-8")
    described, _, measured = page.partition("## The table")
    assert re.search(rf"^\| {name} \|", described, re.MULTILINE)
    assert re.search(rf"^\| {name} \|", measured, re.MULTILINE)


def test_every_format_is_measured() -> None:
    """The benchmark of exports has each format that can be written."""
    assert len(bench_exports.commands("ordinary", 1_000)) == len(writable())


class FakeEntry(msgspec.Struct):
    """A benchmark that takes no time."""

    figures: Benchmark
    measures: str = "nothing"
    takes: str = "no time"
    sizes: tuple[int, ...] = (1,)

    def load(self) -> Benchmark:
        """Return its function."""
        return self.figures


MACHINE = report.Machine("a processor", 2, "8 GiB", "Linux", {"Python": "3.11"})


def _report(value: float) -> report.Report:
    figures = (
        figure("fold: CPU", 1_000, value, "µs/exchange", peer="a jar", peer_value=40.0),
        figure("fold: CPU", 100_000, value * 2, "µs/exchange", peer="a jar", peer_value=40.0),
        figure("start", ANY_SIZE, 5.0, "ms"),
    )
    return report.Report("today", MACHINE, (report.Run("fold", 1.5, (0.5, 2.0), figures),))


def test_the_table() -> None:
    """A row has every size of a figure, with the ratio to its peer and what it was before."""
    titles, *rows = report.rows_of(_report(20.0), _report(30.0))
    assert titles == ["benchmark", "what", "unit", "at any size", "1,000", "100,000", *titles[-1:]]
    assert rows == [
        ["fold", "fold: CPU", "µs/exchange", "", "20 (0.5×, was 30)", "40 (1×, was 60)", "a jar"],
        ["fold", "start", "ms", "5 (was 5)", "", "", ""],
    ]


def test_the_json(tmp_path: Path) -> None:
    """What was written is read again."""
    path = tmp_path / "new" / "figures.json"
    report.write(_report(20.0), path)
    assert report.read(path) == _report(20.0)


def test_the_runner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints one table, continues after a benchmark that fails, and says so in its status."""

    def fails(_: object) -> Iterator[Figure]:
        raise RuntimeError("no such thing")
        yield

    entries = {
        "good": FakeEntry(lambda sizes: iter([figure("it", sizes[0], 1.0, "s")])),
        "bad": FakeEntry(fails),
        "late": FakeEntry(lambda sizes: iter([figure("it", sizes[0], 2.0, "s")])),
    }
    monkeypatch.setattr("benchmarks.runner.BENCHMARKS", entries)
    path = tmp_path / "figures.json"
    assert main(["--sizes", "7", "--markdown", "--json", str(path)]) == 1
    printed = capsys.readouterr()
    assert "| good | it | s | 1 |" in printed.out
    assert "bad FAILED: no such thing" in printed.err
    assert [run.benchmark for run in report.read(path).runs] == ["good", "late"]
    capsys.readouterr()
    assert main(["good", "--quick", "--add", str(path)]) == 0
    assert [run.benchmark for run in report.read(path).runs] == ["good", "late"]
    assert "late       it" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["unknown"])
