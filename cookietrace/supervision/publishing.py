"""Publishes a recording while it runs, from a process of its own."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from cookietrace.protocol import Report, decode_report
from cookietrace.publishing.options import PublishingOptions
from cookietrace.supervision.child import Child
from cookietrace.supervision.lifeline import Lifeline


class Destination(msgspec.Struct, frozen=True):
    """Where a recording is published, and how."""

    url: str
    """Of a Redis server, with the name of the capture."""
    options: PublishingOptions


class PublishingChild:
    """The process that publishes a capture. It ends when we do, however that is."""

    def __init__(
        self, capture: Path, destination: Destination, report: Callable[[Report], None]
    ) -> None:
        """Start it; ``report`` gets each of its reports, from a thread. Raises ``LaunchError``."""
        lifeline = Lifeline()
        order_read, order_write = os.pipe()
        reports_read, reports_write = os.pipe()
        try:
            self._child = Child.start(
                "publisher",
                "cookietrace.publishing",
                [
                    *("--lifeline-fd", str(lifeline.child_fd)),
                    *("--order-fd", str(order_read)),
                    *("--reports-fd", str(reports_write)),
                ],
                lifeline,
                pass_fds=(order_read, reports_write),
            )
        except BaseException:
            os.close(order_write)
            os.close(reports_read)
            raise
        finally:
            os.close(order_read)
            os.close(reports_write)
        order = {
            "capture": str(capture),
            "url": destination.url,
            "options": destination.options,
        }
        with contextlib.suppress(OSError), os.fdopen(order_write, "wb") as file:
            file.write(msgspec.json.encode(order))
        self._reports = threading.Thread(
            target=self._read, args=(reports_read, report), name="publisher", daemon=True
        )
        self._reports.start()

    @property
    def pid(self) -> int:
        """The process that publishes."""
        return self._child.process.pid

    def stop(self) -> int:
        """Let it publish the rest, for a few seconds at most; return its status, 0 if it could."""
        status = self._child.stop()
        self._reports.join(1.0)
        return status

    def kill(self) -> None:
        """End it at once, without a chance to publish anything more."""
        self._child.process.kill()
        self.stop()

    @staticmethod
    def _read(fd: int, report: Callable[[Report], None]) -> None:
        with os.fdopen(fd, "rb") as stream:
            for line in stream:
                found = decode_report(line)
                if found is not None:
                    report(found)
