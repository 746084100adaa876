"""``cookietrace config``, and the commands that read the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from cookietrace.addresses import Address
from cookietrace.cli import cookietrace_command
from cookietrace.commands import demo, recording, view
from cookietrace.commands.recording_options import requested
from cookietrace.errors import LaunchError
from cookietrace.settings import Settings
from cookietrace.supervision.recording import RecordingOptions
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused

MINE = Settings(
    browser="firefox",
    listen="127.0.0.1:9000",
    reverse_listen="127.0.0.1:9001",
    only=("shop.example",),
    ignore=("bank.example",),
)


def parsed(*arguments: str) -> dict[str, Any]:
    """Return the options of ``watch`` for arguments."""
    # A command keeps the help option of its first context, so that must be as in real use.
    with click.Context(cookietrace_command, **cookietrace_command.context_settings) as group:
        return recording.watch.make_context("watch", list(arguments), parent=group).params


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, with three keys."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "cookietrace" / "config.toml"
    path.parent.mkdir()
    path.write_text('theme = "light"\nbrowser = "chromium"\nonly = ["a.example"]\n', "utf-8")
    return path


def test_what_applies(run: Run, file: Path) -> None:
    """Each value is shown with where it comes from: a line of the file, an option, the default."""
    result = run("config", "--browser", "firefox")
    assert result.status == 0
    assert result.out.startswith(f"Settings: {file}\n\n")
    rows = [line.split(maxsplit=1) for line in result.out.splitlines()[2:]]
    shown = {name: " ".join(rest.split()) for name, rest in rows}
    assert shown == {
        "theme": "light file, line 1",
        "hide-values": "false default",
        "browser": "firefox option --browser",
        "attach": "no browser of your own default",
        "listen": "127.0.0.1:8080, or the next free port default",
        "reverse-listen": "127.0.0.1:8081, or the next free port default",
        "only": "a.example file, line 3",
        "ignore": "no host default",
        "max-size": "no limit default",
        "max-age": "no limit default",
        "redact": "no other names default",
        "keep": "no name default",
    }


def test_another_file(run: Run, file: Path, tmp_path: Path) -> None:
    """``--config`` names the file, which must be there; --path prints the path alone."""
    assert run("config", "--path").out == f"{file}\n"
    other = tmp_path / "other.toml"
    refused(run("--config", other, "config"), "other.toml cannot be read")
    other.write_text("hide-values = true", "utf-8")
    assert "file, line 1" in run("--config", other, "config").out
    assert run("--config", other, "config", "--path").out == f"{other}\n"


def test_a_new_file_to_edit(run: Run, tmp_path: Path) -> None:
    """--edit makes a file that explains every key, and opens it in the editor."""
    result = run("config", "--edit", XDG_CONFIG_HOME=str(tmp_path / "new"), VISUAL="true")
    assert result.status == 0
    assert "# hide-values = true" in (tmp_path / "new/cookietrace/config.toml").read_text("utf-8")
    assert "does not exist yet" in run("config", XDG_CONFIG_HOME=str(tmp_path / "none")).out


@pytest.mark.parametrize("command", ["config", "proxy", "demo"])
def test_a_bad_file(run: Run, file: Path, command: str) -> None:
    """Whatever reads the settings refuses a bad file in one line."""
    file.write_text('theme = "dark"\nport = 1\n', "utf-8")
    refused(run(command), str(file), "line 2", "unknown key port")


@pytest.mark.parametrize(
    ("arguments", "target", "is_demo", "wanted"),
    [
        ((), None, False, {"listen": "127.0.0.1:9000", "browser": "firefox"}),
        ((), None, False, {"reverse_listen": None, "only": ("shop.example",)}),
        ((), "http://localhost:3000", False, {"reverse_listen": "127.0.0.1:9001"}),
        ((), None, True, {"reverse_listen": "127.0.0.1:9001", "only": (), "ignore": ()}),
        (("--listen", "127.0.0.1:1"), None, False, {"listen": "127.0.0.1:1"}),
        (("--browser", "chromium"), None, False, {"browser": "chromium"}),
        (("--browser", "none"), None, False, {"browser": None}),
        (("--only", "x.test", "--ignore", "y.test"), None, False, {"only": ("x.test",)}),
        (("--only", "x.test"), None, True, {"only": ("x.test",)}),
    ],
)
def test_options_take_precedence(
    arguments: tuple[str, ...], target: str | None, is_demo: bool, wanted: dict[str, object]
) -> None:
    """What the command line does not say is as in the settings; the demo has its own hosts."""
    got = requested(parsed(*arguments), MINE, target=target, demo=is_demo)
    assert {name: getattr(got, name) for name in wanted} == wanted
    assert requested(parsed(), Settings()) == RecordingOptions()


OWN = Address("127.0.0.1", 9222)


@pytest.mark.parametrize(
    ("arguments", "settings", "is_demo", "browser", "attach"),
    [
        ((), {"attach": "127.0.0.1:9222"}, False, None, OWN),
        ((), {"attach": "127.0.0.1:9222"}, True, None, None),
        ((), {"attach": "127.0.0.1:9222", "browser": "firefox"}, True, "firefox", None),
        (("--browser", "none"), {"attach": "127.0.0.1:9222"}, False, None, None),
        (("--browser", "chromium"), {"attach": "127.0.0.1:9222"}, False, "chromium", None),
        (("--attach", ":9222"), {"attach": "127.0.0.1:1"}, False, None, OWN),
        (("--attach", ":9222"), {"attach": "127.0.0.1:1", "browser": "firefox"}, False, None, OWN),
        (("--attach", ":9222"), {"browser": "firefox"}, False, None, OWN),
    ],
)
def test_the_browser_of_ones_own(
    arguments: tuple[str, ...],
    settings: dict[str, Any],
    is_demo: bool,
    browser: str | None,
    attach: Address | None,
) -> None:
    """It is attached to as the settings say, unless the command line names any browser."""
    got = requested(parsed(*arguments), Settings(**settings), demo=is_demo)
    assert (got.browser, got.attach) == (browser, attach)


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [(("--attach", ":9222"), Settings()), ((), Settings(attach="127.0.0.1:9222"))],
)
def test_scripts_of_the_browser_of_ones_own(arguments: tuple[str, ...], settings: Settings) -> None:
    """They are not watched, and it is said why, and what to do."""
    with pytest.raises(LaunchError, match=r"your own browser.*--browser chromium instead of att"):
        requested(parsed("--watch-scripts", *arguments), settings)


def test_two_browsers_in_the_settings() -> None:
    """It is said which keys they are, and what to do."""
    both = Settings(attach="127.0.0.1:9222", browser="chromium")
    with pytest.raises(LaunchError, match=r"^attach and browser in your settings .* --attach$"):
        requested(parsed(), both)


def test_the_screen_gets_them(
    run: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watch, demo and view start the screen with the theme, and with the file to save it in."""
    started: list[list[str]] = []

    class FakeScreen:
        def __enter__(self) -> FakeScreen:
            return self

        def __exit__(self, *_: object) -> None: ...

        def load(self) -> None: ...

        def run(self, _capture: Path, arguments: list[str]) -> int:
            started.append(arguments)
            return 0

    def show_recording(_wanted: RecordingOptions, arguments: list[str]) -> None:
        started.append(arguments)

    for module in (recording, demo, view):
        monkeypatch.setattr(module, "has_terminal", lambda: True)
    monkeypatch.setattr(view, "Screen", FakeScreen)
    for module in (recording, demo):
        monkeypatch.setattr(module, "show_recording", show_recording)
    file.write_text(file.read_text("utf-8") + "hide-values = true\n", "utf-8")
    for arguments in (("watch",), ("demo",), ("view", tmp_path / "x.cookietrace")):
        assert run(*arguments).status == 0
    ends = [f"--settings-file={file}", "--theme=light", "--hide-values"]
    assert [line[-3:] for line in started] == [ends] * 3
