"""The secret that a proxy and the apps of one user share: where it is, and how to read it.

It is the value of ``COOKIETRACE_SECRET`` if that is set, otherwise the content of an
owner-only file in the user's data folder. ``shared_secret`` makes that file.
"""

from __future__ import annotations

import hmac
import os
import re
import stat
import sys
from pathlib import Path

SECRET_VARIABLE = "COOKIETRACE_SECRET"  # noqa: S105  (the name of a variable, not a secret)
"""The environment variable that overrides the file."""

_SECRET = re.compile(r"[!-~]{8,512}")


class SecretError(Exception):
    """The secret cannot be used; ``str(error)`` is one line that says what to do."""


def secret_path() -> Path:
    """Return the path of the secret's file: the same one in every program of this user.

    It is below ``XDG_DATA_HOME`` if that is an absolute path, otherwise below
    ``~/Library/Application Support`` (macOS) or ``~/.local/share`` (elsewhere).
    """
    folder = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not folder.is_absolute():
        default = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
        folder = Path.home() / default
    return folder / "cookietrace" / "secret"


def known_secret(path: Path | None = None) -> str | None:
    """Return the secret, or None if there is none yet; makes nothing.

    Raises ``SecretError`` if the variable or the file cannot be used.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        if not _SECRET.fullmatch(given):
            raise SecretError(
                f"{SECRET_VARIABLE} must be 8 to 512 visible ASCII characters without spaces"
            )
        return given
    return _read_secret(path or secret_path())


def same_secret(one: str, other: str) -> bool:
    """Return whether two secrets are equal; the time it takes says nothing about them."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


def _read_secret(path: Path) -> str | None:
    """Return the content of the file, or None if there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SecretError(
            f"cannot read the secret file {path} ({error.strerror}): "
            f"delete it, or set {SECRET_VARIABLE}"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        private = state.st_uid == os.geteuid() and not stat.S_IMODE(state.st_mode) & 0o077
        if not stat.S_ISREG(state.st_mode) or not private:
            raise SecretError(
                f"other users can read the secret file {path}: delete it, or `chmod 600` it"
            )
        text = file.read(1024).decode("latin-1").strip()
    if not _SECRET.fullmatch(text):
        raise SecretError(
            f"the secret file {path} does not hold a secret: delete it to get a new one"
        )
    return text
