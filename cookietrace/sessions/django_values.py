"""Values signed with ``django.core.signing``: sessions, ``signing.dumps``, signed cookies.

``payload:time:signature``. A payload that begins with a dot is compressed; that of a signed
cookie is the plain text itself. The format is Django's own, and read here without Django.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cookietrace.sessions.bounds import UnreadableError, from_json, inflate, unbase64
from cookietrace.sessions.decoded import Decoded, Keys, Signature

_VALUE = re.compile(r"(.*):([0-9A-Za-z]{5,7}):([A-Za-z0-9_-]{27}|[A-Za-z0-9_-]{43})", re.DOTALL)
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_EARLIEST: Final = 946_684_800  # 2000-01-01
_LATEST: Final = 7_258_118_400  # 2200-01-01
_DIGESTS: Final = {27: "sha1", 43: "sha256"}
_COOKIE_KEY: Final = b"django.http.cookies"
_PICKLED: Final = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


class _Way(NamedTuple):
    """How a part of Django signs."""

    format: str
    salt: str
    prefix: bytes = b""
    """What it puts before the key."""


_WAYS: Final = (
    _Way("Django session", "django.contrib.sessions.backends.signed_cookies"),
    _Way("Django messages", "django.contrib.messages"),
    _Way("Django signing.dumps", "django.core.signing"),
)


def django_value(value: str, keys: Keys, name: str = "") -> Decoded | None:
    """Return what a value signed by Django holds, None if it does not look like one.

    ``name`` is the cookie's: Django signs it together with the value of a signed cookie.
    """
    if len(value) > 2 and value[0] == value[-1] == '"':  # SimpleCookie quotes a colon
        value = value[1:-1]
    match = _VALUE.fullmatch(value)
    if match is None:
        return None
    payload, time, signature = match.groups()
    signed_at = _signed_at(time)
    if signed_at is None:
        return None
    digest = _DIGESTS[len(signature)]
    made = _made_with(f"{payload}:{time}", signature, digest, keys, name)
    notes: tuple[str, ...] = ()
    content: Any
    guess = "Django"
    try:
        content = _content(payload)
    except UnreadableError as error:
        is_text = not payload.startswith(".")
        content = payload if is_text else None
        guess = "Django signed cookie" if is_text else guess
        notes = () if is_text else (str(error),)
    if _is_pickled(payload):
        content, guess = None, "Django"
        notes = ("The contents are pickled. They are not loaded: a pickle can run code.",)
    return Decoded(
        format=made.format if made is not None else guess,
        signature=_signature(made, keys),
        content=content,
        signed_at=signed_at,
        algorithm=f"HMAC-{digest.upper()}",
        notes=notes,
    )


def _content(payload: str) -> Any:
    """Return the contents of a payload; raises ``UnreadableError``."""
    if payload.startswith("."):
        return from_json(inflate(unbase64(payload[1:])))
    return from_json(unbase64(payload))


def _is_pickled(payload: str) -> bool:
    """Return whether contents are Python's pickle, which other serializers never look like."""
    try:
        data = inflate(unbase64(payload[1:])) if payload.startswith(".") else unbase64(payload)
    except UnreadableError:
        return False
    return data.startswith(_PICKLED)


def _signed_at(time: str) -> float | None:
    seconds = 0
    for character in time:
        seconds = seconds * 62 + _BASE62.index(character)
    return float(seconds) if _EARLIEST < seconds < _LATEST else None


def _ways(keys: Keys, name: str) -> Iterator[_Way]:
    yield from _WAYS
    for salt in ("", *keys.salts):
        yield _Way("Django signed cookie", name + salt, _COOKIE_KEY)
    for salt in keys.salts:
        yield _Way("Django signing.dumps", salt)


def _made_with(text: str, signature: str, digest: str, keys: Keys, name: str) -> _Way | None:
    """Return the way in which one of the keys made the signature, None if none did."""
    signed = text.encode("utf-8", "surrogatepass")
    for key in keys.keys:
        for way in _ways(keys, name):
            derived = hashlib.new(digest, f"{way.salt}signer".encode() + way.prefix + key).digest()
            made = hmac.digest(derived, signed, digest)
            if hmac.compare_digest(base64.urlsafe_b64encode(made).rstrip(b"="), signature.encode()):
                return way
    return None


def _signature(made: _Way | None, keys: Keys) -> Signature:
    if made is not None:
        return Signature.RIGHT
    return Signature.WRONG if keys.keys else Signature.NOT_CHECKED
