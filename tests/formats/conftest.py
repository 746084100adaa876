"""Keeps the user's data folder out of the tests of formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.redact import key


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder whose redaction secret is the same in every run."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    key.secret_path().parent.mkdir(parents=True)
    key.secret_path().write_bytes(b"golden" + bytes(26))
    return folder
