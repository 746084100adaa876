"""Jars as files of other tools: what is written is read again, and broken parts are told."""

from __future__ import annotations

import http.cookiejar
import json
from pathlib import Path

import msgspec
import pytest

from cookietrace.cookies import Cookie, SameSite
from cookietrace.errors import FormatError
from cookietrace.jar_files import JAR_FILES, read_jar
from cookietrace.jar_files.jar_file import cookie_of, to_text

NOW = 1_700_000_000.0

JAR = (
    cookie_of(
        name="sid", value="a=b", domain="shop.test", host_only=True, path="/", secure=True,
        http_only=True, same_site=SameSite.STRICT, expires_at=NOW + 3600, now=NOW,
    ),
    cookie_of(
        name="theme", value="dünkel", domain="shop.test", host_only=False, path="/de",
        same_site=SameSite.NONE, secure=True, now=NOW,
    ),
    cookie_of(
        name="plain", value="", domain="127.0.0.1", host_only=True, path="/",
        same_site=SameSite.LAX, now=NOW,
    ),
)  # fmt: skip


def same(cookie: Cookie, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    """Return what a file is expected to keep."""
    fields = msgspec.structs.asdict(cookie)
    names = ("name", "value", "domain", "host_only", "path", "secure", "http_only", "same_site",
             "expires_at", "partition_key")  # fmt: skip
    return {name: fields[name] for name in names if name not in without}


def read(tmp_path: Path, text: str) -> tuple[list[Cookie], list[str]]:
    """Return the cookies of a file with this text, and what was lost."""
    path = tmp_path / "jar"
    path.write_text(text, "utf-8")
    lost: list[str] = []
    found = read_jar(path, NOW, lost.append)
    return list(found), [line.removeprefix(f"{path}: ") for line in lost]


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("storage-state", ()),
        ("devtools", ()),
        ("cookies.txt", ("same_site",)),
        ("curl", ("same_site", "host_only", "path", "secure", "http_only", "expires_at")),
    ],
)
def test_what_is_written_is_read_again(tmp_path: Path, name: str, without: tuple[str, ...]) -> None:
    """Each kind is recognised by its content, and keeps what it has a word for."""
    found, lost = read(tmp_path, JAR_FILES[name].writes(JAR))
    assert lost == []
    by_name = {each.name: same(each, without=without) for each in found}
    assert by_name == {each.name: same(each, without=without) for each in JAR}


def test_python_reads_cookies_txt(tmp_path: Path) -> None:
    """The standard library's own reader takes what is written."""
    path = tmp_path / "cookies.txt"
    path.write_text(JAR_FILES["cookies.txt"].writes(JAR), "utf-8")
    jar = http.cookiejar.MozillaCookieJar(str(path))
    jar.load(ignore_discard=True, ignore_expires=True)
    assert {(each.name, each.domain, each.path, each.secure) for each in jar} == {
        ("sid", "shop.test", "/", True),
        ("theme", ".shop.test", "/de", True),
        ("plain", "127.0.0.1", "/", False),
    }


@pytest.mark.parametrize(
    ("text", "names", "lost"),
    [
        (
            "# Netscape HTTP Cookie File\nno tabs here\n.a.test\tTRUE\t/\tFALSE\tnever\tx\t1\n"
            ".a.test\tTRUE\tpath\tFALSE\t0\tx\t1\n\tTRUE\t/\tFALSE\t0\tx\t1\n"
            "#HttpOnly_a.test\tFALSE\t/\tTRUE\t0\tgood\t1\na.test\tFALSE\t/\tTRUE\t5\told\t1\n",
            ["good"],
            [
                "line 2 is left out: it has 1 fields and not 7",
                "line 3 is left out: its expiry is not a number",
                "line 4 is left out: its path does not begin with a slash",
                "line 5 is left out: it has no domain",
            ],
        ),
        (
            json.dumps(
                {
                    "cookies": [
                        {"name": "a", "value": "1", "domain": "a.test", "expires": "soon"},
                        {"name": "b", "value": 1, "domain": "a.test"},
                        17,
                        {"name": "c", "value": "", "domain": "", "path": "/"},
                    ]
                }
            ),
            ["a"],
            [
                "cookie 2 is left out: it has no value",
                "cookie 3 is left out: it is not an object",
                "cookie 4 is left out: it has no domain",
            ],
        ),
        (
            json.dumps(
                [
                    {"name": "x", "value": "1", "domain": ".a.test", "hostOnly": False,
                     "sameSite": "no_restriction", "expirationDate": NOW + 9.5},
                ]
            ),
            ["x"],
            [],
        ),
        (
            "curl 'https://a.test/p?x=1' \\\n  -H 'Accept: */*' \\\n  -b 'a=1; b=2' --compressed\n"
            "curl -H 'Cookie: c=3' -X POST --url https://b.test\ncurl 'unclosed\n"
            "curl -b jar.txt x\n",
            ["a", "b", "c"],
            [
                "command 3 is left out: No closing quotation",
                "command 4 is left out: its cookies are in a file: give that file",
            ],
        ),
    ],
    ids=("cookies.txt", "storage state", "extension", "curl"),
)  # fmt: skip
def test_broken_parts(tmp_path: Path, text: str, names: list[str], lost: list[str]) -> None:
    """What cannot be read is told with its place, and the rest is read."""
    found, told = read(tmp_path, text)
    assert ([each.name for each in found], told) == (names, lost)


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"cookies": 7}', "[" * 100_000, "\x00\xff"])
def test_what_is_no_jar(tmp_path: Path, text: str) -> None:
    """It is said in one line, with what is known."""
    with pytest.raises(FormatError, match="not a known kind of cookie file"):
        read(tmp_path, text)
    with pytest.raises(FormatError, match="cannot be read"):
        read_jar(tmp_path / "none", NOW, print)


