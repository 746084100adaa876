"""Runs another module in this process, and ends when its parent ends.

The screen is started as ``python -m cookietrace.supervision.tether LIFELINE_FD MODULE``.
It imports the module at once, and calls its ``main`` with the arguments that arrive on
the lifeline as one line of JSON: so the screen loads while the proxy starts. If the
parent ends earlier, nothing is shown; if it ends later, the terminal is restored, and
the screen ends.
"""

from __future__ import annotations

import gc
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until then Ctrl-C is for the parent only
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # it was started with it blocked
    terminal = Terminal.save()
    lifeline = os.fdopen(int(sys.argv[1]), "rb")
    gc.disable()  # what is imported lives until the end: nothing there is garbage
    module = importlib.import_module(f"{sys.argv[2]}.__main__")
    gc.freeze()
    gc.enable()
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
    # A shell may have the terminal by now: writing from the background must not stop us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    terminal.restore()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
