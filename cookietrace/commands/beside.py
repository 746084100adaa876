"""Work in a process of its own beside this one, for a command with two things to do at once."""

from __future__ import annotations

import errno
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from cookietrace.errors import CookietraceError, EndedError
from cookietrace.stores import is_sqlite
from cookietrace.supervision.lifeline import Lifeline

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from cookietrace.recorders import Place

_LARGE: Final = 8_000_000
"""From this size of a capture on, in bytes, two processes are done sooner than one."""

_ENDED: Final = (
    "a second process, which did half of the work, was killed: is there enough memory for two?"
)

_FAILED: Final = "a second process, which did half of the work, failed for the reason above"

_NO_MEMORY: Final = 3
"""The exit status of a second process that got no memory."""


class _NobodyCallsError(Exception):
    """The process that calls has ended, or wants no more."""


class Caller(Protocol):
    """Calls the methods of an object by name, one at a time, wherever it is.

    If the object is in another process, each may raise ``EndedError``.
    """

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns; raises the ``CookietraceError`` that it raises."""

    def ready(self) -> None:
        """Wait until the object has been made; raises the ``CookietraceError`` of that."""

    def ask(self, name: str, *arguments: object) -> None:
        """Call a method without waiting for what it returns, which ``answer`` returns."""

    def answered(self) -> bool:
        """Return whether ``answer``, or ``ready`` before it, would not have to wait."""

    def answer(self) -> Any:
        """Return what the method returned that was asked last; raises as ``call`` does."""


class Here:
    """An object in this process, made when it is needed first."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object = None
        self._answer: Any = None
        self._error: CookietraceError | None = None

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns."""
        return getattr(self._made, name)(*arguments)

    def ready(self) -> None:
        """Make the object."""
        self._made = self._make()

    def ask(self, name: str, *arguments: object) -> None:
        """Call a method, and keep what it returns or raises."""
        self._answer = self._error = None
        try:
            self._answer = self.call(name, *arguments)
        except CookietraceError as error:
            self._error = error

    def answered(self) -> bool:
        """Return true: what is asked here is answered at once."""
        return True

    def answer(self) -> Any:
        """Return or raise what was kept."""
        if self._error is not None:
            raise self._error
        return self._answer


class Beside:
    """An object in another process."""

    def __init__(self, connection: Connection, process_id: int) -> None:
        self._connection = connection
        self._process_id = process_id
        self._status: int | None = None

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns there; raises the ``CookietraceError`` that it raises."""
        self.ask(name, *arguments)
        return self.answer()

    def ask(self, name: str, *arguments: object) -> None:
        """Call a method without waiting for what it returns."""
        try:
            self._connection.send((name, arguments))
        except OSError:
            raise self._end() from None

    def answered(self) -> bool:
        """Return whether there is something to receive."""
        return self._connection.poll()

    def answer(self) -> Any:
        """Return what was asked for, once it is there."""
        return self._received()

    def ready(self) -> None:
        """Wait until the object has been made; raises the ``CookietraceError`` of that."""
        self._received()

    def _received(self) -> Any:
        try:
            error, value = self._connection.recv()
        except (EOFError, OSError):
            raise self._end() from None
        if error is not None:
            raise error
        return value

    def waited(self) -> int:
        """Wait until the process has ended, which it does now that nobody can call it any more.

        Return its exit status, negative for a signal.
        """
        self._connection.close()
        if self._status is None:
            _, status = os.waitpid(self._process_id, 0)
            self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def _end(self) -> CookietraceError:
        status = self.waited()
        return (
            EndedError(_ENDED) if status < 0 or status == _NO_MEMORY else CookietraceError(_FAILED)
        )


@contextmanager
def beside(make: Callable[[], object]) -> Iterator[Caller]:
    """Make an object in a copy of this process, which ends with this one, however it ends.

    If this process has other threads, which a copy would lack, or if there can be no copy, the
    object is made here.
    """
    with ExitStack() as stack:
        yield (_copy(make, stack) if _alone() else None) or Here(make)


def _copy(make: Callable[[], object], stack: ExitStack) -> Beside | None:
    """Start a copy of this process, which ends with the stack.

    None if there can be none: too little memory, too many processes or open files.
    """
    import multiprocessing  # not before: most captures are read by one process

    with ExitStack() as opened, suppress(OSError):
        ours, theirs = multiprocessing.Pipe()
        opened.callback(ours.close)
        opened.callback(theirs.close)
        lifeline = opened.enter_context(Lifeline())
        process_id = os.fork()
        if process_id == 0:
            os.close(lifeline.parent_fd)
            ours.close()
            _serve(make, theirs, lifeline.child_fd)
        lifeline.started()
        theirs.close()
        other = Beside(ours, process_id)
        stack.callback(other.waited)
        stack.push(opened.pop_all())
        return other
    return None


def half_of_the_work(file: Place, make: Callable[[], object]) -> Caller | None:
    """Make an object that reads a capture beside this process, which reads it too; see ``beside``.

    It ends with the command. None if that would gain nothing. Call it before the capture is opened
    here: a database must not be open in two processes by a fork.
    """
    if not isinstance(file, Path) or cores() < 2:
        return None
    try:
        if file.stat().st_size < _LARGE or not is_sqlite(file):
            return None
    except OSError:
        return None  # whoever reads it says why
    return click.get_current_context().with_resource(beside(make))


def unsaid(_line: str) -> None:
    """Say nothing about what was lost: the process beside this one says it."""


def cores() -> int:
    """Return on how many processors this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _alone() -> bool:
    """Return whether this thread is the only one of the process."""
    tasks = Path("/proc/self/task")
    if tasks.exists() and len(list(tasks.iterdir())) > 1:
        return False
    return threading.active_count() == 1


def _serve(make: Callable[[], object], connection: Connection, lifeline: int) -> None:
    """Answer calls until nobody is left to call, then end at once."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was asked decides
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
        try:
            made = make()
        except CookietraceError as error:
            _send(connection, (error, None))
        else:
            _send(connection, (None, None))
            _answer(made, connection)
        status = 0
    except _NobodyCallsError:
        status = 0
    except MemoryError:
        status = _NO_MEMORY
    except OSError as error:
        if error.errno != errno.ENOMEM:
            traceback.print_exc()
            raise
        status = _NO_MEMORY
    except Exception:
        traceback.print_exc()  # otherwise nobody would: the process ends before
        raise
    finally:
        os._exit(status)


def _answer(made: object, connection: Connection) -> None:
    while True:
        try:
            name, arguments = connection.recv()
        except (EOFError, OSError) as error:
            raise _NobodyCallsError from error
        try:
            value = getattr(made, name)(*arguments)
        except CookietraceError as error:
            _send(connection, (error, None))
        else:
            _send(connection, (None, value))


def _send(connection: Connection, what: tuple[CookietraceError | None, object]) -> None:
    try:
        connection.send(what)
    except OSError as error:
        raise _NobodyCallsError from error


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(0)
