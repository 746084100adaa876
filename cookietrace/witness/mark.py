"""The mark: how the proxy asks an app for a report, and shows that it may.

Marks are made and read here and nowhere else. A mark holds no secret, only a keyed MAC
(HMAC-SHA-256), and it is made for one exchange, one address and one moment.
"""

from __future__ import annotations

import functools
import hmac
import ipaddress
import re
from typing import NamedTuple

PROTOCOL = 2
"""The version of marks and reports. Proxy and witness must have the same one."""

MARK_HEADER = "Cookietrace-Exchange"
"""On a request: ``<version> <exchange id> <address> <milliseconds> ctmac-<MAC>``, see ``mark``.

Every later version begins with its number and ends with the MAC of all that comes before, made
with the same key. So each version can tell a mark of another one from a forged mark.
"""

MAC_TAG = "ctmac-"
"""What every MAC in a mark begins with, so that marks can be found in recorded text."""

_KEY_PURPOSE = b"cookietrace: marks for the witness"
_FRAME = re.compile(r"(([0-9]{1,4})( [ -~]{1,800})) ctmac-([0-9a-f]{64})")
_MARKED = re.compile(r" ([!-~]{1,200}) ([!-~]{1,300}) ([0-9]{1,15})")


class Mark(NamedTuple):
    """What a mark says, once its MAC has been found right."""

    version: int
    exchange_id: str = ""
    """Empty in a mark of another version, like what follows."""
    address: str = ""
    """Where the proxy sent the request, as ``mark_address`` writes it."""
    at: float = 0.0
    """When the mark was made, by the proxy's clock; Unix time in seconds."""
    mac: str = ""


def mark_key(secret: str) -> bytes:
    """Return the key of marks. It serves no other purpose, and does not tell the secret."""
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), _KEY_PURPOSE, "sha256")


def mark_address(host: str, port: int) -> str:
    """Return ``host:port`` for a mark; every usual name of this machine is ``localhost``.

    ``host`` is one for which ``is_this_machine`` is true. Another address of 127.0.0.0/8
    may be another server's, and stays as it is.
    """
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return f"localhost:{port}"
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    usual = address.version == 6 or str(address) == "127.0.0.1"
    return f"{'localhost' if usual else address}:{port}"


def mark(exchange_id: str, address: str, at: float, key: bytes) -> str:
    """Return the value of ``MARK_HEADER`` for one exchange.

    ``address`` is a result of ``mark_address``, ``key`` of ``mark_key``; ``at`` is Unix
    time in seconds.
    """
    text = f"{PROTOCOL} {exchange_id} {address} {int(at * 1000)}"
    return f"{text} {MAC_TAG}{_mac(text, key)}"


def read_mark(value: str, key: bytes) -> Mark | None:
    """Return what a mark says, or None if it was not made with this key.

    How long that takes tells nothing about the right MAC.
    """
    frame = _FRAME.fullmatch(value)
    if frame is None or not hmac.compare_digest(_mac(frame[1], key), frame[4]):
        return None
    version = int(frame[2])
    marked = _MARKED.fullmatch(frame[3])
    if version != PROTOCOL or marked is None:
        return Mark(version)
    return Mark(version, marked[1], marked[2], int(marked[3]) / 1000, frame[4])


def first_version_secret(value: str) -> str | None:
    """Return the secret in a mark of version 1, which held it in clear; None if it is none."""
    match = re.fullmatch(r"[!-~]{1,200} ([!-~]{1,512})", value)
    return match[1] if match else None


def _mac(text: str, key: bytes) -> str:
    made = _empty(key).copy()
    made.update(text.encode("ascii"))
    return made.hexdigest()


@functools.lru_cache(maxsize=8)
def _empty(key: bytes) -> hmac.HMAC:
    """Return the MAC of nothing; to copy it takes half as long as to begin with the key."""
    return hmac.new(key, digestmod="sha256")
