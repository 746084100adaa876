"""``--web-terminal``: what cannot be served is one line that says what to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.supervision import web_listening
from cookietrace.supervision.web_listening import TERMINAL_FLAG
from tests.cli.conftest import Run
from tests.tui import captures


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """The seed trace."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    return path


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which something else listens."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        pytest.param(["view", "{none}", TERMINAL_FLAG], "there is no capture at", id="no file"),
        pytest.param(["view", "{text}", TERMINAL_FLAG], "neither a capture nor", id="no capture"),
        pytest.param(["view", "{file}", TERMINAL_FLAG, "--web"], "choose one of them", id="two"),
        pytest.param(
            ["view", "{file}", "--web-listen", "127.0.0.1:{port}"], "add --web or", id="neither"
        ),
        pytest.param(
            ["view", "{file}", TERMINAL_FLAG, "--web-listen", "127.0.0.1:{port}"],
            "port {port} on 127.0.0.1 is already in use: stop what listens there, or choose",
            id="port in use",
        ),
        pytest.param(
            ["watch", TERMINAL_FLAG, "--web-listen", "0.0.0.0:{port}"],
            "it needs a certificate",
            id="other machines",
        ),
        pytest.param(
            ["demo", TERMINAL_FLAG, "--web-listen", "here"], "write it as HOST:PORT", id="no port"
        ),
    ],
)
def test_bad_input(
    run: Run, tmp_path: Path, capture: Path, port: int, arguments: list[str], wanted: str
) -> None:
    """Exit status 2, one line, and no process that stays."""
    text = tmp_path / "shopping.list"
    text.write_text("shopping list\n")
    names = {"none": tmp_path / "none.cookietrace", "text": text, "file": capture, "port": port}
    result = run(*(each.format(**names) for each in arguments))
    assert result.status == 2, result
    (line,) = result.err.splitlines()
    assert line.startswith("cookietrace: ")
    assert wanted.format(**names) in line


def test_without_the_extra(run: Run, capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names what to install."""
    monkeypatch.setitem(web_listening._NEEDED, TERMINAL_FLAG, ("no_such_package_here",))
    result = run("view", capture, TERMINAL_FLAG)
    assert result.status == 2
    assert result.err.startswith("cookietrace: --web-terminal needs the extra web, ")
