"""The key behind the tokens of one capture: the user's own secret, mixed with the capture's id.

Equal values of one capture get equal tokens in every export that its owner makes;
values of two captures cannot be compared, and without the secret file nobody can
try out values against a token. The secret lies in the user's data folder and is
never part of a capture or of an export.
"""

from __future__ import annotations

import hmac
import secrets
from functools import cache
from pathlib import Path

import platformdirs

from cookietrace.whole_file import write_whole

_OCTETS = 32


def redaction_key(capture_id: str) -> bytes:
    """Return the key for one capture.

    Where the data folder cannot be used, the key lasts as long as this process.
    """
    return hmac.digest(_secret(secret_path()), capture_id.encode(), "sha256")


def secret_path() -> Path:
    """Return where the secret is kept."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "redaction-secret"


@cache
def _secret(path: Path) -> bytes:
    """Return the secret, made by whoever needs it first."""
    try:
        return _read(path) or _make(path)
    except OSError:
        return secrets.token_bytes(_OCTETS)


def _read(path: Path) -> bytes | None:
    """Return what the file holds; None where there is no file, or no whole secret in it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return content if len(content) == _OCTETS else None


def _make(path: Path) -> bytes:
    """Write a new secret under its name in one step, and return the one that is there then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = secrets.token_bytes(_OCTETS)
    try:
        write_whole(path, [made], replace=path.exists())  # _read found no whole secret in it
    except FileExistsError:
        return _read(path) or made
    return made
