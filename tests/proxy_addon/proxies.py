"""The proxy as seen by its parent: a process with a lifeline, reports and a capture."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from cookietrace.events import Event, Request, Response
from cookietrace.stores import START, open_store
from tests.proxy_addon.nursery import Nursery

SECRET = "a-secret-for-tests"
PATIENCE = 120.0
"""Seconds to wait for anything, long enough for a busy machine."""

_Kind = TypeVar("_Kind")


def events_of(capture: Path) -> list[Event]:
    """Return every event that is in a capture now."""
    store = open_store(capture)
    try:
        events: list[Event] = []
        position = START
        while (batch := store.read(position)).events:
            events += batch.events
            position = batch.position
        return events
    finally:
        store.close()


def wait_for(capture: Path, wanted: Callable[[Event], bool]) -> list[Event]:
    """Return the events up to the first wanted one, waiting for it."""
    store = open_store(capture)
    try:
        events: list[Event] = []
        position = START
        while True:
            batch = store.read(position)
            for event in batch.events:
                events.append(event)
                if wanted(event):
                    return events
            position = batch.position
            if not store.wait(position, PATIENCE):
                raise AssertionError(f"the event never came; the capture has {events}")
    finally:
        store.close()


def of_kind(events: Sequence[Event], kind: type[_Kind]) -> list[_Kind]:
    """Return the events of one type."""
    return [event for event in events if isinstance(event, kind)]


def only(events: Sequence[Event], kind: type[_Kind]) -> _Kind:
    """Return the one event of a type."""
    found = of_kind(events, kind)
    assert len(found) == 1, found
    return found[0]


def responses_to(events: Sequence[Event], path: str) -> list[Response]:
    """Return the responses to requests whose URL ends with this path."""
    ids = {event.exchange_id for event in of_kind(events, Request) if event.url.endswith(path)}
    return [event for event in of_kind(events, Response) if event.exchange_id in ids]


class Proxy:
    """A running proxy; ``before`` is code that its process runs first."""

    def __init__(
        self,
        nursery: Nursery,
        capture: Path,
        arguments: Sequence[str],
        *,
        confdir: Path,
        before: str = "",
    ) -> None:
        self.capture = capture
        commands_read, self._commands = os.pipe()
        reports_read, reports_write = os.pipe()
        self.process = nursery.start(
            ["--capture", str(capture), "--confdir", str(confdir), *arguments],
            reports_fd=reports_write,
            commands_fd=commands_read,
            before=before,
        )
        os.close(commands_read)
        os.close(reports_write)
        self._reports = os.fdopen(reports_read, "rb")
        self._ended = False
        self.listening: dict[str, Any] = {}

    def report(self, kind: str) -> dict[str, Any]:
        """Return the next report of a type, waiting for it."""
        for line in self._reports:
            report: dict[str, Any] = msgspec.json.decode(line)
            if report["type"] == kind:
                if kind == "listening":
                    self.listening = report
                return report
        raise AssertionError(f"no {kind} report: {self.errors()}")

    def started(self) -> Self:
        """Wait until it listens."""
        self.report("listening")
        return self

    @property
    def addresses(self) -> list[str]:
        """Where it listens."""
        return [listener["address"] for listener in self.listening["listeners"]]

    @property
    def ca(self) -> str:
        """Its CA certificate."""
        return str(self.listening["ca"])

    def command(self, **fields: object) -> None:
        """Send one command."""
        os.write(self._commands, msgspec.json.encode(fields) + b"\n")

    def stop(self) -> int:
        """Cut the lifeline, and return the exit status."""
        if not self._ended:
            self._ended = True
            os.close(self._commands)
        return self.process.wait(PATIENCE)

    def errors(self) -> str:
        """Return what it wrote to stderr; it must have stopped."""
        return self.process.stderr.read().decode()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, whatever state it is in."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reports.close()
        self.process.stderr.close()
