"""The hints file: it is in the user's data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.supervision.screen import hints_file


def test_the_file_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It does not exist before the user hides the hints."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert hints_file().parent == tmp_path / "cookietrace"
    assert not hints_file().exists()
