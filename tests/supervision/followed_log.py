"""A log that is followed, with a capture, and what its follower has sent and said."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from cookietrace.events import Browser
from cookietrace.protocol import BrowserPieces, decode_command
from cookietrace.stores import START, create_capture
from cookietrace.supervision.log_following import LogFollower
from cookietrace.supervision.log_pipe import LogPipe
from cookietrace.supervision.telling import Place

LISTEN = "127.0.0.1:1"

Make = Callable[[LogPipe, Place, Callable[[str], None]], LogFollower]


class FollowedLog:
    """Writes what a browser writes, and ends as the keeper does."""

    def __init__(self, folder: Path, make: Make) -> None:
        capture = folder / "c.cookietrace"
        self.store = create_capture(capture)
        self.pipe = LogPipe(folder / "log")
        self.warnings: list[str] = []
        self._commands, writing = os.pipe()
        os.set_blocking(writing, False)
        self._writing = self.pipe.path.open("wb", buffering=0)
        place = Place(capture, START, LISTEN, writing)
        self.follower = make(self.pipe, place, self.warnings.append)
        self.follower.start()

    def write(self, data: bytes) -> None:
        """Write into the log; wait if it is not read."""
        for start in range(0, len(data), 4096):
            self._writing.write(data[start : start + 4096])

    def finish(self) -> list[Browser]:
        """End the browser, and return what was sent, which is read only now."""
        self._writing.close()
        found: list[Browser] = []
        proxy = threading.Thread(target=lambda: found.extend(self._sent()))
        proxy.start()
        self.follower.finish()
        proxy.join()
        self.store.close()
        return found

    def _sent(self) -> list[Browser]:
        pieces, said = BrowserPieces(), list[Browser]()
        with os.fdopen(self._commands, "rb") as stream:
            for command in map(decode_command, stream):
                event = None if command is None else pieces.take(command)
                if event is not None:
                    said.append(event)
        return said
