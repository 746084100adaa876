"""Keeps the user's secret out of the tests of redaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="package")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a data folder of the tests' own."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        yield folder
