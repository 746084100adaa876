"""Where a capture in Redis is: the URL that names it, and the secrets that are not in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe
from cookietrace.whole_file import read_whole

SCHEMES = ("redis", "rediss", "redis+unix", "unix")
"""The schemes of URLs that name a capture in Redis."""

PASSWORD = "COOKIETRACE_REDIS_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable with the password."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What a capture in Redis may be called."""

_PATTERN = re.compile(r"[A-Za-z0-9*?\[\]!][A-Za-z0-9._*?\[\]!-]{0,99}")
_PORT = 6379
_LONGEST_PASSWORD = 4096
_PARAMETERS = frozenset({"capture", "db", "user", "password_file", "ca", "cert", "key"})


class RedisAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A Redis server, who we are to it, and the capture that is meant."""

    scheme: str
    host: str = "localhost"
    port: int = _PORT
    socket: str | None = None
    """The path of its Unix socket; None if it is reached by host and port."""
    db: int = 0
    user: str | None = None
    password_file: str | None = None
    ca: str | None = None
    """A file with the certificates of authorities to trust; None for the system's."""
    cert: str | None = None
    key: str | None = None
    capture: str | None = None
    """The capture's name, or a pattern such as ``lab-*``; None if the URL names none."""

    @property
    def server(self) -> str:
        """The server and its database as messages name them: without a user, files or a capture."""
        if self.socket is not None:
            return f"redis+unix://{safe(self.socket)}{f'?db={self.db}' if self.db else ''}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{safe(host)}:{self.port}{f'/{self.db}' if self.db else ''}"

    def __str__(self) -> str:
        """Return the server and the capture, safe to show."""
        server = self.server
        if self.capture is None:
            return server
        return f"{server}{'&' if '?' in server else '?'}capture={safe(self.capture)}"

    @property
    def is_pattern(self) -> bool:
        """Whether the name may match several captures."""
        return self.capture is not None and NAME.fullmatch(self.capture) is None

    @property
    def name(self) -> str:
        """The one capture that the URL names. Raises ``CaptureError`` if it names none."""
        if self.capture is None or self.is_pattern:
            raise CaptureError(
                f"{self} does not name one capture: add ?capture=NAME "
                f"(`cookietrace captures list {self.server}` shows the names)"
            )
        return self.capture

    def named(self, name: str) -> RedisAddress:
        """Return the address of another capture on this server."""
        return msgspec.structs.replace(self, capture=name)

    def password(self) -> str | None:
        """Return the password: of the file that the URL names, or of ``PASSWORD``; None if neither.

        Raises ``CaptureError`` if the file cannot be read.
        """
        if self.password_file is None:
            return os.environ.get(PASSWORD) or None
        name = safe(self.password_file)
        try:
            content = read_whole(Path(self.password_file), _LONGEST_PASSWORD)
            text = content.decode().rstrip("\r\n")
        except OSError as error:
            raise CaptureError(
                f"the password file {name} cannot be read: {error.strerror}"
            ) from error
        except UnicodeDecodeError as error:
            raise CaptureError(f"the password file {name} is not UTF-8 text") from error
        if not text or len(content) > _LONGEST_PASSWORD or "\n" in text:
            raise CaptureError(f"the password file {name} must hold the password on one line")
        return text


def is_redis_url(text: str) -> bool:
    """Return whether a text is the URL of a Redis server, well-formed or not."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def parse_redis_url(text: str) -> RedisAddress:
    """Return the address in a URL. Raises ``CaptureError`` that never repeats a password."""
    try:
        url = urlsplit(text)
        port, host, user = url.port, url.hostname, url.username
        given = url.password is not None
        pairs = parse_qsl(url.query, keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise CaptureError("this is not the URL of a Redis server: " + _EXAMPLE) from error
    scheme = url.scheme.lower()
    parameters = dict(pairs)
    if given or "password" in parameters:
        raise CaptureError(
            "a password on the command line can be seen by every user of this machine: leave it "
            f"out of the URL, and set {PASSWORD} or add ?password_file=FILE"
        )
    unknown = sorted(set(parameters) - _PARAMETERS)
    if unknown or len(parameters) != len(pairs):
        what = f"no parameter '{safe(unknown[0])}'" if unknown else "each parameter once at most"
        known = ", ".join(sorted(_PARAMETERS))
        raise CaptureError(f"the URL of a Redis server has {what}: there is {known}")
    path, socket = unquote(url.path), None
    if scheme in ("unix", "redis+unix"):
        if host or not path.startswith("/"):
            raise CaptureError(
                "write the URL of a Unix socket with its full path, as in "
                "redis+unix:///run/redis.sock?capture=NAME"
            )
        socket, path = path, ""
    elif not host or scheme not in SCHEMES:
        raise CaptureError("this is not the URL of a Redis server: " + _EXAMPLE)
    capture = parameters.get("capture")
    if capture is not None and not _PATTERN.fullmatch(capture):
        raise CaptureError(
            f"'{safe(capture[:100])}' cannot be the name of a capture in Redis: it has letters, "
            "digits, dots, hyphens and underscores, at most 100"
        )
    return RedisAddress(
        scheme=scheme,
        host=host or "",
        port=_PORT if port is None else port,
        socket=socket,
        db=_number(parameters.get("db") or path.strip("/") or "0"),
        user=parameters.get("user") or (unquote(user) if user else None),
        password_file=parameters.get("password_file"),
        ca=parameters.get("ca"),
        cert=parameters.get("cert"),
        key=parameters.get("key"),
        capture=capture,
    )


_EXAMPLE = "write it as in redis://localhost:6379/0?capture=NAME"


def _number(text: str) -> int:
    """Return the number of a database. Raises ``CaptureError``."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise CaptureError(f"'{safe(text[:100])}' is not the number of a database: {_EXAMPLE}")
    return int(text)
