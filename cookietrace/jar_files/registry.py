"""JAR_FILES: every kind of file of cookies, and how one is read whatever its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from cookietrace.cookies import Cookie
from cookietrace.errors import FormatError
from cookietrace.jar_files import cookies_txt, curl, devtools, storage_state
from cookietrace.jar_files.jar_file import JarFile
from cookietrace.safe_text import safe
from cookietrace.whole_file import read_whole

JAR_FILES: Final[Mapping[str, JarFile]] = {
    module.JAR_FILE.name: module.JAR_FILE for module in (cookies_txt, storage_state, devtools, curl)
}

_MOST_BYTES: Final = 32 * 1024 * 1024
_TOKEN: Final = re.compile(r"redacted-[0-9a-f]{10}", re.ASCII)
"""What an export has instead of a value."""


def read_jar(path: Path, now: float, lost: Callable[[str], None]) -> tuple[Cookie, ...]:
    """Return the cookies of a file, those that have not expired at ``now`` (Unix seconds).

    ``lost`` receives a line for each one that cannot be read. Raises ``FormatError`` if the file
    cannot be read, if it is of no known kind, or if its values are tokens.
    """
    name = safe(str(path))
    try:
        data = read_whole(path, _MOST_BYTES)
    except OSError as error:
        raise FormatError(f"{name} cannot be read: {error.strerror or error}") from None
    text = data.decode("utf-8-sig", "replace")
    for kind in JAR_FILES.values():
        if kind.recognises(text):
            try:
                found = tuple(kind.reads(text, now, lambda line: lost(f"{name}: {line}")))
            except (msgspec.DecodeError, RecursionError, KeyError, TypeError):
                break
            latest = {each.key: each for each in found}
            if any(_TOKEN.fullmatch(each.value) for each in found):
                raise FormatError(
                    f"{name} holds tokens instead of values: export it again with --show-values"
                )
            return tuple(
                each for each in latest.values() if each.expires_at is None or each.expires_at > now
            )
    names = ", ".join(JAR_FILES)
    raise FormatError(f"{name} is not a known kind of cookie file ({names})")
