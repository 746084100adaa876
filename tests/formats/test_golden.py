"""One golden file per format, from one capture with every awkward value."""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from cookietrace import __version__
from cookietrace.formats import FORMATS, export
from tests.formats.awkward import EVENTS

NAMES = ("jsonl", "har", "csv", "markdown")


def extension_for(name: str) -> type[SingleFileSnapshotExtension]:
    """Return a snapshot extension that uses the format's own suffix."""
    suffix = FORMATS[name].suffixes[0].removeprefix(".")
    return type("GoldenFile", (SingleFileSnapshotExtension,), {"_file_extension": suffix})


@pytest.mark.parametrize("show_values", [True, False], ids=["values", "redacted"])
@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_what_it_was(
    name: str, show_values: bool, snapshot: SnapshotAssertion
) -> None:
    """Every byte of every export is as it was."""
    written = b"".join(export(EVENTS, name, show_values=show_values))
    ours = f'"version":"{__version__}"'.encode()
    assert re.sub(re.escape(ours), b'"version":"0"', written) == snapshot(
        extension_class=extension_for(name)
    )
