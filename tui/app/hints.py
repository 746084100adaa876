"""The hint line for a first run: shown until the user hides it, which a small file remembers."""

from __future__ import annotations

import contextlib
from pathlib import Path


class Hints:
    """Reads and writes only the file it is given. Without a file there are no hints."""

    def __init__(self, file: Path | None, *, kept: bool = True) -> None:
        """If ``file`` exists, the hints were hidden; unless ``kept``, it stays as it is."""
        self._file = file if kept else None
        self.wanted = file is not None and not _exists(file)
        """True while they should be shown."""

    def toggle(self) -> bool:
        """Hide or show the hints; return False if hiding them could not be saved."""
        if self.wanted:
            return self.dismiss()
        self.bring_back()
        return True

    def dismiss(self) -> bool:
        """Hide them; return False if that cannot be saved for the next start."""
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
        """Show them again; also at the next start, if the file can be removed."""
        self.wanted = True
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink(missing_ok=True)


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return False
