"""Writes a file for its owner only, completely or not at all; reads one that may be anything."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

_DESCRIPTOR = re.compile(r"/dev/(?:std(in|out|err)|fd/(\d{1,9}))|/proc/self/fd/(\d{1,9})")
_STANDARD = {"in": 0, "out": 1, "err": 2}


def write_whole(path: Path, pieces: Iterable[bytes], *, replace: bool = False) -> None:
    """Write a temporary file beside the path, then rename it in one step.

    The file is complete or absent at any time, and only its owner can read it (0600).
    Without ``replace``, raises ``FileExistsError`` if the name is taken. With it, a regular file
    or a link is replaced, and nothing else. Raises ``OSError`` if it cannot be written, and
    whatever ``pieces`` raises; both leave no file behind.
    """
    if replace:
        _require_replaceable(path)
    draft = path.with_name(f".cookietrace-{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            _require_replaceable(path)
            draft.replace(path)
            return
        try:
            # A link, unlike a rename, fails where the name is taken.
            path.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if os.path.lexists(path):
                raise FileExistsError(str(path)) from None
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_whole(path: Path, most: int) -> bytes:
    """Return a file's content; if it is longer than ``most`` bytes, some of it that is.

    A pipe is read only if the path names a descriptor of ours, as a shell's ``<(command)``
    does: any other might wait for ever. Raises ``OSError``.
    """
    if descriptor_of(path) is None and stat.S_ISFIFO(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, not a file")
    # If it is replaced by a pipe only now, opening that does not wait.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.set_blocking(descriptor, True)
        return file.read(most + 1) or b""


def descriptor_of(path: Path) -> int | None:
    """Return the descriptor that a path such as ``/dev/stdout`` or ``/dev/fd/5`` names, or None."""
    found = _DESCRIPTOR.fullmatch(str(path))
    if found is None:
        return None
    standard, one, other = found.groups()
    return _STANDARD[standard] if standard else int(one or other)


def _require_replaceable(path: Path) -> None:
    """Raise ``OSError`` if something other than a regular file or a link is at the path."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise OSError(errno.EINVAL, "it is not a regular file")
