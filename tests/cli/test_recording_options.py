"""The options of the commands that record: where the login of a proxy behind ours comes from."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from cookietrace.commands.recording_options import recording_options, requested
from cookietrace.errors import LaunchError
from cookietrace.protocol import UPSTREAM_VARIABLE
from cookietrace.settings import Settings
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused

URL = "http://me:pass@proxy.example:3128"


def upstream(*arguments: str) -> str | None:
    """Return the proxy that a command line asks for."""

    @click.command
    @recording_options
    def command(**options: object) -> str | None:
        return requested(options, Settings()).upstream

    found: str | None = command.main(list(arguments), standalone_mode=False)
    return found


def test_a_login_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the command line names another proxy."""
    monkeypatch.setenv(UPSTREAM_VARIABLE, URL)
    assert upstream() == URL
    assert upstream("--upstream", "http://other.example") == "http://other.example"


def test_a_login_comes_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    """Also from a descriptor, as a shell's ``@<(command)`` names it."""
    file = tmp_path / "proxy"
    file.write_text(f"{URL}\nmore\n", "utf-8")
    assert upstream("--upstream", f"@{file}") == URL
    reading, writing = os.pipe()
    os.write(writing, f"{URL}\n".encode())
    os.close(writing)
    try:
        assert upstream("--upstream", f"@/dev/fd/{reading}") == URL
    finally:
        os.close(reading)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write to it."""
    pipe = tmp_path / "proxy"
    os.mkfifo(pipe)
    with pytest.raises(LaunchError, match="it is a pipe"):
        upstream("--upstream", f"@{pipe}")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("--edit", "*.shop.test"), "in full, without"), (("--edit", ".shop.test"), "in full"),
        (("--edit", "*"), "in full"), (("--edit", "http://shop.test/"), "write a host"),
        (("--edit-send", "-sid"), "need --edit HOST"),
    ],
)  # fmt: skip
def test_hosts_to_change_are_named_in_full(given: tuple[str, ...], why: str) -> None:
    """Changes never reach subdomains, so nobody may think that they do."""
    with pytest.raises(LaunchError, match=why):
        upstream(*given)


def test_cookies_from_before_are_read_first(run: Run, tmp_path: Path) -> None:
    """A file that is none of cookies starts nothing, and broken parts are told."""
    refused(run("proxy", "--start-from", tmp_path / "none"), "cannot be read")
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    refused(run("proxy", "--start-from", text), "not a known kind of cookie file")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--edit-set", "sid: Secure"), "need --edit HOST"),
        (("--edit-send", "sid=1"), "need --edit HOST"),
        (("--edit", "*.shop.test"), "name each host in full"),
        (("--edit", "shop.test", "--edit-set", "sid: Colour=red"), "not an attribute: Colour=red"),
        (("--edit", "shop.test", "--edit-send", "sid"), "not a cookie to send: sid"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_changes_on_the_wire_need_a_host(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    """What is not understood is refused before anything is recorded."""
    refused(run("proxy", *arguments), message)
