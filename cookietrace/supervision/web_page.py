"""The live page's process: a child that serves it, and ends with the command that started it."""

from __future__ import annotations

import contextlib
import os

import msgspec

from cookietrace.errors import LaunchError
from cookietrace.supervision.child import Child
from cookietrace.supervision.proxy import START_SECONDS, RunningProxy
from cookietrace.supervision.reports import Reports
from cookietrace.supervision.web_listening import PAGE_FLAG, WebAddress
from cookietrace.supervision.web_server import WebServer
from cookietrace.web.options import PageOptions, Tokens


class WebPage(WebServer):
    """The page's process. After the block it has ended."""

    def __init__(self, where: WebAddress) -> None:
        """Listen, so that the port is ours; connections wait. Raises ``LaunchError``."""
        super().__init__(where, PAGE_FLAG)
        self._tokens = Tokens.new()
        self._reports: Reports | None = None
        self._proxy: RunningProxy | None = None

    @property
    def address(self) -> str:
        """The page's address for viewers. It ends in the token."""
        return self._address(self._tokens.viewer)

    @property
    def presenter_address(self) -> str:
        """Its address for the one whom the others can follow."""
        return self._address(self._tokens.presenter)

    def load(self, proxy: RunningProxy | None = None) -> None:
        """Start the process, which serves nothing yet. Raises ``LaunchError``.

        With a proxy, the page receives all of its reports.
        """
        self._reports = reports = Reports()
        fd = self._socket.fileno()
        arguments = ["--lifeline-fd", str(self._lifeline.child_fd), "--socket-fd", str(fd)]
        arguments += ["--ready-fd", str(reports.child_fd)]
        pass_fds = [fd, reports.child_fd]
        reports_fd: int | None = None
        if proxy is not None:
            reports_fd, forward_fd = os.pipe()
            proxy.reports.forward_to(forward_fd)
            pass_fds.append(reports_fd)
            arguments += ["--reports-fd", str(reports_fd)]
        self._proxy = proxy
        try:
            with reports.starting():
                self._child = Child.start(
                    "page", "cookietrace.web", arguments, self._lifeline, pass_fds=pass_fds
                )
        finally:
            if reports_fd is not None:
                os.close(reports_fd)
        self._socket.close()

    def serve(self, options: PageOptions) -> None:
        """Serve a capture. Returns once browsers can connect; raises ``LaunchError`` otherwise."""
        assert self._reports is not None
        line = msgspec.json.encode(self._complete(options)) + b"\n"
        with contextlib.suppress(OSError):  # if it has ended, its status says so
            os.write(self._lifeline.parent_fd, line)
        if self._reports.wait_for("listening", seconds=START_SECONDS) is None:
            raise self.ended()

    def _complete(self, options: PageOptions) -> PageOptions:
        certificate = self._where.certificate
        return msgspec.structs.replace(
            options,
            tokens=self._tokens,
            host=self._listening.host,
            names=() if certificate is None else certificate.names,
            certificate=None if certificate is None else str(certificate.certificate.absolute()),
            key=None if certificate is None else str(certificate.key.absolute()),
            attached=self._proxy is not None,
        )

    def ended(self) -> LaunchError:
        """Return why the process ended, as an error for the user."""
        status = self.child.stop()
        return LaunchError(self.child.last_error() or f"the page ended with status {status}")

    def __exit__(self, *_: object) -> None:
        """End the process: cut its lifeline, then with force. Safe to call twice."""
        self._socket.close()
        child, self._child = self._child, None
        if child is not None:
            child.stop()
        self._lifeline.cut()
        if self._proxy is not None:
            self._proxy.reports.stop_forwarding()
