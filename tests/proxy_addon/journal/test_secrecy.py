"""No recording holds the witness's secret or a mark, and the browser gets what the app sent."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections import Counter
from urllib.parse import quote, quote_plus

import pytest

from cookietrace.events import Body, Client, Event, Failure, Local, Response, Server
from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.report import REPORT_HEADER, LocalEntry, Report, encode
from proxy_addon.journal.secrecy import Secrecy
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import SECRET, events_of, of_kind
from tests.proxy_addon.upstream import Visit, plain

HARD = "it's-a\"hard<secret>&%+\\"
"""A secret that the user chose: each way of writing it differs."""

MARK = mark("x1", "localhost:80", 1.0, mark_key(SECRET))
MAC = re.compile(r"ctmac-[0-9a-f]{8}")

SPELLED = [
    HARD,
    html.escape(HARD),
    html.escape(HARD).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    json.dumps(HARD)[1:-1],
    quote(HARD, safe=""),
    quote_plus(HARD),
    repr(HARD)[1:-1],
    json.dumps(repr(HARD)[1:-1])[1:-1],
    HARD.upper(),
    html.escape(HARD).swapcase(),
    HARD.encode().hex(),
    HARD.encode().hex(" ", 2).upper(),
]


def packed(text: str, before: int = 0) -> list[str]:
    """Return Base64 of a text with so many bytes before it: plain, for URLs, and in lines."""
    data = b"x" * before + text.encode() + b" and more"
    found = [base64.b64encode(data), base64.urlsafe_b64encode(data), base64.encodebytes(data)]
    return [each.decode().strip() for each in found]


def body(content: str, *, truncated: bool = False) -> Body:
    """Return the event for a body."""
    return Body(
        exchange_id="x",
        at=1.0,
        of="response",
        content_type="text/html",
        size=9,
        content=content,
        truncated=truncated,
    )


@pytest.mark.parametrize("spelled", SPELLED)
def test_spellings(spelled: str) -> None:
    """The secret is replaced as it is written in HTML, JSON, URLs and Python."""
    secrecy = Secrecy(HARD)
    assert secrecy.body(body(f"a {spelled} b {spelled}")).content == "a (secret) b (secret)"


def unpacked(text: str) -> bytes:
    """Return what Base64 in a text stands for, wherever its groups of four begin."""
    joined = "".join(re.findall(r"[\w+/-]", text)).translate(str.maketrans("-_", "+/"))
    groups = [joined[first : first + (len(joined) - first) // 4 * 4] for first in range(4)]
    return b"\n".join(map(base64.b64decode, groups))


@pytest.mark.parametrize(("text", "shown"), [(HARD, "(secret)"), (MARK, "(mark)")])
def test_base64(text: str, shown: str) -> None:
    """Whatever stands before them in Base64, and wherever its lines end."""
    secrecy = Secrecy(HARD)
    parts = [text[-start - 8 :][:8].encode() for start in range(min(len(text), 64) - 8)]
    for before in range(24, 40):
        for spelled in packed(text, before):
            assert all(part in unpacked(spelled) for part in parts)
            first, last = secrecy.text(f"<{spelled}>").split(shown)
            assert not any(part in unpacked(first) + unpacked(last) for part in parts)


@pytest.mark.parametrize(
    "text",
    [
        MARK,
        quote(MARK),
        MARK.replace(" ", "+"),
        json.dumps({"a": MARK}),
        html.escape(f"<{MARK}>"),
        f"{MARK}{MARK}",
        MARK.upper(),
        MARK.title(),
        MARK.encode().hex(),
        MARK.encode().hex(":").replace(":", " ").upper(),
        MARK[:-40],
    ],
)
def test_marks(text: str) -> None:
    """The MAC of a mark is replaced wherever it stands; without it, a mark is none."""
    hidden = Secrecy(SECRET).text(f"a {text} b")
    assert "(mark)" in hidden
    assert not MAC.search(hidden.lower())
    assert MARK[-64:-32].encode().hex() not in hidden.lower().replace(" ", "")
    assert hidden.startswith("a ")
    assert hidden.endswith(" b")


def test_nothing_else_is_touched() -> None:
    """An event without secrets is the same object."""
    secrecy = Secrecy(SECRET)
    for text in ("", "ctmac-", "ctmac-0123456", SECRET[:-1], "a" * 70_000):
        assert secrecy.body(body(text)).content == text
    whole = body("a")
    assert secrecy.body(whole) is whole
    report = Server(exchange_id=SECRET, at=1.0, source="a", locals=())
    assert secrecy.server(report) is report


@pytest.mark.parametrize(
    ("spelled", "rest"),
    [
        (SECRET[:-1], "(secret)"),
        (SECRET[:10], "(secret)"),
        (SECRET[:9], SECRET[:9]),
        (SECRET.upper()[:12], "(secret)"),
        (SECRET.encode().hex()[:22], "(secret)"),
        (base64.b64encode(SECRET.encode()).decode()[:16], "(secret)"),
    ],
)
def test_a_secret_that_is_cut(spelled: str, rest: str) -> None:
    """Of a body or value that was cut, less than half of the secret is left at the end."""
    cut = f"a {spelled}"
    secrecy = Secrecy(SECRET)
    assert secrecy.body(body(cut, truncated=True)).content == f"a {rest}"
    assert secrecy.body(body(cut)).content == cut
    local = Local(name="a", value=f"{{'KEY': '{cut}…", line=1, text=cut)
    [hidden] = secrecy.server(Server(exchange_id="x", at=1.0, locals=(local,))).locals
    assert (hidden.value, hidden.text) == (f"{{'KEY': 'a {rest}…", f"a {rest}")


def page(visit: Visit) -> bytes:
    """Return what a page for debugging shows: the mark, and the environment."""
    [value] = visit.headers(MARK_HEADER)
    return b"mark: " + value + b"\nCOOKIETRACE_SECRET=" + SECRET.encode() + b"\n"


def echo(visit: Visit) -> None:
    """Show it in the body, in headers, and in a witness's report."""
    shown = page(visit)
    line = shown.replace(b"\n", b" ")
    report = Report(
        function="show",
        locals=(LocalEntry("a", repr(shown.decode())[:70] + "…", 1, text=shown.decode()),),
    )
    headers = [b"X-Echo: " + line, f"{REPORT_HEADER}: {encode(report)}".encode()]
    match visit.path:
        case "/text":
            sent = plain(shown, b"Content-Type: text/plain", *headers)
        case "/bytes":
            sent = plain(b"\0\xff" + shown, b"Content-Type: image/png", *headers)
        case "/gzip":
            sent = plain(gzip.compress(shown), b"Content-Encoding: gzip", *headers)
        case "/stream":
            head = b"\r\n".join([b"HTTP/1.1 200 " + line, *headers, b"Transfer-Encoding: chunked"])
            chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (shown[:50], shown[50:], b"")]
            sent = head + b"\r\n\r\n" + b"".join(chunks)
        case _:
            sent = line + b"\r\n\r\n"
    visit.send(sent)


