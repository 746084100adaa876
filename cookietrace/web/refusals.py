"""Why a request is refused: a status and one line, never more."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that is not served."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line
