"""The report in a response header."""

from __future__ import annotations

import base64
import random
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.events import CookieRead, CookieWrite, Local, Server, ServerError
from cookietrace.witness.decoding import decode, other_version
from cookietrace.witness.mark import PROTOCOL
from cookietrace.witness.report import (
    INFLATED_LIMIT,
    REPORT_LIMIT,
    ErrorEntry,
    LocalEntry,
    ReadEntry,
    Report,
    WriteEntry,
    encode,
)

FULL = Report(
    function="hello",
    file="app.py",
    first_line=3,
    source="def hello():\n    return 'hé'\n",
    lines=(4, 5),
    reads=(ReadEntry(name="user", value=None, where="view", line=4),),
    writes=(WriteEntry(name="user", value="Alice", where="view", line=5),),
    locals=(LocalEntry(name="user", value="'Alice'", line=4, text="Alice"),),
    error=ErrorEntry(kind="ValueError", message="bad", line=5),
    streamed=True,
)


def packed(data: bytes) -> str:
    """Return bytes as a header value of the report's form."""
    return "1." + base64.urlsafe_b64encode(zlib.compress(data)).decode()


def noise(length: int) -> str:
    """Return text that does not compress."""
    return random.Random(1).randbytes(length // 2).hex()


def test_round_trip() -> None:
    """A decoded report holds what was encoded, with the exchange and time it belongs to."""
    assert decode(encode(FULL), "e1", 12.5) == Server(
        exchange_id="e1",
        at=12.5,
        function="hello",
        file="app.py",
        first_line=3,
        source="def hello():\n    return 'hé'\n",
        lines=(4, 5),
        reads=(CookieRead(name="user", value=None, where="view", line=4),),
        writes=(CookieWrite(name="user", value="Alice", where="view", line=5),),
        locals=(Local(name="user", value="'Alice'", line=4, text="Alice"),),
        error=ServerError(kind="ValueError", message="bad", line=5),
        streamed=True,
    )


@pytest.mark.parametrize(
    ("entry", "event"),
    [
        (ReadEntry, CookieRead),
        (WriteEntry, CookieWrite),
        (LocalEntry, Local),
        (ErrorEntry, ServerError),
    ],
)
def test_the_entries_have_the_fields_of_the_events(
    entry: type[ReadEntry], event: type[msgspec.Struct]
) -> None:
    """What the app sends and what the proxy records have the same fields and defaults."""
    fields = msgspec.structs.fields(event)
    assert entry._fields == tuple(field.name for field in fields)
    defaults = {field.name: field.default for field in fields if not field.required}
    assert entry._field_defaults == defaults


def test_the_report_has_the_fields_of_the_event() -> None:
    """Every field of the ``server`` event that the app can know is in the report."""
    fields = [field.name for field in msgspec.structs.fields(Server)]
    assert [name for name in fields if name not in ("exchange_id", "at")] == [*Report._fields]


@pytest.mark.parametrize(
    ("report", "dropped"),
    [
        (FULL, ()),
        (Report(locals=(LocalEntry(name="a", value=noise(60_000), line=1),)), ("locals",)),
        (Report(source=noise(60_000)), ("locals", "source")),
        (
            Report(reads=(ReadEntry(name="a", value=noise(60_000), where="view"),)),
            ("locals", "source", "all"),
        ),
        (Report(function=noise(60_000), file=noise(60_000)), ("locals", "source", "all")),
        (Report(source="x" * (INFLATED_LIMIT + 1)), ("locals", "source")),
    ],
)
def test_size(report: Report, dropped: tuple[str, ...]) -> None:
    """A report that is too long drops the least needed parts first, and lists them."""
    value = encode(report)
    server = decode(value, "e1", 0.0)
    assert len(value) <= REPORT_LIMIT
    assert server is not None
    assert server.dropped == dropped


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_text(text: str) -> None:
    """Any text can be reported in visible ASCII, lone surrogates included."""
    value = encode(Report(source=text, reads=(ReadEntry(name=text, value=text, where="view"),)))
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
        f"{PROTOCOL + 1}." + encode(FULL)[2:],
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
    """What is not a report decodes to None, and unpacks to no more than the limit."""
    assert decode(value, "e1", 0.0) is None


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """No bytes make the decoder raise."""
    for value in (data.decode("latin-1"), packed(data), f"{PROTOCOL}." + data.hex()):
        server = decode(value, "e1", 0.0)
        assert server is None or isinstance(server, Server)


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ("1.abc", 1),
        ("3.", 3),
        ("9999.x", 9999),
        (encode(FULL), None),
        (f"{PROTOCOL}.", None),
        ("", None),
        ("0.", None),
        ("12345.", None),
        ("-1.", None),
        ("\u0663.", None),
        ("x", None),
    ],
)
def test_reports_of_other_versions(value: str, version: int | None) -> None:
    """A report of another version says so, whatever follows its number."""
    assert other_version(value) == version
