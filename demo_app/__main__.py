"""``python -m demo_app``: the demo app as a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from cookietrace.errors import CookietraceError
from cookietrace.protocol import Report, encode_line
from cookietrace.witness.shared_secret import shared_secret
from demo_app.app import create_app
from demo_app.server import DemoServer


def main(arguments: list[str] | None = None) -> int:
    """Serve the demo app until asked to stop; return the exit status.

    With ``--reports-fd`` two reports are written to that descriptor: ``listening`` with the
    URL, and at the end ``served`` with the number of requests.
    """
    parser = argparse.ArgumentParser(prog="python -m demo_app", description="The demo app.")
    parser.add_argument("--port", type=int, default=5000, help="0: any free port (%(default)s)")
    parser.add_argument("--lifeline-fd", type=int, help="stop when this pipe ends")
    parser.add_argument("--reports-fd", type=int, help="write reports to this descriptor")
    given = parser.parse_args(arguments)
    try:
        app = create_app(witness_secret=shared_secret())
        server = DemoServer(app, given.port)
    except CookietraceError as error:
        print(error, file=sys.stderr)  # noqa: T201  (the one line for the user)
        return error.exit_status
    server.stop_on_signals()
    if given.lifeline_fd is not None:
        server.stop_at_end_of(given.lifeline_fd)
    if given.reports_fd is not None:
        _send(given.reports_fd, Report(type="listening", url=server.url))
    else:
        print(  # noqa: T201  (started by hand)
            f"The demo app is at {server.url}/ and its lessons are at {server.url}/lessons "
            "(Ctrl-C stops it)",
            flush=True,
        )
    server.run()
    if given.reports_fd is not None:
        _send(given.reports_fd, Report(type="served", requests=server.requests))
    return 0


def _send(descriptor: int, report: Report) -> None:
    """Write one report; the reader may be gone."""
    with contextlib.suppress(OSError):
        os.write(descriptor, encode_line(report))


if __name__ == "__main__":
    sys.exit(main())
