"""Events: their JSON, and how a reader treats what it does not know."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from cookietrace.errors import FormatError
from cookietrace.events import KNOWN_TYPES, Event, Listener, Request, Unknown, decode, encode
from tests.event_strategies import EVENTS, KINDS

REQUEST = Request(
    exchange_id="e1",
    client_id="c1",
    at=12.5,
    method="GET",
    url="http://h\xf6.test/",
    upstream=None,
    http_version="HTTP/1.1",
    headers=(("Cookie", "a=1"), ("Cookie", "b=\xff")),
)


@given(EVENTS)
def test_every_event_survives_the_round_trip(event: Event) -> None:
    """Decoding an encoded event returns it, and encoding it again the same bytes."""
    line = encode(event)
    assert b"\n" not in line
    assert decode(line) == event
    assert encode(decode(line.decode())) == line


def test_the_type_comes_first() -> None:
    """A line of JSON starts with the type, for easy reading."""
    assert encode(REQUEST).startswith(b'{"type":"request","exchange_id":"e1",')


def test_the_known_types() -> None:
    """Every event type of schema 3."""
    assert {
        "capture",
        "recorder",
        "client",
        "session",
        "jar",
        "request",
        "response",
        "body",
        "server",
        "failure",
        "verdicts",
        "browser",
    } == KNOWN_TYPES
    assert len(KINDS) == len(KNOWN_TYPES)


def test_an_unknown_type_is_kept_as_it_is() -> None:
    """An unknown type decodes to its own text, including spaces."""
    line = '{ "type": "frame",  "opcode": 1 }'
    assert decode(line) == Unknown(raw=line)
    assert encode(decode(line)) == line.encode()


def test_a_request_of_an_older_file_has_no_connection() -> None:
    """The client's connection is read where it is known, and is None elsewhere."""
    known = msgspec.structs.replace(REQUEST, connection="k1")
    line = encode(known)
    assert decode(line) == known
    assert decode(line.replace(b'"connection":"k1",', b"")) == REQUEST


def test_an_unknown_field_is_ignored() -> None:
    """The known fields are read."""
    line = encode(REQUEST).removesuffix(b"}") + b',"later":[1,{}]}'
    assert decode(line) == REQUEST


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "not an event"),
        (b"{", "not an event"),
        (b"[]", "not an event"),
        (b'"request"', "not an event"),
        (b'{"at":1}', "not an event"),
        (b'{"type":7}', "not an event"),
        (b'{"type":"request"}', "not a valid request event"),
        (encode(REQUEST).replace(b"12.5", b'"noon"'), "not a valid request event"),
        (
            b'{"type":"body","exchange_id":"e","at":1,"of":"request","size":' + b"9" * 400 + b"}",
            "not a valid body event",
        ),
        (encode(REQUEST)[:-1], "not an event"),
        (b'{"type":"\xff"}', "not UTF-8"),
        (b'{"type":"later","x":"\xff"}', "not UTF-8"),
        (b'{"type":"later","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_invalid_lines_are_refused(line: bytes, words: str) -> None:
    """Anything else is a one-line ``FormatError``, and never another exception."""
    with pytest.raises(FormatError) as caught:
        decode(line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_frozen(kind: type[msgspec.Struct]) -> None:
    """What was recorded cannot be changed."""
    assert kind.__struct_config__.frozen


LISTENERS = [
    ("reverse", "127.0.0.1:8081", "http://localhost:3000", "localhost:8081"),
    ("reverse", "[::1]:8081", "https://localhost/", "localhost:8081"),
    ("reverse", "127.0.0.1:8081", "http://127.0.0.1:3000", "127.0.0.1:8081"),
    ("reverse", "0.0.0.0:8081", "http://localhost:3000", "localhost:8081"),
    ("reverse", "0.0.0.0:8081", "http://127.0.0.1:3000", "127.0.0.1:8081"),
    ("reverse", "[::]:8081", "https://shop.test", "[::1]:8081"),
    ("reverse", "192.0.2.1:8081", "http://localhost:3000", "192.0.2.1:8081"),
    ("reverse", "127.0.0.1:8081", "http://localhost.test:3000", "127.0.0.1:8081"),
    ("regular", "127.0.0.1:8080", None, "127.0.0.1:8080"),
]


@pytest.mark.parametrize(("mode", "address", "target", "named"), LISTENERS)
def test_a_listener_has_the_host_of_its_app(
    mode: str, address: str, target: str | None, named: str
) -> None:
    """For cookies localhost and 127.0.0.1 are two hosts: a browser should use the app's."""
    assert Listener(mode=mode, address=address, target=target).page_address == named
