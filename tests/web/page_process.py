"""The live page's process for a capture that the test writes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

import msgspec

from cookietrace.web.options import PageOptions, Tokens

TOKENS = Tokens("viewer-token-of-a-test", "presenter-token-of-a-test")


class PageProcess:
    """Serves the page; it can be ended, and started again on the same port."""

    def __init__(self, capture: Path) -> None:
        self._capture = capture
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.end()

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def viewer(self) -> str:
        """The address that only reads."""
        return f"{self.origin}/#token={TOKENS.viewer}"

    @property
    def follower(self) -> str:
        """The same, going along with the presenter."""
        return f"{self.origin}/?follow#token={TOKENS.viewer}"

    @property
    def presenter(self) -> str:
        """The address that shows the followers where to look."""
        return f"{self.origin}/#token={TOKENS.presenter}"

    def start(self) -> None:
        """Start it, and wait until it serves."""
        options = PageOptions(capture=str(self._capture), tokens=TOKENS, host="127.0.0.1")
        lifeline, self._lifeline = os.pipe()
        ready, is_ready = os.pipe()
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", self._port))
            listening.listen(64)
            self._port = listening.getsockname()[1]
            command = [sys.executable, "-m", "cookietrace.web"]
            for name, fd in (("lifeline", lifeline), ("ready", is_ready)):
                command += [f"--{name}-fd", str(fd)]
            self._process = subprocess.Popen(
                [*command, "--socket-fd", str(listening.fileno())],
                pass_fds=(lifeline, is_ready, listening.fileno()),
            )
        os.close(lifeline)
        os.close(is_ready)
        os.write(self._lifeline, msgspec.json.encode(options) + b"\n")
        with os.fdopen(ready, "rb") as pipe:
            assert pipe.readline(), "the page's process did not start"

    def end(self) -> None:
        """End it."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        os.close(self._lifeline)
