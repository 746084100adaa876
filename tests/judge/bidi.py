"""A Firefox process and its BiDi session: commands from any thread, events to one handler."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage

from cookietrace.listening.firefox_log import FirefoxLogReader
from cookietrace.listening.said import Said
from cookietrace.supervision.browser_profile import (
    Launch,
    log_environment,
    log_path,
    prepare_firefox,
    profile_environment,
)
from cookietrace.supervision.browsers import find_browser
from cookietrace.supervision.log_pipe import LogPipe
from tests.judge.browser import PATIENCE, BrowserError, Json

_PREFERENCES: dict[str, str | int | bool] = {
    # A process per site and window takes time, and makes no difference to cookies.
    "fission.webContentIsolationStrategy": 0,
    # Requests of the browser itself.
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "browser.chrome.site_icons": False,
    # Several tabs are driven at the same time, and all but one are in the background.
    "dom.min_background_timeout_value": 4,
    "dom.timeout.enable_budget_timer_throttling": False,
    # The user confirms that a form is sent again.
    "dom.confirm_repost.testing.always_accept": True,
}


class Bidi:
    """A browser with a fresh profile; both are gone after ``close``."""

    def __init__(
        self,
        proxy: str,
        handler: Callable[[Json], None],
        preferences: Mapping[str, str | int | bool] = MappingProxyType({}),
    ) -> None:
        """``preferences`` are set in addition to those of a launched Firefox."""
        self._handler = handler
        self._profile = Path(tempfile.mkdtemp(prefix="cookietrace-judge-"))
        launch = Launch(
            path=find_browser("firefox").path,
            profile=self._profile,
            proxy=proxy,
            ca=None,
            url=None,
            headless=True,
        )
        command = prepare_firefox(launch)
        with (self._profile / "user.js").open("a", encoding="utf-8") as file:
            for name, value in {**_PREFERENCES, **preferences}.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        self._log = LogPipe(log_path("firefox", self._profile))
        self._logged: list[Said] = []
        self.said: tuple[Said, ...] = ()
        """What the browser's own log says, once it is closed."""
        environment = {
            **profile_environment(self._profile),
            **log_environment("firefox", self._log.path),
            "HOME": str(self._profile),
        }
        self._process = subprocess.Popen(
            [*command, "--remote-debugging-port=0", "--remote-allow-system-access"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._ended = threading.Event()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        self._lock = threading.Lock()
        self._number = 0
        self._waiting: dict[int, tuple[str, Future[Json]]] = {}
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._accepted = threading.Event()
        host, port = self._address()
        self._socket = socket.create_connection((host, port))
        request = Request(host=f"{host}:{port}", target="/session")
        self._socket.sendall(self._connection.send(request))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._accepted.wait(PATIENCE):
            raise TimeoutError("Firefox did not accept the WebSocket")

    def _address(self) -> tuple[str, int]:
        """Wait until Firefox has written down where it listens."""
        file = self._profile / "WebDriverBiDiServer.json"
        deadline = time.monotonic() + PATIENCE
        pause = threading.Event()
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise BrowserError(f"Firefox ended with status {self._process.returncode}")
            with contextlib.suppress(OSError, msgspec.DecodeError):
                address = msgspec.json.decode(file.read_bytes())
                return address["ws_host"], address["ws_port"]
            pause.wait(0.05)
        raise TimeoutError("Firefox did not start")

    def send(self, method: str, **parameters: Any) -> Future[Json]:
        """Send a command; return a future of its result, or of a ``BrowserError``."""
        reply: Future[Json] = Future()
        with self._lock:
            self._number += 1
            message = {"id": self._number, "method": method, "params": parameters}
            self._waiting[self._number] = method, reply
            data = msgspec.json.encode(message).decode()
            self._socket.sendall(self._connection.send(TextMessage(data)))
        return reply

    def call(self, method: str, **parameters: Any) -> Json:
        """Send a command and return its result; raises ``BrowserError``, ``TimeoutError``."""
        return self.send(method, **parameters).result(PATIENCE)

    def evaluate(self, context: str, script: str, *, wait: bool = True) -> Any:
        """Run a script, and return its result if that is a plain value.

        Raises ``BrowserError`` if it threw.
        """
        reply = self.call(
            "script.evaluate",
            target={"context": context},
            expression=script,
            awaitPromise=wait,
            userActivation=True,
        )
        if reply["type"] == "exception":
            raise BrowserError(f"{script[:200]}: {reply['exceptionDetails']['text']}")
        return reply["result"].get("value")

    def _read(self) -> None:
        """Handle messages until the browser ends."""
        message = ""
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 20):
                self._connection.receive_data(data)
                for event in self._connection.events():
                    if isinstance(event, AcceptConnection):
                        self._accepted.set()
                    elif isinstance(event, TextMessage):
                        message += event.data
                        if event.message_finished:
                            self._handle(msgspec.json.decode(message))
                            message = ""
        for _, reply in list(self._waiting.values()):
            reply.set_exception(BrowserError("the browser has ended"))

    def _read_log(self) -> None:
        """Read the browser's log until it ends."""
        reader, silent = FirefoxLogReader(), time.monotonic()
        while data := self._log.read() or not self._ended.is_set():
            now = time.monotonic()
            if isinstance(data, bytes):
                silent = now
                self._logged += reader.feed(data)
            else:
                self._logged += reader.waited(now - silent)
                self._log.wait(0.1)
        self._logged += reader.end()

    def _handle(self, message: Json) -> None:
        if message["type"] == "event":
            self._handler(message)
            return
        method, reply = self._waiting.pop(message["id"])
        if message["type"] == "error":
            reply.set_exception(BrowserError(f"{method}: {message['error']}: {message['message']}"))
        else:
            reply.set_result(message["result"])

    def close(self) -> None:
        """End the browser and all its processes, and remove the profile."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(PATIENCE)
        self._socket.close()
        self._ended.set()
        self._log_reader.join(PATIENCE)
        self._log.close()
        self.said = tuple(self._logged)
        shutil.rmtree(self._profile, ignore_errors=True)
