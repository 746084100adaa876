"""Expires and Max-Age as they are written wrongly: the grammar of dates, signs, repetitions."""

from __future__ import annotations

from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test/"
SET = "https://shop.test/set"


def expires(*dates: bytes) -> tuple[bytes, ...]:
    """Return one line per date, with names in alphabetical order."""
    return tuple(
        b"%c=1; Path=/; Expires=%s" % (ord("a") + number, date) for number, date in enumerate(dates)
    )


def max_ages(*values: bytes) -> tuple[bytes, ...]:
    """Return one line per value, with names in alphabetical order."""
    return tuple(
        b"%c=1; Path=/; Max-Age=%s" % (ord("a") + number, value)
        for number, value in enumerate(values)
    )


SCENARIOS = (
    visits(
        "dates-delimiters",
        "Any delimiter may stand between the parts of a date, in any order.",
        {
            SET: expires(
                b"1/Jan/2098/10:20:30",
                b"1-Jan-2098-10:20:30",
                b"Jan_1_2098_10:20:30",
                b"2098 10:20:30 Jan 1",
                b"10:20:30 2098 1 Jan",
                b"(Wed) <1> [Jan] {2098} 10:20:30",
                b"1,Jan,2098,10:20:30",
                b"1 Jan 2098 T10:20:30",
                b"1Jan2098 10:20:30",
                b"\t1\tJan\t2098\t10:20:30",
                b"1 Jan 2098 10.20.30",
                b"1 Jan 2098  10:20:30 !!",
            )
        },
        SHOP,
    ),
    visits(
        "dates-years",
        "Years have two to four digits; two digits mean 1970 to 2069.",
        {
            SET: expires(
                b"1 Jan 68 10:20:30",
                b"1 Jan 69 10:20:30",
                b"1 Jan 70 10:20:30",
                b"1 Jan 99 10:20:30",
                b"1 Jan 00 10:20:30",
                b"1 Jan 098 10:20:30",
                b"1 Jan 20980 10:20:30",
                b"1 Jan 1601 10:20:30",
                b"1 Jan 1600 10:20:30",
                b"1 Jan 9999 10:20:30",
                b"1 Jan 8 10:20:30",
                b"1 Jan 2098x 10:20:30",
                b"1 Jan -2098 10:20:30",
                b"1 Jan 0000 10:20:30",
                b"1 Jan 02098 10:20:30",
                b"1 Jan 002098 10:20:30",
                b"1 Jan 30000 10:20:30",
            )
        },
        SHOP,
    ),
    visits(
        "dates-times",
        "Times are hours, minutes and seconds within their bounds.",
        {
            SET: expires(
                b"1 Jan 2098 1:2:3",
                b"1 Jan 2098 24:00:00",
                b"1 Jan 2098 10:20",
                b"1 Jan 2098 10:20:30:40",
                b"1 Jan 2098 10:20:30.5",
                b"1 Jan 2098 10:60:00",
                b"1 Jan 2098 10:20:60",
                b"1 Jan 2098 10:20:30 PM",
                b"1 Jan 2098 010:20:30",
                b"1 Jan 2098",
                b"1 Jan 2098 10:20:30x",
                b"1 Jan 2098 x10:20:30",
                b"1 Jan 2098 10: 20:30",
                b"1 Jan 2098 10:020:030",
                b"1 Jan 2098 10::30",
                b"1 Jan 2098 :10:20:30",
                b"1 Jan 2098 10:20:30:",
                b"1 Jan 2098 10:20:x 11:20:30",
            )
        },
        SHOP,
    ),
    visits(
        "dates-days-and-months",
        "Three letters make a month, in any case; days are those that a month can have.",
        {
            SET: expires(
                b"1 January 2098 10:20:30",
                b"1 jANx 2098 10:20:30",
                b"1 Ja 2098 10:20:30",
                b"1 01 2098 10:20:30",
                b"1 Foo 2098 10:20:30",
                b"1 Jan Feb 2098 10:20:30",
                b"30 Feb 2098 10:20:30",
                b"31 Apr 2098 10:20:30",
                b"29 Feb 2097 10:20:30",
                b"0 Jan 2098 10:20:30",
                b"32 Jan 2098 10:20:30",
                b"001 Jan 2098 10:20:30",
                b"1st Jan 2098 10:20:30",
                b"1st 2 Jan 2098 10:20:30",
                b"x1 Jan 2098 10:20:30",
                b"1 xJan 2098 10:20:30",
                "1 März 2098 10:20:30".encode(),
            )
        },
        SHOP,
    ),
    visits(
        "dates-weekdays-and-zones",
        "Weekdays and time zones are ignored, right or wrong.",
        {
            SET: expires(
                b"Mon, 01 Jan 2098 10:20:30 GMT",
                b"Sunday, 01-Jan-98 10:20:30 GMT",
                b"Wed, 01 Jan 2098 10:20:30 +0200",
                b"Wed, 01 Jan 2098 10:20:30 PST",
                b"Wed, 01 Jan 2098 10:20:30Z",
                b"Wed Jan  1 10:20:30 2098",
                b"2098-01-01T10:20:30Z",
                b"2098-01-01",
                b"01/01/2098 10:20:30",
                b"4039402830",
                b"Wed Jan 01 2098 10:20:30 GMT+0100 (CET)",
                b'"Wed, 01 Jan 2098 10:20:30 GMT"',
                b"Session",
                b"-1",
                b"0",
            )
        },
        SHOP,
    ),
    visits(
        "dates-near",
        "Dates of the next year, in the wrong zone or order, are told to the second.",
        {
            SET: (
                b"a=1; Path=/; Expires=Fri, 15-Jan-27 01:02:03 EST",
                b"b=1; Path=/; Expires=15 Jan 27 01:02:03",
                b"c=1; Path=/; Expires=27 Jan 15 01:02:03",
                b"d=1; Path=/; Expires=27 Jan 2027 01:02:03",
                b"e=1; Path=/; Expires=2027 Jan 27 1:2:3",
                b"f=1; Path=/; Expires=12 Jan 14 2027 01:02:03",
                b"g=1; Path=/; Expires=12 Jan 2027 01:02:03 04:05:06",
            )
        },
        SHOP,
    ),
    visits(
        "expires-several",
        "Of several Expires the last one decides, or the last one that can be read.",
        {
            SET: (
                b"a=1; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT; Expires=bad",
                b"b=1; Path=/; Expires=bad; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
                b"c=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=bad",
                b"d=1; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT; Expires",
                b"e=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=01 Jan 2098 00:00:00",
                b"f=1; Path=/; Expires=01 Jan 2098 00:00:00; Expires=01 Jan 1970 00:00:00",
                b"g=1; Path=/; Expires=; Expires=01 Jan 2098 00:00:00",
            )
        },
        SHOP,
    ),
    visits(
        "max-ages-several",
        "Of several Max-Age the last one decides, or the last one that can be read.",
        {
            SET: (
                b"a=1; Path=/; Max-Age=500; Max-Age=bad",
                b"b=1; Path=/; Max-Age=bad; Max-Age=500",
                b"c=1; Path=/; Max-Age=0; Max-Age=bad",
                b"d=1; Path=/; Max-Age=500; Max-Age",
                b"e=1; Path=/; Max-Age=0; Max-Age=500",
                b"f=1; Path=/; Max-Age=500; Max-Age=0",
                b"g=1; Path=/; Max-Age=500; Max-Age=900",
                b"h=1; Path=/; Max-Age; Max-Age=500",
                b"i=1; Path=/; Max-Age=500; Max-Age=-",
            )
        },
        SHOP,
    ),
    visits(
        "max-ages-signs",
        "Signs, fractions and letters in Max-Age.",
        {
            SET: max_ages(
                b"-",
                b"+500",
                b"500x",
                b"-0.5",
                b"-x",
                b"0x1F4",
                b"5e2",
                b'"500"',
                b"500 600",
                b"+-500",
                b"-0",
                b"+0",
                b"0.0",
                b"x500",
                b"500.9",
                b"--5",
                "５００".encode(),
                b"0500",
                b"+",
            )
        },
        SHOP,
    ),
    visits(
        "max-ages-large",
        "Lifetimes of more than 400 days, and numbers larger than any integer.",
        {
            SET: max_ages(
                b"34559000",
                b"34560000",
                b"34561000",
                b"2147483647",
                b"2147483648",
                b"4294967296",
                b"9223372036854775807",
                b"9223372036854775808",
                b"18446744073709551616",
                b"1" + b"0" * 100,
                b"-9223372036854775809",
                b"-1" + b"0" * 100,
                b"0" * 100 + b"500",
            )
        },
        SHOP,
    ),
    visits(
        "max-age-beside-expires",
        "Max-Age goes before Expires in either order; an unreadable one leaves it to Expires.",
        {
            SET: (
                b"a=1; Path=/; Expires=01 Jan 1970 00:00:00; Max-Age=500",
                b"b=1; Path=/; Max-Age=500; Expires=01 Jan 1970 00:00:00",
                b"c=1; Path=/; Expires=01 Jan 2098 00:00:00; Max-Age=0",
                b"d=1; Path=/; Max-Age=x; Expires=01 Jan 2098 00:00:00",
                b"e=1; Path=/; Max-Age=x; Expires=01 Jan 1970 00:00:00",
                b"f=1; Path=/; Max-Age=; Expires=01 Jan 1970 00:00:00",
                b"g=1; Path=/; Max-Age=500; Expires=bad",
                b"h=1; Path=/; Max-Age=-1; Expires=01 Jan 2098 00:00:00",
                b"i=1; Path=/; Max-Age=500x; Expires=01 Jan 2098 00:00:00",
                b"j=1; Path=/; Max-Age=+500; Expires=01 Jan 1970 00:00:00",
            )
        },
        SHOP,
    ),
    visits(
        "lifetimes-changed",
        "A lifetime that is set again replaces the old one, up to the cap and down to the session.",
        {
            SET: (
                b"a=1; Path=/; Max-Age=99999999",
                b"b=1; Path=/",
                b"c=1; Path=/; Max-Age=500",
                b"d=1; Path=/; Max-Age=500",
            ),
            "https://shop.test/again": (
                b"a=1; Path=/",
                b"b=1; Path=/; Expires=31 Dec 9999 23:59:59",
                b"c=1; Path=/; Max-Age=bad",
                b"d=1; Path=/; Expires=01 Jan 1970 00:00:00; Max-Age=900",
            ),
            "https://shop.test/last": (b"a=1; Path=/a; Max-Age=0", b"d=2; Path=/; Expires=bad"),
        },
        SHOP,
    ),
)
