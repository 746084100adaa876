"""How a capture is published."""

from __future__ import annotations

import msgspec

from cookietrace.publishing.retention import Retention
from cookietrace.secret_names import TABLE_ONLY, Names


class PublishingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a capture is published."""

    values: bool = False
    """Whether to publish everything as it is recorded."""
    key: bytes | None = None
    """What tokens are made from; None for the key of the capture."""
    names: Names = TABLE_ONLY
    browser: str = "auto"
    retention: Retention = Retention()
    replace: bool = False
    """Whether to remove another capture that has the name."""
    once: bool = False
    """Whether to end once everything is published."""