PAGES = ("/text", "/bytes", "/gzip", "/stream")


def recorded(events: list[Event]) -> str:
    """Return all that was recorded, with the bytes of bodies that are not text."""
    packed = [event.base64 or "" for event in of_kind(events, Body)]
    return repr(events) + "".join(base64.b64decode(each).decode("latin-1") for each in packed)


def test_an_app_that_shows_them(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """Whatever an app shows of its requests and environment, and the browser sends again."""
    app = start_upstream(dict.fromkeys((*PAGES, "/broken"), echo))
    proxy = start_proxy()
    got = []
    with Wire(proxy.addresses[0]) as wire:
        for path in PAGES:
            content = f"again={quote(MARK)}&secret={SECRET}".encode()
            wire.send(
                f"POST {app.url}{path}?key={SECRET} HTTP/1.1\r\nHost: a.test\r\n"
                f"User-Agent: {SECRET}\r\nX-Mark: {MARK}\r\nContent-Length: {len(content)}\r\n"
                "\r\n".encode()
                + content
            )
            got.append(wire.until(b"0\r\n\r\n") if path == "/stream" else wire.response()[1])
        wire.get(f"{app.url}/broken")
        wire.response()
    proxy.stop()
    for path, visit, sent in zip(PAGES, app.visits, got, strict=False):
        shown = page(visit)
        sent = gzip.decompress(sent) if path == "/gzip" else sent
        assert re.sub(rb"\r\n[0-9a-f]+\r\n", b"", sent).count(shown) == 1
    events = events_of(proxy.capture)
    kinds = Counter(type(event) for event in events)
    assert kinds[Response] == kinds[Server] == 4
    assert kinds[Body] == 8
    assert kinds[Client] == 2
    [failure] = of_kind(events, Failure)
    assert "(secret)" in failure.message
    assert "(mark)" in failure.message
    text = recorded(events)
    assert SECRET not in text
    assert not MAC.search(text)
    assert text.count("(secret)") >= 4 * 6
    assert text.count("(mark)") >= 4 * 5
    assert SECRET not in proxy.errors()
