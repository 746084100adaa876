"""What the maintainers' documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TABLES = re.findall(r"`(\w+)` in `([\w/.]+\.py)`", CONTRIBUTING)


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_the_recipes_name_tables_that_are_there(name: str, file: str) -> None:
    """Each recipe ends at a name that its file defines."""
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(def )?{name}\b", source, re.MULTILINE)


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/WITNESS.md", "docs/ARCHITECTURE.md"])
def test_the_paths_are_there(document: str) -> None:
    """Every path that is written with its room exists."""
    text = (ROOT / document).read_text(encoding="utf-8")
    rooms = r"(?:cookietrace|proxy_addon|demo_app|tui|tests|docs|benchmarks)"
    paths = set(re.findall(rf"`({rooms}/[\w/.]*)`", text))
    assert paths
    assert [path for path in paths if "NAME" not in path and not (ROOT / path).exists()] == []


def test_the_lines_for_shell_completion() -> None:
    """Every shell that the documented lines name is one that the command line knows."""
    from click.shell_completion import get_completion_class

    shells = re.findall(r"_COOKIETRACE_COMPLETE=(\w+)_source cookietrace", CONTRIBUTING)
    assert shells == ["bash", "zsh", "fish"]
    assert all(get_completion_class(shell) is not None for shell in shells)
