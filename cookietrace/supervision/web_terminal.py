"""The screen in browser tabs: a web server of its own, which starts one screen per tab."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import queue
import secrets
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cookietrace.addresses import Address, from_here, is_this_machine
from cookietrace.errors import LaunchError
from cookietrace.supervision.child import Child
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.ports import next_free, require_free
from cookietrace.supervision.screen import hints_file

DEFAULT_LISTEN = Address("127.0.0.1", 8090)
FLAG, LISTEN_FLAG = "--web-terminal", "--web-listen"

QUIT_PATIENCE = 15.0
"""Seconds that the server gets to end all of its screens after it was asked to."""

_NEEDED = ("aiohttp", "textual_serve")
_TOKEN_BYTES = 32
_BACKLOG = 128


class Certificate(msgspec.Struct, frozen=True):
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path
    names: tuple[str, ...] = ()
    """The names that it is for."""


def require_extra() -> None:
    """Raise ``LaunchError`` if the packages of the extra ``web`` are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise LaunchError(f"{FLAG} needs more packages: pip install 'cookietrace[web]'")


class WebTerminal:
    """The server's process. After the block it and all of its screens have ended."""

    def __init__(self, listen: Address | None = None, certificate: Certificate | None = None):
        """Listen on an address, by default on the next free port of this machine.

        Nothing is served yet: connections wait. Raises ``LaunchError`` if the address cannot be
        used, if it can be reached from other machines and there is no certificate, or if the
        packages of the extra are missing.
        """
        require_extra()
        if listen is not None and certificate is None and not is_this_machine(listen.host):
            raise LaunchError(
                f"{LISTEN_FLAG} {listen}: other machines could read everything on the way: add "
                "--web-cert and --web-key, or use ssh -L and listen on 127.0.0.1"
            )
        self._certificate = certificate
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._socket = _listening(listen)
        self._open = listen is not None and not is_this_machine(listen.host)
        host, port = self._socket.getsockname()[:2]
        self._listens = Address(host if listen is None or self._open else listen.host, port)
        self._lifeline = Lifeline()
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """The page's address for a browser on this machine. It ends in the token."""
        scheme = "http" if self._certificate is None else "https"
        names = () if self._certificate is None else self._certificate.names
        plain = [name for name in names if not name.startswith("*")]
        if self._open and plain:
            where = f"{plain[0]}:{self._listens.port}"
        else:
            where = from_here(str(self._listens))
        return f"{scheme}://{where}/#{self._token}"

    @property
    def child(self) -> Child:
        """The server's process, once it is loaded."""
        assert self._child is not None
        return self._child

    def load(self) -> None:
        """Start the process, which serves nothing yet. Raises ``LaunchError``."""
        fd = self._socket.fileno()
        self._child = Child.start(
            "web terminal",
            "cookietrace.supervision.tether",
            [str(self._lifeline.child_fd), "tui.served"],
            self._lifeline,
            pass_fds=[fd],
        )

    def serve(self, capture: Path, arguments: Sequence[str] = ()) -> None:
        """Serve the screen of a capture; with the arguments of ``python -m tui``.

        On an address that other machines can reach, cookie values stay hidden.
        """
        screen = [str(capture), *arguments, "--in-tab", "--hints-file", str(hints_file())]
        if self._open:
            screen.append("--values-stay-hidden")
        given = ["--socket-fd", str(self._socket.fileno()), "--token", self._token]
        given += ["--host", self._listens.host]
        given += ["--screen", msgspec.json.encode(screen).decode()]
        if self._certificate is not None:
            given += ["--certificate", str(self._certificate.certificate)]
            given += ["--key", str(self._certificate.key)]
            for name in self._certificate.names:
                given += ["--name", name]
        # Not as arguments of the process, which every user of this machine can read.
        with contextlib.suppress(OSError):  # if it has ended, its status says so
            os.write(self._lifeline.parent_fd, msgspec.json.encode(given) + b"\n")
        self._socket.close()

    def __enter__(self) -> WebTerminal:
        """Return itself."""
        return self

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


def first_to_end(children: Sequence[Child]) -> Child:
    """Wait until one of these processes has ended, and return it."""
    ended: queue.SimpleQueue[Child] = queue.SimpleQueue()

    def wait(child: Child) -> None:
        child.process.wait()
        ended.put(child)

    for child in children:
        threading.Thread(target=wait, args=(child,), name="end", daemon=True).start()
    return ended.get()


def _listening(listen: Address | None) -> socket.socket:
    """Return a socket that listens. Raises ``LaunchError``."""
    while True:
        wanted = (
            next_free(DEFAULT_LISTEN, LISTEN_FLAG)
            if listen is None
            else require_free(listen, LISTEN_FLAG)
        )
        family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((wanted.host, wanted.port))
            made.listen(_BACKLOG)
        except OSError as error:
            made.close()
            if error.errno == errno.EADDRINUSE and listen is None:
                continue  # taken a moment ago
            raise LaunchError(
                f"cannot listen on {wanted}: choose another address with {LISTEN_FLAG}"
            ) from error
        return made
