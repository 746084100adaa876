"""Ends the screen when it is asked to by a signal, and when its terminal is gone.

If a terminal takes nothing any more, Textual's thread that writes to it waits, and everything that
waits for that thread, the event loop included. So what the event loop was to do is given a time,
and then the process ends without it.

A terminal can go without a signal: SIGHUP goes to the session's first process, which may ignore
it. Then reading returns nothing at once, for ever, and each write is an error.

Whoever shares a terminal can make it one that lets nobody wait. Then reading and writing may fail
with ``EAGAIN``, which says only that they have to be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TextIO

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

END_SECONDS = 10.0
"""How long an orderly end may take: longer than whoever started the screen waits for it."""

_GONE = select.POLLHUP | select.POLLERR

_GONE_ERRORS = frozenset({errno.EIO, errno.EPIPE, errno.ENXIO, errno.EBADF})
"""What reading and writing fail with once the terminal is gone."""


def end_on_signals(loop: asyncio.AbstractEventLoop, leave: Callable[[], object]) -> None:
    """Call ``leave`` on the loop at SIGTERM and SIGHUP, and end the process if that does not."""

    def ended(number: int, _frame: FrameType | None) -> None:
        _end_soon(loop, leave, 128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)


def ending_with_terminal(driver: type[Driver], leave: Callable[[], object]) -> type[Driver]:
    """Return a kind of driver that calls ``leave`` on the loop once its terminal is gone.

    What is drawn from then on is dropped. As at a signal, the process ends if it does not leave.
    A driver that draws on no terminal is returned as it is.
    """
    if not issubclass(driver, LinuxDriver):
        return driver

    class EndingWithTerminal(driver):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._leaving = threading.Lock()
            self._watched = False
            self._file: Any = _Output(self._file, self._gone, self._panic)

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if not self._watched:  # this is called again after Ctrl-Z
                self._watched = True
                threading.Thread(target=self._watch, name="terminal-watch", daemon=True).start()

        def run_input_thread(self) -> None:
            while True:
                try:
                    super().run_input_thread()
                except BlockingIOError:
                    continue  # another process has read what there was
                except OSError as error:
                    if error.errno not in _GONE_ERRORS:
                        raise
                    self._gone()
                return

        def _watch(self) -> None:
            poll = select.poll()
            poll.register(self.fileno, select.POLLHUP)
            if any(what & _GONE for _, what in poll.poll()):
                self._gone()

        def _gone(self) -> None:
            if self._leaving.acquire(blocking=False):
                _end_soon(self._loop, leave, 128 + signal.SIGHUP)

        def _panic(self) -> None:
            """End with the error that is being handled, as Textual does if reading fails."""
            if self._leaving.acquire(blocking=False):
                from rich.traceback import Traceback  # slow to import, and for a bug only

                told = Traceback()
                _end_soon(self._loop, lambda: self._app.panic(told), 1)

    return EndingWithTerminal


class _Output:
    """The file of a terminal. Once the terminal is gone, everything is dropped.

    Writing raises no ``OSError``: Textual's thread that writes would end, and then whoever draws
    would wait for it.
    """

    def __init__(
        self, file: TextIO, gone: Callable[[], object], failed: Callable[[], object]
    ) -> None:
        """``gone`` is called once it is, and ``failed`` while any other error is handled."""
        self._file = file
        self._gone = gone
        self._failed = failed

    def write(self, text: str) -> None:
        """Write all of a text, however often the terminal takes only a part of it."""
        # Not by ``file``, which does not keep what it could not write.
        left = text.encode(self._file.encoding, self._file.errors or "strict")
        while left:
            try:
                left = left[os.write(self.fileno(), left) :]
            except BlockingIOError:
                select.select([], [self.fileno()], [])
            except OSError as error:
                self._lost(error)
                return

    def flush(self) -> None:
        """Do nothing: nothing is kept."""

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._file.isatty()

    def _lost(self, error: OSError) -> None:
        if error.errno not in _GONE_ERRORS:
            self._failed()
            return
        # What others write to it is dropped, too: Python fails at its end if it cannot be written.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        self._gone()


def _end_soon(loop: asyncio.AbstractEventLoop, leave: Callable[[], object], status: int) -> None:
    """Call ``leave`` on the loop, and end the process with a status if it is still there then."""
    timer = threading.Timer(END_SECONDS, os._exit, (status,))
    timer.daemon = True
    timer.start()
    with contextlib.suppress(RuntimeError):  # the loop is closed: it ends already
        loop.call_soon_threadsafe(leave)
