"""What a user names: one capture, or several that are looked at as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cookietrace.errors import CaptureError
from cookietrace.recorders.joined_store import JoinedStore
from cookietrace.recorders.local_source import LocalSource, is_pattern
from cookietrace.recorders.source import Source
from cookietrace.stores import CaptureStore, ImportedStore, StoredEvents, is_redis_url
from cookietrace.stores.redis_streams.address import parse_redis_url

if TYPE_CHECKING:  # a command that only names a place starts the screen sooner without them
    from cookietrace.formats.format import Lost


class Several(msgspec.Struct, frozen=True):
    """Several captures as one: files and patterns of files, or one pattern in Redis."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return what was named, safe to show."""
        return self.source().title

    def source(self, *, lenient: bool = False, lost: Lost | None = None) -> Source:
        """Return where the captures are found. Raises ``CaptureError``."""
        if is_redis_url(self.words[0]):
            from cookietrace.recorders.redis_source import RedisSource  # needs an extra

            return RedisSource(parse_redis_url(self.words[0]))
        return LocalSource(self.words, lenient=lenient, lost=lost)


Place = Path | str | Several
"""A file, the URL of a capture in Redis, or several captures."""


def place_of(words: Sequence[Path | str]) -> Place:
    """Return the place that the user names with one or more words. Raises ``CaptureError``."""
    urls = [word for word in words if isinstance(word, str) and is_redis_url(word)]
    if urls and len(words) > 1:
        raise CaptureError(
            "name one URL and no files with it: a pattern such as ?capture=lab-* names several "
            "captures in Redis"
        )
    if urls:
        address = parse_redis_url(urls[0])
        return Several((urls[0],)) if address.is_pattern else urls[0]
    if len(words) > 1 or is_pattern(str(words[0])):
        return Several(tuple(str(word) for word in words))
    return words[0]


def files_of(place: Place) -> tuple[Path, ...]:
    """Return the files that a place has now, for a writer that must not replace them."""
    if isinstance(place, Several):
        return () if is_redis_url(place.words[0]) else LocalSource(place.words).files()
    return (place,) if isinstance(place, Path) else ()


def open_place(place: Place, *, lenient: bool = False, lost: Lost | None = None) -> CaptureStore:
    """Open a place for viewing; captures that match a pattern later are added.

    Arguments and errors are those of ``open_capture``.
    """
    from cookietrace.formats import open_capture

    if isinstance(place, Several):
        return JoinedStore(place.source(lenient=lenient, lost=lost))
    return open_capture(place, lenient=lenient, lost=lost)


def place_events(place: Place, *, lenient: bool = False, lost: Lost | None = None) -> StoredEvents:
    """Return what a place holds now, for several passes.

    Arguments and errors are those of ``stored_events``. With ``lenient``, a capture that cannot be
    read is reported, and the others are read; ``lost`` also gets what else should be known about a
    recorder.
    """
    from cookietrace.formats import live_events, stored_events

    if not isinstance(place, Several):
        return stored_events(place, lenient=lenient, lost=lost)
    joined = JoinedStore(place.source(lenient=lenient, lost=lost), follows=lenient)
    with closing(joined) as store:
        if not store.recorders():
            raise CaptureError(f"no capture matches {store.title}")
        events = live_events(store, store.title, lenient=lenient, lost=lost)
        stored = StoredEvents(ImportedStore(events, at_once=True))
        if lost is not None:
            for line in store.tellings():
                lost(line)
        return stored
