"""Runs another module in this process, and ends with the parent that holds its lifeline.

``python -m cookietrace.supervision.tether LIFELINE_FD MODULE [ARGUMENT]...`` is how the
screen is started: if the command that started it is killed, the screen gives the
terminal back as it found it, and ends too.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

from cookietrace.supervision.terminal import Terminal


def main() -> None:
    """Run the module named on the command line as ``__main__``."""
    lifeline_fd, module = int(sys.argv[1]), sys.argv[2]
    terminal = Terminal.remember()
    threading.Thread(target=_watch, args=(lifeline_fd, terminal), daemon=True).start()
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch(lifeline_fd: int, terminal: Terminal) -> None:
    """Wait for the end of the lifeline, then end this process at once."""
    while os.read(lifeline_fd, 1024):
        pass
    # By now a shell may have taken the terminal: writing from the background must not stop us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    terminal.restore()
    os._exit(1)


if __name__ == "__main__":
    main()
