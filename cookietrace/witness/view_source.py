"""The function that the app's author wrote as a view: its code, its source, its file."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

SOURCE_LIMIT = 64 * 1024
"""The maximum length of a source that ``source_of`` returns, in characters."""


def innermost(view: Any) -> Callable[..., Any] | None:
    """Return the function below decorators, partials and callable objects, or None."""
    for _ in range(20):
        view = inspect.unwrap(view)
        inner = getattr(view, "__func__", getattr(view, "func", None))
        if inner is None:
            break
        view = inner
    if not inspect.isfunction(view):
        view = getattr(type(view), "__call__", None)  # noqa: B004  (its code is wanted)
    return view if inspect.isfunction(view) else None


def code_of(function: Any) -> CodeType | None:
    """Return the code of a function, or None if it has none."""
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's name, with its class if it is a method."""
    return function.__qualname__.rpartition("<locals>.")[2]


def source_of(code: CodeType) -> str | None:
    """Return a function's source with its decorators, or None if it cannot be found.

    The source is read once: a file that was edited since is not the code that runs.
    """
    source = "".join(_lines(code, code.co_filename))
    return source if 0 < len(source) <= SOURCE_LIMIT else None


def def_line(code: CodeType) -> int:
    """Return the line of a function's ``def``, below its decorators."""
    source = _lines(code, code.co_filename)
    starts = (text.lstrip().startswith(("def ", "async def ")) for text in source)
    return code.co_firstlineno + next((offset for offset, start in enumerate(starts) if start), 0)


# Equal code objects from two files compare equal; the file's name keeps them apart.
@functools.lru_cache(maxsize=256)
def _lines(code: CodeType, _file: str) -> tuple[str, ...]:
    """Return the lines of a function's source; empty if they cannot be found."""
    try:
        return tuple(inspect.getsourcelines(code)[0])
    except (OSError, TypeError, SyntaxError, IndexError):
        return ()


def short_path(file: str, root: str) -> str:
    """Return a file's path relative to the working folder or ``root``'s parent, or its name."""
    path = Path(file)
    folders = [Path(root).parent]
    # The working folder may have been deleted.
    with contextlib.suppress(OSError):
        folders.insert(0, Path.cwd())
    for folder in folders:
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name


def line_in(traceback: TracebackType | None, code: CodeType | None) -> int | None:
    """Return the line of a function at which a traceback passes through it, or None."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code is code:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
