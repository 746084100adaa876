"""Runs one browser: starts it, waits, and leaves neither a process nor a profile behind.

Started as ``python -m cookietrace.supervision.browser_keeper``. It ends when the browser
or its lifeline ends; either way it ends everything that the browser started and
removes the profile folder. On its report pipe it reports ``started`` (with the profile
folder) and ``stopped`` (with the reason, if the browser could not be started).
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookietrace.errors import LaunchError
from cookietrace.protocol import PROFILE_PREFIX, Report, encode_line
from cookietrace.supervision.browser_profile import (
    PREPARE,
    Launch,
    log_environment,
    log_path,
    profile_environment,
    profile_parent,
)
from cookietrace.supervision.log_pipe import LogPipe

if TYPE_CHECKING:
    from cookietrace.supervision.script_watching import ScriptWatcher
    from cookietrace.supervision.telling import BrowserFollower, Place

CLOSE_PATIENCE = 3.0
"""Seconds between SIGTERM and SIGKILL for the browser."""
REMOVE_PATIENCE = 5.0
"""Seconds in which to remove the profile."""
DEVTOOLS_IN, DEVTOOLS_OUT = 3, 4
"""The file descriptors on which Chromium receives and sends DevTools messages."""
_PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str] | None = None) -> int:
    """Run one browser; return 0 if it was started, 2 if it could not be."""
    parser = argparse.ArgumentParser(prog="python -m cookietrace.supervision.browser_keeper")
    parser.add_argument("--kind", required=True, choices=sorted(PREPARE))
    parser.add_argument("--path", required=True)
    parser.add_argument("--proxy", required=True)
    parser.add_argument("--ca", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--headless", action="store_true")
    parser.add_argument("--block-third-party-cookies", action="store_true")
    parser.add_argument("--lifeline-fd", type=int, required=True)
    parser.add_argument("--reports-fd", type=int, required=True)
    parser.add_argument("--capture", type=Path, help="listen to the browser for this capture")
    parser.add_argument("--after", default="", help="its position when the browser was asked for")
    parser.add_argument("--commands-fd", type=int)
    parser.add_argument("--by-port", action="store_true", help="listen to Firefox over a port")
    parser.add_argument("--devtools-fds", type=int, nargs=2, metavar=("IN", "OUT"))
    parser.add_argument("--watch-scripts", action="store_true", help="needs --capture")
    given = parser.parse_args(arguments)
    own_fds = (given.lifeline_fd, given.reports_fd, given.commands_fd)
    for fd in [fd for fd in own_fds if fd is not None]:
        os.set_inheritable(fd, False)

    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    _adopt_orphans()

    try:
        profile = Path(tempfile.mkdtemp(prefix=PROFILE_PREFIX, dir=profile_parent(given.path)))
    except OSError as error:
        _report(given.reports_fd, "stopped", f"no folder for its profile: {error.strerror}")
        return 2
    pipe = _log_pipe(given, profile)
    watcher = _watcher(given, pipe)
    devtools_fds = given.devtools_fds if watcher is None else watcher.browser_fds
    try:
        launch = Launch(
            path=given.path,
            profile=profile,
            proxy=given.proxy,
            ca=given.ca,
            url=given.url,
            headless=given.headless,
            devtools=devtools_fds is not None,
            watch_scripts=watcher is not None,
            block_third_party_cookies=given.block_third_party_cookies,
            log=None if pipe is None else pipe.path,
            by_port=_by_port(given),
            warn=lambda line: _report(given.reports_fd, "warning", line),
        )
        environment = profile_environment(profile) | log_environment(given.kind, launch.log)
        browser = BrowserProcess(PREPARE[given.kind](launch), environment, devtools_fds)
    except (OSError, LaunchError) as error:
        _remove(profile)
        _report(given.reports_fd, "stopped", str(error))
        return 2
    _report(given.reports_fd, "started", str(profile))
    if watcher is not None:
        watcher.start()
    follower = _follower(given, profile, pipe, watcher)
    if follower is not None:
        follower.start()
    try:
        _wait(browser, given.lifeline_fd, wake_read)
    finally:
        _end(browser)
        if watcher is not None:
            watcher.finish()
        if follower is not None:
            follower.finish()
        _remove(profile)
        _report(given.reports_fd, "stopped", None)
    return 0


def _listens(given: argparse.Namespace) -> bool:
    """Return whether what the browser says of itself is to be recorded."""
    return given.capture is not None and given.commands_fd is not None


def _log_pipe(given: argparse.Namespace, profile: Path) -> LogPipe | None:
    """Return what reads the browser's log; None if nobody does.

    The browser waits until somebody reads, so it is opened before that starts.
    """
    if not _listens(given) or _by_port(given):
        return None
    try:
        return LogPipe(log_path(given.kind, profile))
    except OSError as error:
        _not_listening(given, f"no pipe in its profile: {error.strerror}")
        return None


def _watcher(given: argparse.Namespace, pipe: LogPipe | None) -> ScriptWatcher | None:
    """Return what watches the scripts of pages; None if that is not wanted, or nobody listens."""
    if not given.watch_scripts or pipe is None:
        return None
    from cookietrace.supervision.script_watching import ScriptWatcher

    return ScriptWatcher(
        url=given.url,
        failed=lambda why: _report(
            given.reports_fd, "warning", f"scripts are no longer watched: {why}"
        ),
    )


def _follower(
    given: argparse.Namespace,
    profile: Path,
    pipe: LogPipe | None,
    watcher: ScriptWatcher | None,
) -> BrowserFollower | None:
    """Return what listens to the browser, which has started; None if nobody does."""
    # Imported here: the browser should not have to wait for it.
    if pipe is None:
        return _port_follower(given, profile) if _by_port(given) else None
    place, failed = _place(given), partial(_not_listening, given)
    if given.kind == "firefox":
        from cookietrace.supervision.firefox_log_following import FirefoxLogFollower

        return FirefoxLogFollower(pipe, place, failed)
    from cookietrace.supervision.net_log_following import NetLogFollower

    return NetLogFollower(pipe, place, failed, None if watcher is None else watcher.reported)


def _by_port(given: argparse.Namespace) -> bool:
    """Return whether the browser is listened to over a port, which it opens itself."""
    return given.by_port and given.kind == "firefox" and _listens(given)


def _port_follower(given: argparse.Namespace, profile: Path) -> BrowserFollower:
    """Return what listens over a port."""
    from cookietrace.supervision.bidi_following import BidiFollower

    return BidiFollower(
        profile,
        _place(given),
        url=given.url,
        failed=partial(_not_listening, given),
        warned=lambda why: _report(
            given.reports_fd, "warning", f"not all that {given.kind} says is recorded: {why}"
        ),
    )


def _place(given: argparse.Namespace) -> Place:
    """Return where what the browser says is recorded."""
    from cookietrace.supervision.telling import Place

    return Place(given.capture, given.after, given.proxy, given.commands_fd)


def _not_listening(given: argparse.Namespace, why: str) -> None:
    _report(
        given.reports_fd, "warning", f"what {given.kind} says about itself is not recorded: {why}"
    )


class BrowserProcess:
    """The browser's main process, which leads its own process group."""

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        devtools_fds: list[int] | None,
    ) -> None:
        actions: list[Any] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        held: list[int] = []
        for fd, wanted in zip(devtools_fds or (), (DEVTOOLS_IN, DEVTOOLS_OUT), strict=False):
            held.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))  # away from 3 and 4
            os.close(fd)
            actions.append((os.POSIX_SPAWN_DUP2, held[-1], wanted))
        try:
            self.pid = os.posix_spawn(
                command[0], command, environment, file_actions=actions, setpgroup=0
            )
        finally:
            for fd in held:  # or the browser's end of the pipe would outlive the browser
                os.close(fd)
        self._ended = False

    def ended(self) -> bool:
        """Return whether it has ended, and reap it if so."""
        if not self._ended:
            with contextlib.suppress(ChildProcessError):
                pid, _ = os.waitpid(self.pid, os.WNOHANG)
                self._ended = pid != 0
        return self._ended


