"""Values that the frameworks themselves made are read, and their signatures checked."""

from __future__ import annotations

import base64
import json
import time
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.signing import TimestampSigner  # type: ignore[import-untyped]
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner as ItsTimestampSigner
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from cookietrace.sessions import Decoded, Keys, Signature, decode, decoded_lines, values_in
from cookietrace.sessions.bounds import DEEPEST, LONGEST, MOST_INFLATED

KEY = "the key of the app, which is long enough"
KEYS = Keys((b"another key", KEY.encode()))
WRONG = Keys((b"another key",))
DATA: dict[str, Any] = {"user": "Alice", "cart": [3, 7], "é": None}
LARGE = {"text": "again and again " * 100}
"""Data that is worth compressing."""


def flask(data: Any) -> str:
    """Return Flask's own session cookie."""
    app = Flask("app")
    app.secret_key = KEY
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(data))


def starlette(data: Any) -> str:
    """Return what Starlette's SessionMiddleware writes."""
    payload = base64.b64encode(json.dumps(data).encode())
    return ItsTimestampSigner(KEY).sign(payload).decode()


def django(data: Any, salt: str = "django.core.signing") -> str:
    """Return what Django's ``signing.dumps`` does, without a project's settings."""
    signer = TimestampSigner(key=KEY, fallback_keys=[], salt=salt)
    return str(signer.sign_object(data, compress=True))


def django_session(data: Any) -> str:
    """Return what Django's backend signed_cookies writes."""
    return django(data, "django.contrib.sessions.backends.signed_cookies")


def private_key(kind: str) -> Any:
    """Return a new private key."""
    if kind == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "ES256"
        else (ed25519.Ed25519PrivateKey.generate())
    )


@pytest.mark.parametrize("data", [DATA, LARGE])
@pytest.mark.parametrize(
    ("made", "format_", "algorithm"),
    [
        (flask, "Flask session", "HMAC-SHA1"),
        (starlette, "Starlette session", "HMAC-SHA1"),
        (lambda data: URLSafeTimedSerializer(KEY).dumps(data), "itsdangerous", "HMAC-SHA1"),
        (django_session, "Django session", "HMAC-SHA256"),
        (django, "Django signing.dumps", "HMAC-SHA256"),
    ],
)
def test_frameworks(made: Callable[[Any], str], format_: str, algorithm: str, data: Any) -> None:
    """Contents and time are read without a key; a key tells the format, and whether it is right."""
    value = made(data)
    decoded = decode(value, KEYS)
    assert decoded is not None
    assert (decoded.format, decoded.signature) == (format_, Signature.RIGHT)
    assert (decoded.content, decoded.algorithm) == (data, algorithm)
    assert decoded.signed_at is not None
    assert abs(decoded.signed_at - time.time()) < 60
    for keys, signature in ((Keys(), Signature.NOT_CHECKED), (WRONG, Signature.WRONG)):
        other = decode(value, keys)
        assert other is not None
        assert (other.content, other.signature) == (data, signature)


def test_without_time_and_with_a_salt() -> None:
    """A value without a time has none, and a salt of the app's own can be given."""
    value = URLSafeSerializer(KEY, salt="mine").dumps(DATA)
    assert isinstance(value, str)
    without, salted = decode(value, KEYS), decode(value, Keys(KEYS.keys, ("mine",)))
    assert without is not None
    assert salted is not None
    assert (without.signed_at, without.signature) == (None, Signature.WRONG)
    assert salted.signature is Signature.RIGHT


def test_django_signed_cookie() -> None:
    """The text of ``set_signed_cookie`` is read; its name belongs to what is signed."""
    key = b"django.http.cookies" + KEY.encode()
    value = TimestampSigner(key=key, fallback_keys=[], salt="basket").sign("apples: 3")
    right, wrong = decode(value, KEYS, "basket"), decode(value, KEYS, "other")
    assert right is not None
    assert wrong is not None
    assert (right.format, right.content) == ("Django signed cookie", "apples: 3")
    assert (right.signature, wrong.signature) == (Signature.RIGHT, Signature.WRONG)


def test_a_pickle_is_never_loaded() -> None:
    """Of pickled contents it is said that they are."""
    payload = base64.urlsafe_b64encode(b"\x80\x04cos\nsystem\n(S'false'\ntR.").decode().rstrip("=")
    decoded = decode(f"{payload}:1xY12H:{'a' * 43}")
    assert decoded is not None
    assert decoded.content is None
    assert "pickled" in decoded.notes[0]


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_jwt_with_a_secret(algorithm: str) -> None:
    """A token's claims, times and header are read, and its secret checks it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = jwt.encode({"iat": 100, "nbf": 150, "exp": 200, **DATA}, KEY, algorithm)
    decoded = decode(value, KEYS)
    assert decoded is not None
    assert (decoded.format, decoded.algorithm) == ("JWT", algorithm)
    assert (decoded.signed_at, decoded.not_before, decoded.expires_at) == (100, 150, 200)
    assert decoded.signature is Signature.RIGHT
    assert decoded.content["user"] == "Alice"
    assert "valid until: 1970-01-01 00:03:20 UTC (over)" in [*decoded_lines(decoded, 201.0)]
    other = decode(value, WRONG)
    assert other is not None
    assert other.signature is Signature.WRONG


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_jwt_with_a_key_pair(algorithm: str) -> None:
    """A public key checks a token, and says nothing about one that is signed in another way."""
    private = private_key(algorithm)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    value = jwt.encode(DATA, pem, algorithm)
    decoded = decode(value, Keys((public,)))
    assert decoded is not None
    assert decoded.signature is Signature.RIGHT
    changed = decode(
        value[:-8] + ("AAAAAAAA" if value[-8:] != "AAAAAAAA" else "B" * 8), Keys((public,))
    )
    assert changed is not None
    assert changed.signature is Signature.WRONG
    secret = decode(jwt.encode(DATA, KEY, "HS256"), Keys((public,)))
    assert secret is not None
    assert secret.signature is Signature.NOT_CHECKED
    assert secret.notes == ("No key that was given is one for HS256.",)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", " none "])
def test_an_unsigned_token(algorithm: str) -> None:
    """That "alg" is "none" is said plainly, whatever keys are given and however it is spelled."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
    value = f"{header}.{jwt.encode(DATA, KEY, 'HS256').split('.')[1]}."
    for text in (value, value + "AAAA"):
        decoded = decode(text, KEYS)
        assert decoded is not None
        assert decoded.signature is Signature.NONE
        assert "not signed" in decoded.notes[0]
        assert any("anyone can make" in line for line in decoded_lines(decoded))


