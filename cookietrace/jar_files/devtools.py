"""Cookies as the DevTools protocol and browser extensions write them: a JSON list of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from cookietrace.cookies import Cookie, SameSite
from cookietrace.jar_files.jar_file import JarFile, Lost, domain_text, to_text
from cookietrace.jar_files.storage_state import read_entries


def _write(cookies: Iterable[Cookie]) -> str:
    entries = [_entry(cookie) for cookie in cookies]
    return msgspec.json.format(msgspec.json.encode(entries)).decode() + "\n"


def _entry(cookie: Cookie) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": to_text(cookie.name),
        "value": to_text(cookie.value),
        "domain": domain_text(cookie),
        "path": to_text(cookie.path),
        "expires": -1 if cookie.expires_at is None else cookie.expires_at,
        "size": len(cookie.name) + len(cookie.value),
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "session": cookie.expires_at is None,
        "priority": cookie.priority.value.capitalize(),
    }
    if cookie.same_site is not SameSite.DEFAULT:
        entry["sameSite"] = cookie.same_site.value.capitalize()
    if cookie.partition_key is not None:
        entry["partitionKey"] = {"topLevelSite": to_text(cookie.partition_key)}
    return entry


def _read(text: str, now: float, lost: Lost) -> Iterator[Cookie]:
    return read_entries(_entries(text) or (), now, lost)


def _entries(text: str) -> list[object] | None:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return found if isinstance(found, list) else None


JAR_FILE = JarFile(
    name="devtools",
    title="JSON as in DevTools and extensions",
    suffixes=(".json",),
    writes=_write,
    reads=_read,
    recognises=lambda text: _entries(text) is not None,
)
