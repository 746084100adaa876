"""The source of a view with syntax colours, as lines that wrap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from tui.drawing.fit import prefix_length

_HANG = 4
"""The extra indent of a wrapped line."""
_BREAK_AFTER = " ,([{.="
"""A line wraps after one of these signs, if there is one near its end."""


class _Colours(HighlightTheme):
    """The theme's colour for each kind of Python token."""

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
    """Return lines of Python with their colours. The text must be safe, and never changes.

    Text that is not Python gets fewer colours.
    """
    content = highlight("\n".join(lines), language="python", theme=_Colours)
    split = content.split("\n", allow_blank=True)
    if tuple(line.plain for line in split[: len(lines)]) != lines:
        return tuple(Content(line) for line in lines)
    return tuple(split[: len(lines)])


def broken(line: Content, width: int) -> Iterator[Content]:
    """Yield a line in pieces of at most ``width`` cells; later pieces are indented."""
    if len(line.plain) <= prefix_length(line.plain, width):
        yield line
        return
    indent = len(line.plain) - len(line.plain.lstrip(" ")) + _HANG
    indent = indent if indent < width // 2 else 0
    hang = 0
    while len(line.plain) > (end := prefix_length(line.plain, max(4, width - hang))):
        after = max(line.plain.rfind(sign, 0, end) for sign in _BREAK_AFTER) + 1
        end = after if after > end * 2 // 3 else end
        yield Content(" " * hang) + line[:end]
        line = line[end:]
        hang = indent
    yield Content(" " * hang) + line
