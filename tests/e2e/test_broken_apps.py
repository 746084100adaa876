"""Apps with a bug each: the first screen names the cause, and ``check`` fails until it is fixed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cookietrace.cli import cookietrace_command
from cookietrace.stores import open_store
from tests.e2e.broken_apps import APPS
from tests.e2e.broken_apps.app import BrokenApp
from tests.e2e.broken_apps.stage import Played, play_all
from tests.tui import captures
from tests.tui.conftest import PatientApp, screen_text, until
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


@pytest.fixture
def new_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], PatientApp]]:
    """Open the screen on a capture, with the hints that a new user sees."""
    with ExitStack() as stack, quick_apps(monkeypatch):

        def open_app(capture: Path) -> PatientApp:
            store = open_store(capture)
            stack.callback(store.close)
            hints = capture.with_name("hints")
            return PatientApp(store, Options(capture=capture, hints_file=hints))

        yield open_app


@EACH
async def test_the_first_screen_names_the_cause(
    app: BrokenApp, capture_of: CaptureOf, new_user: Callable[[Path], PatientApp]
) -> None:
    """At 80×24, no key pressed: the reason in the row; below it, cookie, reason and fix."""
    screen = new_user(capture_of(app, False))
    async with screen.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: screen.problems.at_rest and "Problem:" in screen_text(screen))
        text = screen_text(screen)
    table, verdict = (" ".join(part.split()) for part in re.split("─{80}", text))
    assert "▲ 1 problem " in table
    assert reason_of(app) in table
    assert f"▲ Problem: {app.cause}" in verdict
    assert f"→ {app.fix}" in verdict


def reason_of(app: BrokenApp) -> str:
    """Return the cause without the cookie's name, which may stand in another cell of the row."""
    return re.sub(r"^'\w+'(?:: | refused: | withheld: )?", "", app.cause).strip()


@EACH
def test_check_fails_until_the_named_fix_is_applied(
    app: BrokenApp, capture_of: CaptureOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1 with that one problem; 0, and not even a warning, once it is fixed."""
    monkeypatch.chdir(tmp_path)
    status, report = checked(capture_of(app, False))
    assert status == 1, report
    assert [found["code"] for found in report["found"]] == [app.code]
    (found,) = report["found"]
    assert (found["severity"], tuple(found["cookies"])) == ("problem", app.cookies)
    assert found["fix"].startswith(app.fix)
    status, report = checked(capture_of(app, True))
    assert (status, report["found"]) == (0, [])
    assert report["requests"] > 0


def checked(capture: Path) -> tuple[int, dict[str, Any]]:
    """Return the exit status and the report of ``check``."""
    result = CliRunner().invoke(cookietrace_command, ["check", str(capture), "--format", "json"])
    return result.exit_code, json.loads(result.stdout)
