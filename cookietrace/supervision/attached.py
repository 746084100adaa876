"""Attaches to a browser that the user has started, from a process of its own.

The browser belongs to the user: it is never closed by us, and nothing in it is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from cookietrace.addresses import Address, is_this_machine
from cookietrace.errors import LaunchError
from cookietrace.protocol import Report
from cookietrace.supervision.child import Child
from cookietrace.supervision.devtools_address import ATTACH_FLAG
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.reports import Reports

START_SECONDS = 60.0
"""How long a start may take on a slow, busy machine."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of what a browser says."""

    capture: Path
    """The capture that is being recorded."""
    commands_fd: int
    """The pipe to the proxy that records it."""
    proxy: str
    """The ``host:port`` of the listener that the browser should use as its proxy."""
    listeners: Sequence[str]
    """Those by which its traffic may pass."""
    only: Sequence[str] = ()
    ignore: Sequence[str] = ()
    own: Sequence[str] = ()


class AttachedBrowser:
    """The process that listens. It ends when we do, however that is."""

    def __init__(self, child: Child, hearing: _Hearing) -> None:
        self._child = child
        self._hearing = hearing

    @property
    def pid(self) -> int:
        """The process that listens."""
        return self._child.process.pid

    def close(self) -> None:
        """Listen no more; the browser continues. Safe to call twice."""
        self._hearing.is_wanted = False
        self._child.stop()


class _Hearing:
    """Hands on what the process reports, and says so if it ends though nobody has ended it."""

    def __init__(self, reported: Callable[[Report], object]) -> None:
        self._reported = reported
        self._label: str | None = None
        self.is_wanted = True

    def report(self, report: Report) -> None:
        """Take a report."""
        self._label = report.label
        self._reported(report)

    def ended(self) -> None:
        """Take that there are no more."""
        if self.is_wanted and self._label is not None:
            self._reported(
                Report(
                    type="attached",
                    message=f"what listened to the {self._label} has ended: recording continues, "
                    "but what that browser says is no longer recorded",
                    label=self._label,
                )
            )


def attach(address: Address, heard: Heard, reported: Callable[[Report], object]) -> AttachedBrowser:
    """Listen to the browser whose DevTools are at an address.

    ``reported`` gets each ``attached`` report, on a thread. Raises ``LaunchError``.
    """
    hearing = _Hearing(reported)
    reports = Reports(attached=hearing.report, ended=hearing.ended)
    lifeline = Lifeline()
    arguments = [
        f"--address={address}",
        f"--capture={heard.capture}",
        f"--proxy={heard.proxy}",
        *[f"--listen={each}" for each in heard.listeners],
        *[f"--only={each}" for each in heard.only],
        *[f"--ignore={each}" for each in heard.ignore],
        *[f"--own={each}" for each in heard.own],
        f"--lifeline-fd={lifeline.child_fd}",
        f"--reports-fd={reports.child_fd}",
        f"--commands-fd={heard.commands_fd}",
    ]
    with reports.starting():
        child = Child.start(
            "listener to your browser",
            "cookietrace.supervision.attaching",
            arguments,
            lifeline,
            pass_fds=(reports.child_fd, heard.commands_fd),
        )
    try:
        report = reports.wait_for("attached", seconds=START_SECONDS)
    except BaseException:
        hearing.is_wanted = False
        child.stop()
        raise
    if report is None:
        child.stop()
        raise LaunchError(
            reports.last_message or f"{ATTACH_FLAG}: {child.last_error() or 'it ended at once'}"
        )
    return AttachedBrowser(child, hearing)


def warning_of(address: Address) -> str | None:
    """Return what to say before a browser on another machine is listened to; None for ours."""
    if is_this_machine(address.host):
        return None
    return (
        f"warning: {ATTACH_FLAG} {address}: DevTools has no encryption and no login. Whoever can "
        "reach that port controls the browser, and whoever is in between reads its cookies"
    )
