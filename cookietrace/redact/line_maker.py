"""Makes the lines of ``explain --json`` in the other process: see ``lines_beside``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
import zstandard

from cookietrace.events import Capture, Event
from cookietrace.json_text import json_lines
from cookietrace.lesson.explain import shorten
from cookietrace.lesson.made_early import StructCodec, decoded
from cookietrace.lesson.repeated import Packed
from cookietrace.redact.explanations import Hiding
from cookietrace.redact.key import redaction_key
from cookietrace.redact.redactor import Redactor
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores.passed import Passed

_LEVEL: Final = 1


class LineMaker:
    """Makes the lines of a capture in the other process."""

    def __init__(self, events: Iterable[Event], names: Names = TABLE_ONLY) -> None:
        """Learn what is secret in the events. Raises as reading them does."""
        redactor = Redactor(b"", names)
        capture_id, passed = "", Passed()
        for event in redactor.learning(passed.passing(events)):
            if isinstance(event, Capture) and not capture_id:
                capture_id = event.capture_id
        self._learned = passed.all
        redactor.key = redaction_key(capture_id)
        self._hiding = Hiding(redactor)
        self._codec: StructCodec[Any] = StructCodec(Packed)
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress

    def learned(self) -> tuple[int, list[Event]]:
        """Return how many events there were, and some of them."""
        return self._learned

    def lines(self, pages: Sequence[bytes]) -> list[bytes]:
        """Return the lines of pages of what was made of exchanges, compressed as the pages are."""
        return [self._compress(json_lines(list(self._explained(page)))) for page in pages]

    def _explained(self, page: bytes) -> Iterator[msgspec.Struct]:
        for packed in decoded(self._codec, page):
            explained = self._hiding.unpacked(packed)
            shorten(explained)
            yield explained
