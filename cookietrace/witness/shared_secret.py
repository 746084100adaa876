"""Makes the shared secret when the first program needs it."""

from __future__ import annotations

import contextlib
import secrets
import stat
from pathlib import Path

from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe
from cookietrace.whole_file import write_whole
from cookietrace.witness.secret import SECRET_VARIABLE, SecretError, known_secret, secret_path


def shared_secret(path: Path | None = None) -> str:
    """Return the secret, making its file (0600, folder 0700) if there is none yet.

    If several processes ask at the same time, all of them get the same secret.
    Raises ``LaunchError`` if the variable or the file cannot be used.
    """
    path = path or secret_path()
    try:
        known = known_secret(path)
        if known is not None:
            return known
        _create(path)
        made = known_secret(path)
    except SecretError as error:
        raise LaunchError(safe(str(error))) from error
    except OSError as error:
        raise LaunchError(
            f"cannot make the secret file {safe(str(path))} ({error.strerror}): "
            f"make its folder writable, or set XDG_DATA_HOME to one that is, or {SECRET_VARIABLE}"
        ) from error
    if made is None:
        raise LaunchError(
            f"the secret file {safe(str(path))} disappeared: try again, or set {SECRET_VARIABLE}"
        )
    return made


def _create(path: Path) -> None:
    """Put a complete new secret at ``path``, unless another process was first."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)
    with contextlib.suppress(FileExistsError):
        write_whole(path, [secrets.token_urlsafe(32).encode() + b"\n"])
