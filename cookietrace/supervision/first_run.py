"""Where it is remembered that a person has seen enough of the hints for newcomers."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def hints_file() -> Path:
    """Return the file in the user's data folder that says so by being there."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "hints-hidden"
