"""``python -m tui.served``: serve the screen to browser tabs on a socket that is open already."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tui.served.server import Options, Terminals, listen


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tui.served", description=__doc__)
    parser.add_argument("--socket-fd", type=int, required=True, metavar="N")
    parser.add_argument("--token", required=True)
    parser.add_argument("--host", required=True, help="what it listens on")
    parser.add_argument("--name", action="append", default=[], help="of the certificate")
    parser.add_argument("--certificate", type=Path, metavar="FILE")
    parser.add_argument("--key", type=Path, metavar="FILE")
    parser.add_argument(
        "--screen", required=True, metavar="JSON", help="arguments of python -m tui"
    )
    given = parser.parse_args(arguments)
    screen = msgspec.json.decode(given.screen, type=tuple[str, ...])
    # What it would log of a request may be secret.
    logging.getLogger("aiohttp").addHandler(logging.NullHandler())
    options = Options(token=given.token, arguments=screen, host=given.host, names=tuple(given.name))
    tls = None
    if given.certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(given.certificate, given.key)
    asyncio.run(serve(socket.socket(fileno=given.socket_fd), options, tls))
    return 0


async def serve(
    listening: socket.socket, options: Options, tls: ssl.SSLContext | None = None
) -> None:
    """Serve on a socket until this process is asked to end."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    terminals = Terminals(options)
    runner = terminals.runner()
    await runner.setup()
    try:
        server = await listen(terminals, runner, listening, tls)
        await ended.wait()
        server.close()  # to wait for its end would be to wait for the tabs, from Python 3.12 on
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
