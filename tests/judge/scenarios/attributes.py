"""Set-Cookie lines: names, values, attributes, bytes and sizes."""

from __future__ import annotations

from tests.judge.scenario import Go, Reload, Response, Scenario

SHOP = "https://shop.test/"
PLAIN = "http://shop.test/"


def lines(name: str, promise: str, *set_cookies: bytes, url: str = SHOP) -> Scenario:
    """Return a scenario in which one response sets cookies and a reload shows which were stored."""
    return Scenario(
        name=name,
        promise=promise,
        responses={url: (Response(set_cookies=set_cookies), Response())},
        steps=(Go(url), Reload()),
    )


SCENARIOS = (
    lines(
        "plain",
        "Cookies without attributes are stored, and sent in the order of their creation.",
        b"a=1",
        b"b=2",
        b"c=",
        b"d=a=b=c",
        b"e=1;",
        b"f=1; ;;",
        b"g = spaced ",
    ),
    lines(
        "nameless",
        "A line without an equals sign is a nameless cookie; without name and value it is refused.",
        b"lonely",
        b"=second",
        b"=",
        b"",
        b"; Secure",
        b" ",
        b"=;",
        b"named=1",
    ),
    lines(
        "nameless-with-equals",
        "A nameless cookie whose value contains an equals sign.",
        b"=a=b",
        b"==c",
        b"x=1",
    ),
    lines(
        "quotes-and-commas",
        "Quotes, commas, spaces and backslashes are part of the value.",
        b'q="a b"',
        b'r="a;b"',
        b"s=a,b",
        b"t=a b  c",
        b'u=\\"',
        b"v=\tx\t",
        b"w=a\tb",
    ),
    lines(
        "strange-names",
        "Names may contain anything but separators.",
        b"a b=1",
        b"a,b=2",
        b'"q"=3',
        b"a/b=4",
        b"[x]=5",
        b"$Version=6",
        b"a\tb=7",
        b"%20=8",
        b"Expires=9",
        b"Path=/x",
        b"secure",
    ),
    lines(
        "high-bytes",
        "Bytes above 127 are kept as they are, UTF-8 or not.",
        "u=häß".encode(),
        "ü=1".encode(),
        b"l=caf\xe9",
        b"x=\xff\xfe",
        b"y=1",
        url=PLAIN,
    ),
    lines(
        "high-bytes-https",
        "Bytes above 127 survive HTTP/2 too.",
        "u=häß".encode(),
        b"l=caf\xe9",
        b"y=1",
    ),
    *(
        lines(
            f"control-{byte:02x}",
            "A line with a control character anywhere in it is refused.",
            b"n%cx=1" % byte,
            b"v=a%cb" % byte,
            b"ve=ab%c" % byte,
            b"p=1; Path=/%c" % byte,
            b"u=1; Unknown=a%cb" % byte,
            b"ok=1",
            url=PLAIN,
        )
        for byte in (0x01, 0x08, 0x0B, 0x0C, 0x1F, 0x7F)
    ),
    lines(
        "tab-in-attributes",
        "A tab counts as white space, not as a control character.",
        b"a=1;\tPath=/",
        b"b=2; Path\t=\t/",
        b"c=\t3",
        b"d\t=4",
        b"e=5; SameSite=\tLax\t",
    ),
    lines(
        "name-value-size",
        "Name and value may have at most 4096 bytes together.",
        b"a=" + b"x" * 4095,
        b"b=" + b"x" * 4096,
        b"c" * 4096 + b"=",
        b"d" * 4097 + b"=",
        b"e" * 4096,
        b"f" * 4097,
        b"ok=1",
    ),
    lines(
        "attribute-size",
        "An attribute with a value of more than 1024 bytes is ignored; the cookie is stored.",
        b"a=1; Path=/" + b"x" * 1023,
        b"b=1; Path=/" + b"x" * 1024,
        b"c=1; Unknown=" + b"x" * 1025,
        b"d=1; Domain=" + b"x" * 1025,
        b"e=1; Path=/no; Path=/" + b"x" * 1024,
    ),
    lines(
        "attribute-spelling",
        "Attribute names and SameSite values ignore case; Secure and HttpOnly ignore values.",
        b"a=1; SECURE; HTTPONLY; PATH=/; SAMESITE=STRICT",
        b"b=1; Secure=no; HttpOnly=0",
        b"c=1; SameSite",
        b"d=1; SameSite=",
        b"e=1; SameSite=bogus",
        b"f=1; samesite=LAX",
        b"g=1; SameSite=none; secure",
        b"h=1 ; Path = / ; Secure ",
        b"i=1; Domain",
        b"j=1; Path",
    ),
    lines(
        "attribute-twice",
        "Of a repeated attribute the last one counts.",
        b"a=1; Path=/no; Path=/",
        b"b=1; Path=/; Path=/no",
        b"c=1; Max-Age=0; Max-Age=100",
        b"d=1; Max-Age=100; Max-Age=0",
        b"e=1; SameSite=Lax; SameSite=Strict",
        b"f=1; SameSite=Strict; SameSite=bogus",
        b"g=1; Domain=other.test; Domain=shop.test",
        b"h=1; Domain=shop.test; Domain=",
        b"i=1; Path=/no; Path=",
        b"j=1; Domain=shop.test; Domain=other.test",
    ),
    lines(
        "same-site-none-insecure",
        "SameSite=None needs Secure.",
        b"a=1; SameSite=None",
        b"b=1; SameSite=None; Secure",
        b"c=1; SameSite=NONE",
    ),
    lines(
        "twice-in-one-response",
        "Of two lines with the same key the later one wins, in the place of the first.",
        b"a=1",
        b"b=1",
        b"a=2",
        b"a=3; Path=/",
        b"b=2; HttpOnly",
        b"c=1",
        b"a=; Max-Age=0",
    ),
)
