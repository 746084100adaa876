"""Apps with a bug each: the first screen names the cause, and ``check`` fails until it is fixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cookietrace.cli import main
from cookietrace.stores import open_store
from tests.e2e.broken_apps import APPS, BrokenApp
from tests.e2e.broken_apps.stage import Played, play_all
from tests.tui import captures
from tests.tui.conftest import Opened, PatientApp, screen_text
from tests.tui.headless import quick_apps
from tui.app.app import Options

pytestmark = pytest.mark.browser

CaptureOf = Callable[[BrokenApp, bool], Path]

EACH = pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)


@pytest.fixture(scope="module")
def played(confdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """What was recorded of every app, broken and fixed, in one run of each browser."""
    return play_all(APPS, tmp_path_factory.mktemp("recorded"), confdir)


@pytest.fixture
def capture_of(played: Played, tmp_path: Path) -> CaptureOf:
    """Write the capture of an app, broken or fixed, and return its path."""

    def write(app: BrokenApp, fixed: bool) -> Path:
        path = tmp_path / f"{app.name}-{fixed}.cookietrace"
        captures.write(path, played[app.name, fixed]).close()
        return path

    return write
