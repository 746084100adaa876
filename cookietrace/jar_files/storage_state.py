"""Playwright's storage state: ``{"cookies": [...], "origins": []}``.

It has no word for a cookie without SameSite: Playwright calls it Lax, as Chromium treats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from cookietrace.cookies import Cookie, SameSite
from cookietrace.jar_files.jar_file import (
    JarFile,
    Lost,
    cookie_of,
    domain_text,
    number_at,
    text_at,
    to_text,
)

_SAME_SITE = {
    SameSite.STRICT: "Strict",
    SameSite.LAX: "Lax",
    SameSite.NONE: "None",
    SameSite.DEFAULT: "Lax",
}
_READ = {"strict": SameSite.STRICT, "lax": SameSite.LAX, "none": SameSite.NONE}


def _write(cookies: Iterable[Cookie]) -> str:
    state = {"cookies": [_entry(cookie) for cookie in cookies], "origins": []}
    return msgspec.json.format(msgspec.json.encode(state)).decode() + "\n"


def _entry(cookie: Cookie) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": to_text(cookie.name),
        "value": to_text(cookie.value),
        "domain": domain_text(cookie),
        "path": to_text(cookie.path),
        "expires": -1 if cookie.expires_at is None else cookie.expires_at,
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "sameSite": _SAME_SITE[cookie.same_site],
    }
    if cookie.partition_key is not None:
        entry["partitionKey"] = to_text(cookie.partition_key)
    return entry


def _read(text: str, now: float, lost: Lost) -> Iterator[Cookie]:
    return read_entries(msgspec.json.decode(text)["cookies"], now, lost)


def read_entries(entries: Iterable[object], now: float, lost: Lost) -> Iterator[Cookie]:
    """Yield the cookies of JSON objects; ``lost`` gets a line for each that is none."""
    for number, entry in enumerate(entries, 1):
        try:
            yield read_entry(entry, now)
        except ValueError as error:
            lost(f"cookie {number} is left out: {error}")


def read_entry(entry: object, now: float) -> Cookie:
    """Return the cookie of a JSON object, by the names that tools give its members.

    Raises ``ValueError`` if it is none.
    """
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    domain = text_at(entry, "domain", "host")
    expires = number_at(entry, "expires", "expirationDate", "expiry")
    host_only = entry.get("hostOnly")
    return cookie_of(
        name=text_at(entry, "name"),
        value=text_at(entry, "value"),
        domain=domain,
        host_only=host_only if isinstance(host_only, bool) else not domain.startswith("."),
        path=text_at(entry, "path", default="/"),
        secure=entry.get("secure") is True,
        http_only=entry.get("httpOnly") is True,
        same_site=_READ.get(
            text_at(entry, "sameSite", default="").lower().replace("no_restriction", "none"),
            SameSite.DEFAULT,
        ),
        expires_at=expires if expires is not None and expires > 0 else None,
        partition_key=_partition(entry.get("partitionKey")),
        now=now,
    )


def _partition(found: object) -> str | None:
    if isinstance(found, dict):
        found = found.get("topLevelSite")
    return found if isinstance(found, str) and found else None


def _recognises(text: str) -> bool:
    try:
        state = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return False
    return isinstance(state, dict) and isinstance(state.get("cookies"), list)


JAR_FILE = JarFile(
    name="storage-state",
    title="Playwright's storage state",
    suffixes=(".json",),
    writes=_write,
    reads=_read,
    recognises=_recognises,
)
