"""What ``cookietrace leaks`` finds: secrets and their parts, in every usual spelling."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import zlib
from collections.abc import Callable
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from cookietrace.leaks import Finder, Leak, finder, needles_of
from tests.redact.spellings import ROWS, plain

SECRET = "zQ7-x_9K.fP2mWd41"
OTHER = "another-Secret-0"

Spell = Callable[[str], str | bytes]


def every(form: str) -> Spell:
    """Return a function that writes each character in a form for ``str.format``."""
    return lambda text: "".join(form.format(ord(each)) for each in text)


def b64(content: str | bytes) -> str:
    """Return Base64."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def raw_deflate(text: str) -> bytes:
    """Return deflate without a header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text.encode() * 2) + packer.flush()


def wrapped(text: str, width: int) -> str:
    """Return Base64 in lines."""
    encoded = b64("x" * 50 + text + "y" * 50)
    return "\r\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))


SPELLINGS: dict[str, Spell] = {
    "as it is": lambda s: s,
    "upper case": str.upper,
    "percent": every("%{:02x}"),
    "percent, some": lambda s: s.replace("_", "%5F"),
    "percent, three times": lambda s: quote(quote(str(every("%{:02X}")(s)))),
    "references": every("&#{};"),
    "references without semicolons": every("&#x{:04x}"),
    "references with zeros": every("&#{:030d};"),
    "named references": lambda s: s.replace("_", "&lowbar;").replace(".", "&period;"),
    "JSON": every("\\u{:04x}"),
    "JSON in JSON": lambda s: json.dumps(every("\\u{:04x}")(s)),
    "JSON in HTML": lambda s: html.escape(json.dumps({"a": s.replace("_", "\\u005f")})),
    "braces": every("\\u{{{:x}}}"),
    "octal": every("\\{:03o}"),
    "CSS": every("\\{:x} "),
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal with colons": lambda s: s.encode().hex(":"),
    "hexadecimal after a digit": lambda s: "7" + s.encode().hex(),
    "numbers": lambda s: ", ".join(str(ord(each)) for each in s),
    "Base64": b64,
    "Base64, shifted": lambda s: b64("?" + s + "tail"),
    "Base64, URL": lambda s: base64.urlsafe_b64encode(b"\xff?" + s.encode()).decode().rstrip("="),
    "Base64, three times": lambda s: b64(b64("a" + b64("bc" + s))),
    "Base64, wrapped": lambda s: wrapped(s, 64),
    "Base64, wrapped in JSON": lambda s: json.dumps(wrapped(s, 20)),
    "Base32": lambda s: base64.b32encode(s.encode()).decode(),
    "quoted-printable": lambda s: quopri.encodestring(("é" * 30 + s).encode()).decode(),
    "soft breaks": lambda s: s[:8] + "=\n" + s[8:],
    "tags inside": lambda s: f"<p>{s[:7]}<b class='a>b'>&#{ord(s[7])};</b>{s[8:]}</p>",
    "comment inside": lambda s: f"{s[:7]}<!-- x > y -->{s[7:]}",
    "tags as references": lambda s: html.escape(f"{s[:7]}<b></b>{s[7:]}"),
    "soft hyphens": lambda s: "&shy;".join(s),
    "concatenation": lambda s: f"'{s[:8]}' + '{s[8:]}'",
    "lines of events": lambda s: f"data: {s[:8]}\ndata: {s[8:]}\n\n",
    "chunks": lambda s: f"8\r\n{s[:8]}\r\n9\r\n{s[8:]}\r\n0\r\n\r\n",
    "UTF-16": lambda s: s.encode("utf-16"),
    "UTF-16, big end": lambda s: s.encode("utf-16-be"),
    "UTF-7": lambda s: f"+{b64(s.encode('utf-16-be')).rstrip('=')}-",
    "gzip": lambda s: gzip.compress(s.encode()),
    "gzip after bytes": lambda s: b"\x00\xff\x01" + gzip.compress(s.encode()),
    "gzip in Base64": lambda s: b64(gzip.compress(s.encode())),
    "deflate": lambda s: zlib.compress(s.encode()),
    "deflate without a header": raw_deflate,
    "brotli": lambda s: bytes(brotli.compress(b"\xff\xfe" * 9 + s.encode() * 3)),
    "zstd": lambda s: zstandard.compress(s.encode()),
}


def found(content: str | bytes, *secrets: str) -> list[Leak]:
    """Return what is found in a text of UTF-8, or in bytes."""
    data = content if isinstance(content, bytes) else content.encode()
    complete = Finder(needles_of(list(secrets)), secrets)
    leaks = complete.leaks(data.decode("latin-1"))
    assert complete.complete
    return leaks


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_in_every_spelling(spelling: str) -> None:
    """It is found as a whole, where it begins; another secret is not."""
    spelled = SPELLINGS[spelling](SECRET)
    text = spelled if isinstance(spelled, bytes) else f"before: {spelled} after"
    leaks = found(text, OTHER, SECRET)
    assert {leak.secret for leak in leaks} == {1}
    assert any(leak.whole for leak in leaks)
    if isinstance(spelled, str):
        assert min(leak.start for leak in leaks) >= len("before:")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_text_in_the_same_spelling_is_not_found(spelling: str) -> None:
    """Decoding makes up no secret."""
    assert found(SPELLINGS[spelling](OTHER), SECRET) == []


CLAIMS = json.dumps({"sub": "zaphod.b", "n": [{"mail": "zaphod@mail.test"}]}, separators=(",", ":"))
PAYLOAD = base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")
SIGNATURE = "Xk29fLs0Qw7Zr5Tn"
JWT = f"eyJhbGciOiJIUzI1NiJ9.{PAYLOAD}.{SIGNATURE}"
PACKED = base64.urlsafe_b64encode(zlib.compress(CLAIMS.encode())).decode().rstrip("=")

PARTS = {
    "payload of a JWT": (JWT, PAYLOAD),
    "signature of a JWT": (JWT, SIGNATURE),
    "decoded payload": (JWT, CLAIMS),
    "claim": (JWT, "zaphod@mail.test"),
    "claim in a page": (JWT, "zaphod<b>&#64;</b>mail.test"),
    "Django": (f".{PACKED}:1sXyZa:{SIGNATURE}", "zaphod.b"),
    "Flask": (f"{PAYLOAD}.aXyZaQ.{SIGNATURE}", CLAIMS),
    "Rails": (f"{quote(b64(CLAIMS), safe='')}--{SIGNATURE}", "zaphod.b"),
    "express": (quote(f"s:inner-id.{SIGNATURE}", safe=""), "inner-id"),
    "Laravel": (quote(b64(json.dumps({"iv": "a", "value": SIGNATURE}))), SIGNATURE),
    "query": ("v=1&id=inner-id&n=2", "inner-id"),
    "JSON": (quote('{"id":"inner-id"}'), "inner-id"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_secret_is_found(part: str) -> None:
    """Parts that mean something are found, also encoded, and said to be parts."""
    secret, survivor = PARTS[part]
    for text in (survivor, b64("x" + survivor)):
        leaks = found(f"see {text}!", secret)
        assert leaks
        assert not any(leak.whole for leak in leaks)


def test_parts_inside_the_whole_are_not_listed() -> None:
    """A secret that survives as a whole is one leak, not one for each of its parts."""
    assert [leak.whole for leak in found(f"a {JWT} b", JWT)] == [True]


def test_every_place_is_found() -> None:
    """Each occurrence counts, with its place, however it is spelled."""
    text = f"{SECRET}\n{b64(SECRET)}\n{b64(SECRET)}\n{SECRET}\n"
    leaks = found(text, SECRET)
    assert [text.count("\n", 0, leak.start) for leak in leaks] == [0, 1, 2, 3]
    assert [leak.spellings for leak in leaks] == [(), ("Base64",), ("Base64",), ()]


def test_letter_case_is_noted() -> None:
    """A secret in other letter case is found, and said to be in another."""
    assert [leak.same_case for leak in found(f"{SECRET} {SECRET.lower()}", SECRET)] == [True, False]


def test_what_is_not_latin_is_found() -> None:
    """Secrets may hold any character."""
    secret = "schlüssel-ключ"
    for text in (secret, json.dumps(secret), quote(secret), html.escape(secret), b64(secret)):
        assert found(text, secret)


HOSTILE = {
    "comments that do not end": "<!--" * 12_000,
    "scripts that do not end": "<script>" * 8_000,
    "quotes that do not end": '<a "' * 12_000,
    "nested escapes": "%25" * 15_000,
    "backslashes": "\\" * 50_000,
    "hexadecimal": "ab:" * 15_000,
    "one run of Base64": "QUJD" * 12_000,
    "zeros": "&#" + "0" * 50_000,
    "bombs": "".join(b64(zlib.compress(bytes(1_000_000))) + " " for _ in range(4)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_is_looked_through(kind: str) -> None:
    """The time is linear in the text, and what is after it is found anyway."""
    assert Finder(needles_of([SECRET]), [SECRET]).leaks(HOSTILE[kind] + f" > {SECRET}\n")


def test_a_bound_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If not everything could be decoded, that is known, and what is not deep is found."""
    monkeypatch.setattr(finder, "_MOST_LAYERS", 3)
    bounded = Finder(needles_of([SECRET]), [SECRET])
    assert bounded.leaks(f"{SECRET} {b64(b64(b64('x')))} %41 &amp; \\x41 a=41 <b>")
    assert not bounded.complete


def test_each_way_of_hiding_a_value_is_found() -> None:
    """What redaction is tested with is found where it is not redacted."""
    missed: list[str] = []
    for number, row in enumerate(ROWS):
        value, hidden = row.make(number)
        secret = value or plain(number)
        if not found(row.hide(hidden), secret):
            missed.append(row.name)
    assert missed == []
