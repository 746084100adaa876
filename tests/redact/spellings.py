"""The ways in which an app hides a cookie's value in a response, as a table.

Each row has a cookie of its own. Its value, and each part of the value that means something,
contains ``marks`` of the row's number, so one pass over an output finds every row that survives.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import quopri
import zlib
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple
from urllib.parse import quote, quote_plus

import brotli  # type: ignore[import-untyped]
import zstandard

Place = Literal["body", "header", "set-cookie", "next url", "local", "source", "error"]
Maker = Callable[[int], tuple[str, str]]
"""Takes a row's number; returns a cookie's value, and what the response will hide of it."""


class Row(NamedTuple):
    """One way to hide a value."""

    name: str
    hide: Callable[[str], str | bytes]
    """Returns what the response holds; bytes are a body that is not text."""
    kind: str = "text/plain"
    """The body's content type, or the header's name."""
    place: Place = "body"
    make: Maker = lambda number: known(number)


def plain(number: int) -> str:
    """Return an opaque value, marked at its start and at its end."""
    return f"Zq{number:03d}k_V.t-7wXyZ9Zq{number:03d}e"


def b64(text: str | bytes) -> str:
    """Return Base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def url64(text: str | bytes) -> str:
    """Return Base64 for URLs, without padding."""
    return b64(text).translate({43: "-", 47: "_", 61: None})


def digest(text: str, length: int = 20) -> bytes:
    """Return bytes that look like a signature."""
    return hashlib.sha512(text.encode()).digest()[:length]


def marked(number: int, tail: str, length: int = 27) -> str:
    """Return what looks like a Base64 signature, and has the marks of its row."""
    middle = url64(digest(f"{number}{tail}", 40)).replace("_", "x").replace("-", "y")
    return f"Zq{number:03d}k{middle[: length - 12]}Zq{number:03d}e"


def claims(number: int) -> dict[str, object]:
    """Return what a session or a token says; each member is marked."""
    return {
        "sub": f"Zq{number:03d}k.subject",
        "mail": f"Zq{number:03d}k@mail.test",
        "n": {"deep": [f"Zq{number:03d}k-deep"]},
    }


def compact(content: object) -> str:
    """Return JSON without spaces."""
    return json.dumps(content, separators=(",", ":"))


def jwt(part: int | str) -> Maker:
    """Make a JSON Web Token; ``part`` is hidden: a number as it is encoded, otherwise a member."""

    def make(number: int) -> tuple[str, str]:
        pieces = (
            url64(compact({"alg": "HS256", "typ": "JWT", "kid": f"Zq{number:03d}k-key"})),
            url64(compact(claims(number) | {"exp": 1790000000})),
            marked(number, "jwt", 43),
        )
        token = ".".join(pieces)
        if part == "all":
            return token, token
        if part == "decoded header":
            return token, f'{{"alg": "HS256", "kid": "Zq{number:03d}k-key"}}'
        if part == "decoded payload":
            return token, json.dumps(claims(number), indent=2)
        if part == "signature in hex":
            return token, base64.urlsafe_b64decode(pieces[2] + "=").hex()
        if isinstance(part, int):
            return token, pieces[part]
        return token, str(claims(number)[part])

    return make