def _wait(browser: BrowserProcess, lifeline_fd: int, wake_fd: int) -> None:
    """Return when the browser has ended, the lifeline is cut, or a signal asks us to end."""
    end_signals = {int(signal.SIGTERM), int(signal.SIGINT), int(signal.SIGHUP)}
    while not browser.ended():
        ready, _, _ = select.select([lifeline_fd, wake_fd], [], [])
        if lifeline_fd in ready and not os.read(lifeline_fd, 1024):
            return
        if wake_fd in ready and end_signals.intersection(os.read(wake_fd, 1024)):
            return


def _end(browser: BrowserProcess) -> None:
    """End the browser's process group, and its descendants outside of the group."""
    _signal_group(browser.pid, signal.SIGTERM)
    if not _all_gone(CLOSE_PATIENCE):
        _signal_group(browser.pid, signal.SIGKILL)
        _all_gone(CLOSE_PATIENCE, _kill_adopted)


def _all_gone(seconds: float, each_round: Callable[[], object] = lambda: None) -> bool:
    """Reap children until none is left; return False if some remain after ``seconds``.

    ``each_round`` is called while there are some.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            each_round()
            time.sleep(0.02)
    return False


def _kill_adopted() -> None:
    """Kill all current children: we adopt more with each process that ends."""
    for pid in _adopted():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to the group, if it still exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _adopt_orphans() -> None:
    """Adopt the browser's orphaned descendants, so that we can end them (Linux)."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _adopted() -> list[int]:
    """Return the pids of our children, if the system lists them (Linux)."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
    except OSError:
        return []
    return [int(pid) for pid in text.split()]


def _remove(profile: Path) -> None:
    """Remove the profile, also while a last process still writes to it."""
    deadline = time.monotonic() + REMOVE_PATIENCE
    while profile.exists():
        shutil.rmtree(profile, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        if profile.exists():
            time.sleep(0.05)


def _report(fd: int, kind: str, message: str | None) -> None:
    """Write one line to the report pipe; the reader may be gone."""
    with contextlib.suppress(OSError):
        os.write(fd, encode_line(Report(type=kind, message=message)))


if __name__ == "__main__":
    sys.exit(main())
