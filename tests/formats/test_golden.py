"""One golden file per export, in octets, over one capture that holds every awkward value."""

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
    """Return what keeps a format's golden files under its own suffix."""
    suffix = FORMATS[name].suffixes[0].removeprefix(".")
    return type("GoldenFile", (SingleFileSnapshotExtension,), {"_file_extension": suffix})


@pytest.mark.parametrize("show_values", [True, False], ids=["values", "redacted"])
@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_what_it_was(
    name: str, show_values: bool, snapshot: SnapshotAssertion
) -> None:
    """Every octet of every export is as it was agreed on."""
    written = b"".join(export(EVENTS, name, show_values=show_values))
    ours = f'"version":"{__version__}"'.encode()
    assert re.sub(re.escape(ours), b'"version":"0"', written) == snapshot(
        extension_class=extension_for(name)
    )
