"""The judge's proxy as a child process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from cookietrace.ca import ca_certificate

ROOT = Path(__file__).parents[2]

SECRET = "the-secret-of-the-judge"
"""The secret with which the recorder marks requests for the server's witness."""

BODIES = "--bodies"
"""The argument that makes the process record bodies."""


class Proxy:
    """A process with one listener per label; it ends with the ``with`` block."""

    def __init__(
        self,
        capture: Path,
        confdir: Path,
        server: str,
        labels: Sequence[str],
        *,
        bodies: bool = False,
    ) -> None:
        arguments = [str(capture), str(confdir), server, *labels, *([BODIES] if bodies else [])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.judge.proxy_process", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the proxy ended with status {self._process.wait()}")
        self.addresses: dict[str, str] = msgspec.json.decode(line)
        self.ca = ca_certificate(confdir)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask it to end, and wait until the capture is closed."""
        try:
            self._process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
