"""Names and values as real apps write them, attributes beside them, and sizes."""

from __future__ import annotations

from tests.judge.scenario import Act, Go, Response, Scenario, add_image
from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test/"
PLAIN = "http://shop.test/"
BELOW = "https://shop.test/a/b"

SCENARIOS = (
    visits(
        "values-quoted",
        "Quotes of either kind are part of the value, and a semicolon ends it even inside them.",
        {
            SHOP: (
                b'a="x y"',
                b'b="',
                b'c="1;2"; Path=/',
                b'd=""',
                b"e='x'",
                b'f="h"i',
                b'g= "x" ',
                b'"h"="1"',
                b'i="1"; Path="/"',
                b'j="1"; Domain="shop.test"',
                b'k=1; SameSite="Strict"',
            )
        },
        SHOP,
        BELOW,
    ),
    visits(
        "spaces-around",
        "White space around name, value and attributes is dropped; inside it is kept.",
        {
            SHOP: (
                b"  a = 1  ",
                b"b\t=\t1",
                b"c=1 ; Path=/ ; Secure ",
                b"d=   ",
                b"e=1  2",
                b"f g=1",
                b"h=1;   Path   =   /a   ",
                b"i=1;Path=/a;Secure",
                b"j=1; Secure ; ; ; HttpOnly",
                b"k=1; Http Only",
            )
        },
        SHOP,
        BELOW,
        PLAIN,
    ),
    visits(
        "lines-joined",
        "A comma does not separate cookies: what follows it belongs to the value or attribute.",
        {
            SHOP: (
                b"a=1, b=2",
                b"c=1,d=2; Path=/a",
                b"e=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT, f=2",
                b"g,h=1",
                b"i=1; Path=/, j=2; Path=/a",
                b"k=1; Secure, l=2",
                b"m=1; HttpOnly, n=2; Path=/",
                b"o=1; p=2; q=3",
                b"r=1; SameSite=Lax, s=2",
                b"t=1; Domain=shop.test, u=2",
                b"v=1; Max-Age=100, w=2",
            )
        },
        SHOP,
        BELOW,
        PLAIN,
    ),
    visits(
        "names-empty",
        "An empty name with a value, on paths of its own, beside a named cookie.",
        {
            SHOP: (
                b"=one; Path=/a",
                b" =two; Path=/b",
                b"=; Path=/c",
                b"=x=y; Path=/d",
                b"==; Path=/e",
                b"named=1",
            )
        },
        BELOW,
        "https://shop.test/b",
        "https://shop.test/c",
        "https://shop.test/d",
        "https://shop.test/e",
    ),
    visits(
        "names-missing",
        "A line without an equals sign, and what later replaces or deletes it.",
        {
            SHOP: (b"bare; Path=/", b"tok=1", b"low; Path=/a"),
            "https://shop.test/again": (b"tok; Path=/",),
            "https://shop.test/equals": (b"=other; Path=/",),
            "https://shop.test/gone": (b"other; Path=/; Max-Age=0", b"low=; Path=/a; Max-Age=0"),
        },
        BELOW,
        SHOP,
    ),
    visits(
        "equals-in-values",
        "Only the first equals sign separates name and value: Base64, JSON and URLs survive.",
        {
            SHOP: (
                b"a==",
                b"b=YWJj==",
                b'c={"id":1,"tags":["x","y"]}',
                b"d=https://other.test/?a=b&c=d#e",
                b"e=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                b"f=k1=v1&k2=v2",
                b"g= =1",
                b"h\t==1",
            )
        },
        SHOP,
    ),
    visits(
        "names-by-case",
        "Names that differ in case are different cookies, to set and to delete.",
        {
            SHOP: (b"SID=1", b"sid=2", b"Sid=3"),
            "https://shop.test/gone": (b"sid=; Max-Age=0; Path=/", b"SiD=; Max-Age=0; Path=/"),
        },
        SHOP,
    ),
    visits(
        "names-like-attributes",
        "The first pair is the cookie, even if it is called as an attribute is.",
        {
            SHOP: (
                b"Path=/a; Path=/",
                b"Secure=1",
                b"Domain=other.test",
                b"Max-Age=0",
                b"Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                b"HttpOnly=; HttpOnly",
                b"SameSite=None",
                b"Partitioned=1; Path=/",
            )
        },
        SHOP,
        PLAIN,
    ),
    visits(
        "names-of-punctuation",
        "Every printable character other than the separators may be a name.",
        {
            SHOP: tuple(
                b"%c=%d" % (character, character)
                for character in b"!#$%&'*+-.^_`|~()<>@:\\/[]?{}\",0"
            )
        },
        SHOP,
    ),
    visits(
        "values-escaped",
        "Escapes are not resolved: percent signs, plus signs, entities and backslashes stay.",
        {
            SHOP: (
                b"a=%3B%20%00%0A",
                b"b=a+b%2Bc",
                b"c=%E2%82%AC",
                b"d=&amp;&lt;",
                b"e=\\u0041\\x41\\073",
                b"f%3D=1",
                b"g=%",
                b"h=$Path=/",
            )
        },
        SHOP,
    ),
    visits(
        "attributes-unknown",
        "Attributes that no browser knows change nothing; known ones count without their value.",
        {
            SHOP: (
                b"a=1; Version=1; Comment=x",
                b"b=1; Priority=High",
                b"c=1; SameParty",
                b"d=1; =Secure",
                b"e=1; Secure=false",
                b"f=1; HttpOnly=0; Secure=",
                b"g=1; Path",
                b"h=1; Port=443; Discard; Version",
                b"i=1;;;;",
                b"j=1; __Host-x=1; k=2",
                b"l=1; max-age =  100 ;PATH=/a",
                b"m=1; Max-Age:100; Path:/a",
            )
        },
        BELOW,
        PLAIN,
    ),
    Scenario(
        name="same-site-values",
        promise="A SameSite value that is none of the three counts as if there were no attribute.",
        group="added",
        responses={
            SHOP: (
                Response(
                    set_cookies=(
                        b"a=1; Secure; SameSite=Lax,",
                        b'b=1; Secure; SameSite="None"',
                        b"c=1; Secure; SameSite=none ",
                        b"d=1; Secure; SameSite=Strict; SameSite=None",
                        b"e=1; Secure; SameSite=None; SameSite",
                        b"f=1; Secure; SameSite=None; SameSite=bogus",
                        b"g=1; Secure; SameSite=Default",
                        b"h=1; Secure; Same-Site=None",
                        b"i=1; Secure; SameSite=no_restriction",
                        b"j=1; Secure; SameSite:None",
                        b"k=1; Secure; SameSite==None",
                        b"l=1; Secure; SameSite=None,",
                    )
                ),
                Response(),
            )
        },
        steps=(
            Go(SHOP),
            Go("https://other.test/"),
            Act(add_image("https://shop.test/image")),
            Go(SHOP),
        ),
    ),
    visits(
        "sizes-in-bytes",
        "The limit of 4096 counts the bytes of name and value, after white space was dropped.",
        {
            SHOP: (
                b"a=" + "ü".encode() * 2047 + b"1",
                b"b=" + "ü".encode() * 2048,
                b"n" * 4095 + b"=1",
                b"N" * 4096 + b"=1",
                b"c=  " + b"x" * 4095 + b"   ",
                b"d=" + b"x" * 4095 + b"  ; Path=/a",
                b'e="' + b"x" * 4094 + b'"',
                b"f=1; Max-Age=0; " + b"x" * 5000,
            ),
            "https://shop.test/again": (b"a=" + b"y" * 4096, b"c=" + b"y" * 4095 + b"; Path=/"),
        },
        "https://shop.test/c",
    ),
    visits(
        "sizes-of-attributes",
        "Each attribute value may have 1024 bytes; of a longer one only the attribute is ignored.",
        {
            SHOP: (
                b"a=1; Path=/a" + b"/" * 1022,
                b"b=1; Path=/a" + b"/" * 1023,
                b"c=1; Domain=shop.test" + b" " * 2000,
                b"d=1; Domain=" + b"0" * 1030 + b"shop.test; Path=/a",
                b"e=1; Max-Age=" + b"0" * 1021 + b"100",
                b"f=1; Max-Age=" + b"0" * 1022 + b"100",
                b"g=1; SameSite=" + b"x" * 1025,
                b"h=1; Expires=" + b"x" * 1025 + b"; Max-Age=100",
            )
        },
        BELOW,
        "https://www.shop.test/",
    ),
    visits(
        "lines-of-8-kib",
        "A line of more than eight kibibytes is read to its end.",
        {
            SHOP: (
                b"a=1; x=" + b"; y=".join([b"z" * 1000] * 9) + b"; Path=/a",
                b"b=1" + b"; x" * 3000 + b"; Secure",
                b"c=" + b"v" * 4000 + b"; x=" + b"y" * 5000 + b"; Path=/a; HttpOnly",
                b"d=" + b"v" * 9000,
                b"e=1;" + b" " * 9000 + b"Path=/a",
            )
        },
        BELOW,
        PLAIN,
    ),
)
