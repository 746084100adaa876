"""Environments with Flask and nothing else, on the oldest Python of this machine.

They are made once, and kept in ``.venv-flask`` in the checkout. As a program this makes all.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.witness import ROOT

OLDEST = (3, 9)
"""The oldest Python that the single file supports."""

# The oldest Flask does not run on the newest Pythons, which no longer have what it uses.
VERSIONS = {
    "oldest": (
        "flask==2.0.3; python_version < '3.14'",
        "werkzeug==2.0.3; python_version < '3.14'",
        "flask==3.0.0; python_version >= '3.14'",
        "werkzeug==3.0.1; python_version >= '3.14'",
    ),
    "newest": ("flask==3.1.3", "werkzeug==3.1.9"),
}
"""The Flask that is installed, by the environment's name; the rest is left to pip."""


def flask_alone(name: str) -> Path:
    """Return the Python of an environment, making it if it is not there yet."""
    python = oldest_python()
    key = hashlib.sha256("\n".join([str(python), *VERSIONS[name]]).encode()).hexdigest()[:8]
    folder = ROOT / ".venv-flask" / f"{name}-{key}"
    folder.parent.mkdir(exist_ok=True)
    ready = folder / ".ready"
    with folder.with_name("lock").open("w") as lock:
        # Parallel test processes wait here for the one that makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(python, "-m", "venv", folder)
            pip = ("-m", "pip", "--disable-pip-version-check", "-q", "install")
            _run(folder / "bin/python", *pip, *VERSIONS[name])
            ready.touch()
    return folder / "bin/python"


@functools.cache
def oldest_python() -> Path:
    """Return the oldest Python, 3.9 or newer, that can make an environment."""
    found = {version: path for path in _pythons() if (version := _version(path)) >= OLDEST}
    return found[min(found)]


def _pythons() -> Iterator[Path]:
    """Yield the interpreters on PATH and in pyenv's folder, and our own."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from pyenv.glob("versions/3.*/bin/python3")
    for folder in os.get_exec_path():
        if Path(folder).is_dir():
            yield from (
                path
                for path in Path(folder).iterdir()
                if re.fullmatch(r"python3(\.\d+)?", path.name)
            )
    yield Path(sys.executable)


def _version(python: Path) -> tuple[int, ...]:
    """Return an interpreter's version; empty if it does not run, or cannot make environments."""
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        result = subprocess.run([python, "-I", "-c", code], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(map(int, result.stdout.split()))


def _run(*command: str | Path) -> None:
    """Run a command; fail with what it wrote if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"


if __name__ == "__main__":
    for each in VERSIONS:
        flask_alone(each)
