"""A lifeline: a pipe by which a child notices that its parent is gone.

Only the parent holds the writing end. However the parent ends (a return, a crash,
SIGKILL), the kernel closes it, and the child, which waits on the reading end, sees the
end of the file.
"""

from __future__ import annotations

import contextlib
import os


class Lifeline:
    """The parent's side of a lifeline, and the end for the child."""

    def __init__(self) -> None:
        self.child_fd, self._parent_fd = os.pipe()
        self._child_end_open = True
        self._parent_end_open = True

    @property
    def parent_fd(self) -> int:
        """The end that keeps the child running; commands to the child can be written to it."""
        return self._parent_fd

    def started(self) -> None:
        """Close the child's end in this process; call it after starting the child."""
        if self._child_end_open:
            self._child_end_open = False
            os.close(self.child_fd)

    def cut(self) -> None:
        """Close our end: the child sees the end of the file. Safe to call twice."""
        self.started()
        if self._parent_end_open:
            self._parent_end_open = False
            with contextlib.suppress(OSError):
                os.close(self._parent_fd)

    def __enter__(self) -> Lifeline:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut the lifeline."""
        self.cut()
