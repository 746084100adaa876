"""The screen in browser tabs: a web server of its own, which starts one screen per tab."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cookietrace.errors import LaunchError
from cookietrace.supervision.child import Child
from cookietrace.supervision.proxy import RunningProxy
from cookietrace.supervision.screen import hints_file
from cookietrace.supervision.web_listening import TERMINAL_FLAG, WebAddress
from cookietrace.supervision.web_server import WebServer

QUIT_PATIENCE = 15.0
"""Seconds that the server gets to end all of its screens after it was asked to."""

_TOKEN_BYTES = 32


class WebTerminal(WebServer):
    """The server's process. After the block it and all of its screens have ended."""

    def __init__(self, where: WebAddress) -> None:
        """Listen, so that the port is ours; connections wait. Raises ``LaunchError``."""
        super().__init__(where, TERMINAL_FLAG)
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)

    @property
    def address(self) -> str:
        """The page's address. It ends in the token."""
        return self._address(self._token)

    def load(self, proxy: RunningProxy | None = None) -> None:
        """Start the process, which serves nothing yet. Raises ``LaunchError``."""
        del proxy
        self._child = Child.start(
            "screen's server",
            "cookietrace.supervision.tether",
            [str(self._lifeline.child_fd), "tui.served"],
            self._lifeline,
            pass_fds=[self._socket.fileno()],
        )

    def serve(
        self, capture: Path, arguments: Sequence[str] = (), *, values_stay_hidden: bool = False
    ) -> None:
        """Serve the screen of a capture; ``arguments`` are those of ``python -m tui``."""
        screen = [str(capture.absolute()), *arguments, "--in-tab", f"--hints-file={hints_file()}"]
        if values_stay_hidden:
            screen.append("--values-stay-hidden")
        # Joined by "=": a token of its own that begins with "-" would be taken for an option.
        given = [f"--socket-fd={self._socket.fileno()}", f"--host={self._listening.host}"]
        given += [f"--token={self._token}", f"--screen={msgspec.json.encode(screen).decode()}"]
        certificate = self._where.certificate
        if certificate is not None:
            given.append(f"--certificate={certificate.certificate.absolute()}")
            given.append(f"--key={certificate.key.absolute()}")
            given += [f"--name={name}" for name in certificate.names]
        # Not as arguments of the process, which every user of this machine can read.
        with contextlib.suppress(OSError):  # if it has ended, its status says so
            os.write(self._lifeline.parent_fd, msgspec.json.encode(given) + b"\n")
        self._socket.close()

    def ended(self) -> LaunchError:
        """Return why the process ended, as an error for the user."""
        status = self.child.stop()
        reason = self.child.last_error() or f"status {status}"
        return LaunchError(f"the {self.child.name} ended: {reason}")

    def __exit__(self, *_: object) -> None:
        """End the server and its screens: SIGTERM, then cut the lifeline. Safe to call twice."""
        self._socket.close()
        child, self._child = self._child, None
        if child is not None:
            child.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=QUIT_PATIENCE)
            child.stop()
        self._lifeline.cut()
