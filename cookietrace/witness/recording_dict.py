"""Request cookies in a plain ``dict``, noting each name that the app asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from cookietrace.witness.notes import Notes


class RecordingDict(dict[str, Any]):
    """The same cookies as a dict, which write to the notes of one request."""

    _notes: Notes | None = None

    @classmethod
    def of(cls, cookies: Mapping[str, Any], notes: Notes) -> RecordingDict:
        """Return the same cookies, which write to these notes."""
        recording = cls(cookies)
        recording._notes = notes
        return recording

    def _asked(self, name: object, depth: int = 2) -> None:
        if self._notes is not None and isinstance(name, str):
            value = dict.get(self, name)
            text = value if value is None or isinstance(value, str) else None
            self._notes.read(name, text, sys._getframe(depth))

    def _asked_all(self) -> None:
        for name in list(dict.__iter__(self)):
            self._asked(name, 3)

    def __getitem__(self, key: str) -> Any:
        self._asked(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._asked_all()
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of one name, or the default."""
        self._asked(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Return the value of one name, and forget it."""
        self._asked(key)
        return super().pop(key, *default)

    def keys(self) -> Any:
        """Return the names."""
        self._asked_all()
        return super().keys()

    def items(self) -> Any:
        """Return the pairs of name and value."""
        self._asked_all()
        return super().items()

    def values(self) -> Any:
        """Return the values."""
        self._asked_all()
        return super().values()

    def copy(self) -> dict[str, Any]:
        """Return a plain dict; the app has seen all that is in it."""
        self._asked_all()
        return dict(dict.items(self))
