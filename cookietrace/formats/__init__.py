"""File formats to export to and to read: one file per format, and the table of all formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookietrace.late_names import late_names

if TYPE_CHECKING:
    from cookietrace.formats.format import Export, Format
    from cookietrace.formats.jar_options import JarOptions
    from cookietrace.formats.page_options import PageOptions
    from cookietrace.formats.reading import live_events, open_capture, read_capture, stored_events
    from cookietrace.formats.registry import (
        FORMATS,
        FormatTable,
        format_for_file,
        format_to_write,
        readable,
        writable,
    )
    from cookietrace.formats.writing import export, outgoing, outgoing_explanations, write_export
else:  # each command needs few of them
    __getattr__ = late_names(
        __name__,
        {
            **dict.fromkeys(("Export", "Format"), "format"),
            "JarOptions": "jar_options",
            "PageOptions": "page_options",
            **dict.fromkeys(
                ("live_events", "open_capture", "read_capture", "stored_events"), "reading"
            ),
            **dict.fromkeys(
                ("FORMATS", "FormatTable", "format_for_file", "format_to_write"), "registry"
            ),
            **dict.fromkeys(("readable", "writable"), "registry"),
            **dict.fromkeys(
                ("export", "outgoing", "outgoing_explanations", "write_export"), "writing"
            ),
        },
    )

__all__ = [
    "FORMATS",
    "Export",
    "Format",
    "FormatTable",
    "JarOptions",
    "PageOptions",
    "export",
    "format_for_file",
    "format_to_write",
    "live_events",
    "open_capture",
    "outgoing",
    "outgoing_explanations",
    "read_capture",
    "readable",
    "stored_events",
    "writable",
    "write_export",
]
