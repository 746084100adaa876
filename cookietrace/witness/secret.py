"""The secret that a proxy and the apps of the same user share, so that a mark can be trusted.

It is ``COOKIETRACE_SECRET`` where that is set, else the content of an owner-only
file in the user's data folder, made by whoever needs it first.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
import stat
from pathlib import Path

import platformdirs

from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe
from cookietrace.whole_file import write_whole

SECRET_VARIABLE = "COOKIETRACE_SECRET"  # noqa: S105  (the name of a variable, no secret)
"""The environment variable that overrides the file."""

_SECRET = re.compile(r"[!-~]{8,512}")


def secret_path() -> Path:
    """Return where the secret is kept when no variable gives it."""
    return Path(platformdirs.user_data_dir("cookietrace", appauthor=False)) / "secret"


def shared_secret(path: Path | None = None) -> str:
    """Return the secret, making the file (0600, folder 0700) where there is none yet.

    Of several processes that come first together, all get the same secret.
    Raises ``LaunchError`` where the variable or the file cannot be used.
    """
    known = known_secret(path)
    if known is not None:
        return known
    path = path or secret_path()
    try:
        _create(path)
    except OSError as error:
        raise LaunchError(
            f"cannot make the secret file {safe(str(path))} ({error.strerror}): "
            f"make its folder writable, or set {SECRET_VARIABLE}"
        ) from error
    made = known_secret(path)
    if made is None:
        raise LaunchError(
            f"the secret file {safe(str(path))} vanished: try again, or set {SECRET_VARIABLE}"
        )
    return made


def known_secret(path: Path | None = None) -> str | None:
    """Return the secret, or None where nobody has made one yet; makes nothing.

    Raises ``LaunchError`` where the variable or the file cannot be used.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        if not _SECRET.fullmatch(given):
            raise LaunchError(
                f"{SECRET_VARIABLE} must be 8 to 512 visible ASCII characters without spaces"
            )
        return given
    return _read(path or secret_path())


def same_secret(one: str, other: str) -> bool:
    """Tell whether two secrets are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


def _read(path: Path) -> str | None:
    """Return what the file holds, or None where there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LaunchError(
            f"cannot read the secret file {safe(str(path))} ({error.strerror}): "
            f"delete it, or set {SECRET_VARIABLE}"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        private = state.st_uid == os.geteuid() and not stat.S_IMODE(state.st_mode) & 0o077
        if not stat.S_ISREG(state.st_mode) or not private:
            raise LaunchError(
                f"the secret file {safe(str(path))} is not yours alone: "
                "delete it, or `chmod 600` it"
            )
        text = file.read(1024).decode("latin-1").strip()
    if not _SECRET.fullmatch(text):
        raise LaunchError(
            f"the secret file {safe(str(path))} holds no secret: delete it to get a new one"
        )
    return text


def _create(path: Path) -> None:
    """Put a complete new secret at ``path``, unless somebody else was first."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)
    with contextlib.suppress(FileExistsError):
        write_whole(path, [secrets.token_urlsafe(32).encode() + b"\n"])
