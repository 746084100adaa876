"""A curl command: the cookies that one request sends, with -b or a Cookie header.

What it does not tell is taken as a cookie of that host alone, for all paths, until the browser
closes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from cookietrace.cookies import Cookie, parse_cookie_header, parse_target
from cookietrace.jar_files.jar_file import JarFile, Lost, Origins, cookie_of, to_text, to_wire

NOWHERE: Final[Origins] = MappingProxyType({})

_HEADER = re.compile(r"\s*cookie\s*:", re.IGNORECASE)
_WITH_VALUE = frozenset(
    {
        *("-X", "--request", "-d", "--data", "--data-raw", "--data-binary", "-F", "--form"),
        *("-A", "--user-agent", "-e", "--referer", "-u", "--user", "-x", "--proxy"),
        *("-o", "--output", "-c", "--cookie-jar", "--cacert", "-m", "--max-time"),
    }
)
"""Options whose value is not a URL."""


def _write(cookies: Iterable[Cookie], origins: Origins = NOWHERE) -> str:
    hosts: dict[tuple[bool, str], list[Cookie]] = {}
    for cookie in cookies:
        hosts.setdefault((cookie.secure, cookie.domain), []).append(cookie)
    lines = []
    for (secure, domain), held in hosts.items():
        pairs = "; ".join(to_text(cookie.pair) for cookie in held)
        url = _url(domain, "https" if secure else "http", origins.get(domain, {}))
        lines.append(f"curl -b {shlex.quote(pairs)} {shlex.quote(url)}")
    return "\n".join(lines) + "\n" if lines else "# The jar is empty.\n"


def _url(domain: str, scheme: str, seen: Mapping[str, str]) -> str:
    """Return an address to send a host's cookies to: one that was seen, if there is one."""
    origin = seen.get(scheme) or next(iter(seen.values()), f"{scheme}://{domain}")
    return f"{to_text(origin)}/"


def _read(text: str, now: float, lost: Lost) -> Iterator[Cookie]:
    for number, command in enumerate(_commands(text), 1):
        try:
            words = shlex.split(_ANSI_QUOTED.sub(_plain, command), comments=True)
            yield from _cookies(words, now)
        except ValueError as error:
            lost(f"command {number} is left out: {error}")


_ANSI_QUOTED = re.compile(r"(?<!\S)\$'((?:[^'\\]|\\.)*)'")
"""What browsers write around text with quotes, exclamation marks or line breaks."""
_ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def _plain(found: re.Match[str]) -> str:
    """Return a text in $'...' in the quotes that every shell has."""

    def meant(escape: re.Match[str]) -> str:
        what = escape[1]
        return chr(int(what[1:], 16)) if len(what) > 1 else _ESCAPES.get(what, what)

    return shlex.quote(_ESCAPED.sub(meant, found[1]))


def _separate(words: list[str]) -> Iterator[str]:
    """Yield the words with ``-bNAME=VALUE`` and ``--cookie=NAME=VALUE`` as two."""
    for word in words:
        option = next((each for each in _JOINED if word.startswith(each) and word != each), None)
        if option is None:
            yield word
        else:
            yield from (option.removesuffix("="), word.removeprefix(option))


_JOINED = ("-b", "-H", "--cookie=", "--header=", "--url=")
"""What a value may follow without a space."""


def _commands(text: str) -> Iterator[str]:
    joined = re.sub(r"\\\r?\n", " ", text)
    for line in joined.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def _cookies(words: list[str], now: float) -> Iterator[Cookie]:
    url, headers, skip = None, [], False
    words = list(_separate(words))
    for at, word in enumerate(words[1:], 1):
        following = words[at + 1] if at + 1 < len(words) else ""
        if skip:
            skip = False
        elif word in ("-b", "--cookie"):
            headers.append(following)
            skip = True
        elif word in ("-H", "--header"):
            if _HEADER.match(following):
                headers.append(following.partition(":")[2])
            skip = True
        elif word in _WITH_VALUE:
            skip = True
        elif word == "--url" or not word.startswith("-"):
            url = following if word == "--url" else word
            skip = word == "--url"
    if url is None:
        raise ValueError("it has no URL")
    target = parse_target(to_wire(url if "://" in url else f"http://{url}"))
    for header in headers:
        if "=" not in header:
            raise ValueError("its cookies are in a file: give that file")
        for name, value in parse_cookie_header(to_wire(header)):
            yield cookie_of(
                name=to_text(name),
                value=to_text(value),
                domain=to_text(target.host or target.raw_host),
                host_only=True,
                path="/",
                secure=False,
                now=now,
            )


JAR_FILE = JarFile(
    name="curl",
    title="curl commands with -b",
    suffixes=(".sh",),
    writes=_write,
    writes_for=_write,
    reads=_read,
    recognises=lambda text: text.lstrip().startswith("curl "),
)
