"""``python -m demo_app``: the demo app as a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys

from cookietrace.errors import CookietraceError
from cookietrace.witness.shared_secret import shared_secret
from demo_app.app import create_app
from demo_app.counting import RequestCount
from demo_app.server import DemoServer


def main(arguments: list[str] | None = None) -> int:
    """Serve the demo app until told to stop; return the exit status.

    With ``--reports-fd`` two lines of JSON go to that descriptor: ``listening``
    with the ``url``, and at the end ``served`` with the number of ``requests``.
    """
    parser = argparse.ArgumentParser(prog="python -m demo_app", description="The demo app.")
    parser.add_argument("--port", type=int, default=5000, help="0 takes a free one (%(default)s)")
    parser.add_argument("--lifeline-fd", type=int, help="stop when this pipe ends")
    parser.add_argument("--reports-fd", type=int, help="write reports to this descriptor")
    given = parser.parse_args(arguments)
    count = RequestCount()
    try:
        app = create_app(witness_secret=shared_secret(), request_count=count)
        server = DemoServer(app, given.port)
    except CookietraceError as error:
        print(error, file=sys.stderr)  # noqa: T201  (the one line for the person)
        return error.exit_status
    server.stop_on_signals()
    if given.lifeline_fd is not None:
        server.stop_at_end_of(given.lifeline_fd)
    if given.reports_fd is not None:
        _report(given.reports_fd, {"type": "listening", "url": server.url})
    else:
        print(  # noqa: T201  (started by hand)
            f"The demo app is at {server.url}/ and its lessons at {server.url}/lessons "
            "(Ctrl-C stops it)",
            flush=True,
        )
    server.run()
    if given.reports_fd is not None:
        _report(given.reports_fd, {"type": "served", "requests": count.total})
    return 0


def _report(descriptor: int, report: dict[str, object]) -> None:
    """Write one line; whoever started us may be gone already."""
    with contextlib.suppress(OSError):
        os.write(descriptor, json.dumps(report).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
