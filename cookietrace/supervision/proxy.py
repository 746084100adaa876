"""The recording proxy and the demo app as child processes that report where they listen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cookietrace.errors import LaunchError
from cookietrace.events import Listener
from cookietrace.protocol import UPSTREAM_VARIABLE, Command, encode_line
from cookietrace.supervision.child import Child
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.reports import Reports

START_SECONDS = 60.0
"""How long a start may take on a slow, busy machine."""


class ProxyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the proxy process."""

    capture: Path
    modes: Sequence[str]
    """mitmproxy modes with their addresses, e.g. ``regular@127.0.0.1:8080``."""
    movable: Sequence[str] = ()
    """Those of them that get the next free port if theirs is in use by then."""
    demo_app: str | None = None
    """The demo app's URL, to which the demo's made-up hosts are routed."""
    bodies: bool = True
    only: Sequence[str] = ()
    ignore: Sequence[str] = ()
    own: Sequence[str] = ()
    """Where we serve a page ourselves, as ``host:port``: what is sent there is not recorded."""
    upstream: str | None = None
    confdir: Path | None = None
    edit: tuple[str, ...] = ()
    """The hosts towards which cookies may be changed."""
    edit_responses: tuple[str, ...] = ()
    edit_requests: tuple[str, ...] = ()
    start_from: Path | None = None
    """A file of cookies that the first client holds from the start."""

    def arguments(self) -> list[str]:
        """Return the proxy's command line."""
        # Joined by "=": a value of its own that begins with "-" would be taken for an option.
        arguments = [f"--capture={self.capture}"]
        arguments += [f"--mode={mode}" for mode in self.modes]
        arguments += [f"--movable={mode}" for mode in self.movable]
        arguments += [f"--only={host}" for host in self.only]
        arguments += [f"--ignore={host}" for host in self.ignore]
        arguments += [f"--own={host}" for host in self.own]
        if self.demo_app is not None:
            arguments.append(f"--demo-app={self.demo_app}")
        arguments += [f"--edit={host}" for host in self.edit]
        arguments += [f"--edit-response={text}" for text in self.edit_responses]
        arguments += [f"--edit-request={text}" for text in self.edit_requests]
        if self.start_from is not None:
            arguments.append(f"--start-from={self.start_from}")
        if self.confdir is not None:
            arguments.append(f"--confdir={self.confdir}")
        if not self.bodies:
            arguments.append("--no-bodies")
        return arguments

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the proxy: other users cannot read them."""
        return {} if self.upstream is None else {UPSTREAM_VARIABLE: self.upstream}


class RunningProxy:
    """A running proxy: its listeners, CA, reports and commands."""

    def __init__(self, child: Child, reports: Reports) -> None:
        self.child = child
        self.reports = reports
        self.listeners: tuple[Listener, ...] = ()
        self.ca: Path | None = None

    @classmethod
    def start(cls, options: ProxyOptions) -> RunningProxy:
        """Start the proxy without waiting for it; raises ``LaunchError`` if that fails."""
        reports = Reports()
        lifeline = Lifeline()
        arguments = [
            *options.arguments(),
            "--reports-fd",
            str(reports.child_fd),
            "--commands-fd",
            str(lifeline.child_fd),
        ]
        with reports.starting():
            child = Child.start(
                "proxy",
                "proxy_addon",
                arguments,
                lifeline,
                pass_fds=(reports.child_fd,),
                environment=options.environment(),
            )
        return cls(child, reports)

    @property
    def commands_fd(self) -> int:
        """The pipe for commands; the proxy runs as long as a process holds it open."""
        return self.child.lifeline.parent_fd

    def wait_until_listening(self) -> None:
        """Return once all listeners are open; raises ``LaunchError`` with the proxy's reason."""
        self._await_listeners()

    def listen(self, label: str | None, mode: str = "regular@127.0.0.1:0") -> Listener:
        """Open another listener: by default one on loopback, for the browser named ``label``.

        Raises ``LaunchError`` if the proxy refuses or ends.
        """
        known = {listener.address for listener in self.listeners}
        command = Command(type="listen", mode=mode, label=label)
        try:
            os.write(self.commands_fd, encode_line(command))
        except OSError as error:
            raise LaunchError(f"the proxy has ended: {error.strerror}") from error
        self._await_listeners()
        for listener in self.listeners:
            if listener.label == label and listener.address not in known:
                return listener
        raise LaunchError(f"the proxy opened no listener for {label or mode}: try again")

    def stop(self) -> int:
        """Stop the proxy cleanly and return its exit status. Safe to call twice.

        It is also asked by a signal: a screen that is still there holds its pipe open.
        """
        self.child.process.terminate()
        return self.child.stop()

    def _await_listeners(self) -> None:
        """Wait for the next ``listening`` report, and store the listeners and the CA."""
        report = self.reports.wait_for("listening", "refused", seconds=START_SECONDS)
        if report is not None and report.type == "refused":
            raise LaunchError(report.message or "the proxy refused to open a listener")
        if report is None:
            status = self.child.stop()
            reason = self.reports.last_message or self.child.last_error()
            raise LaunchError(reason or f"the proxy ended at once, with status {status}")
        self.listeners = report.listeners
        if report.ca is not None:
            self.ca = Path(report.ca)


class RunningDemoApp:
    """A running demo app."""

    def __init__(self, child: Child, reports: Reports) -> None:
        self.child = child
        self.url = ""
        """Where it listens, without a path; set by ``wait_until_listening``."""
        self._reports = reports

    @classmethod
    def start(cls, port: int = 0) -> RunningDemoApp:
        """Start the app on loopback without waiting for it; port 0 means any free port."""
        reports = Reports()
        lifeline = Lifeline()
        arguments = ["--port", str(port)]
        arguments += ["--lifeline-fd", str(lifeline.child_fd)]
        arguments += ["--reports-fd", str(reports.child_fd)]
        with reports.starting():
            child = Child.start(
                "demo app", "demo_app", arguments, lifeline, pass_fds=(reports.child_fd,)
            )
        return cls(child, reports)

    def wait_until_listening(self) -> str:
        """Return the app's URL; raises ``LaunchError`` if the app ends instead."""
        report = self._reports.wait_for("listening", seconds=START_SECONDS)
        if report is None or report.url is None:
            self.child.stop()
            reason = self._reports.last_message or self.child.last_error()
            raise LaunchError(f"the demo app did not start: {reason or 'no reason was given'}")
        self.url = report.url
        return self.url

    def stop(self) -> int:
        """Stop the app and return its exit status. Safe to call twice."""
        return self.child.stop()

    def served(self) -> int | None:
        """Return how many requests the app received; None if it ended without a report.

        Call this after ``stop``.
        """
        report = self._reports.wait_for("served", seconds=START_SECONDS)
        return report.requests if report is not None else None
