"""Values signed with itsdangerous: Flask's and Quart's sessions, Starlette's, and others.

``payload.time.signature`` or ``payload.signature``; a payload that begins with a dot is
compressed. Salts and key derivations are those of the frameworks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from itsdangerous import Signer

from cookietrace.sessions.bounds import UnreadableError, from_json, inflate, unbase64
from cookietrace.sessions.decoded import Decoded, Keys, Signature

_VALUE = re.compile(r"(\.?[A-Za-z0-9_-]+={0,2})(?:\.([A-Za-z0-9_-]{5,8}))?\.([A-Za-z0-9_-]{27,86})")
_EARLIEST: Final = 946_684_800  # 2000-01-01
_LATEST: Final = 7_258_118_400  # 2200-01-01
_DIGESTS: Final = {20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}


class _Way(NamedTuple):
    """How a framework signs."""

    format: str
    salt: str
    derivation: str


_WAYS: Final = (
    _Way("Flask session", "cookie-session", "hmac"),
    _Way("Starlette session", "itsdangerous.Signer", "django-concat"),
    _Way("itsdangerous", "itsdangerous", "django-concat"),
)


def itsdangerous_value(value: str, keys: Keys) -> Decoded | None:
    """Return what a value signed with itsdangerous holds, None if it does not look like one."""
    match = _VALUE.fullmatch(value)
    if match is None:
        return None
    payload, time, signature = match.groups()
    try:
        digest = _DIGESTS.get(len(unbase64(signature)))
        content, is_json = _content(payload)
    except UnreadableError as error:
        if not payload.startswith(".") or _signed_at(time) is None:
            return None  # three parts with dots between them may be anything
        return Decoded("itsdangerous", Signature.NOT_CHECKED, notes=(str(error),))
    signed_at = _signed_at(time)
    if digest is None or not is_json or (time is not None and signed_at is None):
        return None
    made = _made_with(value, digest, keys)
    # Starlette pads its payload, Flask and itsdangerous do not.
    guess = "Starlette session" if payload.endswith("=") else "Flask session or itsdangerous"
    return Decoded(
        format=made.format if made is not None else guess,
        signature=_signature(made, keys),
        content=content,
        signed_at=signed_at,
        algorithm=f"HMAC-{digest.upper()}",
        notes=(),
    )


def _content(payload: str) -> tuple[Any, bool]:
    """Return the contents of a payload, and whether they are JSON; raises ``UnreadableError``."""
    if payload.startswith("."):
        return from_json(inflate(unbase64(payload[1:]))), True
    if payload.endswith("=") or "=" in payload:
        try:
            return from_json(base64.b64decode(payload, altchars=b"-_", validate=True)), True
        except (binascii.Error, ValueError) as error:
            raise UnreadableError("Part of the value is not Base64.") from error
    return from_json(unbase64(payload)), True


def _signed_at(time: str | None) -> float | None:
    """Return the time in a value, if it can be one."""
    if time is None:
        return None
    try:
        seconds = int.from_bytes(unbase64(time), "big")
    except UnreadableError:
        return None
    return float(seconds) if _EARLIEST < seconds < _LATEST else None


def _ways(keys: Keys) -> Iterator[_Way]:
    yield from _WAYS
    for salt in keys.salts:
        for derivation in ("django-concat", "hmac", "concat"):
            yield _Way("itsdangerous", salt, derivation)


def _made_with(value: str, digest: str, keys: Keys) -> _Way | None:
    """Return the way in which one of the keys made the signature, None if none did."""
    for key in keys.keys:
        for way in _ways(keys):
            signer = Signer(
                key,
                salt=way.salt.encode(),
                key_derivation=way.derivation,
                digest_method=getattr(hashlib, digest),
            )
            if signer.validate(value):
                return way
    return None


def _signature(made: _Way | None, keys: Keys) -> Signature:
    if made is not None:
        return Signature.RIGHT
    return Signature.WRONG if keys.keys else Signature.NOT_CHECKED
