"""The rooms and their direction: who imports whom, in the source and in fresh processes."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
OPTIONAL = "cookietrace.witness.flask"
"""The module of the core that belongs to Flask."""

FRAMEWORKS = tuple(
    f"cookietrace.witness.{name}"
    for name in ("bottle", "django", "flask", "pyramid", "quart", "starlette")
)
"""The modules of the core that each belong to a framework."""

_OF_FRAMEWORKS = (*FRAMEWORKS, *(f"cookietrace.witness.werkzeug_{n}" for n in ("cookies", "sight")))

CORE = sorted(
    module.name
    for module in pkgutil.walk_packages(cookietrace.__path__, "cookietrace.")
    if not module.name.endswith("__main__") and module.name not in _OF_FRAMEWORKS
)

NOT_FOR_VERDICTS = (
    "cookietrace.redact.redactor cookietrace.redact.named cookietrace.formats.registry "
    "cookietrace.formats.foreign cookietrace.lesson.new_sessions cookietrace.sessions.recognition "
    "multiprocessing"
)
"""What redacts, what knows other files than captures, and what few options need."""

LOADED = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
banned = set(sys.argv[2].split())
print(*sorted({part for name in sys.modules for part in (name, name.partition(".")[0])} & banned))
"""


def loaded(modules: str, banned: str) -> str:
    """Import modules in a fresh process; return the banned packages and modules it then has."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED, modules, banned],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return result.stdout.strip()


def test_import_contracts() -> None:
    """The contracts in pyproject.toml hold for every import statement."""
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("modules", "banned"),
    [
        pytest.param(
            " ".join(CORE),
            "mitmproxy textual flask werkzeug django bottle pyramid quart fastapi proxy_addon "
            "demo_app tui",
            id="core",
        ),
        pytest.param(
            OPTIONAL,
            "mitmproxy textual msgspec platformdirs proxy_addon demo_app tui",
            id="flask witness",
        ),
        pytest.param("tui.__main__", "mitmproxy flask proxy_addon demo_app", id="tui"),
        pytest.param(
            "cookietrace.commands.view",
            "cookietrace.trace cookietrace.archive importlib.metadata email",
            id="view starts the screen at once",
        ),
        pytest.param(
            "tui.__main__",
            "cookietrace.formats.registry rich.traceback",
            id="the screen is there soon",
        ),
        pytest.param(
            "tui.served.__main__",
            "mitmproxy textual flask proxy_addon demo_app",
            id="server of browser tabs",
        ),
        pytest.param("proxy_addon.__main__", "textual demo_app tui", id="proxy_addon"),
        pytest.param("demo_app.__main__", "mitmproxy textual proxy_addon tui", id="demo_app"),
        pytest.param(
            "cookietrace.cli",
            "msgspec sqlite3 publicsuffixlist platformdirs ssl",
            id="help is fast",
        ),
        pytest.param(
            "cookietrace.commands.explain cookietrace.formats.writing cookietrace.formats.reading",
            f"{NOT_FOR_VERDICTS} cookietrace.lesson.table",
            id="explain --json is fast",
        ),
        pytest.param(
            "cookietrace.commands.whatif cookietrace.formats.reading",
            NOT_FOR_VERDICTS,
            id="whatif is fast",
        ),
    ],
)
def test_what_a_fresh_process_loads(modules: str, banned: str) -> None:
    """A room loads nothing of the rooms it must not know, indirectly imported modules included.

    A command loads little of what its options alone, or another process beside it, need.
    """
    assert loaded(modules, banned) == ""
