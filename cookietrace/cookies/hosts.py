"""Canonical host names, -22 5.1.2, with IDNA and IP addresses parsed as in browsers.

Browsers send canonical hosts, so nearly every host only needs to be lower-cased.
The others follow the URL standard's host parser (UTS 46, non-transitional)
rather than IDNA 2008, because browsers use it to decide whether two spellings
share cookies.
"""

from __future__ import annotations

import ipaddress
import re
import struct
import unicodedata
from functools import lru_cache

_PLAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?\Z")
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f]")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_ZEROS = re.compile(r"\b0(?::0)+\b")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_KEPT = frozenset("\u00df\u03c2\u200c\u200d")
"""The four deviation characters, which non-transitional processing keeps."""
_IGNORED = re.compile("[\u00ad\u034f\u180b-\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})

LONGEST_CACHED = 255
"""Texts longer than any real host name are not cached."""


def canonical_host(host: str) -> str | None:
    """Return the canonical form of a host from the wire, or None if it has none (5.1.2).

    ``host`` is the bytes on the wire decoded as latin-1, without port. An IPv6
    address is in brackets, before and after. A trailing dot is kept: browsers
    treat ``shop.test.`` and ``shop.test`` as two hosts. A name that ends in a
    number but is not an address remains a name; no browser requests one. Never
    raises.
    """
    return _cached(host) if len(host) <= LONGEST_CACHED else _canonical(host)


def is_ip(host: str) -> bool:
    """Return whether a canonical host is an IP address (IPv6 in brackets, or bare)."""
    return _is_ip(host) if len(host) <= LONGEST_CACHED else False


@lru_cache(maxsize=4096)
def _is_ip(host: str) -> bool:
    if not host:
        return False
    if host[0] == "[":
        return _ipv6(host) is not None
    if host[-1] not in "0123456789" and ":" not in host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _canonical(host: str) -> str | None:
    """Return the canonical host: address, plain ASCII name, or name encoded with IDNA."""
    if host.startswith("["):
        return _ipv6(host)
    lowered = host.lower() if host.isascii() else _mapped(host)
    if lowered is None:
        return None
    if not _PLAIN.match(lowered) and (not lowered.strip(".") or _FORBIDDEN.search(lowered)):
        return None
    labels = lowered.split(".")
    last = labels[-2] if labels[-1] == "" and len(labels) > 1 else labels[-1]
    if _NUMBER.match(last) and (address := _ipv4(labels)) is not None:
        return address
    if "xn--" in lowered and not all(_a_label(label) for label in labels):
        return None
    return lowered


_cached = lru_cache(maxsize=4096)(_canonical)


def _ipv6(host: str) -> str | None:
    """Return a bracketed IPv6 address in the URL standard's form, or None."""
    if not host.endswith("]") or "%" in host or len(host) > 64:
        return None
    try:
        packed = ipaddress.IPv6Address(host[1:-1]).packed
    except ValueError:
        return None
    text = ":".join(f"{piece:x}" for piece in struct.unpack("!8H", packed))
    zeros = max(_ZEROS.finditer(text), key=lambda run: len(run[0]), default=None)
    if zeros is None:
        return f"[{text}]"
    return f"[{text[: zeros.start()].rstrip(':')}::{text[zeros.end() :].lstrip(':')}]"


def _ipv4(labels: list[str]) -> str | None:
    """Return the dotted form of a host that ends in a number, or None (URL standard 3.5)."""
    parts = labels[:-1] if labels[-1] == "" else labels
    if len(parts) > 4 or not all(_NUMBER.match(part) and len(part) < 32 for part in parts):
        return None
    try:
        numbers = [_ipv4_number(part) for part in parts]
    except ValueError:
        return None
    *heads, tail = numbers
    if any(head > 255 for head in heads) or tail >= 256 ** (5 - len(numbers)):
        return None
    value = tail + sum(head * 256 ** (3 - place) for place, head in enumerate(heads))
    return str(ipaddress.IPv4Address(value))


def _ipv4_number(text: str) -> int:
    """Return one part of an IPv4 address: decimal, ``0x`` hexadecimal, or ``0`` octal."""
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)


def _mapped(host: str) -> str | None:
    """Return a non-ASCII host mapped, normalised and in A-labels (UTS 46), or None."""
    try:
        text = host.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    text = _IGNORED.sub("", _DOTS.sub(".", text))
    folded = "".join(char if char in _KEPT else _folded(char) for char in text)
    labels = _DOTS.sub(".", unicodedata.normalize("NFC", folded)).split(".")
    encoded = [label if label.isascii() else _encoded(label) for label in labels]
    return None if None in encoded else ".".join(label for label in encoded if label is not None)


def _folded(char: str) -> str:
    """Return one character case-folded and in compatibility form, except for sharp s."""
    if char == "\u1e9e":
        return "\u00df"
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())


def _encoded(label: str) -> str | None:
    """Return a U-label as its A-label, or None if it has a character that is not allowed."""
    if not _allowed(label):
        return None
    return "xn--" + label.encode("punycode").decode("ascii")


def _allowed(label: str) -> bool:
    """Return whether a U-label has only allowed characters and no combining mark at its start."""
    if unicodedata.category(label[0]).startswith("M"):
        return False
    return all(
        char in _KEPT or unicodedata.category(char) not in _REFUSED_CATEGORIES for char in label
    )


def _a_label(label: str) -> bool:
    """Return whether a label is not a fake A-label (step 4)."""
    if not label.startswith("xn--"):
        return True
    if len(label) > LONGEST_CACHED:
        return False
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, IndexError, OverflowError, ValueError):
        return False
    return not decoded.isascii() and _allowed(decoded) and _encoded(decoded) == label
