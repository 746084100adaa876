"""JSON stays JSON: a token never crosses the end of a string, and no secret survives for that."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from cookietrace.events import Body, Event, Request
from cookietrace.redact import Redactor, learned
from tests.redact.reader import survivors
from tests.redact.spellings import ROWS, b64, plain, url64

KEY = b"k" * 32
READABLE = b64("ann:Zx9kQw3LmN")
JWT = ".".join(map(url64, ('{"alg":"HS256"}', '{"sub":"ann-berg-7"}', "signed-by-ann-1")))
OPAQUE = "Zx9kQw3LmNp"
MEMBERS = '{"id":47114,"who":"Ann Berg"}'


def request(*values: str) -> Request:
    """Return a request with these cookie values."""
    return Request(
        exchange_id="e1",
        client_id="c1",
        at=1.0,
        method="GET",
        url="http://a.test/",
        headers=(("Cookie", "; ".join(f"n{i}={value}" for i, value in enumerate(values))),),
    )


def body(content: str, content_type: str = "application/json") -> Body:
    """Return the body of a response."""
    return Body(
        exchange_id="e1",
        at=1.5,
        of="response",
        content_type=content_type,
        size=len(content),
        content=content,
    )


def content_of(redactor: Redactor, event: Event) -> str:
    """Return the content of a body, redacted."""
    replaced = redactor.event(event)
    assert isinstance(replaced, Body)
    assert replaced.content is not None
    return replaced.content


CASES: dict[str, tuple[str, str, str]] = {
    "a name after encoded text": (
        READABLE,
        '{{"access_token":"{}","token_type":"Bearer","expires_in":3600}}',
        '{{"access_token":"{}","token_type":"Bearer","expires_in":3600}}',
    ),
    "a name after a JSON Web Token": (
        JWT,
        '{{"token": "{}", "cart": "open"}}',
        '{{"token": "{}", "cart": "open"}}',
    ),
    "a neighbour in an array": (READABLE, '["{}","bearer","cart"]', '["{}","bearer","cart"]'),
    "a part of a string": (OPAQUE, '{{"a":"is {}!","b":1}}', '{{"a":"is {}!","b":1}}'),
    "a number": ("4711471", '{{"id":{},"n":[{},5]}}', '{{"id":"{}","n":["{}",5]}}'),
    "a part of a number": ("4711471", '{{"id":1{}.5}}', '{{"id":"{}"}}'),
    "an object": (MEMBERS, '{{"user":{}, "n":1}}', '{{"user":"{}", "n":1}}'),
    "a name": (OPAQUE, '{{"{}":true}}', '{{"{}":true}}'),
    "a short value": ("q7", '{{"a":"{}","b":"not q7"}}', '{{"a":"{}","b":"not q7"}}'),
    "structure": (":", '{{"a":"b","c":["d", "e"]}}', '{{"a":"b","c":["d", "e"]}}'),
}
"""A cookie's value; JSON with it; and the same JSON redacted. All with braces for the value."""


@pytest.mark.parametrize("case", CASES)
def test_only_what_holds_a_secret_is_replaced(case: str) -> None:
    """Names, structure, and the strings beside a secret stay."""
    value, text, expected = CASES[case]
    redactor = learned([request(value)], KEY)
    count = expected.count("{}")
    written = text.format(*[value] * count)
    assert content_of(redactor, body(written)) == expected.format(*[redactor.value(value)] * count)


PIECES: dict[str, tuple[str, str]] = {
    "an array": (json.dumps([OPAQUE[:4], OPAQUE[4:7], OPAQUE[7:]]), '["{}"]'),
    "parts of strings": (
        json.dumps([f"a {OPAQUE[:4]}", f"{OPAQUE[4:]} b"], separators=(",", ":")),
        '["a {0}","{0} b"]',
    ),
    "character codes": (json.dumps([1, 2, [ord(each) for each in OPAQUE]]), '[1, 2, ["{}"]]'),
    "encoded": (json.dumps([b64(f"- {OPAQUE} -")[:9], b64(f"- {OPAQUE} -")[9:]]), '["{}"]'),
    "tags": (json.dumps({"a": f"<b>{OPAQUE[:4]}</b>{OPAQUE[4:]}"}), '{{"a": "<b>{}"}}'),
    "an escape at its edge": ('{"a":"\\' + f"n{OPAQUE[1:]}\\" + '\\"}', '{{"a":"{}\\\\"}}'),
}
"""JSON in which a value is in pieces; and the same JSON redacted."""


