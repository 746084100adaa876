"""The record that travels in a response header."""

from __future__ import annotations

import base64
import random
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.events import CookieRead, CookieWrite, Local, Server, ServerError
from cookietrace.witness.record import (
    INFLATED_LIMIT,
    REPORT_LIMIT,
    Report,
    decode,
    encode,
    mark,
    parse_mark,
)

FULL = Report(
    function="hello",
    file="app.py",
    first_line=3,
    source="def hello():\n    return 'hé'\n",
    lines=(4, 5),
    reads=(CookieRead(name="user", value=None, where="view", line=4),),
    writes=(CookieWrite(name="user", value="Alice", where="view", line=5),),
    locals=(Local(name="user", value="None", line=4),),
    error=ServerError(kind="ValueError", message="bad", line=5),
    streamed=True,
)


def packed(data: bytes) -> str:
    """Return octets as a header value of the record's shape."""
    return "1." + base64.urlsafe_b64encode(zlib.compress(data)).decode()


def noise(length: int) -> str:
    """Return text that does not compress."""
    return random.Random(1).randbytes(length // 2).hex()


def test_round_trip() -> None:
    """What is encoded is decoded, with the exchange and the time it belongs to."""
    server = decode(encode(FULL), "e1", 12.5)
    expected = {"exchange_id": "e1", "at": 12.5, **msgspec.structs.asdict(FULL)}
    assert server == Server(**expected)


@pytest.mark.parametrize(
    ("report", "dropped"),
    [
        (FULL, ()),
        (Report(locals=(Local(name="a", value=noise(60_000), line=1),)), ("locals",)),
        (Report(source=noise(60_000)), ("locals", "source")),
        (
            Report(reads=(CookieRead(name="a", value=noise(60_000), where="view"),)),
            ("locals", "source", "all"),
        ),
        (Report(function=noise(60_000), file=noise(60_000)), ("locals", "source", "all")),
        (Report(source="x" * (INFLATED_LIMIT + 1)), ("locals", "source")),
    ],
)
def test_size(report: Report, dropped: tuple[str, ...]) -> None:
    """A record that is too long drops the least needed first, and says so."""
    value = encode(report)
    server = decode(value, "e1", 0.0)
    assert len(value) <= REPORT_LIMIT
    assert server is not None
    assert server.dropped == dropped


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_text(text: str) -> None:
    """Any text can be reported, lone surrogates included, in visible ASCII."""
    value = encode(Report(source=text, reads=(CookieRead(name=text, value=text, where="view"),)))
    server = decode(value, "e1", 0.0)
    assert value.isascii()
    assert value.isprintable()
    assert server is not None
    assert server.source == text.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1.",
        "2." + encode(FULL)[2:],
        encode(FULL)[:-9],
        encode(FULL) + "é",
        "1.!!!!",
        "1." + base64.urlsafe_b64encode(b"not zlib").decode(),
        packed(b"[]"),
        packed(b"{"),
        packed(b'{"lines": ["x"]}'),
        packed(b'{"source": "\xff"}'),
        packed(b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        packed(b'{"lines": [' + b",".join([b"1"] * 20_000) + b"]}"),
        packed(b'{"source": "' + b"x" * (INFLATED_LIMIT + 1) + b'"}'),
        "1." + "A" * REPORT_LIMIT,
        "\udcff",
    ],
)
def test_hostile_values(value: str) -> None:
    """What is no record is None, and unpacks to no more than the limit."""
    assert decode(value, "e1", 0.0) is None


@given(st.binary(max_size=200))
def test_any_octets(data: bytes) -> None:
    """No octets make the decoder raise."""
    for value in (data.decode("latin-1"), packed(data), "1." + data.hex()):
        server = decode(value, "e1", 0.0)
        assert server is None or isinstance(server, Server)


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        (mark("e-1", "s3cret"), ("e-1", "s3cret")),
        ("", None),
        ("e-1", None),
        ("e-1 ", None),
        ("e-1  s3cret", None),
        ("e-1 s3cret more", None),
        ("e-1 s3cr\x07et", None),
        ("e" * 201 + " s", None),
        ("é s", None),
    ],
)
def test_marks(value: str, parsed: tuple[str, str] | None) -> None:
    """A mark is two visible words and one space; anything else is none."""
    assert parse_mark(value) == parsed
