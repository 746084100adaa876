"""What a request asked for, without what merely rotates: ids, tokens, times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from cookietrace.fold.exchange import Exchange

Asked = tuple[str, str, str, tuple[str, ...]]
"""The method, the host, the path and the names of the parameters."""

_ROTATES: Final = re.compile(
    r"""
      \d+                                   # 4711
    | [0-9a-f]{8,}                          # a digest
    | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}   # a UUID
    | (?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_~-]{16,}  # a token
    | redacted-[0-9a-f]+
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DIGEST: Final = re.compile(r"(?<=[.-])(?=[^./-]*\d)[0-9a-zA-Z]{8,}(?=\.)", re.ASCII)
"""In the name of a file: ``app.3f0f8c95.js``."""


def asked(exchange: Exchange, hosts: Mapping[str, str]) -> Asked:
    """Return what a request asked for. ``hosts`` gives hosts the names that they are known by."""
    part = exchange.request
    host = part.target.host or part.target.raw_host
    _, _, query = part.event.url.partition("?")
    return (
        part.event.method.upper(),
        hosts.get(host, host),
        steady_path(part.target.path),
        tuple(sorted(_parameters(query.partition("#")[0]))),
    )


def steady_path(path: str) -> str:
    """Return a path with a star instead of each id and token."""
    return "/".join(map(_steady, path.split("/")))


@lru_cache(4096)
def _steady(segment: str) -> str:
    return "*" if _ROTATES.fullmatch(segment) else _DIGEST.sub("*", segment)


def _parameters(query: str) -> Iterable[str]:
    return {part.partition("=")[0] for part in query.split("&") if part}