def signed(form: str, part: str) -> Maker:
    """Make a value that a framework signed; ``part`` of it is hidden."""

    def make(number: int) -> tuple[str, str]:
        payload, signature = compact(claims(number)), marked(number, form)
        packed = "." + url64(zlib.compress(payload.encode()))
        inner = f"Zq{number:03d}k_inner-id"
        forms = {
            "django": (url64(payload), f"{url64(payload)}:1sXyZa:{signature}"),
            "django zlib": (packed, f"{packed}:1sXyZa:{signature}"),
            "flask": (url64(payload), f"{url64(payload)}.aXyZaQ.{signature}"),
            "flask zlib": (packed, f"{packed}.aXyZaQ.{signature}"),
            "rails": (b64(payload), f"{b64(payload)}--{signature}"),
            "rails, URL": (b64(payload), f"{quote(b64(payload), safe='')}--{signature}"),
            "rails envelope": (
                b64(payload),
                b64(compact({"_rails": {"message": b64(payload), "pur": "cookie.a"}}))
                + f"--{signature}",
            ),
            "rails encrypted": (
                signature,
                f"{signature}--{b64(digest('iv', 12))}--{b64('tag' * 5)}",
            ),
            "express": (inner, quote(f"s:{inner}.{signature}", safe="")),
            "express, bare": (inner, f"s:{inner}.{signature}"),
            "express JSON": (payload, quote(f"j:{payload}", safe="")),
            "laravel": (
                signature,
                quote(b64(compact({"iv": b64(digest("iv", 16)), "value": signature, "mac": "0"}))),
            ),
            "php": (inner, quote(f'a:1:{{s:2:"id";s:{len(inner)}:"{inner}";}}', safe="")),
            "json": (inner, quote(compact({"id": inner, "n": 1}), safe="")),
            "json, quoted": (inner, '"' + compact({"id": inner}).replace('"', '\\"') + '"'),
            "query": (inner, f"v=1&id={inner}&n=2"),
            "query, encoded": (inner, quote(f"v=1&id={inner}&n=2", safe="")),
            "pipes": (inner, f"v2|id:{inner}|n:1"),
            "prefix": (inner, f"Bearer {inner}"),
            "version": (inner, f"v1.{inner}"),
        }
        content, value = forms[form]
        hidden = {
            "payload": content,
            "signature": signature,
            "member": f"Zq{number:03d}k.subject",
            "nested": f"Zq{number:03d}k-deep",
            "JSON": json.dumps(claims(number)),
        }
        return value, hidden[part]

    return make


def known(number: int) -> tuple[str, str]:
    """Make a value that the request carries."""
    return plain(number), plain(number)


def unknown(number: int) -> tuple[str, str]:
    """Make a value that is met nowhere else."""
    return "", plain(number)


def every(form: str) -> Callable[[str], str]:
    """Return a function that writes each character in a form for ``str.format``."""
    return lambda text: "".join(form.format(ord(each)) for each in text)


def named(text: str) -> str:
    """Return HTML with named references."""
    return text.translate({0x5F: "&lowbar;", 0x2E: "&period;", 0x2D: "&#45;", 0x5A: "&#x5a;"})


def pairs(separator: str, text: str) -> str:
    """Return hexadecimal pairs with a separator."""
    return separator.join(f"{ord(each):02x}" for each in text)


