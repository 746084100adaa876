"""A real Redis server of the tests' own: on a Unix socket, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redis import Redis
from redis.exceptions import BusyLoadingError, ConnectionError  # noqa: A004

_START_SECONDS = 120.0


class RedisServer:
    """One ``redis-server`` process, which can be killed and started again.

    Without ``keeps``, its data is gone when it ends. ``more`` are further settings of its.
    """

    def __init__(self, *, keeps: bool = False, more: Sequence[str] = (), port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ct-redis-"))
        self.socket = self.folder / "s"
        self.port = port
        self.keeps = keeps
        self.more = list(more)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, capture: str, **parameters: str) -> str:
        """Return the URL of a capture on this server."""
        given = "".join(f"&{name}={value}" for name, value in parameters.items())
        return f"redis+unix://{self.socket}?capture={capture}{given}"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    def client(self, **options: Any) -> Any:
        """Return a client of its own; its types depend on how it is used."""
        return Redis(unix_socket_path=str(self.socket), protocol=2, **options)

    def start(self) -> Self:
        """Start it, and wait until it responds."""
        binary = shutil.which("redis-server")
        assert binary is not None, "no redis-server here: install Debian's package redis-server"
        saving = ["--appendonly", "yes", "--appendfsync", "always"] if self.keeps else []
        command = [
            binary,
            *("--port", str(self.port)),
            *("--bind", "127.0.0.1"),
            *("--unixsocket", str(self.socket)),
            *("--dir", str(self.folder)),
            *("--save", ""),
            *("--daemonize", "no"),
            *saving,
            *self.more,
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with Redis(unix_socket_path=str(self.socket), protocol=2) as client:
                    client.exists("x")  # unlike ECHO, refused while it loads its data
                return self
            except BusyLoadingError:
                pass
            except (ConnectionError, OSError) as error:
                if "Authentication required" in str(error):
                    return self
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "redis-server does not respond"
            time.sleep(0.01)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the process, at once by default; ``start`` starts it again."""
        process = self._process
        if process is not None:
            process.send_signal(number)
            process.wait(120)
            self._process = None
            if not self.keeps:
                for file in self.folder.glob("*.rdb"):
                    file.unlink()

    def pause(self) -> None:
        """Let it hang: it accepts connections, and does not respond."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it continue."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def stored(self) -> bytes:
        """Return every byte that is in its files."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)

    def close(self) -> None:
        """End it, and remove its folder."""
        if self._process is not None:
            self.resume()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()
