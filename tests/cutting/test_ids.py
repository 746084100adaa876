"""Ids in events get others, in whatever form they stand."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cutting.ids import renamed
from cookietrace.redact import redacted
from tests.verdict_stories import settled


def named(name: str) -> str:
    """Return another id."""
    return f"lab:{name}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b'{"set_in":null,"a":[{"settled_by":"x1"}]}',
            {"set_in": None, "a": [{"settled_by": "lab:x1"}]},
        ),
        (b'{"set_in" : "x1"}', {"set_in": "lab:x1"}),
        (b'{"set_in":"x\\u0031"}', {"set_in": "lab:x1"}),
        (b'{"set_in":["x1","x2"]}', {"set_in": ["lab:x1", "lab:x2"]}),
        (
            b'{"raw":"\\"set_in\\":\\"x1\\"","set_in":"x2"}',
            {"raw": '"set_in":"x1"', "set_in": "lab:x2"},
        ),
        (b'{"odd\\"set_in":"x1","set_in":"x2"}', {'odd"set_in': "x1", "set_in": "lab:x2"}),
        (b'{"set_in":{"x":1}}', {"set_in": {"x": 1}}),
        (b'{"value":"set_in"}', {"value": "set_in"}),
        (b"{}", {}),
    ],
)
def test_a_record(content: bytes, expected: object) -> None:
    """An id within a text, or a member that only ends like one, stays."""
    event = ev.Verdicts(exchange_id="x9", at=1.0, content=msgspec.Raw(content))
    found = renamed(event, named, None)
    assert isinstance(found, ev.Verdicts)
    assert found.exchange_id == "lab:x9"
    assert msgspec.json.decode(found.content) == expected


def test_records_of_a_story_are_renamed_as_their_json_is() -> None:
    """In the text, or parsed: the same."""
    for event in redacted(settled().events):
        if isinstance(event, ev.Verdicts):
            spaced = msgspec.json.format(bytes(event.content), indent=2)
            other = msgspec.structs.replace(event, content=msgspec.Raw(spaced))
            one, two = renamed(event, named, None), renamed(other, named, None)
            assert isinstance(one, ev.Verdicts)
            assert isinstance(two, ev.Verdicts)
            assert msgspec.json.decode(one.content) == msgspec.json.decode(two.content)
            assert b'"x' not in bytes(one.content)
