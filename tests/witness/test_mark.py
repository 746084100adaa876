"""The mark in a request header: made for one exchange, address and moment, and never a secret."""

from __future__ import annotations

import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.witness.mark import (
    MAC_TAG,
    PROTOCOL,
    Mark,
    first_version_secret,
    mark,
    mark_address,
    mark_key,
    read_mark,
)

SECRET = "a-secret-of-the-tests"
KEY = mark_key(SECRET)
GOOD = mark("e1", "localhost:5000", 1700000000.25, KEY)
MAC = GOOD.rpartition(MAC_TAG)[2]


def signed(text: str) -> str:
    """Return a text with the right MAC, as a mark of any version has it."""
    return f"{text} {MAC_TAG}{hmac.digest(KEY, text.encode(), 'sha256').hex()}"


def test_what_a_mark_says() -> None:
    """Version, exchange, address and time in clear, and a MAC over all of them."""
    assert re.fullmatch(r"2 e1 localhost:5000 1700000000250 ctmac-[0-9a-f]{64}", GOOD)
    assert read_mark(GOOD, KEY) == Mark(PROTOCOL, "e1", "localhost:5000", 1700000000.25, MAC)
    assert signed("2 e1 localhost:5000 1700000000250") == GOOD


def test_the_secret_stays() -> None:
    """Neither the secret nor the key is in a mark, and the key is not the secret."""
    key = mark_key(SECRET)
    for encoded in (SECRET, SECRET.encode().hex(), key.hex()):
        assert encoded not in GOOD
    assert SECRET.encode() not in key
    assert key != hmac.digest(SECRET.encode(), b"", "sha256")


@pytest.mark.parametrize(
    "value",
    [
        "",
        GOOD.replace("e1", "e2"),
        GOOD.replace("5000", "5001"),
        GOOD.replace("localhost", "127.0.0.2"),
        GOOD.replace("250 ", "251 "),
        GOOD.replace("2 ", "3 ", 1),
        GOOD.replace("2 ", "02 ", 1),
        GOOD[:-1],
        GOOD[:-32],
        GOOD[: GOOD.index(MAC)],
        GOOD + "0",
        GOOD + " ",
        " " + GOOD,
        GOOD + "\n",
        GOOD.replace(" ", "  ", 1),
        GOOD.replace(" ", "\t"),
        GOOD.replace(MAC, MAC.upper()),
        GOOD.replace(MAC, "0" * 64),
        GOOD.replace("2 ", "\xb2 ", 1),
        GOOD.replace("2 ", "\u0662 ", 1),
        GOOD.replace("e1", "\xe9"),
        GOOD.replace("e1", "e1 e1"),
        f"{GOOD},{GOOD}",
        f"{GOOD}, {GOOD}",
        f"forged, {GOOD}",
        f"{GOOD} {GOOD}",
        f"e1 {SECRET}",
        f"e1 {KEY.hex()}",
        mark("e1", "localhost:5000", 1700000000.25, SECRET.encode()),
        mark("e1", "localhost:5000", 1700000000.25, mark_key(SECRET + "x")),
        mark("e1", "localhost:5000", 1700000000.25, b""),
    ],
)
def test_forged_marks(value: str) -> None:
    """A mark that was changed, cut, doubled, folded or made with another key is none."""
    assert read_mark(value, KEY) is None


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """No text makes the reader raise."""
    for value in (text, GOOD[:20] + text, text + GOOD[40:], f"2 {text} {MAC_TAG}{MAC}"):
        assert read_mark(value, KEY) is None or value == GOOD
        first_version_secret(value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1 e1", 1),
        ("3 e1 localhost:5000 1700000000250 more and more", 3),
        ("9999 another form: ~", 9999),
        ("2 e1 localhost:5000", 2),
        ("2 e1 localhost:5000 17e8", 2),
        ("2 e1 localhost:5000 1700000000250 more", 2),
    ],
)
def test_marks_of_other_versions(text: str, version: int) -> None:
    """Made with the key but in another form, a mark says its version and nothing else."""
    assert read_mark(signed(text), KEY) == Mark(version)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "localhost:80"),
        ("LOCALHOST.", "localhost:80"),
        ("127.0.0.1", "localhost:80"),
        ("::1", "localhost:80"),
        ("[::1]", "localhost:80"),
        ("0:0:0:0:0:0:0:1", "localhost:80"),
        ("::1%lo more", "localhost:80"),
        ("::ffff:127.0.0.1", "localhost:80"),
        ("::ffff:127.0.0.2", "127.0.0.2:80"),
        ("127.8.9.1", "127.8.9.1:80"),
    ],
)
def test_addresses(host: str, address: str) -> None:
    """The usual names of this machine are one; any other loopback address is itself."""
    assert mark_address(host, 80) == address


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (f"e-1 {SECRET}", SECRET),
        ("", None),
        ("e-1", None),
        ("e-1 ", None),
        ("e-1  s3cret", None),
        ("e-1 s3cret more", None),
        ("e-1 s3cr\x07et", None),
        ("e" * 201 + " s", None),
        ("é s", None),
        (GOOD, None),
    ],
)
def test_marks_of_version_1(value: str, secret: str | None) -> None:
    """Two visible words and one space: the second was the secret."""
    assert first_version_secret(value) == secret
