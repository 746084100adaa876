"""HAR 1.2, the format of browsers and proxies, with our verdicts in extra fields."""

from __future__ import annotations

from cookietrace.formats.format import Format
from cookietrace.formats.har.reading import is_har, read_har
from cookietrace.formats.har.writing import write_har

FORMAT = Format(
    name="har",
    title="HAR 1.2: for browsers' developer tools and other programs",
    suffixes=(".har",),
    writes=write_har,
    reads=read_har,
    recognises=is_har,
    unpacks=True,
)
