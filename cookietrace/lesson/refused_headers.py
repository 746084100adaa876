"""Responses that refuse a request because its headers, above all its cookies, grew too large."""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec

from cookietrace.fold.exchange import Exchange, RequestPart
from cookietrace.lesson.display_text import listed, plural, shown
from cookietrace.lesson.prose import named

LARGE = 4096
"""The size of a Cookie header, in bytes, from which it may be why a request is refused."""

MOST_COOKIES = 3
_FOR_SURE = frozenset({431, 494})
"""Request Header Fields Too Large (RFC 6585), and nginx's own code for the same."""
_PERHAPS = frozenset({400, 413, 431, 494, 500, 502})
_SAYS_SO = re.compile(
    r"(?i)(?:cookie|header)[^.<\n]{0,40}(?:too (?:large|big|long)|exceeds)|"
    r"(?:too (?:large|big|long))[^.<\n]{0,30}(?:cookie|header)|size of a request header"
)
"""What servers and gateways say in the body of such a response."""
_CHUNK = re.compile(r"(.+?)[._-]?(?:chunks?[._-]?)?\d+")


def says_so(text: str) -> bool:
    """Return whether the beginning of a text says that headers or cookies were too large."""
    return _SAYS_SO.search(text[:4000]) is not None


class RefusedHeader(msgspec.Struct, frozen=True):
    """A response that refuses a request for the size of its headers; display text."""

    size: int
    """The size of the Cookie header in bytes."""
    sentence: str
    most: str
    """Which cookies take most of it."""
    fix: str
    certain: bool
    """Whether the response says that it is for their size."""


def refused_header(exchange: Exchange) -> RefusedHeader | None:
    """Return why a request was refused, if it was for the size of its cookies.

    It is certain if the status or the body says that headers were too large, and a guess if the
    status is 400 or 413 and the Cookie header is large.
    """
    part, response = exchange.request, exchange.response
    size = part.header_size
    if size is None or response is None:
        return None
    if response.status_code not in _PERHAPS or not part.pairs:
        return None
    status = response.status_code
    body = exchange.response_body
    says = body is not None and says_so(body.content or "")
    reason = says_so(response.reason)
    if size < LARGE and not (size >= LARGE // 4 and (status in _FOR_SURE or says)):
        return None
    if not (status in _FOR_SURE or says or reason):
        if status not in (400, 413):
            return None
        sentence = (
            f"The Cookie header has {plural(size, 'byte')}, and the response is {status}: perhaps "
            "the server refuses headers of that size."
        )
    else:
        sentence = (
            f"The server refuses the request with {status}, because its headers are too large: "
            f"the Cookie header alone has {plural(size, 'byte')}."
        )
    return RefusedHeader(
        size,
        sentence,
        _most(part),
        "Delete cookies that are no longer needed, give each the narrowest Domain and Path, and "
        "keep data on the server. Until then, clearing the site's cookies helps the user. Servers "
        "have a limit for it (often 8 KiB for one field or 16 KiB in all); raising it only buys "
        "time.",
        status in _FOR_SURE or says or reason,
    )


def _most(part: RequestPart) -> str:
    """Return which cookies, and which domains, take the most of a header.

    In a redacted capture, that is unknown of small cookies.
    """
    all_sizes = [(_size(part, name, value), name) for name, value in part.pairs]
    sizes = sorted(((size, name) for size, name in all_sizes if size is not None), reverse=True)
    largest = [f"{named(name)} ({plural(size, 'byte')})" for size, name in sizes[:MOST_COOKIES]]
    text = f"Most of it: {listed(largest)}." if largest else "It consists of small cookies."
    domains: dict[str, int] = defaultdict(int)
    for cookie in part.cookies if len(sizes) == len(all_sizes) else ():
        where = cookie.cookie
        broad = where is not None and not where.host_only and not where.inferred
        label = f"{shown(cookie.domain)}{' and its subdomains' * broad}"
        domains[label] += _size(part, cookie.name, cookie.value) or 0
    if len(domains) > 1:
        ranked = sorted(domains.items(), key=lambda entry: (-entry[1], entry[0]))
        shares = [f"{plural(size, 'byte')} for {label}" for label, size in ranked[:MOST_COOKIES]]
        text += f" By domain: {listed(shares)}."
    chunks: dict[str, int] = defaultdict(int)
    for name, _ in part.pairs:
        chunk = _CHUNK.fullmatch(name)
        if chunk is not None:
            chunks[chunk[1]] += 1
    stem, count = max(chunks.items(), key=lambda entry: entry[1], default=("", 0))
    if count >= MOST_COOKIES:
        text += f" {count} cookies have names like {named(stem)} with a number."
    return text


def _size(part: RequestPart, name: str, value: str) -> int | None:
    """Return how many bytes of a header are a cookie's, if that is told."""
    size = part.facts(name, value).size
    return None if size is None else len(name) + size + 1
