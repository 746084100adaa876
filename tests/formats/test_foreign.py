"""Files of other tools: each is named, with how to get a HAR, in one line."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.errors import FormatError
from cookietrace.formats import open_capture, read_capture
from cookietrace.formats.foreign import FOREIGN, START, by_content, by_suffix


def zipped(*names: str) -> bytes:
    """Return a zip archive with these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "content")  # without the time of now
    return made.getvalue()


COOKIE = {"domain": ".a.test", "name": "a[0]", "value": "{1}", "path": "/", "httpOnly": True}

FILES: tuple[tuple[str, bytes, str], ...] = (
    ("a.zip", zipped("_index.htm", "raw/01_c.txt", "raw/01_s.txt"), "Fiddler.*HTTPArchive"),
    ("a.saz", b"PK\x03\x04 damaged", "zip archive that was cut off or damaged"),
    ("a.chlsj", b'[{"status":"COMPLETE","method":"GET"', "Charles session.*HTTP Archive"),
    ("a.xml", b'<?xml version="1.0"?>\n<charles-session>', "Charles session"),
    ("a.chls", b"\x00\x01\x02", "Charles session"),
    ("a.chlz", zipped("0-meta.json", "0-req.json"), "Charles session"),
    ("a.proxymanlogv2", zipped("request_1"), "Proxyman session"),
    ("trace.zip", zipped("trace.trace", "trace.network"), "Playwright trace.*recordHar"),
    ("state.json", b'{\n  "cookies": [\n    {"name": "a"', "storage state.*recordHar"),
    ("state.json", b'{"cookies": [], "origins": []}', "storage state"),
    ("list.json", json.dumps([COOKIE], indent=4).encode(), "list of cookies in JSON"),
    ("cookies.txt", b"# Netscape HTTP Cookie File\n", "cookies.txt.*one moment"),
    ("a.txt", b"# mine\n\n.a.test\tTRUE\t/\tFALSE\t1893456000\ta\t1\n", "cookies.txt"),
    ("a.txt", b"#HttpOnly_a.test\tFALSE\t/x\tTRUE\t0\ta\t1\n", "cookies.txt"),
    ("Cookies.binarycookies", b"cook\x00\x00\x00\x01", "Safari's cookie file"),
    ("a.log", b"*   Trying 127.0.0.1:80...\n> GET / HTTP/1.1\n> Host: a\n", "log of curl.*-x "),
    ("a.log", b"== Info:   Trying 127.0.0.1:80...\n=> Send header, 78 bytes\n", "log of curl"),
    ("a.log", b"20:01:02.345678 == Info: Trying\n", "log of curl"),
    ("a.sh", b"curl 'https://a.test/' \\\n  -H 'cookie: a=1'\n", "copied from the developer tools"),
    ("a.js", b'fetch("https://a.test/", {', "copied from the developer tools"),
    ("a.json", b'{"info": {"_postman_id": "1", "name": "x"', "Postman collection.*proxy"),
    (
        "a.json",
        b'{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"',
        "Postman collection",
    ),
    ("a.json", b'{"_type":"export","__export_format":4', "Insomnia export.*choose HAR"),
    ("a.yaml", b"type: collection.insomnia.rest/5.0\nname: x\n", "Insomnia export"),
    ("a", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "packet capture"),
    ("a", b"\n\r\r\n\x20\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00", "packet capture"),
    ("a.json", b'{"traceEvents":[{"args":{}}]}', "performance trace of Chrome"),
    ("a.xml", b'<?xml version="1.0"?>\n<items burpVersion="2026.1" ', "Burp Suite"),
    ("a.har", b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", "WARC"),
    ("a.warc.gz", gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n"), "WARC"),
    ("a.webarchive", b"bplist00\xd1", "saved web page"),
    ("a.mhtml", b"From: <Saved by Blink>\r\n", "saved web page"),
    ("a.har", b"\xef\xbb\xbf \n<!DOCTYPE html>\n<html>", "a web page"),
    ("a.txt", b"GET /x HTTP/1.1\r\nHost: a.test\r\n", "text of an HTTP message"),
    ("a.txt", b"HTTP/2 200\r\nset-cookie: a=1\r\n", "text of an HTTP message"),
    ("a.txt", b"Set-Cookie: a=1; Path=/\n", "text of an HTTP message"),
    ("a.har.xz", b"\xfd7zXZ\x00\x00", "compressed file: |compressed file, .*gzip or zip"),
    ("a.tar", b"a.har".ljust(257, b"\0") + b"ustar\x0000", "archive .tar."),
    ("a.har.tgz", gzip.compress(b"a.har".ljust(257, b"\0") + b"ustar\x0000"), "archive .tar."),
)
"""The name of a file, its first bytes, and words in the refusal."""


@pytest.mark.parametrize(
    ("name", "content", "words"), FILES, ids=[f"{name}-{words}" for name, _, words in FILES]
)
def test_a_file_of_another_tool(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """Reading and viewing it say in one line what it is and what to do."""
    path = tmp_path / name
    path.write_bytes(content)
    for opens in (read_capture, open_capture):
        with pytest.raises(FormatError, match=words) as caught:
            opens(path)
        assert str(caught.value).startswith(str(path))
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("moz_cookies (id INTEGER PRIMARY KEY, name TEXT)", "Firefox's cookie database"),
        ("cookies(creation_utc INTEGER NOT NULL, host_key TEXT)", "cookie database of Chrome"),
        ("t (x)", "is not a capture"),
    ],
)
@pytest.mark.parametrize("lenient", [True, False])
def test_a_database_of_a_browser(tmp_path: Path, table: str, words: str, lenient: bool) -> None:
    """A browser's own database is named; any other is no capture."""
    path = tmp_path / "cookies.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {table}")
    with pytest.raises(Exception, match=words) as caught:
        list(read_capture(path, lenient=lenient))
    assert "\n" not in str(caught.value)
    with pytest.raises(Exception, match=words):
        open_capture(path, lenient=lenient)


def test_every_row_can_be_found() -> None:
    """Each row has a way to be recognised, and each suffix names its own row."""
    for kind in FOREIGN:
        assert kind.starts or kind.holds or kind.member or kind.suffixes
        for suffix in kind.suffixes:
            assert by_suffix(f"A{suffix.upper()}") is kind
    assert by_suffix("a.har") is by_suffix("cookies") is None


@settings(max_examples=20)
@given(st.binary(max_size=300), st.sampled_from([b" ", b"\n", b"#\n", b"[{", b'"', b"> A ", b"<?"]))
def test_any_bytes(end: bytes, repeated: bytes) -> None:
    """Whatever a file begins with, recognising it ends, and raises nothing."""
    by_content(repeated * (START // len(repeated)) + end)
    by_content(end)
