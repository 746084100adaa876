"""FORMATS: the built-in formats, and those of other packages, valid and broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cookietrace.formats
from cookietrace.errors import FormatError
from cookietrace.formats import (
    FORMATS,
    FormatTable,
    export,
    format_for_file,
    format_to_write,
    read_capture,
    readable,
    writable,
)
from tests.formats.awkward import EVENTS

PLUG_IN = """
from cookietrace.formats import Format
GOOD = Format(name="shout", title="SHOUT", suffixes=(".shout",),
              writes=lambda export: [b"!"], reads=lambda path, lost: [])
TAKEN = Format(name="har", title="not ours", suffixes=(".har",))
WRONG = "no format"
"""

ENTRIES = """[test.formats]
shout = plug_in_for_tests:GOOD
har = plug_in_for_tests:TAKEN
wrong = plug_in_for_tests:WRONG
lost = plug_in_for_tests:NOT_THERE
gone = no_such_module_at_all:FORMAT
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package with one valid format and four that cannot be used."""
    (tmp_path / "plug_in_for_tests.py").write_text(PLUG_IN)
    info = tmp_path / "plug_in_for_tests-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug-in-for-tests\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_package_adds_a_format(installed: Path) -> None:
    """It is listed, found by name and by suffix, written and read like any other format."""
    formats = FormatTable(group="test.formats")
    assert list(formats) == [*FormatTable(group="no.such.group"), "shout"]
    assert len(formats) == len(list(formats))
    assert format_to_write("shout", formats).title == "SHOUT"
    assert format_for_file(Path("x.SHOUT"), formats).name == "shout"
    assert b"".join(export(EVENTS, formats["shout"])) == b"!"
    (installed / "x.shout").write_text("anything")
    assert list(read_capture(installed / "x.shout", formats=formats)) == []


def test_a_broken_plug_in_breaks_nothing(installed: Path) -> None:
    """Each failure is reported in one line, and the built-in formats still work."""
    formats = FormatTable(group="test.formats")
    assert formats["har"].title != "not ours"
    assert len(formats.troubles) == 4
    for name, reason in (
        ("gone", "ModuleNotFoundError"),
        ("har", "the name har is taken"),
        ("lost", "AttributeError"),
        ("wrong", "is not a cookietrace.formats.Format"),
    ):
        (line,) = (line for line in formats.troubles if f"plug-in {name} " in line)
        assert reason in line
        assert "\n" not in line
    with pytest.raises(FormatError, match="ModuleNotFoundError"):
        format_to_write("gone", formats)


def test_the_table_of_formats() -> None:
    """Every format has a title and a suffix; some can be written, some read."""
    built_in = FormatTable(group="no.such.group")
    assert {each.name for each in writable(built_in)} >= {"jsonl", "har", "csv", "markdown"}
    assert {each.name for each in readable(built_in)} >= {"jsonl", "har"}
    assert "csv" not in {each.name for each in readable(built_in)}
    for name, known in built_in.items():
        assert known.name == name
        assert known.title
        assert known.suffixes[0].startswith(".")
    assert "xml" not in FORMATS


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.jsonl", "jsonl"), ("b.HAR", "har"), ("c.csv", "csv"), ("d.md", "markdown")],
)
def test_a_suffix_names_its_format(file: str, name: str) -> None:
    """The suffix of an output file is enough."""
    assert format_for_file(Path(file)).name == name


def test_an_unknown_suffix() -> None:
    """The error lists the formats to choose from."""
    with pytest.raises(FormatError, match=r"x\.pdf is not a known format.*jsonl, har, csv"):
        format_for_file(Path("x.pdf"), FormatTable(group="no.such.group"))


def test_the_built_in_formats_load_no_plug_in() -> None:
    """Exporting in a built-in format does not import the proxy."""
    code = (
        "import sys; from cookietrace.formats import FORMATS; FORMATS['har'];"
        "sys.exit(any(name in sys.modules for name in ('mitmproxy', 'proxy_addon', 'textual')))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_the_public_names() -> None:
    """``__all__`` is sorted, and every name in it exists."""
    names = cookietrace.formats.__all__
    assert names == sorted(
        names, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert all(hasattr(cookietrace.formats, name) for name in names)
