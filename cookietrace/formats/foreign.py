"""Recognises files of other tools, to say what a file is and how to get a HAR in its place.

One row per kind of file. Content decides before the name, as it does for formats.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

START = 64 * 1024
"""The number of bytes that a file is recognised by."""

_MOST_NAMES = 1000
"""How many files of an archive are looked at."""

_BROWSER = "save a HAR with cookies in the browser's developer tools, or use `cookietrace watch`"
_MOMENT = f"it holds the cookies of one moment, not the requests: {_BROWSER}"


class Foreign(msgspec.Struct, frozen=True):
    """A kind of file that is not read."""

    what: str
    """What it is, with its article."""
    advice: str
    """How to get a HAR, or the like, in its place."""
    starts: str = ""
    """A pattern that it begins with, as latin-1 text after white space; none if empty."""
    holds: str = ""
    """A pattern that occurs within its first ``START`` bytes; none if empty."""
    member: str = ""
    """A pattern for the name of a file in it, if it is a zip archive; none if empty."""
    suffixes: tuple[str, ...] = ()
    """Lower-case suffixes of its name, with their dot."""


FOREIGN = (
    Foreign(
        "a Fiddler session archive",
        "in Fiddler, choose File > Export Sessions > All Sessions > HTTPArchive v1.2 (HAR)",
        member=r"raw[/\\]\d+_[cms]\.(?:txt|xml)",
        suffixes=(".saz",),
    ),
    Foreign(
        "a Charles session",
        "open it in Charles, and choose File > Export Session with the format HTTP Archive (.har)",
        starts=r'(?:\[\s*\{\s*"status"\s*:\s*"[A-Z_]+"\s*,\s*"method"|<\?xml[^>]*>\s*<charles-)',
        holds=r"<!DOCTYPE charles-session|<charles-session",
        member=r"(?:.*/)?\d+-(?:meta|req|res)\.[a-z]+",
        suffixes=(".chls", ".chlsj", ".chlsx", ".chlz", ".chrlz", ".xchls"),
    ),
    Foreign(
        "a Proxyman session",
        "open it in Proxyman, and export it as HAR",
        suffixes=(".proxymanlog", ".proxymanlogv2", ".proxymansession", ".proxymansessionv2"),
    ),
    Foreign(
        "an HttpWatch log", "open it in HttpWatch, and export it as HAR", suffixes=(".hwl", ".hwlx")
    ),
    Foreign(
        "a Playwright trace",
        "record a HAR with the option `recordHar` (`record_har_path` in Python) of newContext",
        member=r"(?:.*[-/])?trace\.(?:trace|network)",
    ),
    Foreign(
        "Playwright's storage state",
        "it holds the cookies of one moment, not the requests: record a HAR with the option "
        "`recordHar` (`record_har_path` in Python) of newContext",
        starts=r'\{\s*"(?:cookies"\s*:\s*\[\s*(?:\]|\{)|origins"\s*:\s*\[)',
    ),
    Foreign(
        "a list of cookies in JSON, as browser extensions export it",
        _MOMENT,
        starts=r'\[\s*\{\s*"(?s:.{0,3000}?)"(?:hostOnly|httpOnly|storeId|expirationDate)"\s*:',
    ),
    Foreign(
        "a cookies.txt file",
        _MOMENT,
        starts=r"(?:# (?:Netscape )?HTTP Cookie File"
        r"|(?:#[^\n]{0,500}\n|\s){0,50}(?:#HttpOnly_)?[^\s#]{1,255}\t(?:TRUE|FALSE)\t/[^\t\n]{0,999}"
        r"\t(?:TRUE|FALSE)\t\d{1,20}\t)",
    ),
    Foreign("Firefox's cookie database", _MOMENT, holds=r"CREATE TABLE \"?moz_cookies"),
    Foreign(
        "the cookie database of Chrome or another Chromium browser",
        _MOMENT,
        holds=r"CREATE TABLE \"?cookies\"? ?\(creation_utc",
    ),
    Foreign("Safari's cookie file", _MOMENT, starts=r"cook\x00", suffixes=(".binarycookies",)),
    Foreign(
        "a log of curl (-v or --trace)",
        "curl writes no HAR: start `cookietrace watch`, and run curl again with "
        "`-x http://127.0.0.1:8080` (for https, `cookietrace ca` says how to trust it)",
        holds=r"(?m)^(?:[\d:.]{8,20} )?(?:> [A-Z]{1,20} \S{1,2000} HTTP/\d|== Info: "
        r"|=> Send header, |<= Recv header, )",
    ),
    Foreign(
        "a request copied from the developer tools",
        "copy all requests as HAR in the same menu, with cookies, and save them as a .har file",
        starts=r"(?:curl(?:\.exe)? ['\"^\-h]|(?:await )?fetch\(['\"]|Invoke-WebRequest "
        r"|\$session = New-Object)",
    ),
    Foreign(
        "a Postman collection or environment",
        "it does not hold what was sent: start `cookietrace watch`, set its address as the proxy "
        "in Postman's settings, and send the requests again",
        holds=r'"_postman_(?:id|variable_scope|exported_at)"|schema\.(?:get)?postman\.com/',
        suffixes=(".postman_collection", ".postman_environment"),
    ),
    Foreign(
        "an Insomnia export",
        "in Insomnia, export again and choose HAR",
        starts=r'(?:\{\s*"_type"\s*:\s*"export"|type: [a-z]{1,40}\.insomnia\.rest/)',
        holds=r'"__export_format"\s*:',
    ),
    Foreign(
        "a packet capture of Wireshark or tcpdump",
        f"https is encrypted in it, and it cannot be converted to a HAR: {_BROWSER}",
        starts=r"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d"
        r"|<\?xml[^>]*>\s*(?:<\?[^>]*>\s*){0,3}(?:<!--.{0,500}?-->\s*)?<pdml",
        holds=r"\A\n\r\r\n(?s:.{4})(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)",
        suffixes=(".pcap", ".pcapng"),
    ),
    Foreign(
        "a performance trace of Chrome",
        "save a HAR instead: in the developer tools, Network > Export HAR (with sensitive data)",
        starts=r'\{\s*"(?:traceEvents|metadata"\s*:\s*\{[^{}]{0,2000}\}\s*,\s*"traceEvents)"\s*:',
    ),
    Foreign(
        "an export of Burp Suite",
        f"it cannot be converted to a HAR here: {_BROWSER}",
        holds=r"<(?:items|issues) burpVersion=",
        suffixes=(".burp",),
    ),
    Foreign("a web archive (WARC)", _BROWSER, starts=r"WARC/\d", suffixes=(".warc",)),
    Foreign(
        "a saved web page",
        f"it does not hold the requests: {_BROWSER}",
        starts=r"bplist00",
        holds=r"(?im)^Snapshot-Content-Location:|^From: <Saved by ",
        suffixes=(".webarchive", ".mhtml", ".mht"),
    ),
    Foreign(
        "a web page",
        f"{_BROWSER} (a lesson page of cookietrace cannot be read back: export JSON Lines as well)",
        starts=r"(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html)\b",
    ),
    Foreign(
        "the text of an HTTP message",
        _BROWSER,
        starts=r"(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S{1,4000} HTTP/\d"
        r"|HTTP/\d(?:\.\d)? \d{3}\b|(?:Set-)?Cookie: )",
    ),
    Foreign(
        "a compressed file",
        "unpack it first, or pack the HAR with gzip or zip",
        starts=r"7z\xbc\xaf\x27\x1c|Rar!\x1a|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|BZh[1-9]1AY",
        suffixes=(".7z", ".rar", ".xz", ".zst", ".bz2", ".br"),
    ),
    Foreign(
        "an archive (tar)",
        "unpack it first, then choose the HAR in it",
        holds=r"\A(?s:.{257})ustar",
        suffixes=(".tar", ".tgz"),
    ),
)
"""The files of other tools that people have in hand; the first row that applies."""


class _Row(msgspec.Struct, frozen=True):
    kind: Foreign
    starts: re.Pattern[str] | None
    holds: re.Pattern[str] | None
    member: re.Pattern[str] | None


def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str] | None:
    return re.compile(pattern, flags) if pattern else None


_ROWS = tuple(
    _Row(kind, _compiled(kind.starts, re.I), _compiled(kind.holds), _compiled(kind.member, re.I))
    for kind in FOREIGN
)


def by_content(start: bytes, members: Sequence[str] = ()) -> Foreign | None:
    """Return what a file is by its first ``START`` bytes, and by the names of the files in it."""
    text = start[:START].removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    stripped = text.lstrip(" \t\r\n")
    names = members[:_MOST_NAMES]
    for row in _ROWS:
        if row.starts is not None and row.starts.match(stripped):
            return row.kind
        if row.holds is not None and row.holds.search(text):
            return row.kind
        if row.member is not None and any(map(row.member.fullmatch, names)):
            return row.kind
    return None


def by_suffix(name: str) -> Foreign | None:
    """Return what a file is by the end of its name."""
    lower = name.lower()
    return next((kind for kind in FOREIGN if lower.endswith(kind.suffixes)), None)
