"""A view's source with colours: lines of ``Content``, broken where they are too long."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from tui.drawing.fit import prefix_length

_HANG = 4
"""How far the rest of a broken line is hung in."""
_PARTING = " ,([{.="
"""After which signs a line is broken where one of them is near its end."""


class _Colours(HighlightTheme):
    """The kinds of Python's tokens, and the theme's colour for each."""

    STYLES = {  # noqa: RUF012 (Textual declares it like this)
        ("Comment",): "italic $code-comment",
        ("Keyword",): "$code-keyword",
        ("Keyword", "Constant"): "$code-number",
        ("Literal", "Number"): "$code-number",
        ("Literal", "String"): "$code-text",
        ("Literal", "String", "Doc"): "italic $code-text",
        ("Name", "Builtin"): "$code-name",
        ("Name", "Class"): "bold $code-name",
        ("Name", "Decorator"): "$code-name",
        ("Name", "Function"): "bold $code-name",
        ("Operator", "Word"): "$code-keyword",
    }


@lru_cache(maxsize=64)
def coloured(lines: tuple[str, ...]) -> tuple[Content, ...]:
    """Return lines of Python, safe already, each with its colours; the text stays as it is.

    What is no Python gets fewer colours, never another text.
    """
    told = highlight("\n".join(lines), language="python", theme=_Colours)
    split = told.split("\n", allow_blank=True)
    if tuple(line.plain for line in split[: len(lines)]) != lines:
        return tuple(Content(line) for line in lines)
    return tuple(split[: len(lines)])


def broken(line: Content, width: int) -> Iterator[Content]:
    """Yield a line in pieces of at most ``width`` cells, the later ones hung in."""
    if len(line.plain) <= prefix_length(line.plain, width):
        yield line
        return
    indent = len(line.plain) - len(line.plain.lstrip(" ")) + _HANG
    indent = indent if indent < width // 2 else 0
    hang = 0
    while len(line.plain) > (end := prefix_length(line.plain, max(4, width - hang))):
        after = max(line.plain.rfind(sign, 0, end) for sign in _PARTING) + 1
        end = after if after > end * 2 // 3 else end
        yield Content(" " * hang) + line[:end]
        line = line[end:]
        hang = indent
    yield Content(" " * hang) + line
