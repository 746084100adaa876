"""Finds secrets in tables of text, such as CSV, by the names in the first line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cookietrace.secret_names import Kind, SecretNames

_SEPARATORS = ",;\t|"
_FIRST_LINE = re.compile(r"\ufeff?[\r\n]{0,8}([^\r\n]{3,4096}+)(?:\r?\n|\r)")
_HEADING = re.compile(r"[ \t]*(?:\"([^\"\r\n]{1,64})\"|([\w.$\[\]-]+(?: [\w.$\[\]-]+){0,2}))[ \t]*")
_STATEMENT = re.compile(
    r"\s*(?:class|const|def|del|from|function|global|import|let|nonlocal|return|use|using|var)\s"
)
"""How a line of code begins that could be the names of columns."""
_CELLS = {
    separator: re.compile(
        rf'[ \t]*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^{separator}\r\n]*))'
        rf"[^{separator}\r\n]*(?P<end>{re.escape(separator)}|\r?\n|\r|\Z)"
    )
    for separator in _SEPARATORS
}
_RULER = re.compile(r"[-+|:= \t]+")
"""A line that separates the names from the rows."""


class Cell(NamedTuple):
    """A secret in a cell."""

    start: int
    end: int
    value: str


def secret_cells(text: str, names: SecretNames) -> Iterator[Cell]:
    """Yield the cells of the columns with a secret's name, in time linear in the text's length.

    The first line has the names; there are two columns and more, and the first row has as many
    cells. Otherwise, the text is no table.
    """
    if "\n" not in text and "\r" not in text:
        return
    first = _FIRST_LINE.match(text)
    if first is None:
        return
    heading, ends = first[1], first.end()
    for separator in _SEPARATORS:
        if separator in heading:
            columns = _columns(heading, separator)
            wanted = [
                index for index, name in enumerate(columns) if names.kind(name) is Kind.SECRET
            ]
            if wanted:
                yield from _in_rows(text, ends, separator, len(columns), frozenset(wanted))
                return


def _columns(heading: str, separator: str) -> list[str]:
    """Return the names of the columns; none if the line cannot be names."""
    if _STATEMENT.match(heading):
        return []
    matches = [_HEADING.fullmatch(piece) for piece in heading.strip("| ").split(separator)]
    found = [match[1] or match[2] for match in matches if match is not None]
    return found if len(found) == len(matches) > 1 else []


def _in_rows(
    text: str, at: int, separator: str, columns: int, wanted: frozenset[int]
) -> Iterator[Cell]:
    """Yield the wanted cells of the rows from a place on."""
    cell = _CELLS[separator]
    first = True
    while at < len(text):
        line_end = text.find("\n", at)
        if _RULER.fullmatch(text, at, line_end if line_end >= 0 else len(text)):
            at = line_end + 1 if line_end >= 0 else len(text)
            continue
        row: list[re.Match[str]] = []
        edge = text.startswith("|", at) and separator == "|"
        at += edge
        while match := cell.match(text, at):
            row.append(match)
            at = match.end()
            if match["end"] != separator or at >= len(text):
                break
        if not row:
            return
        if len(row) == 1 and not row[0].group().strip():
            continue
        if first and len(row) - edge != columns:
            return
        first = False
        for index in wanted:
            if index < len(row):
                yield from _cell(row[index])


def _cell(match: re.Match[str]) -> Iterator[Cell]:
    quoted = match["quoted"]
    if quoted is not None:
        if quoted:
            yield Cell(*match.span("quoted"), quoted.replace('""', '"'))
        return
    plain = match["plain"]
    value = plain.strip()
    if value:
        at = match.start("plain") + plain.index(value)
        yield Cell(at, at + len(value), value)
