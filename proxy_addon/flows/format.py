"""The ``flow`` format: mitmproxy's own files, registered through the entry point for formats.

mitmproxy is imported when a file is read or written, not when formats are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cookietrace.events import Event
from cookietrace.formats.format import Export, Format, Lost

_START = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]{1,40}[;,]")


def is_flow_file(start: bytes) -> bool:
    """Return whether a file starts like mitmproxy's: a tnetstring that holds a dictionary."""
    return _START.match(start) is not None


def write(export: Export) -> Iterator[bytes]:
    """Yield one flow per exchange; see ``write_flows``."""
    from proxy_addon.flows.write_file import write_flows

    yield from write_flows(export.stream())


def read(path: Path, lost: Lost | None = None) -> Iterator[Event]:
    """Yield the traffic of a flow file; see ``read_flows``. Raises ``FormatError``."""
    from proxy_addon.flows.read_file import read_flows

    yield from read_flows(path, lost)


FORMAT = Format(
    name="flow",
    title="mitmproxy flows: for mitmproxy, mitmweb and mitmdump -r",
    suffixes=(".flow", ".flows", ".mitm"),
    writes=write,
    reads=read,
    recognises=is_flow_file,
)
