"""What is said of a capture at the end of a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.commands.recording import name_capture


@pytest.mark.parametrize(
    ("called", "on_path", "told"),
    [
        (".venv/bin/cookietrace", False, ".venv/bin/cookietrace view "),
        (".venv/bin/cookietrace", True, "cookietrace view "),
        ("/a b/cookietrace", False, "'/a b/cookietrace' view "),
        ("/x/cookietrace/__main__.py", False, "cookietrace view "),
    ],
)
def test_the_way_back_can_be_typed_as_it_stands(
    called: str,
    on_path: bool,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command is named by the path that it was called by, where PATH does not lead to it."""
    if on_path:
        (tmp_path / "cookietrace").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [called, "proxy"])
    name_capture(Path("/c/a b.cookietrace"), "a b.cookietrace")
    assert capsys.readouterr().err.splitlines() == [
        "The capture is /c/a b.cookietrace",
        f"  {told}'/c/a b.cookietrace'",
    ]
