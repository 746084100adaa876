"""The ids of clients, exchanges and connections in events, and other ids in their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from cookietrace.events import Event, Jar, Removed, Verdicts

Rename = Callable[[str], str]
"""Returns the new id for an id."""

_replace = msgspec.structs.replace

_FIELDS: Final = ("client_id", "exchange_id", "connection", "follows")
"""The fields of events that hold ids."""

_IDS = frozenset({"exchange_id", "client_id", "connection", "settled_by", "refused_in", "set_in"})
"""The members that hold ids."""

_KEYED = frozenset({"open", "credentials", "own", "by_connection"})
"""The members whose own members are named by ids."""

_NAMES = "|".join(sorted(_IDS)).encode()
_MEMBER: Final = re.compile(rb'(?<!\\)"(?:%s)"\s*:' % _NAMES)
"""A member with ids, in JSON of any layout. A quote within a string has a backslash before it."""

_PLAIN: Final = re.compile(rb'(?<!\\)"((?:%s)":)(?:"([^"\\]*)"|null)' % _NAMES)
"""The same, as a record has it most often: one id, or none."""


def renamed(event: Event, rename: Rename, removed: Removed | None) -> Event:
    """Return an event with ``rename`` of each id in it.

    A ``jar`` event says that ``removed`` is missing, if anything is, and its rows are numbered
    anew.
    """
    if isinstance(event, Jar):
        return _jar(event, rename, removed)
    if isinstance(event, Verdicts):
        event = _replace(event, content=msgspec.Raw(_record(bytes(event.content), rename)))
    changes: dict[str, Any] = {}
    for field in _FIELDS:
        old = getattr(event, field, None)
        if old is not None and (new := rename(old)) != old:
            changes[field] = new
    return _replace(event, **changes) if changes else event


def _jar(event: Jar, rename: Rename, removed: Removed | None) -> Jar:
    still_open = tuple(
        [
            _replace(each, exchange_id=rename(each.exchange_id), step=0, aside=0)
            for each in event.open
        ]
    )
    return _replace(
        event,
        client_id=rename(event.client_id),
        removed=removed if event.removed is not None else None,
        step=0,
        aside=0,
        open=still_open,
        memory=msgspec.Raw(_memory(event, rename)),
    )


def _record(content: bytes, rename: Rename) -> bytes:
    """Return the JSON of a record with ``rename`` of each id in it.

    If its ids stand as they do most often, they are replaced in the text: a record is long, and
    has few of them.
    """
    if len(_PLAIN.findall(content)) != len(_MEMBER.findall(content)):
        try:
            return msgspec.json.encode(_renaming(msgspec.json.decode(content), rename))
        except (msgspec.DecodeError, RecursionError):
            return content  # whoever reads it says what is wrong

    def replaced(match: re.Match[bytes]) -> bytes:
        if match[2] is None:
            return match[0]
        try:
            name = match[2].decode()
        except UnicodeDecodeError:
            return match[0]
        return b'"' + match[1] + msgspec.json.encode(rename(name))

    return _PLAIN.sub(replaced, content)


def _renaming(value: Any, rename: Callable[[str], str], under: str = "") -> Any:
    """Return the JSON of a memory or a record with ``rename`` of each id in it.

    Ids stand in some members, and in some places of arrays; ``under`` is the member's name.
    """
    if isinstance(value, dict):
        if under in _KEYED:
            return {rename(name): _renaming(part, rename) for name, part in value.items()}
        return {name: _renaming(part, rename, name) for name, part in value.items()}
    if isinstance(value, str):
        return rename(value) if under in _IDS else value
    if not isinstance(value, list):
        return value
    return [_renaming(part, rename, under if under in _IDS else "") for part in value]


def _in_crossings(memory: Any, rename: Callable[[str], str]) -> None:
    """Rename the ids that stand in arrays of a memory, in place."""
    client = memory["client"]
    for kept in client["crossings"]["responses"].values():
        for response in kept:
            response[0] = rename(response[0])
    for waiting in client["crossings"]["differing"].values():
        for request in waiting:
            request[1] = rename(request[1])
    for carriers in client["swaps"]["carriers"]:
        carriers[1] = [each if each is None else rename(each) for each in carriers[1]]


def _memory(event: Jar, rename: Callable[[str], str]) -> bytes:
    """Return the memory of an event with ``rename`` of each id in it; null if it is no memory."""
    try:
        memory = _renaming(msgspec.json.decode(event.memory), rename)
        if memory is not None:
            _in_crossings(memory, rename)
    except (msgspec.DecodeError, KeyError, TypeError, IndexError, AttributeError):
        return b"null"
    return msgspec.json.encode(memory)


def remembered(event: Jar) -> list[str]:
    """Return the ids in the memory of an event."""
    found: list[str] = []

    def remember(name: str) -> str:
        found.append(name)
        return name

    _memory(event, remember)
    return found
