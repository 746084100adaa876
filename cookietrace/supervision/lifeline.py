"""A lifeline: a pipe whose end tells a child that the one who started it is gone.

The parent keeps the writing end and never writes. Only the parent holds it, so
however the parent ends (a return, a crash, SIGKILL), the kernel closes it, and the
child that waits on the reading end sees the end of the file.
"""

from __future__ import annotations

import contextlib
import os


class Lifeline:
    """The parent's side of one lifeline, and the end to hand to the child."""

    def __init__(self) -> None:
        self.child_fd, self._parent_fd = os.pipe()
        self._child_end_open = True
        self._parent_end_open = True

    @property
    def parent_fd(self) -> int:
        """The end that holds the child up; also writable, where the child takes commands."""
        return self._parent_fd

    def started(self) -> None:
        """Close the child's end here; call it once the child has been started."""
        if self._child_end_open:
            self._child_end_open = False
            os.close(self.child_fd)

    def cut(self) -> None:
        """Let go: the child sees the end of the file. Safe to call twice."""
        self.started()
        if self._parent_end_open:
            self._parent_end_open = False
            with contextlib.suppress(OSError):
                os.close(self._parent_fd)

    def __enter__(self) -> Lifeline:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        self.cut()
