"""Bytes on the wire: control characters, NULs, bytes that are not UTF-8, fields in odd shapes."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image
from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test"
PLAIN = "http://shop.test"

CONTROLS = tuple(byte for byte in (*range(1, 0x20), 0x7F) if byte not in b"\t\n\r")


def images(
    name: str, promise: str, site: str, responses: dict[str, Response], *then: str
) -> Scenario:
    """Return a scenario whose page loads each path as an image: a failure there ends nothing."""
    return Scenario(
        name=name,
        promise=promise,
        group="added",
        responses={
            f"{site}/": Response(set_cookies=(b"ok=1",)),
            **{f"{site}/{path}": response for path, response in responses.items()},
        },
        steps=(
            Go(f"{site}/"),
            *(Act(add_image(f"{site}/{path}")) for path in responses),
            *map(Go, then),
            Go(f"{site}/end"),
        ),
    )


SCENARIOS = (
    visits(
        "controls-in-names",
        "Over HTTP/1.1 a control character in a name refuses its line, and no other.",
        {f"{PLAIN}/": (*(b"n%02x%c=1" % (byte, byte) for byte in CONTROLS), b"ok=1")},
        f"{PLAIN}/",
    ),
    visits(
        "controls-in-values",
        "Over HTTP/1.1 a control character in a value refuses its line, and no other.",
        {f"{PLAIN}/": (*(b"v%02x=a%cb" % (byte, byte) for byte in CONTROLS), b"ok=1")},
        f"{PLAIN}/",
    ),
    visits(
        "controls-in-attributes",
        "Over HTTP/1.1 a control character in an attribute refuses its line, known or not.",
        {
            f"{PLAIN}/": (
                *(b"a%02x=1; Path=/%c" % (byte, byte) for byte in CONTROLS),
                *(b"u%02x=1; x%c" % (byte, byte) for byte in CONTROLS),
                *(b"e%02x=1;%c" % (byte, byte) for byte in CONTROLS),
                b"ok=1",
            )
        },
        f"{PLAIN}/",
    ),
    visits(
        "tabs",
        "A tab over HTTP/1.1: between the parts of a line, and inside them.",
        {
            f"{PLAIN}/": (
                b"a\t=1",
                b"b=\t1\t",
                b"c=1;\tPath=/\t;\tHttpOnly",
                b"d\te=1",
                b"f=1\t2",
                b"g=1; Path=/\tx",
                b"h=1; x\ty",
                b"\ti=1",
            )
        },
        f"{PLAIN}/",
    ),
    visits(
        "tabs-over-http2",
        "A tab over HTTP/2: between the parts of a line, and inside them.",
        {
            f"{SHOP}/": (
                b"a\t=1",
                b"b=\t1\t",
                b"c=1;\tPath=/\t;\tHttpOnly",
                b"d\te=1",
                b"f=1\t2",
                b"g=1; Path=/\tx",
                b"h=1; x\ty",
            )
        },
        f"{SHOP}/",
    ),
    images(
        "controls-over-http2",
        "Over HTTP/2 a control character in a Set-Cookie field loses the whole response.",
        SHOP,
        {
            f"{where}{byte:02x}": Response(
                set_cookies=(b"before_%c%02x=1" % (ord(where), byte), line % (byte, byte))
            )
            for byte in (0x01, 0x0B, 0x1F, 0x7F)
            for where, line in (("n", b"n%02x%c=1"), ("v", b"v%02x=a%cb"), ("p", b"p%02x=1; x%c"))
        },
        f"{SHOP}/again",
    ),
    images(
        "controls-in-other-fields",
        "A control character in a field that is no cookie, over HTTP/2.",
        SHOP,
        {
            "x": Response(headers=(b"X-Note: a\x01b",), set_cookies=(b"x=1",)),
            "y": Response(headers=(b"X-Note: a\tb",), set_cookies=(b"y=1",)),
            "z": Response(headers=(b"X-Note: a\x7fb",), set_cookies=(b"z=1",)),
        },
    ),
    images(
        "controls-in-other-fields-http1",
        "A control character in a field that is no cookie, over HTTP/1.1.",
        PLAIN,
        {
            "x": Response(headers=(b"X-Note: a\x01b",), set_cookies=(b"x=1",)),
            "y": Response(headers=(b"X-Note: a\tb",), set_cookies=(b"y=1",)),
            "z": Response(headers=(b"X-Note: a\x7fb",), set_cookies=(b"z=1",)),
        },
    ),
    images(
        "nul-over-http1",
        "Over HTTP/1.1 a NUL in any field loses the whole response.",
        PLAIN,
        {
            "name": Response(set_cookies=(b"a=1", b"n\0m=1")),
            "value": Response(set_cookies=(b"b=1", b"v=1\x002")),
            "tail": Response(set_cookies=(b"c=1", b"e=1\0")),
            "attribute": Response(set_cookies=(b"d=1", b"f=1; Path=/\0")),
            "other": Response(headers=(b"X-Note: \0",), set_cookies=(b"g=1",)),
        },
        f"{PLAIN}/again",
    ),
    images(
        "nul-over-http2",
        "Over HTTP/2 a NUL in any field loses the whole response.",
        SHOP,
        {
            "name": Response(set_cookies=(b"a=1", b"n\0m=1")),
            "value": Response(set_cookies=(b"b=1", b"v=1\x002")),
            "attribute": Response(set_cookies=(b"d=1", b"f=1; Path=/\0")),
            "other": Response(headers=(b"X-Note: \0",), set_cookies=(b"g=1",)),
        },
        f"{SHOP}/again",
    ),
    visits(
        "bytes-in-values",
        "Values of Latin-1, of broken UTF-8 and of characters beyond the first plane.",
        {
            f"{PLAIN}/": (
                b"a=caf\xe9",
                b"b=\xff\xfe",
                b"c=\xc3",
                b"d=\xc3\xa9",
                b"f=\xf0\x9f\x8d\xaa",
                b"g=\xc0\xaf",
                b"h=\xef\xbb\xbfbom",
                b"i=\xc2\x80\xc2\x9f",
                b"j=\xe2\x80\xae\xe2\x80\x8b",
                b"k=x\x80y",
                b"l=\xf4\x90\x80\x80",
            )
        },
        f"{PLAIN}/",
    ),
    visits(
        "bytes-in-names",
        "Names of Latin-1, of broken UTF-8 and of UTF-8.",
        {
            f"{PLAIN}/": (
                b"caf\xe9=1",
                b"\xff=1",
                b"\xc3\xa9=1",
                b"\xf0\x9f\x8d\xaa=1",
                b"\xef\xbb\xbfbom=1",
                b"\xc2\xa0nbsp\xc2\xa0=1",
                b"\xe9",
                b"x\xc2\x85=1",
            )
        },
        f"{PLAIN}/",
    ),
    visits(
        "bytes-over-http2",
        "The same bytes over HTTP/2, in names, values and attributes.",
        {
            f"{SHOP}/": (
                b"a=caf\xe9",
                b"b=\xff\xfe",
                b"d=\xc3\xa9",
                b"f=\xf0\x9f\x8d\xaa",
                b"k=x\x80y",
                b"caf\xe9=1",
                b"\xc3\xa9=1",
                b"g=1; x=\xff",
                b"h=1; HttpOnly\xe9",
            )
        },
        f"{SHOP}/",
    ),
    visits(
        "bytes-in-paths",
        "Paths of UTF-8, of Latin-1 and of percent signs are compared byte for byte.",
        {
            f"{SHOP}/": (
                b"a=1; Path=/caf\xc3\xa9",
                b"b=1; Path=/caf\xe9",
                b"c=1; Path=/caf%C3%A9",
                b"d=1; Path=/caf%c3%a9",
                b"e=1; Path=/a b",
                b"f=1; Path=/a%20b",
                b"g=1; Path=/%61",
            )
        },
        f"{SHOP}/caf%C3%A9",
        f"{SHOP}/caf%c3%a9/x",
        f"{SHOP}/a%20b",
        f"{SHOP}/a",
    ),
    Scenario(
        name="fields-in-odd-shapes",
        promise="Names of fields in any case, no space after the colon, empty and folded fields.",
        group="added",
        responses={
            f"{PLAIN}/": (
                Response(
                    headers=(
                        b"set-cookie: a=1",
                        b"SET-COOKIE: b=1",
                        b"Set-Cookie:c=1",
                        b"Set-Cookie:",
                        b"Set-Cookie:   d=1   ",
                        b"Set-Cookie2: e=1",
                        b"Set-Cookie: f=1;\r\n Path=/",
                        b"Set_Cookie: g=1",
                        b"X-Set-Cookie: h=1",
                    )
                ),
                Response(),
            )
        },
        steps=(Go(f"{PLAIN}/"), Go(f"{PLAIN}/")),
    ),
)
