"""A short text for any Python value, made without running the code of the app it belongs to.

A ``repr`` written by an app may query a database, take a lock, or raise. So only
values of types known to be harmless are asked for theirs; any other value is shown
as the name of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

SHOWN_LIMIT = 500
"""The maximum length of a text that ``shown`` returns, in characters."""

TEXT_LIMIT = 4096
"""The maximum length of a string that ``text_of`` returns, in characters."""

_ITEMS = 20
_DEPTH = 3
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")")}
_HARMLESS = frozenset({"datetime", "decimal", "fractions", "ipaddress", "uuid"})

Trusted = Callable[[type], bool]
"""Returns whether the ``repr`` of a type may be called; a framework knows its own types."""


def shown(value: object, trusted: Trusted = lambda _kind: False) -> str:
    """Return a short text for a value, much like its ``repr``; never raises."""
    try:
        text = _shown(value, trusted, _DEPTH)
    except Exception:  # noqa: BLE001  (the app must not notice what a value does)
        text = "<unknown>"
    return text if len(text) <= SHOWN_LIMIT else text[: SHOWN_LIMIT - 1] + "…"


def text_of(value: object) -> str | None:
    """Return the start of a value that is a string, None for any other value."""
    if not issubclass(type(value), str):
        return None
    assert isinstance(value, str)
    return str.__getitem__(value, slice(0, TEXT_LIMIT))


def _shown(value: object, trusted: Trusted, depth: int) -> str:
    """Return a text for a value; may raise if the value's type misbehaves."""
    # type(), not isinstance(): a proxy object lies about its __class__, and would run code.
    kind = type(value)
    if value is None or kind in (bool, float, complex):
        return repr(value)
    if kind is int:
        assert isinstance(value, int)
        bits = value.bit_length()
        return repr(value) if bits <= 1000 else f"<int of {bits} bits>"
    if issubclass(kind, str):
        assert isinstance(value, str)
        cut = str.__getitem__(value, slice(0, SHOWN_LIMIT))
        return repr(cut) + ("…" if str.__len__(value) > SHOWN_LIMIT else "")
    if kind is bytes:
        assert isinstance(value, bytes)
        return repr(value[:SHOWN_LIMIT]) + ("…" if len(value) > SHOWN_LIMIT else "")
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, trusted, depth)
    if kind.__module__ in _HARMLESS or trusted(kind):
        return repr(value)
    return f"<{kind.__qualname__.rpartition('<locals>.')[2]}>"


def _container(value: object, trusted: Trusted, depth: int) -> str:
    """Return a text for a built-in container: its first items, a few levels deep."""
    if isinstance(value, dict):
        if depth == 0:
            return "{…}"
        pairs = (
            f"{_shown(key, trusted, depth - 1)}: {_shown(item, trusted, depth - 1)}"
            for key, item in value.items()
        )
        return "{" + _first(pairs) + "}"
    assert isinstance(value, (list, tuple, set, frozenset))
    opening, closing = _BRACKETS.get(type(value), ("{", "}"))
    if depth == 0:
        return f"{opening}…{closing}"
    inside = _first(_shown(item, trusted, depth - 1) for item in value)
    if isinstance(value, tuple) and len(value) == 1:
        inside += ","
    if not value and isinstance(value, (set, frozenset)):
        return f"{type(value).__name__}()"
    return f"{opening}{inside}{closing}"


def _first(texts: Iterable[str]) -> str:
    """Return the first few texts, joined by commas, with an ellipsis if there were more."""
    taken: list[str] = []
    for text in texts:
        if len(taken) == _ITEMS:
            taken.append("…")
            break
        taken.append(text)
    return ", ".join(taken)