def test_an_encrypted_token() -> None:
    """What is encrypted is said to be."""
    header = base64.urlsafe_b64encode(b'{"alg":"dir","enc":"A256GCM"}').decode().rstrip("=")
    decoded = decode(f"{header}..bbbbbbbb.cccccccc.dddddddd")
    assert decoded is not None
    assert decoded.format == "encrypted JWT"
    assert decoded.content is None


def bomb() -> str:
    """Return a value that unpacks to ten megabytes."""
    packed = base64.urlsafe_b64encode(zlib.compress(b'"' + b"a" * 10_000_000 + b'"', 9))
    return f".{packed.decode().rstrip('=')}:1xY12H:{'a' * 43}"


def nested(levels: int) -> str:
    """Return a value of lists in lists."""
    text = b"[" * levels + b"]" * levels
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_hostile_values() -> None:
    """Bombs, deep nesting and long numbers are bounded, and said to be over a limit."""
    decoded = decode(bomb())
    assert decoded is not None
    assert decoded.content is None
    assert f"more than {MOST_INFLATED:,} bytes" in decoded.notes[0]
    header = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    deep = decode(f"{header}.{nested(DEEPEST + 1)}.AAAA")
    assert deep is not None
    assert deep.content is None
    assert f"more than {DEEPEST} levels" in deep.notes[0]
    half = base64.urlsafe_b64encode(b'{"a":"\\ud800","b":"\\u001b"}').decode().rstrip("=")
    text = decode(f"{header}.{half}.AAAA")
    assert text is not None
    assert text.content == {"a": "?", "b": "\x1b"}
    # Each quote of it would be looked at again and again, if a string had to end.
    open_text = base64.urlsafe_b64encode(b'"' + b'\\"' * 20_000 + b"\\").decode().rstrip("=")
    unended = decode(f"{header}.{open_text}.AAAA")
    assert unended is not None
    assert unended.notes == ("The contents are not JSON.",)
    digits = base64.urlsafe_b64encode(b"[" + b"9" * 20_000 + b"]").decode().rstrip("=")
    number = decode(f"{header}.{digits}.AAAA")
    assert number is not None
    assert number.content == ["9" * 20_000]
    assert all(len(line) <= 2010 for line in decoded_lines(number))
    assert decode("a" * (LONGEST + 1)) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Alice",
        "4f9c2b7a8e1d4c3b9a8f7e6d5c4b3a29",
        "GA1.2.1234567890.1700000000",
        "www.example.com",
        "s:abcdefghijklmnop.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
        "12:30:45",
        "1.2.3",
    ],
)
def test_what_is_no_session(value: str) -> None:
    """Ids and other values are not taken for sessions."""
    assert decode(value) is None


@given(st.text(max_size=400), st.binary(max_size=60))
def test_any_text(text: str, key: bytes) -> None:
    """No text makes it fail, with lines that are safe to show."""
    token, stamped = f"eyJhbGciOiJIUzI1NiJ9.{text}.x", f"{text}:1xY12H:{'a' * 43}"
    for value in (text, flask({"t": text}), token, stamped):
        decoded = decode(value, Keys((key,)), text)
        if decoded is not None:
            assert isinstance(decoded, Decoded)
            assert all("\x1b" not in line for line in decoded_lines(decoded))


def test_what_a_user_pastes() -> None:
    """A value, a pair and each kind of header are understood."""
    value = flask(DATA)
    quoted = f'"{value}"'
    for text, name in (
        (value, ""),
        (f"session={value}", "session"),
        (f"Set-Cookie: session={value}; Path=/; HttpOnly\n", "session"),
        (f"cookie: session={value}; other=1", "session"),
        (f"session={quoted}", "session"),
    ):
        found, plain = values_in(text)[0]
        decoded = decode(plain, KEYS, found)
        assert found == name
        assert decoded is not None
        assert decoded.signature is Signature.RIGHT
    token = jwt.encode(DATA, KEY, "HS256")
    assert values_in(f"Authorization: Bearer {token}") == [("", token)]
    pairs = [("a", "b"), ("session", value), ("c", "")]
    assert values_in(f"Cookie: a=b; session={value};; c=; bare") == pairs
    assert values_in(f"Set-Cookie: a=b; session={value}") == pairs[:1]