@pytest.mark.parametrize("case", PIECES)
def test_each_string_with_a_piece_has_a_token(case: str) -> None:
    """What a reader can put together again is replaced in every string; an array becomes one."""
    text, expected = PIECES[case]
    value = "n" + OPAQUE[1:] if case.startswith("an escape") else OPAQUE
    redactor = learned([request(value)], KEY)
    assert content_of(redactor, body(text)) == expected.format(redactor.value(value))


def test_what_is_both_in_a_line_and_across_lines_is_replaced_in_both() -> None:
    """A secret found in the first line of encoded text does not hide a second one after it."""
    encoded = b64(f"- {OPAQUE} - and - {OPAQUE} -")
    text = json.dumps([encoded[:27], encoded[27:]])
    assert OPAQUE.encode() not in base64.b64decode(encoded[27:] + "=")
    token = learned([request(OPAQUE)], KEY).value(OPAQUE)
    assert content_of(learned([request(OPAQUE)], KEY), body(text)) == f'["{token}", "{token}"]'


HIDDEN = {
    number: (row, *row.make(number))
    for number, row in enumerate(ROWS)
    if row.place == "body" and isinstance(row.hide(row.make(number)[1]), str)
}
"""The rows of the table that hide a value in a text: each with its value, and what it hides."""

SHORT = ("q7", ":", ",", "4711471", MEMBERS, '"', 'x"y\\', "\xe9\xe9")


@cache
def knowing() -> Redactor:
    """Return a redactor that knows the values of all rows, and some that JSON is made of."""
    values = [value for _, value, _ in HIDDEN.values() if value]
    return learned([request(*values, *SHORT)], KEY)


def texts(rng: random.Random) -> Iterator[str]:
    """Yield every hidden value once, as it is or with something around it; and other strings."""
    numbers = list(HIDDEN)
    rng.shuffle(numbers)
    for number in numbers:
        row, _, hidden = HIDDEN[number]
        text = row.hide(hidden)
        assert isinstance(text, str)
        yield rng.choice(("{}", "{}", "say {} twice", "{}, {}", "/?next={}&n=1")).format(text, text)
        yield rng.choice(("token_type", "a", "", "cart", *SHORT, plain(number)[3:9]))


def anything(rng: random.Random, strings: Iterator[str], depth: int = 0) -> Any:
    """Return any JSON, with some of the strings as names and values."""
    kind = rng.randrange(3 if depth > 3 else 7)
    if kind < 2:
        return next(strings, "end")
    if kind == 2:
        return rng.choice((1, -4711471, 4711471.5, 1e300, True, None, 90))
    if kind < 5:
        return [anything(rng, strings, depth + 1) for _ in range(rng.randrange(6))]
    return {
        rng.choice(("a", "token", "next", next(strings, "end"))): anything(rng, strings, depth + 1)
        for _ in range(rng.randrange(6))
    }


@pytest.mark.parametrize("seed", range(3))
def test_json_stays_json_and_no_secret_survives(seed: int) -> None:
    """Whatever secrets JSON holds, in whatever spelling and place."""
    rng = random.Random(seed)
    strings = texts(rng)
    bodies: list[str] = []
    while (first := next(strings, None)) is not None:
        value = [first, *(anything(rng, strings) for _ in range(4))]
        indent = rng.choice((None, 1))
        text = json.dumps(value, indent=indent, ensure_ascii=rng.random() < 0.5)
        bodies.append(content_of(knowing(), body(text)))
        json.loads(bodies[-1])
    read = {number for text in bodies for number in survivors(text)}
    assert [ROWS[number].name for number in sorted(read)] == []


def test_the_reader_can_read_what_json_holds() -> None:
    """If nothing is redacted, nearly every value can be read: the test above is worth something."""
    strings = texts(random.Random(0))
    assert len(survivors(json.dumps(list(strings)))) >= 0.9 * len(HIDDEN)


@pytest.mark.parametrize("text", ["4711471", '"4711471"', ' {"a":4711471}', "[" * 2000 + "4711471"])
def test_what_is_a_number_or_nothing(text: str) -> None:
    """A text that is one number is no JSON to anyone, unless its type says so."""
    redactor = learned([request("4711471")], KEY)
    token = redactor.value("4711471")
    as_text = {"4711471": token, ' {"a":4711471}': f' {{"a":"{token}"}}'}
    expected = as_text.get(text, text.replace("4711471", token))
    assert content_of(redactor, body(text, "text/plain")) == expected
    if text == "4711471":
        assert content_of(redactor, body(text)) == f'"{token}"'
