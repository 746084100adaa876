"""Rows of a table in Markdown, whatever their cells hold."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ACTIVE = re.compile(r"[\\|`*_\[\]~$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""Characters that could begin markup in a cell. Some renderers turn bare addresses into links."""


def escaped(cell: str) -> str:
    """Return display text as a table cell that shows exactly this text.

    Backslashes, pipes, and everything that could begin emphasis, code, a link or HTML are
    escaped. An underscore inside a word is not, since it begins nothing there.
    """
    text = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _ACTIVE.sub(lambda match: _escape(text, match), text)
    return re.sub(r"[\r\n]+", " ", text)


def _escape(text: str, match: re.Match[str]) -> str:
    at = match.start()
    inside_word = (
        match[0] == "_" and text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()
    )
    return match[0] if inside_word else f"\\{match[0]}"


def header_lines(cells: Iterable[str]) -> tuple[str, str]:
    """Return the headings, and the line below them."""
    headings = tuple(cells)
    return row_line(headings), "|" + "---|" * len(headings)


def row_line(cells: Iterable[str]) -> str:
    """Return a row with these cells."""
    return "| " + " | ".join(map(escaped, cells)) + " |"
