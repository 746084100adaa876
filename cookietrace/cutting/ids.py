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

_BY_COOKIE = frozenset({"responses", "differing"})
"""The members whose own members are named by cookies, which may be called as a member is."""

_MEMBERS: Final = tuple(f'"{name}"'.encode() for name in sorted(_IDS))
"""The members with ids, as JSON has their names."""

_PLAIN: Final = re.compile(rb'("(?:%s)":)"([^"\\]*)"' % "|".join(sorted(_IDS)).encode())
"""A member with one id, as a record has it most often."""


def renamed(event: Event, rename: Rename, removed: Removed | None) -> Event:
    """Return an event with ``rename`` of each id in it.

    A ``jar`` event says that ``removed`` is missing, if anything is, and its rows are numbered
    again.
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

    If its ids stand as they do most often, they are replaced in the text, and there are none in
    most records: to parse each would take longer than all else that is done with it.
    """
    plain = found = 0
    for name in _MEMBERS:
        if (count := content.count(name)) == 0:
            continue
        # Within a string, a quote has a backslash before it.
        plain += (ids := content.count(name + b':"'))
        if ids + content.count(name + b":null") != count or b"\\" + name in content:
            return _parsed(content, rename)
    if not plain:
        return content

    def replaced(match: re.Match[bytes]) -> bytes:
        nonlocal found
        found += 1
        return match[1] + msgspec.json.encode(rename(match[2].decode()))

    try:
        changed = _PLAIN.sub(replaced, content)
    except UnicodeDecodeError:
        return content  # whoever reads it says what is wrong
    return changed if found == plain else _parsed(content, rename)


def _parsed(content: bytes, rename: Rename) -> bytes:
    """Return the same, of JSON of any layout."""
    try:
        return msgspec.json.encode(_renaming(msgspec.json.decode(content), rename))
    except (msgspec.DecodeError, RecursionError):
        return content  # whoever reads it says what is wrong


def _renaming(value: Any, rename: Callable[[str], str], under: str = "") -> Any:
    """Return the JSON of a memory or a record with ``rename`` of each id in it.

    Ids stand in some members, and in some places of arrays; ``under`` is the member's name.
    """
    if isinstance(value, dict):
        if under in _KEYED:
            return {rename(name): _renaming(part, rename) for name, part in value.items()}
        if under in _BY_COOKIE:
            return {name: _renaming(part, rename) for name, part in value.items()}
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
