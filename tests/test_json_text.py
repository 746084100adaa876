"""JSON on a terminal: active characters are escapes, and the value stays the same."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.json_text import inert, json_bytes, json_lines


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", b'"plain"'),
        ("\x7f", b'"\\u007f"'),
        ("\x80\x85\x9b\x9f", b'"\\u0080\\u0085\\u009b\\u009f"'),
        ("\u2028\u2029", b'"\\u2028\\u2029"'),
        ("\xa0\xc2\u2027\u202a", '"\xa0\xc2\u2027\u202a"'.encode()),
        ("\\\x9b", b'"\\\\\\u009b"'),
        ("Gr\xfc\xdfe, \u4e16", '"Gr\xfc\xdfe, \u4e16"'.encode()),
    ],
)
def test_active_characters_are_escapes(text: str, written: bytes) -> None:
    """DEL, C1 controls and line separators; nothing else changes."""
    assert json_bytes(text) == written
    assert json_bytes({text: [text]}).count(written) == 2
    assert json_lines([text, [text]]) == written + b"\n[" + written + b"]\n"


@given(st.recursive(st.text() | st.integers(-9, 9), lambda part: st.lists(part) | st.tuples(part)))
def test_nothing_is_lost(value: object) -> None:
    """Whatever the value, the JSON decodes to it, and is written once and for all."""
    try:
        plain = msgspec.json.encode(value)
    except UnicodeEncodeError:  # a lone surrogate: no event holds one
        return
    written = inert(plain)
    assert json.loads(written) == json.loads(plain)
    assert inert(written) == written
    assert not {chr(code) for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)} & set(written.decode())
