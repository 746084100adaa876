"""``python -m cookietrace.web``: the page's process; a command of ours starts it.

The first line of the lifeline holds the options, with the tokens: every user of a machine can read
the arguments of a process.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys

import msgspec

from cookietrace.errors import CookietraceError
from cookietrace.protocol import Report, encode_line
from cookietrace.web.options import PageOptions
from cookietrace.web.server import serve

_options = msgspec.json.Decoder(PageOptions)


def main(arguments: list[str] | None = None) -> int:
    """Serve until the lifeline ends; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m cookietrace.web", description=__doc__)
    parser.add_argument("--lifeline-fd", type=int, required=True)
    parser.add_argument("--socket-fd", type=int, required=True, help="listens already")
    parser.add_argument("--ready-fd", type=int, required=True, help="gets a report when it serves")
    parser.add_argument("--reports-fd", type=int, help="JSON lines from the proxy")
    given = parser.parse_args(arguments)
    line = _first_line(given.lifeline_fd)
    if not line:
        return 0

    def ready() -> None:
        with contextlib.suppress(OSError):
            os.write(given.ready_fd, encode_line(Report(type="listening")))
            os.close(given.ready_fd)

    try:
        with socket.socket(fileno=given.socket_fd) as listening:
            serve(
                _options.decode(line),
                listening,
                lifeline_fd=given.lifeline_fd,
                reports_fd=given.reports_fd,
                ready=ready,
            )
    except CookietraceError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    return 0


def _first_line(descriptor: int) -> bytes:
    """Return the first line of a pipe, without reading further."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            return b""
        line += byte
    return bytes(line)


if __name__ == "__main__":
    sys.exit(main())
