"""The hints for a first run: shown until they are dismissed, which a small file remembers."""

from __future__ import annotations

import contextlib
from pathlib import Path


class Hints:
    """Reads and writes nothing but the file it is given; without one there are no hints."""

    def __init__(self, file: Path | None) -> None:
        """``file`` says by being there that the hints were dismissed."""
        self._file = file
        self.wanted = file is not None and not _there(file)
        """True while they are to be shown."""

    def dismiss(self) -> bool:
        """Show them no more; return False where that cannot be remembered for the next time."""
        self.wanted = False
        if self._file is None:
            return False
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
        except OSError:
            return False
        return True

    def bring_back(self) -> None:
        """Show them again, now and next time where the file can be taken away."""
        self.wanted = True
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink(missing_ok=True)


def _there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return False