def halves(separator: str, text: str) -> str:
    """Return the text with something in its middle."""
    return separator.join((text[: len(text) // 2], text[len(text) // 2 :]))


def pieces(separator: str, text: str, size: int = 4) -> str:
    """Return the text with something after each few characters."""
    return separator.join(text[at : at + size] for at in range(0, len(text), size))


def wrapped(text: str, width: int = 76, ending: str = "\n") -> str:
    """Return Base64 of a longer text in lines."""
    encoded = b64("x" * 61 + text + "y" * 40)
    return ending.join(encoded[at : at + width] for at in range(0, len(encoded), width))


def page(content: str) -> str:
    """Return an HTML page."""
    return f"<!doctype html><title>t</title><body><p>Hello {content}, welcome</p></body>"


def attribute(content: str) -> str:
    """Return an HTML page with an attribute."""
    return f'<!doctype html><body><div data-state="{content}">Hello</div></body>'


def raw_deflate(text: str) -> bytes:
    """Return deflate without a header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(page(text).encode()) + packer.flush()


HTML, JSON, JS, CSS = "text/html", "application/json", "text/javascript", "text/css"
BYTES, EVENTS = "application/octet-stream", "text/event-stream"


def _bodies() -> Iterator[Row]:
    """Yield the encodings of a whole value in a body."""
    yield Row("as it is", lambda s: f"is {s}!")
    yield Row("upper case", lambda s: s.upper())
    yield Row("lower case", lambda s: f"to {s.lower()}.shop.test")
    yield Row("percent", lambda s: every("%{:02x}")(s))
    yield Row("percent, upper case", lambda s: every("%{:02X}")(s))
    yield Row(
        "percent, mixed case",
        lambda s: "".join(
            f"%{ord(c):02x}" if at % 2 else f"%{ord(c):02X}" for at, c in enumerate(s)
        ),
    )
    yield Row("percent, twice", lambda s: quote(every("%{:02x}")(s)))
    yield Row("percent, three times", lambda s: quote(quote(every("%{:02x}")(s))))
    yield Row("percent u", lambda s: every("%u{:04x}")(s), JS)
    yield Row("percent, some", lambda s: s.replace("_", "%5f").replace(".", "%2E"))
    yield Row("hex", lambda s: s.encode().hex())
    yield Row("hex, upper case", lambda s: s.encode().hex().upper())
    yield Row(
        "hex, mixed case",
        lambda s: "".join(c.upper() if at % 2 else c for at, c in enumerate(s.encode().hex())),
    )
    yield Row("hex, colons", lambda s: pairs(":", s))
    yield Row("hex, spaces", lambda s: pairs(" ", s))
    yield Row("hex, hyphens", lambda s: pairs("-", s))
    yield Row("hex, 0x", lambda s: "0x" + pairs(", 0x", s), JS)
    yield Row("hex, backslash x", lambda s: every("\\x{:02x}")(s), JS)
    yield Row("hex, backslash x, upper case", lambda s: every("\\x{:02X}")(s), JS)
    yield Row("hex after a digit", lambda s: f"id=7{s.encode().hex()}")
    yield Row("hex of name and value", lambda s: f"sid={s}".encode().hex())
    yield Row("hex of Base64", lambda s: b64(s).encode().hex())
    yield Row("xxd", lambda s: pieces(" ", s.encode().hex()))
    yield Row("numbers", lambda s: "[" + ", ".join(str(ord(c)) for c in s) + "]", JSON)
    yield Row(
        "String.fromCharCode",
        lambda s: f"String.fromCharCode({','.join(str(ord(c)) for c in s)})",
        JS,
    )
    yield Row("reference, decimal", lambda s: page(every("&#{};")(s)), HTML)
    yield Row("reference, hex", lambda s: page(every("&#x{:x};")(s)), HTML)
    yield Row("reference, hex, upper case", lambda s: page(every("&#X{:X};")(s)), HTML)
    yield Row("reference, leading zeros", lambda s: page(every("&#{:012d};")(s)), HTML)
    yield Row("reference, hex, zeros", lambda s: page(every("&#x{:016x};")(s)), HTML)
    yield Row("reference, no semicolon", lambda s: page(every("&#{}")(s)), HTML)
    yield Row("reference, hex, no semicolon", lambda s: page(every("&#x{:04x}")(s)), HTML)
    yield Row("reference, many zeros", lambda s: page(every("&#{:0300d};")(s)), HTML)
    yield Row("reference, named", lambda s: page(named(s)), HTML)
    yield Row("reference, twice", lambda s: page(html.escape(every("&#{};")(s))), HTML)
    yield Row("reference in an attribute", lambda s: attribute(every("&#x{:x}")(s)), HTML)
    yield Row("reference in a text", lambda s: every("&#{};")(s))
    yield Row("reference, line feeds", lambda s: page(pieces("&NewLine;", s)), HTML)
    yield Row("reference, tabs", lambda s: page(pieces("&Tab;", s)), HTML)
    yield Row("reference, soft hyphens", lambda s: page(pieces("&shy;", s)), HTML)
    yield Row("reference, zero width", lambda s: page(pieces("&ZeroWidthSpace;", s)), HTML)
    yield Row("tag inside", lambda s: page(f"{s[:7]}<b>{s[7:14]}</b>{s[14:]}"), HTML)
    yield Row("tag with an attribute", lambda s: page(halves('<i class="a>b">', s)), HTML)
    yield Row("a tag for each character", lambda s: page(pieces("</i><i>", s, 1)), HTML)
    yield Row("tag beside a reference", lambda s: page("&shop; " + halves("<b></b>", s)), HTML)
    yield Row("tags and references", lambda s: page(f"{s[:9]}<b>&#{ord(s[9])};</b>{s[10:]}"), HTML)
    yield Row("comment inside", lambda s: page(halves("<!-- x > y -->", s)), HTML)
    yield Row("comments inside", lambda s: page(pieces("<!---->", s, 3)), HTML)
    yield Row("script inside", lambda s: page(halves("<script>if (a < b) c()</script>", s)), HTML)
    yield Row("style inside", lambda s: page(halves("<style>a > b { }</style>", s)), HTML)
    yield Row("head inside", lambda s: page(halves("<head>x</head>", s)), HTML)
    yield Row(
        "concatenation in a page",
        lambda s: f"<head><script>a = '{halves(chr(39) + '+' + chr(39), s)}'</script></head>",
        HTML,
    )
    yield Row("wbr inside", lambda s: page(pieces("<wbr>", s, 5)), HTML)
    yield Row("line break inside", lambda s: page(halves("<br>", s)), HTML)
    yield Row(
        "tags, escaped in JSON",
        lambda s: compact({"html": halves("<b></b>", s)}).replace("<", "\\u003c"),
        JSON,
    )
    yield Row("tags, as references", lambda s: html.escape(halves("<b></b>", s)), HTML)
    yield Row("title", lambda s: f"<title>{s[:8]}&#{ord(s[8])};{s[9:]}</title>", HTML)
    yield Row("CDATA", lambda s: f"<a><![CDATA[{halves(']]><![CDATA[', s)}]]></a>", "text/xml")
    yield Row("XML", lambda s: f"<a>{every('&#{};')(s)}</a>", "application/xml")
    yield Row("JSON", lambda s: compact({"a": s}), JSON)
    yield Row("JSON, escaped", lambda s: '{"a":"' + every("\\u{:04x}")(s) + '"}', JSON)
    yield Row("JSON, escaped, upper case", lambda s: '{"a":"' + every("\\u{:04X}")(s) + '"}', JSON)
    yield Row("JSON in JSON", lambda s: json.dumps('{"a":"' + every("\\u{:04x}")(s) + '"}'), JSON)
    yield Row(
        "JSON in JSON in JSON",
        lambda s: json.dumps(json.dumps('{"a":"' + every("\\u{:04x}")(s) + '"}')),
        JSON,
    )
    yield Row(
        "JSON in HTML",
        lambda s: attribute(html.escape('{"a":"' + every("\\u{:04x}")(s) + '"}')),
        HTML,
    )
    yield Row(
        "JSON in JSON in HTML",
        lambda s: attribute(html.escape(json.dumps('{"a":"' + every("\\u{:04x}")(s) + '"}'))),
        HTML,
    )
    yield Row("JSON in percent", lambda s: quote('{"a":"' + every("\\u{:04x}")(s) + '"}'))
    yield Row(
        "percent in JSON in HTML",
        lambda s: attribute(html.escape(json.dumps({"a": every("%{:02x}")(s)}))),
        HTML,
    )
    yield Row("braces", lambda s: "'" + every("\\u{{{:x}}}")(s) + "'", JS)
    yield Row("braces, zeros", lambda s: "'" + every("\\u{{{:06X}}}")(s) + "'", JS)
    yield Row("octal", lambda s: every("\\{:03o}")(s), JS)
    yield Row("octal, short", lambda s: every("\\{:o}")(s), JS)
    yield Row("eight digits", lambda s: every("\\U{:08x}")(s))
    yield Row("named characters", lambda s: s.replace("_", "\\N{LOW LINE}"))
    yield Row("line continued", lambda s: "'" + pieces("\\\n", s) + "'", JS)
    yield Row("concatenation", lambda s: "'" + pieces("' + '", s) + "'", JS)
    yield Row("concatenation, double", lambda s: '"' + pieces('"+"', s) + '"', JS)
    yield Row("list of characters", lambda s: "['" + "','".join(s) + "'].join('')", JS)
    yield Row("CSS", lambda s: "a::before{content:'" + every("\\{:x} ")(s) + "'}", CSS)
    yield Row("CSS, six digits", lambda s: "a{content:'" + every("\\{:06X}")(s) + "'}", CSS)
    yield Row("CSS, some", lambda s: s.replace("_", "\\5f ").replace(".", "\\."), CSS)
    yield Row("CSS in HTML", lambda s: attribute(every("\\{:x} ")(s)), HTML)
    yield Row("quoted-printable", lambda s: every("={:02X}")(s))
    yield Row("quoted-printable, soft breaks", lambda s: pieces("=\n", s, 10))
    yield Row(
        "quoted-printable, line feeds",
        lambda s: quopri.encodestring(("x=" * 30 + s + "=y").encode()).decode(),
    )
    yield Row(
        "quoted-printable, among others",
        lambda s: (
            f'<a href="/?page=12" title="x=3D{s.replace("_", "=5F").replace(".", "=2e")}=3D">'
        ),
        HTML,
    )
    yield Row("quoted-printable word", lambda s: "=?utf-8?q?" + every("={:02X}")(s) + "?=")
    yield Row("Base64", b64)
    yield Row("Base64, URL", url64)
    yield Row("Base64, no padding", lambda s: b64("?" + s).rstrip("="))
    yield Row("Base64 of name and value", lambda s: b64(f"sid={s}"))
    yield Row("Base64 of user and value", lambda s: b64(f"me:{s}"))
    yield Row("Base64 of JSON", lambda s: b64(compact({"a": s})))
    yield Row("Base64 of escaped JSON", lambda s: b64('{"a":"' + every("\\u{:04x}")(s) + '"}'))
    yield Row("Base64 of percent", lambda s: b64(every("%{:02x}")(s)))
    yield Row("Base64 of hex", lambda s: b64(s.encode().hex()))
    yield Row("Base64 of HTML", lambda s: b64(page(every("&#{};")(s))))
    yield Row("Base64, twice", lambda s: b64(b64(s)))
    yield Row("Base64, three times", lambda s: b64(b64(b64(s))))
    yield Row("Base64, wrapped", wrapped)
    yield Row("Base64, wrapped, CRLF", lambda s: wrapped(s, 64, "\r\n"))
    yield Row("Base64, wrapped in JSON", lambda s: compact({"pem": wrapped(s, 64)}), JSON)
    yield Row("Base64, wrapped narrow", lambda s: wrapped(s, 20))
    yield Row("Base64 in percent", lambda s: quote(b64(f"?>{s}?>"), safe=""))
    yield Row("Base64, twice, shifted", lambda s: b64("xy" + b64("z" + s)))
    yield Row("Base64 of UTF-16", lambda s: b64(s.encode("utf-16-le")))
    yield Row("Base64 of gzip", lambda s: b64(gzip.compress(s.encode(), mtime=0)))
    yield Row("Base64 of deflate", lambda s: url64(zlib.compress(s.encode())))
    yield Row(
        "Base64 in a data URL", lambda s: attribute("data:text/html;base64," + b64(page(s))), HTML
    )
    yield Row("Base64 in a path", lambda s: f"/cache/v1/{url64(compact({'a': s}))}/x.png")
    yield Row("Base32", lambda s: base64.b32encode(s.encode()).decode())
    yield Row(
        "Base32, no padding, lower case",
        lambda s: base64.b32encode(s.encode()).decode().rstrip("=").lower(),
    )
    yield Row("Base64 word", lambda s: f"=?utf-8?b?{b64(s)}?=")
    yield Row("UTF-7", lambda s: s.replace("_", "+AF8-").replace("Z", "+AFo-"))
    yield Row("UTF-7, everything", lambda s: f"+{b64(s.encode('utf-16-be')).rstrip('=')}-")
    yield Row(
        "punycode",
        lambda s: f"http://xn--{s.encode('punycode').decode()}.test/",
        make=lambda number: (_umlaut(number).encode().decode("latin-1"), _umlaut(number)),
    )
    yield Row("event, lines", lambda s: "data: " + halves("\ndata: ", s) + "\n\n", EVENTS)
    yield Row("event, events", lambda s: "data: " + halves("\n\ndata: ", s) + "\n\n", EVENTS)
    yield Row(
        "event, ids", lambda s: "data: " + halves("\n\nevent: e\nid: 7\ndata:", s) + "\n\n", EVENTS
    )
    yield Row("chunks", lambda s: f"8\r\n{s[:8]}\r\n{len(s) - 8:x}\r\n{s[8:]}\r\n0\r\n\r\n")
    yield Row("folded", lambda s: f"X-A: {halves(chr(13) + chr(10) + ' ', s)}\r\n", "message/http")
    yield Row("lines", lambda s: pieces("\n", s, 9))
    yield Row(
        "multipart",
        lambda s: f'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n{s}\r\n--B--\r\n',
        "multipart/form-data; boundary=B",
    )
    yield Row(
        "multipart, Base64",
        lambda s: f"--B\r\nContent-Transfer-Encoding: base64\r\n\r\n{wrapped(s)}\r\n--B--\r\n",
        "multipart/mixed; boundary=B",
    )
    yield Row("form", lambda s: f"a=b&c={quote_plus(s)}", "application/x-www-form-urlencoded")
    yield Row("gzip", lambda s: gzip.compress(page(s).encode(), mtime=0), HTML)
    yield Row("gzip as an image", lambda s: gzip.compress(s.encode(), mtime=0), "image/png")
    yield Row("gzip, twice", lambda s: gzip.compress(gzip.compress(s.encode(), mtime=0), mtime=0))
    yield Row("gzip, cut", lambda s: gzip.compress(s.encode(), mtime=0)[:-8], BYTES)
    yield Row("gzip after bytes", lambda s: b"\x00\x01 " + gzip.compress(s.encode()), BYTES)
    yield Row("deflate", lambda s: zlib.compress(page(s).encode()), HTML)
    yield Row("deflate, no header", raw_deflate, HTML)
    yield Row("br", lambda s: brotli.compress(page(s).encode()), HTML)
    yield Row("zstd", lambda s: zstandard.compress(page(s).encode()), HTML)
    yield Row("UTF-16, little end", lambda s: page(s).encode("utf-16-le"), HTML)
    yield Row("UTF-16, big end", lambda s: page(s).encode("utf-16-be"), HTML)
    yield Row("UTF-16, mark", lambda s: page(s).encode("utf-16"), BYTES)
    yield Row("UTF-16 with references", lambda s: page(every("&#{};")(s)).encode("utf-16"), HTML)
    yield Row("UTF-32", lambda s: s.encode("utf-32"), BYTES)
    yield Row("UTF-16 as text", lambda s: s.encode("utf-16-le").decode("latin-1"))
    yield Row("bytes", lambda s: b"\xff\x00" + s.encode() + b"\x00\xff", BYTES)
    yield Row(
        "bytes, Base64", lambda s: b"\xff\x00" + b64(compact({"a": s})).encode() + b"\xff", BYTES
    )


def _umlaut(number: int) -> str:
    """Return a value that is a host's label in another script, marked."""
    return f"zq{number:03d}k-\xfcwx9zq{number:03d}e"


def _parts() -> Iterator[Row]:
    """Yield the parts of values."""
    for number, name in enumerate(("header", "payload", "signature")):
        yield Row(f"JWT {name}", lambda s: f"<{s}>", make=jwt(number))
    yield Row("JWT", lambda s: f"token={s}", make=jwt("all"))
    yield Row("JWT, after Bearer", lambda s: f"Bearer {s}", make=jwt("all"))
    yield Row("JWT header, decoded", lambda s: s, JSON, make=jwt("decoded header"))
    yield Row("JWT payload, decoded", lambda s: s, JSON, make=jwt("decoded payload"))
    yield Row(
        "JWT payload, decoded, in HTML",
        lambda s: attribute(html.escape(s)),
        HTML,
        make=jwt("decoded payload"),
    )
    yield Row("JWT payload, encoded again", b64, make=jwt("decoded payload"))
    yield Row("JWT subject", lambda s: f"Hello {s}", make=jwt("sub"))
    yield Row("JWT mail", lambda s: page(s.replace("@", "&#64;")), HTML, make=jwt("mail"))
    yield Row("JWT mail, percent", lambda s: quote(s, safe=""), make=jwt("mail"))
    yield Row("JWT signature in hex", lambda s: s, make=jwt("signature in hex"))
    yield Row("JWT payload in hex", lambda s: s.encode().hex(), make=jwt(1))
    for form in ("django", "django zlib", "flask", "flask zlib", "rails", "rails, URL"):
        for part in ("payload", "signature", "member"):
            yield Row(f"{form}: {part}", lambda s: f"[{s}]", make=signed(form, part))
    yield Row("flask: nested member", lambda s: page(s), HTML, make=signed("flask zlib", "nested"))
    yield Row("django: JSON", lambda s: s, JSON, make=signed("django zlib", "JSON"))
    yield Row("rails envelope: payload", lambda s: s, make=signed("rails envelope", "payload"))
    yield Row("rails envelope: member", lambda s: s, make=signed("rails envelope", "member"))
    yield Row("rails encrypted: data", lambda s: s, make=signed("rails encrypted", "payload"))
    for form in ("express", "express, bare", "laravel", "php", "json", "json, quoted", "query",
                 "query, encoded", "pipes", "prefix", "version"):  # fmt: skip
        yield Row(f"{form}: inside", lambda s: f"({s})", make=signed(form, "payload"))
    yield Row("express: signature", lambda s: f"({s})", make=signed("express", "signature"))
    yield Row("express JSON: member", lambda s: f"({s})", make=signed("express JSON", "member"))
    yield Row(
        "json: inside, in a page",
        lambda s: page(f"<b>{s[:5]}</b>{s[5:]}"),
        HTML,
        make=signed("json", "payload"),
    )
    yield Row("json: inside, in Base64", lambda s: b64(f"u={s}"), make=signed("json", "payload"))


def _lines() -> Iterator[Row]:
    """Yield the places in a Set-Cookie line, other headers, addresses and the witness."""
    for name, line in (
        ("joined by a comma", "a=1; Path=/, b={}; Path=/"),
        ("joined without a space", "a=1; Path=/,b={}; Path=/"),
        ("joined after Expires", "a=1; Expires=Wed, 05 Jun 2030 14:40:59 GMT, b={}; HttpOnly"),
        ("joined after Domain", "a=1; Domain=shop.test, b={}"),
        ("joined by a semicolon", "a=1; Path=/; b={}; Path=/"),
        ("joined by a line feed", "a=1; Path=/\nb={}; Path=/"),
        ("joined twice", "a=1; Path=/, b=2; Path=/, c={}; Path=/"),
        ("Path", "a=1; Path={}"),
        ("Path below", "a=1; Path=/x/{}/y"),
        ("Domain", "a=1; Domain={}"),
        ("Domain below", "a=1; Domain={}.shop.test"),
        ("SameSite", "a=1; SameSite={}"),
        ("Expires", "a=1; Expires={}"),
        ("Max-Age", "a=1; Max-Age={}"),
        ("Priority", "a=1; Priority={}"),
        ("Secure", "a=1; Secure={}"),
        ("HttpOnly", "a=1; HttpOnly={}; Path=/"),
        ("Partitioned", "a=1; Partitioned={}"),
        ("Comment", "a=1; Comment={}"),
        ("Version", "a=1; Version={0}; Port={0}"),
        ("unknown attribute", "a=1; token={}"),
        ("unknown word", "a=1; {}"),
        ("attribute's name", "a=1; {}=1; Path=/"),
        ("a value with a semicolon", 'a={{"k":1;"pin":"{}"}}; Path=/'),
        ("colon for equals", "a=1; Path:{}"),
        ("spaces for semicolons", "a=1 Path=/ b={}"),
        ("a name without a value", "{}"),
        ("an empty name", "={}"),
        ("the name of the header", "Set-Cookie: a={}; Path=/"),
        ("quotes", '"a={}; Path=/"'),
    ):
        yield Row(
            f"Set-Cookie, {name}",
            line.format,
            "Set-Cookie",
            "set-cookie",
            make=known if name.endswith(" below") else unknown,
        )
    yield Row("header", lambda s: f"v={s}", "X-Debug", "header")
    yield Row("header, JSON", lambda s: compact({"a": s}), "X-State", "header")
    yield Row("header, Base64 of JSON", lambda s: b64(compact({"a": s})), "X-State", "header")
    yield Row("header, hex", lambda s: s.encode().hex(), "ETag", "header")
    yield Row(
        "redirect",
        lambda s: f"/done?next={quote(quote('/?t=' + s, safe=''), safe='')}",
        "Location",
        "header",
    )
    yield Row(
        "redirect to a host", lambda s: f"http://{s.lower()}.shop.test/", "Location", "header"
    )
    yield Row("the next address", lambda s: "/p/" + url64(compact({"a": s})), place="next url")
    yield Row("the next query", lambda s: "/?t=" + s.encode().hex().upper(), place="next url")
    yield Row("the next fragment", lambda s: "/#" + every("%{:02x}")(s), place="next url")
    yield Row("local", lambda s: compact({"a": every("\\u{:04x}")(s)}), place="local")
    yield Row("local, bytes", lambda s: repr(s.encode("utf-16-le")), place="local")
    yield Row("local, member", lambda s: s, place="local", make=signed("flask zlib", "member"))
    yield Row(
        "source",
        lambda s: f"def view():\n    return bytes.fromhex('{s.encode().hex()}')\n",
        place="source",
    )
    yield Row("error", lambda s: f"no session {b64(b64(s))!r}", place="error")


ROWS = (*_bodies(), *_parts(), *_lines())
