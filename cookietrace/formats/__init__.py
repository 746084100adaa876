"""File formats to export to and to read: one file per format, and the table of all formats."""

from __future__ import annotations

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
