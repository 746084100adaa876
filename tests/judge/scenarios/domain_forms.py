"""Domain as it is written wrongly, and hosts of every kind."""

from __future__ import annotations

from tests.judge.scenarios.visits import visits

SHOP = "https://shop.test/"
WWW = "https://www.shop.test/"
API = "https://api.shop.test/"
DEEP = "https://a.www.shop.test/"
IDN = "https://xn--shp-una.test/"

SCENARIOS = (
    visits(
        "domain-dots",
        "Dots before, after and instead of a Domain.",
        {
            WWW: (
                b"a=1; Domain=.",
                b"b=1; Domain=",
                b"c=1; Domain=..",
                b"d=1; Domain=.www.shop.test",
                b"e=1; Domain=www.shop.test.",
                b"f=1; Domain=.shop.test.",
                b"g=1; Domain=..shop.test",
                b"h=1; Domain=shop..test",
                b"i=1; Domain = .shop.test ",
                b"j=1; Domain",
            )
        },
        SHOP,
        DEEP,
        WWW,
    ),
    visits(
        "domain-not-a-host",
        "A Domain that is a URL, has a port, a wildcard or a list, or is no name at all.",
        {
            WWW: (
                b"a=1; Domain=shop.test:443",
                b"b=1; Domain=https://shop.test",
                b"c=1; Domain=shop.test/",
                b"d=1; Domain=//shop.test",
                b"e=1; Domain=*.shop.test",
                b'f=1; Domain="shop.test"',
                b"g=1; Domain=shop.test,www.shop.test",
                b"h=1; Domain=shop.test www.shop.test",
                b"i=1; Domain=undefined",
                b"j=1; Domain=null",
                b"k=1; Domain=user@shop.test",
                b"l=1; Domain=shop.test?x",
                b"m=1; Domain=%73hop.test",
                b"n=1; Domain=shop.test\\",
                b"o=1; Domain=localhost",
                b"p=1; Domain=-",
                b"q=1; Domain=[shop.test]",
            )
        },
        SHOP,
        WWW,
    ),
    visits(
        "domain-upper-case",
        "Domains ignore case, dots and all.",
        {WWW: (b"a=1; Domain=SHOP.TEST", b"b=1; Domain=.Www.Shop.Test", b"c=1; DOMAIN=sHOP.test")},
        SHOP,
        DEEP,
    ),
    visits(
        "domain-international",
        "A Domain in Unicode names the host that its ASCII form names.",
        {
            "https://www.xn--shp-una.test/": (
                "a=1; Domain=shöp.test".encode(),
                "b=1; Domain=.SHÖP.test".encode(),
                "c=1; Domain=sho\u0308p.test".encode(),
                b"d=1; Domain=xn--shp-una.test",
                b"e=1; Domain=XN--SHP-UNA.TEST",
                "f=1; Domain=shöp。test".encode(),
                b"g=1; Domain=sh\xf6p.test",
                b"h=1; Domain=sh%C3%B6p.test",
                "i=1; Domain=ｓｈöｐ.test".encode(),
                "j=1; Domain=shöp\u200b.test".encode(),
                "k=1; Domain=shöp\u00ad.test".encode(),
            )
        },
        IDN,
    ),
    visits(
        "domain-in-unicode-on-ascii-host",
        "A Domain whose letters only look like the host's, and one that maps to it.",
        {
            WWW: (
                "a=1; Domain=ѕhop.test".encode(),
                "b=1; Domain=ｓｈｏｐ.test".encode(),
                "c=1; Domain=shop．test".encode(),
                "d=1; Domain=ſhop.test".encode(),
                "e=1; Domain=shop.teſt".encode(),
                "f=1; Domain=\ufeffshop.test".encode(),
                "g=1; Domain=\u00a0shop.test".encode(),
                b"ok=1; Domain=shop.test",
            )
        },
        SHOP,
    ),
    visits(
        "domain-public-suffixes",
        "Suffixes of two labels, with wildcards and exceptions, and private ones.",
        {
            "https://www.shop.co.uk/": (
                b"a=1; Domain=co.uk",
                b"b=1; Domain=.co.uk",
                b"c=1; Domain=uk",
                b"d=1; Domain=shop.co.uk",
            ),
            "https://a.b.kobe.jp/": (
                b"a=1; Domain=b.kobe.jp",
                b"b=1; Domain=kobe.jp",
                b"c=1; Domain=a.b.kobe.jp",
            ),
            "https://www.city.kobe.jp/": (b"a=1; Domain=city.kobe.jp", b"b=1; Domain=kobe.jp"),
            "https://x.y.github.io/": (b"a=1; Domain=y.github.io", b"b=1; Domain=github.io"),
            "https://www.ck/": (b"a=1; Domain=www.ck", b"b=1; Domain=ck"),
        },
        "https://shop.co.uk/",
        "https://other.co.uk/",
        "https://c.b.kobe.jp/",
        "https://city.kobe.jp/",
        "https://z.y.github.io/",
        "https://b.www.ck/",
    ),
    visits(
        "domain-is-the-suffix",
        "A host that is a public suffix itself, and its Domain in every form.",
        {
            "https://co.uk/": (b"a=1; Domain=co.uk", b"b=1; Domain=.co.uk", b"c=1; Domain=CO.UK"),
            "https://github.io/": (b"d=1; Domain=github.io", b"e=1; Domain=io", b"f=1"),
        },
        "https://shop.co.uk/",
        "https://co.uk/",
        "https://a.github.io/",
        "https://github.io/",
    ),
    visits(
        "domain-addresses",
        "An address in Domain must be the host's own, however it is written.",
        {
            "http://127.0.0.1:5000/": (
                b"a=1; Domain=127.0.0.1",
                b"b=1; Domain=.127.0.0.1",
                b"c=1; Domain=127.1",
                b"d=1; Domain=2130706433",
                b"e=1; Domain=0x7f000001",
                b"f=1; Domain=127.0.0.2",
                b"g=1; Domain=0.0.1",
                b"h=1; Domain=127.0.0.1.",
                b"i=1; Domain=127.0.0.1:5000",
                b"j=1; Domain=localhost",
                b"k=1; Domain=127.000.000.001",
            ),
            "http://[::1]:5000/": (
                b"a=1; Domain=::1",
                b"b=1; Domain=[::1]",
                b"c=1; Domain=[0:0:0:0:0:0:0:1]",
                b"d=1; Domain=.[::1]",
                b"e=1; Domain=[::1]:5000",
                b"f=1",
            ),
        },
        "http://127.0.0.2:5000/",
        "http://localhost:5000/",
        "http://127.0.0.1:5001/",
        "http://[::1]:5001/",
    ),
    visits(
        "domain-siblings",
        "A host sets cookies for itself and for what is above it, never beside or below.",
        {
            WWW: (
                b"a=1; Domain=api.shop.test",
                b"b=1; Domain=a.www.shop.test",
                b"c=1; Domain=ww.shop.test",
                b"d=1; Domain=w.shop.test",
                b"e=1; Domain=shop.test",
                b"f=1; Domain=www.shop.test",
                b"g=1",
                b"h=1; Domain=www",
                b"i=1; Domain=test",
            ),
            DEEP: (
                b"j=1; Domain=www.shop.test",
                b"k=1; Domain=shop.test",
                b"l=1; Domain=b.shop.test",
            ),
        },
        SHOP,
        API,
        "https://b.www.shop.test/",
        "https://xwww.shop.test/",
    ),
    visits(
        "domain-several",
        "Of several Domain attributes the last one decides, even an empty or a foreign one.",
        {
            WWW: (
                b"a=1; Domain=shop.test; Domain=",
                b"b=1; Domain=; Domain=shop.test",
                b"c=1; Domain=other.test; Domain=shop.test",
                b"d=1; Domain=shop.test; Domain=other.test",
                b"e=1; Domain=shop.test; Domain",
                b"f=1; Domain=shop.test; Domain=www.shop.test",
                b"g=1; Domain=shop.test; Domain=.",
            )
        },
        SHOP,
        DEEP,
    ),
    visits(
        "domain-one-label",
        "Hosts of one label, and hosts with digits, hyphens and underscores.",
        {
            "https://intranet/": (b"a=1; Domain=intranet", b"b=1; Domain=.intranet", b"c=1"),
            "https://my_app.shop.test/": (b"d=1; Domain=my_app.shop.test", b"e=1"),
            "https://1.2.shop.test/": (b"f=1; Domain=2.shop.test", b"g=1; Domain=1.2.shop.test"),
            "https://a--b.shop.test/": (b"h=1; Domain=a--b.shop.test",),
        },
        "https://sub.intranet/",
        "https://sub.my_app.shop.test/",
        "https://3.2.shop.test/",
        "https://intranet/",
    ),
)
