"""Netscape's cookies.txt, as curl, wget and yt-dlp read and write it.

One cookie per line, seven fields with tabs between them: domain, whether subdomains are covered,
path, whether it is Secure, when it expires (0 for a session cookie), name, value. A line that
begins with ``#HttpOnly_`` is an HttpOnly cookie, any other ``#`` a comment. The format knows
neither SameSite nor partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.cookies import Cookie
from cookietrace.jar_files.jar_file import (
    LONGEST,
    JarFile,
    Lost,
    cookie_of,
    domain_text,
    to_text,
)

_HEADER = "# Netscape HTTP Cookie File"
_HTTP_ONLY = "#HttpOnly_"
_FIELDS = 7


def _write(cookies: Iterable[Cookie]) -> str:
    lines = [_HEADER, "# This format knows neither SameSite nor partitions."]
    for cookie in cookies:
        fields = (
            ("" if not cookie.http_only else _HTTP_ONLY) + domain_text(cookie),
            "FALSE" if cookie.host_only else "TRUE",
            to_text(cookie.path),
            "TRUE" if cookie.secure else "FALSE",
            "0" if cookie.expires_at is None else str(max(1, int(cookie.expires_at))),
            to_text(cookie.name),
            to_text(cookie.value),
        )
        if any(character in field for field in fields for character in "\t\r\n"):
            lines.append("# One cookie is left out: it has a tab or a line break.")
        else:
            lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"


def _read(text: str, now: float, lost: Lost) -> Iterator[Cookie]:
    for number, ended in enumerate(text.split("\n"), 1):
        line = ended.removesuffix("\r")
        http_only = line.startswith(_HTTP_ONLY)
        if not line.strip() or (line.startswith("#") and not http_only):
            continue
        fields = line.removeprefix(_HTTP_ONLY).split("\t")
        if len(fields) == _FIELDS - 1:
            fields.append("")  # curl writes no tab after the name if the value is empty
        try:
            if len(fields) != _FIELDS:
                raise ValueError(f"it has {len(fields)} fields and not {_FIELDS}")
            domain, covers, path, secure, expires, name, value = fields
            expires_at = float(expires)
            if not abs(expires_at) < LONGEST:
                raise ValueError("its expiry is not a time")
            yield cookie_of(
                name=name,
                value=value,
                domain=domain,
                host_only=covers.upper() != "TRUE",
                path=path,
                secure=secure.upper() == "TRUE",
                http_only=http_only,
                expires_at=expires_at if expires_at > 0 else None,
                now=now,
            )
        except ValueError as error:
            lost(f"line {number} is left out: {_cause(error)}")


def _cause(error: ValueError) -> str:
    text = str(error)
    return "its expiry is not a number" if text.startswith("could not convert") else text


def _recognises(text: str) -> bool:
    if text.startswith(("# Netscape HTTP Cookie File", "# HTTP Cookie File")):
        return True
    lines = [line for line in text.splitlines() if line and not line.startswith("# ")]
    return bool(lines) and lines[0].count("\t") in (_FIELDS - 2, _FIELDS - 1)


JAR_FILE = JarFile(
    name="cookies.txt",
    title="Netscape format, for curl and others",
    suffixes=(".txt",),
    writes=_write,
    reads=_read,
    recognises=_recognises,
)
