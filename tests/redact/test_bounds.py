"""Redaction takes time in proportion to a text, whatever it holds, and does not blow it up."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from functools import partial

import brotli  # type: ignore[import-untyped]
import pytest

from cookietrace.events import Body, Request
from cookietrace.leaks.decoders import DECODERS
from cookietrace.leaks.layer import Known, Layer
from cookietrace.redact import Redactor, learned
from cookietrace.redact.packed import unpacked
from tests.work import lines_run, most_memory

VALUES = ("Zq7xK4vT9", "aaaaaaaaaaaa", *("b" * length for length in range(6, 60)))

UNITS = {
    "tags": "<a ",
    "tags with quotes": '<a "',
    "comments": "<!--",
    "scripts": "<script>",
    "references": "&#",
    "zeros": "&#0000",
    "percent": "%25",
    "backslashes": "\\",
    "braces": "\\u{",
    "names": "\\N{A",
    "Base64": "QUJD",
    "lines of Base64": "QUJDREVGR0hJSktMTU5P\n",
    "hex": "5a 71 ",
    "pairs": "aa:bb:",
    "numbers": "90, ",
    "lines": "\n",
    "events": "\nevent:a\ndata: ",
    "chunks": "1\r\n",
    "quoted-printable": "=3D",
    "UTF-7": "+AGE-",
    "labels": "xn--a-",
    "zero bytes": "a\0",
    "gzip": "\x1f\x8b\x08\0",
    "deflate": "x\x9c",
    "bytes": "\xe9\xff\x81",
    "strings": "'+'",
    "paths": "/A1aaaaaaaaa",
    "hyphens": "--aaaaaaaaaA1",
    "a value": "a",
    "many values": "bbbbbbbbbbc",
    "everything": "%41\\u0042&#67;<b>=44+AGE-QUJDREVGR0\n",
}


@pytest.fixture(scope="module")
def known() -> Redactor:
    """Return a redactor that knows some values, many of which begin the same."""
    field = "; ".join(f"n{number}={value}" for number, value in enumerate(VALUES))
    event = Request(
        exchange_id="e1",
        client_id="c1",
        at=1.0,
        method="GET",
        url="http://a.test/",
        headers=(("Cookie", field),),
    )
    return learned([event], b"k" * 32)


@pytest.mark.parametrize("name", UNITS)
def test_time_is_linear(known: Redactor, name: str) -> None:
    """Four times the text takes about four times the work, and at most four times the room."""
    unit = UNITS[name]
    known.text("first")
    short, long = (unit * (length // len(unit)) for length in (1500, 6000))
    work = [lines_run(partial(known.text, text, cut=True)) for text in (short, long)]
    assert work[1] <= 6 * work[0] + 2000
    assert len(known.text(long, cut=True)) <= 4 * len(long)


def test_a_bomb_is_unpacked_in_part(known: Redactor) -> None:
    """Compressed data of any size is read up to a limit; what was read has no secret."""
    bomb = gzip.compress(bytes(64 * 1024 * 1024), mtime=0)
    body = Body(
        exchange_id="e1",
        at=1.0,
        of="response",
        content_type="text/html",
        size=len(bomb),
        base64=base64.b64encode(bomb).decode(),
    )
    assert known.event(body) == body


READERS: dict[str, Callable[[str], object]] = {
    "redaction": unpacked,
    "leaks": lambda text: [list(decode(Layer(text), Known(128))) for decode in DECODERS[-1:]],
}


@pytest.mark.parametrize("reader", READERS)
def test_a_bomb_takes_little_memory(reader: str) -> None:
    """A few bytes of brotli may stand for 16 MiB each: no more are read after so many."""
    bomb = brotli.compress(bytes(64 * 1024 * 1024), quality=3).decode("latin-1")
    assert most_memory(partial(READERS[reader], bomb)) < 40 * 1024 * 1024
