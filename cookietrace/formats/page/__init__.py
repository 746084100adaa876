"""HTML: the lesson page, all nine modes in one self-contained file."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.formats.format import Export, Format


def write_page(export: Export) -> Iterator[bytes]:
    """Yield the page in one piece. Raises ``FormatError`` if there are too many steps."""
    # Imported here so that templates are loaded only when a page is written.
    from cookietrace.formats.page.rendering import render

    yield render(export).encode()


FORMAT = Format(
    name="html",
    title="HTML: the lesson page, all nine modes in one file",
    suffixes=(".html", ".htm"),
    writes=write_page,
)
