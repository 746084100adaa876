"""Machines that lack something: a new Python, a network, a home that can be written to."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cookietrace
from tests.ports import FreePort

ROOT = Path(cookietrace.__file__).parents[1]
OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 10, 13, "final", 0)
runpy.run_module("cookietrace", run_name="__main__")
"""
NO_DEPENDENCIES = """
import runpy, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
runpy.run_module("cookietrace", run_name="__main__")
"""
LOOPBACK_ONLY = """
import ipaddress, os, sys

def local(host):
    host = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(host or "0.0.0.0").is_loopback or host in ("", "0.0.0.0")
    except ValueError:
        return host == "localhost"

def refuse(event, arguments):
    host = None
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    if host is not None and not local(host):
        with open(os.environ["REFUSED"], "a") as file:
            print(event, host, file=file)
        raise OSError(101, "Network is unreachable")

sys.addaudithook(refuse)
"""
"""A ``sitecustomize`` that refuses every connection that leaves this machine."""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command from the checkout, without a terminal, to its end."""
    kept = {name: value for name, value in os.environ.items() if name != "XDG_DATA_HOME"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def run_cookietrace(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with this Python."""
    return run(sys.executable, "-m", "cookietrace", *arguments, **environment)


def listening(free_port: FreePort) -> tuple[str, ...]:
    """Return the options that give the proxy ports of its own."""
    return (
        *("--listen", f"127.0.0.1:{free_port()}"),
        *("--reverse-listen", f"127.0.0.1:{free_port()}"),
    )


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of an error that the user can fix."""
    assert result.returncode == 2, result.stderr
    lines = [line for line in result.stderr.splitlines() if not line.startswith("port ")]
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [(OLD_PYTHON, ("Python 3.10", "3.11 or newer")), (NO_DEPENDENCIES, ("not installed",))],
    ids=["old Python", "no dependencies"],
)
def test_the_module_on_a_python_that_cannot_run_it(code: str, words: tuple[str, ...]) -> None:
    """``python -m cookietrace`` from a checkout says in one line what it needs."""
    line = refusal(run(sys.executable, "-c", code))
    assert all(word in line for word in words)


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_old_pythons_can_read_the_check(name: str) -> None:
    """What runs before the check is in a syntax that Python has had for long."""
    source = (ROOT / "cookietrace" / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))
    assert "from __future__" not in source


@pytest.mark.parametrize("status", [1, 127], ids=["too old", "does not run"])
def test_make_with_a_python_that_is_too_old(tmp_path: Path, status: int) -> None:
    """``make`` names the Python it needs, and how to choose one, before it makes anything."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexit {status}\n")
    python.chmod(0o755)
    result = run("make", "demo", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert result.returncode == 2
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert "3.11 or newer" in line
    assert "make PYTHON=" in line
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    "arguments",
    [("demo", "--headless"), ("proxy", "http://127.0.0.1:9")],
    ids=["demo", "proxy"],
)
def test_a_home_that_cannot_be_written_to(
    tmp_path: Path, free_port: FreePort, arguments: tuple[str, ...]
) -> None:
    """One line names the first file that cannot be made, and what to set instead."""
    home = tmp_path / "home"
    home.touch()
    result = run_cookietrace(*arguments, *listening(free_port), HOME=str(home))
    assert "XDG_DATA_HOME" in refusal(result)


def test_a_ca_that_cannot_be_made(tmp_path: Path) -> None:
    """A proxy whose CA has no place does not start without one."""
    home = tmp_path / "home"
    home.touch()
    result = run_cookietrace(
        "proxy", "--listen", "127.0.0.1:0", HOME=str(home), XDG_DATA_HOME=str(tmp_path / "data")
    )
    assert "--confdir" in refusal(result)


def test_commands_that_only_read_need_no_home(tmp_path: Path) -> None:
    """``ca`` and ``captures`` work with a home that cannot be written to."""
    home = tmp_path / "home"
    home.touch()
    assert run_cookietrace("ca", HOME=str(home)).returncode == 0
    assert run_cookietrace("captures", HOME=str(home)).returncode == 0


def test_no_home_and_no_network(tmp_path: Path, free_port: FreePort) -> None:
    """With folders of its own the demo works, and it never asks the network for anything."""
    home = tmp_path / "home"
    home.touch()
    (tmp_path / "sitecustomize.py").write_text(LOOPBACK_ONLY, encoding="utf-8")
    refused = tmp_path / "refused"
    offline = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "REFUSED": str(refused)}
    result = run_cookietrace(
        *("demo", "--browser", "none", "--confdir", str(tmp_path / "ca")),
        *listening(free_port),
        HOME=str(home),
        XDG_DATA_HOME=str(tmp_path / "data"),
        **offline,
    )
    assert result.returncode == 0, result.stderr
    assert "| 3 | Client sends second request with cookie |" in result.stdout
    assert not refused.exists(), refused.read_text()
    # The same refusal does stop, and write down, what leaves the machine.
    leaving = "import socket; socket.create_connection(('192.0.2.1', 80))"
    assert run(sys.executable, "-c", leaving, **offline).returncode == 1
    assert "192.0.2.1" in refused.read_text()


def test_shell_completion() -> None:
    """The documented line prints bash's script, and the request that it makes works."""
    script = run_cookietrace(_COOKIETRACE_COMPLETE="bash_source")
    assert "complete -o nosort -F _cookietrace_completion cookietrace" in script.stdout
    for words, number, expected in [
        ("cookietrace ex", "1", {"export", "explain"}),
        ("cookietrace watch --conf", "2", {"--confdir"}),
    ]:
        result = run_cookietrace(
            _COOKIETRACE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=number
        )
        assert {line.partition(",")[2] for line in result.stdout.splitlines()} == expected