def test_what_the_format_cannot_hold(tmp_path: Path) -> None:
    """A tab in a value would move every field after it."""
    odd = msgspec.structs.replace(JAR[0], value="a\tb")
    text = JAR_FILES["cookies.txt"].writes([odd, JAR[2]])
    found, lost = read(tmp_path, text)
    assert ([each.name for each in found], lost) == (["plain"], [])
    assert "# One cookie is left out: it has a tab or a line break." in text


HEADER = "# Netscape HTTP Cookie File\n"


def netscape(domain: str = "a.test", expires: str = "0", name: str = "n", value: str = "v") -> str:
    """Return a cookies.txt with one cookie."""
    return f"{HEADER}{domain}\tTRUE\t/\tFALSE\t{expires}\t{name}\t{value}\n"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (netscape(expires="inf"), "its expiry is not a time"),
        (netscape(expires="nan"), "its expiry is not a time"),
        (netscape(expires="-1e300"), "its expiry is not a time"),
        (netscape(value="v; Domain=x"), "no cookie can have one of its characters"),
        (netscape(name="a=b"), "no cookie can have one of its characters"),
        (netscape(value="v\x1b[31m"), "no cookie can have one of its characters"),
    ],
)
def test_what_no_browser_holds(tmp_path: Path, text: str, cause: str) -> None:
    """It is left out, with the cause."""
    assert read(tmp_path, text) == ([], [f"line 2 is left out: {cause}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (netscape(value="a\u2028b\x85c"), [("a.test", False, "a\u2028b\x85c")]),
        (netscape(".com"), [("com", True, "v")]),
        (netscape(".127.0.0.1"), [("127.0.0.1", True, "v")]),
        (netscape() + netscape(value="w"), [("a.test", False, "w")]),
        (
            '[{"name": "n", "value": "v", "domain": "a.test", "expires": %s}]' % ("9" * 400),
            [("a.test", True, "v")],
        ),
        ("curl -bn=v --cookie=m=w http://a.test", [("a.test", True, "v"), ("a.test", True, "w")]),
        ("curl 'http://a.test' -b $'n=it\\'s\\u0021'", [("a.test", True, "it's!")]),
    ],
    ids=(
        "line separators", "suffix", "address", "twice", "digits", "joined options", "shell quotes",
    ),
)  # fmt: skip
def test_what_a_jar_makes_of_it(
    tmp_path: Path, text: str, expected: list[tuple[str, bool, str]]
) -> None:
    """Odd files are read as a browser or a shell reads them."""
    found, lost = read(tmp_path, text)
    assert lost == []
    assert [(each.domain, each.host_only, to_text(each.value)) for each in found] == expected


def test_tokens_are_no_values(tmp_path: Path) -> None:
    """A jar that was exported without its values would explain nothing, and look as if it did."""
    token = msgspec.structs.replace(JAR[0], value="redacted-0123456789")
    with pytest.raises(FormatError, match="holds tokens instead of values"):
        read(tmp_path, JAR_FILES["cookies.txt"].writes([token]))
