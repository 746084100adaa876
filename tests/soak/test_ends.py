"""However a recording ends, what clients received and what the app saw is in the capture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.ends import run_round

RESPONSES = 30


@pytest.fixture(scope="module")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the CA, which takes a while to create."""
    return tmp_path_factory.mktemp("confdir")


@pytest.mark.parametrize(
    "kind",
    [
        *("recorder-killed", "parent-killed", "both-killed"),
        *("ctrl-c", "sigterm", "recorder-sigterm", "terminal-closed"),
    ],
)
def test_an_end_under_load_loses_nothing(tmp_path: Path, confdir: Path, kind: str) -> None:
    """One round of each kind; ``make soak`` runs more of them, and more kinds."""
    comparison, _ = run_round(kind, tmp_path, confdir, responses=RESPONSES)
    assert comparison.disagreements == ()
    assert comparison.responses >= RESPONSES
