"""The edge to this machine: its files, its environment, and programs that only read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

_LARGEST = 32 * 1024 * 1024
"""The most bytes that are read of a file: a profile's largest settings have a few."""

_SECONDS = 3.0
"""How long a program may take. Each of them only prints a setting."""

_SYSTEMS = {"darwin": "macos", "win32": "windows"}


class Machine(msgspec.Struct, frozen=True):
    """Where to look. Nothing here changes anything, and what cannot be read is not there."""

    system: str
    """``linux``, ``macos`` or ``windows``."""
    home: Path
    environment: Mapping[str, str]
    root: Path = Path("/")

    @classmethod
    def this(cls) -> Machine:
        """Return this machine, as its user."""
        return cls(_SYSTEMS.get(sys.platform, "linux"), Path.home(), dict(os.environ))

    def at(self, path: str) -> Path:
        """Return an absolute path of the machine."""
        return self.root / path.lstrip("/")

    def program(self, name: str) -> str | None:
        """Return the path of a program; None if it is not there."""
        return shutil.which(name, path=self.environment.get("PATH", os.defpath))

    def output(self, command: Sequence[str]) -> str | None:
        """Return what a program prints; None if it is not there, fails, or takes too long."""
        path = self.program(command[0])
        if path is None:
            return None
        try:
            result = subprocess.run(  # noqa: S603 (a fixed program that reads a setting)
                [path, *command[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env=dict(self.environment),
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return result.stdout.decode(errors="replace") if result.returncode == 0 else None

    def content(self, path: Path) -> bytes | None:
        """Return what a regular file holds; None if it cannot be read, or is too large."""
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            return path.read_bytes()
        except OSError:
            return None

    def text(self, path: Path) -> str | None:
        """Return the text of a file, as ``content``."""
        content = self.content(path)
        return None if content is None else content.decode(errors="replace")

    def folders(self, path: Path) -> list[Path]:
        """Return the folders in a folder, sorted; none if it cannot be read."""
        try:
            return sorted(each for each in path.iterdir() if each.is_dir())
        except OSError:
            return []
