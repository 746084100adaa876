"""The request cookies of Flask and Quart, both Werkzeug's, noting what the app asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, cast

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from cookietrace.witness.notes import Notes
from cookietrace.witness.sight import current_sight


class RecordingCookies(ImmutableMultiDict[str, str]):
    """``request.cookies``, noting each name that the app asks for."""

    _notes: Notes | None = None

    @classmethod
    def of(cls, cookies: ImmutableMultiDict[str, str], notes: Notes) -> RecordingCookies:
        """Return the same cookies, which write to these notes."""
        recording = cls(cookies)
        recording._notes = notes
        return recording

    def _asked(self, name: object) -> None:
        if self._notes is not None:
            stored: Any = dict.get(cast("dict[Any, Any]", self), name)
            first = stored[0] if isinstance(stored, list) and stored else None
            self._notes.read(name, first, sys._getframe(2))

    def _asked_all(self) -> None:
        for name in list(dict.__iter__(self)):
            self._asked(name)

    def __getitem__(self, key: str) -> str:
        self._asked(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._asked_all()
        return super().__iter__()

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002
        """Return all values of one name."""
        self._asked(key)
        return super().getlist(key, type)

    def keys(self) -> Any:
        """Return the names."""
        self._asked_all()
        return super().keys()

    def items(self, multi: bool = False) -> Any:
        """Return the pairs of name and value."""
        self._asked_all()
        return super().items(multi)

    def lists(self) -> Any:
        """Return each name with all its values."""
        self._asked_all()
        return super().lists()

    def values(self) -> Any:
        """Return the first value of each name."""
        self._asked_all()
        return super().values()

    def listvalues(self) -> Any:
        """Return the lists of values."""
        self._asked_all()
        return super().listvalues()


def recording_request(base: type[Any]) -> type[Any]:
    """Return a request class that differs from ``base`` only during a marked request."""

    def cookies(self: Any) -> ImmutableMultiDict[str, str]:
        plain: ImmutableMultiDict[str, str] = super(recording, self).cookies
        sight = current_sight.get()
        if sight is None or type(plain) is not ImmutableMultiDict:
            return plain
        return RecordingCookies.of(plain, sight.notes)

    body = {
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
        "_cookietrace": True,
        "cookies": cached_property(cookies),
    }
    recording: type[Any] = type(base.__name__, (base,), body)
    return recording
