"""The keys that the user gives, from files and the environment: never from a command line.

The one module of this room that is not pure.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cookietrace.errors import FormatError
from cookietrace.safe_text import safe
from cookietrace.sessions.decoded import Keys
from cookietrace.whole_file import read_whole

KEY_VARIABLE = "COOKIETRACE_SESSION_KEY"
"""The environment variable with a key to check signatures with."""

_LONGEST = 64 * 1024


def given_keys(files: Iterable[Path] = (), salts: Iterable[str] = ()) -> Keys:
    """Return the keys in some files, one each, and the one in ``COOKIETRACE_SESSION_KEY``.

    A line break at the end of a file is not part of its key. Raises ``FormatError``.
    """
    keys = [_key(file) for file in files]
    variable = os.environ.get(KEY_VARIABLE)
    if variable:
        keys.append(os.fsencode(variable))
    return Keys(keys=tuple(keys), salts=tuple(salts))


def _key(file: Path) -> bytes:
    try:
        key = read_whole(file, _LONGEST)
    except OSError as error:
        raise FormatError(
            f"cannot read the key file {safe(str(file))}: {error.strerror}"
        ) from error
    key = key.removesuffix(b"\n").removesuffix(b"\r")
    if not key or len(key) > _LONGEST:
        what = "is empty" if not key else f"is longer than {_LONGEST:,} bytes"
        raise FormatError(f"the key file {safe(str(file))} {what}: it must hold one key")
    return key
