"""Runs another module in this process, and ends with the parent that holds its lifeline.

``python -m cookietrace.supervision.tether LIFELINE_FD MODULE`` is how the screen is
started: it imports the module at once, and runs its ``main`` with the arguments that
come as the one line (JSON) on the lifeline. So the screen loads while the proxy
starts. If the parent is gone before, nobody sees anything; if it is gone later, the
terminal is given back as it was found, and the screen ends.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
from typing import BinaryIO

from cookietrace.supervision.terminal import Terminal


def main() -> int:
    """Run the ``main`` of the module named on the command line; return its status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C meanwhile is for the parent alone
    terminal = Terminal.remember()
    lifeline = os.fdopen(int(sys.argv[1]), "rb")
    module = importlib.import_module(f"{sys.argv[2]}.__main__")
    line = lifeline.readline()
    if not line:
        return 0
    threading.Thread(target=_watch, args=(lifeline, terminal), daemon=True).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status: int = module.main(json.loads(line))
    return status


def _watch(lifeline: BinaryIO, terminal: Terminal) -> None:
    """Wait for the end of the lifeline, then end this process at once."""
    while lifeline.read(1):
        pass
    # By now a shell may have taken the terminal: writing from the background must not stop us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    terminal.restore()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
