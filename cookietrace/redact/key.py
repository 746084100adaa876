"""The key for the tokens of one capture, derived from the user's secret and the capture's id.

A team that compares the captures of several machines shares a key instead: see ``shared_key``.

Equal values in one capture get equal tokens in every export that its owner makes. Values
of two captures cannot be compared, and a value cannot be tested against a token without
the secret. The secret is a file in the user's data folder; it is never part of a capture
or an export.
"""

from __future__ import annotations

import hmac
import os
import secrets
from functools import cache
from pathlib import Path

import platformdirs

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe
from cookietrace.whole_file import read_whole, write_whole

_LENGTH = 32

SHARED_KEY = "COOKIETRACE_TOKEN_KEY"
"""The environment variable with the key that a team shares."""

_SHORTEST_SHARED, _LONGEST_SHARED = 16, 4096


def redaction_key(capture_id: str) -> bytes:
    """Return the key for one capture.

    If the data folder cannot be used, the key lasts as long as this process.
    """
    return hmac.digest(_secret(secret_path()), capture_id.encode(), "sha256")


def shared_key(file: Path | None = None) -> bytes | None:
    """Return the key that a team shares: of the file, or of ``SHARED_KEY``; None if neither.

    Equal values then get equal tokens in all captures that use it. Whoever has it can test a guess
    of a value against a token. Raises ``CaptureError`` if it cannot be read or is too short.
    """
    if file is not None:
        source = safe(str(file))
        try:
            secret = read_whole(file, _LONGEST_SHARED).strip()
        except OSError as error:
            raise CaptureError(
                f"the token key {source} cannot be read: {error.strerror}"
            ) from error
    elif os.environ.get(SHARED_KEY):
        source, secret = SHARED_KEY, os.fsencode(os.environ[SHARED_KEY]).strip()
    else:
        return None
    if not _SHORTEST_SHARED <= len(secret) <= _LONGEST_SHARED:
        raise CaptureError(
            f"the token key in {source} must have at least {_SHORTEST_SHARED} characters: make one "
            'with `python3 -c "import secrets; print(secrets.token_hex(32))"`'
        )
    return hmac.digest(secret, b"cookietrace tokens of a team", "sha256")


def secret_path() -> Path:
    """Return the path of the secret."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "redaction-secret"


@cache
def _secret(path: Path) -> bytes:
    """Return the secret; create it if there is none."""
    try:
        return _read(path) or _make(path)
    except OSError:
        return secrets.token_bytes(_LENGTH)


def _read(path: Path) -> bytes | None:
    """Return the secret in the file; None if there is no file or no complete secret in it."""
    try:
        content = read_whole(path, _LENGTH)
    except FileNotFoundError:
        return None
    return content if len(content) == _LENGTH else None


def _make(path: Path) -> bytes:
    """Write a new secret in one step, and return the secret that is in the file afterwards."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = secrets.token_bytes(_LENGTH)
    try:
        write_whole(path, [made], replace=path.exists())  # _read found no complete secret in it
    except FileExistsError:
        return _read(path) or made
    return made
