"""Writes a file for its owner only, completely or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, pieces: Iterable[bytes], *, replace: bool = False) -> None:
    """Write a temporary file beside the path, then rename it in one step.

    The file is complete or absent at any time, and only its owner can read it (0600).
    Without ``replace``, raises ``FileExistsError`` if the name is taken. Raises ``OSError``
    if it cannot be written, and whatever ``pieces`` raises; both leave no file behind.
    """
    draft = path.with_name(f".cookietrace-{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
            return
        try:
            # A link, unlike a rename, fails where the name is taken.
            path.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if path.exists():
                raise FileExistsError(str(path)) from None
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
