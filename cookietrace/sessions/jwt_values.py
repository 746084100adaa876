"""JSON Web Tokens (RFC 7519): signed (RFC 7515), unsigned, and encrypted ones (RFC 7516)."""

from __future__ import annotations

import re
import warnings
from typing import Any, Final

from cookietrace.sessions.bounds import UnreadableError, from_json, unbase64
from cookietrace.sessions.decoded import Decoded, Keys, Signature

_SIGNED = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)")
_ENCRYPTED = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){3}")
_ALGORITHMS: Final = frozenset(
    f"{family}{bits}" for family in ("HS", "RS", "ES", "PS") for bits in (256, 384, 512)
) | {"EdDSA", "ES256K"}
_LATEST: Final = 253_402_300_800.0  # the year 10000


def jwt_value(value: str, keys: Keys) -> Decoded | None:
    """Return what a token holds, None if it does not look like one."""
    match = _SIGNED.fullmatch(value)
    encrypted = _ENCRYPTED.fullmatch(value) if match is None else None
    found = match or encrypted
    if found is None:
        return None
    try:
        header = from_json(unbase64(found[1]))
    except UnreadableError:
        return None
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        return None
    if match is None:
        return Decoded(
            "encrypted JWT",
            Signature.NOT_CHECKED,
            header=header,
            notes=("The contents are encrypted: only the app's own key can open them.",),
        )
    return _signed(header, match[2], f"{match[1]}.{match[2]}", match[3], keys)


def _signed(
    header: dict[str, Any], payload: str, signed: str, signature: str, keys: Keys
) -> Decoded:
    """Return what a token that is not encrypted holds."""
    notes: list[str] = []
    content: Any = None
    try:
        content = from_json(unbase64(payload))
    except UnreadableError as error:
        notes.append(str(error))
    algorithm = header["alg"] if header["alg"] in _ALGORITHMS else ""
    state = Signature.NOT_CHECKED
    if header["alg"].strip().lower() == "none":
        state = Signature.NONE
        notes.append(
            'The token says "alg": "none": it is not signed, and anyone can make one. An app must '
            "not accept it."
        )
    elif not signature:
        state = Signature.NONE
        notes.append("The signature is empty: anyone can make such a token.")
    elif not algorithm:
        notes.append("The token names an algorithm that is not known here.")
    elif keys.keys:
        state, note = _checked(algorithm, signed, signature, keys)
        notes += [note] if note else []
    claims = content if isinstance(content, dict) else {}
    return Decoded(
        format="JWT",
        signature=state,
        content=content,
        header=header,
        signed_at=_time(claims.get("iat")),
        not_before=_time(claims.get("nbf")),
        expires_at=_time(claims.get("exp")),
        algorithm=algorithm,
        notes=tuple(notes),
    )


def _checked(algorithm: str, signed: str, signature: str, keys: Keys) -> tuple[Signature, str]:
    """Return what the keys say about a signature, and a sentence if none can say anything.

    A key is used for the algorithm that it is made for: a public key is never a secret.
    """
    from jwt.algorithms import get_default_algorithms  # it takes long to import

    checker = get_default_algorithms().get(algorithm)
    if checker is None:
        return Signature.NOT_CHECKED, f"{algorithm} cannot be checked here."
    usable = False
    for key in keys.keys:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of short keys: they are the app's
                prepared = checker.prepare_key(key)
                right = checker.verify(signed.encode(), prepared, unbase64(signature))
        except Exception:  # noqa: BLE001, S112  (whatever a key or signature is, it is not right)
            continue
        usable = True
        if right:
            return Signature.RIGHT, ""
    if usable:
        return Signature.WRONG, ""
    return Signature.NOT_CHECKED, f"No key that was given is one for {algorithm}."


def _time(claim: object) -> float | None:
    """Return a NumericDate (RFC 7519, section 2), if it is one of this era."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    return float(claim) if 0 < claim < _LATEST else None
