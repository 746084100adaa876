"""``cookietrace.toml``: what a project keeps about its checks, found like a linter's settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cookietrace.checking.ignores import Ignore
from cookietrace.did_you_mean import did_you_mean
from cookietrace.errors import FormatError
from cookietrace.safe_text import safe
from cookietrace.toml_text import LARGEST, parse
from cookietrace.whole_file import read_whole

NAME = "cookietrace.toml"

_REPOSITORY = (".git", ".hg")
"""What the root folder of a repository contains."""

_MATCHING = ("code", "host", "cookie")


def find_project_file(folder: Path) -> Path | None:
    """Return the nearest ``cookietrace.toml`` for a folder, None if there is none.

    The folder is searched, then its parents up to the root of the repository. Outside a
    repository, only the folder itself is searched: another user's file in a shared parent must
    not decide what is ignored. A path that is not a file, or is a broken link, is returned as
    well, so that reading it is an error.
    """
    return next(
        (each / NAME for each in _searched(folder.absolute()) if os.path.lexists(each / NAME)), None
    )


def read_ignores(path: Path) -> tuple[Ignore, ...]:
    """Return the ignores in a file. Raises ``FormatError``, which names the file and the entry."""
    name = safe(str(path))
    try:
        data = read_whole(path, LARGEST)
    except OSError as error:
        raise FormatError(f"{name} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise FormatError(
            f"{name} is larger than {LARGEST >> 10} KiB: a list of ignores cannot be that large"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not valid TOML: {safe(str(error))}") from error
    content = parse(text, name)
    _refuse_unknown(content, ("check",), name)
    table = content.get("check", {})
    if not isinstance(table, dict):
        raise FormatError(f"{name}: check must be a table: write [check] or [[check.ignore]]")
    _refuse_unknown(table, ("ignore",), f"{name}: check")
    entries = table.get("ignore", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FormatError(f"{name}: ignores are a list of tables: write [[check.ignore]]")
    return tuple(
        _ignore(entry, f"{name}: ignore {number}") for number, entry in enumerate(entries, 1)
    )


def _searched(folder: Path) -> Iterator[Path]:
    """Yield the folders to search, the nearest first."""
    above: list[Path] = []
    for each in (folder, *folder.parents):
        above.append(each)
        if any(os.path.lexists(each / sign) for sign in _REPOSITORY):
            yield from above
            return
    yield folder


def _ignore(entry: dict[str, Any], where: str) -> Ignore:
    _refuse_unknown(entry, (*_MATCHING, "reason"), where)
    for key, value in entry.items():
        if not isinstance(value, str) or not value.strip():
            raise FormatError(f"{where}: {key} must be a string in quotes")
    if "reason" not in entry:
        raise FormatError(f'{where} has no reason: add reason = "…" and say why')
    if not any(key in entry for key in _MATCHING):
        raise FormatError(f"{where} would match everything: add code, host or cookie")
    return Ignore(**entry)


def _refuse_unknown(table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = next((key for key in table if key not in known), None)
    if unknown is not None:
        keys = f"The key is {known[0]}" if len(known) == 1 else f"The keys are {', '.join(known)}"
        raise FormatError(
            f"{where}: unknown key {safe(unknown)}.{did_you_mean(unknown, known)} {keys}"
        )
