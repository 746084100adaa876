"""One capture with every awkward value that an export has to get right."""

from __future__ import annotations

import base64

from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    CookieRead,
    CookieWrite,
    Event,
    Failure,
    Headers,
    Listener,
    Local,
    Recorder,
    Request,
    Response,
    Server,
    ServerError,
)

BEGAN = 1_790_000_000.0
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def _request(
    number: int, url: str, *headers: tuple[str, str], method: str = "GET", client: str = "c1"
) -> Request:
    return Request(
        exchange_id=f"x{number}",
        client_id=client,
        connection=f"{client}-{number // 3}",
        at=BEGAN + number,
        method=method,
        url=url,
        upstream=None,
        http_version="HTTP/1.1",
        headers=(("User-Agent", CHROMIUM), *headers),
    )


def _response(number: int, *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(
        exchange_id=f"x{number}",
        at=BEGAN + number + 0.25,
        status_code=status,
        reason="OK" if status == 200 else "",
        http_version="HTTP/1.1",
        headers=headers,
    )


def _body(number: int, content: str | None, content_type: str, binary: bytes = b"") -> Body:
    return Body(
        exchange_id=f"x{number}",
        at=BEGAN + number + 0.25,
        of="response",
        content_type=content_type,
        size=len(content.encode()) if content is not None else len(binary),
        content=content,
        base64=base64.b64encode(binary).decode() if content is None else None,
        truncated=False,
    )


NAVIGATION: Headers = (
    ("Sec-Fetch-Site", "none"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)

EVENTS: tuple[Event, ...] = (
    Capture(capture_id="0" * 32, schema=SCHEMA, at=BEGAN, producer="test 1"),
    Recorder(
        at=BEGAN,
        state="started",
        listeners=(Listener(mode="regular", address="127.0.0.1:8080"),),
    ),
    Client(
        client_id="c1", at=BEGAN, listen="127.0.0.1:8080", peer="127.0.0.1", user_agent=CHROMIUM
    ),
    # Names and values that mean something to HTML, Markdown, a spreadsheet or a terminal.
    _request(1, "https://shop.test/", *NAVIGATION),
    _response(
        1,
        ("Content-Type", "text/html; charset=utf-8"),
        ("Set-Cookie", "user=Alice; Path=/"),
        ("Set-Cookie", "pipe|name=a|b\\c; SameSite=Lax; Secure"),
        ("Set-Cookie", "=cmd=2+5"),
        ("Set-Cookie", 'quoted="x, \\"y\\""; Max-Age=86400; HttpOnly'),
        ("Set-Cookie", "html=<script>alert(1)</script>; SameSite=None; Secure"),
        ("Set-Cookie", "utf8=gr\xc3\xbc\xc3\x9fe; Expires=Wed, 22 Sep 2027 07:28:00 GMT"),
        ("Set-Cookie", "latin1=\xe9\xff; Priority=High"),
        ("Set-Cookie", "bidi=a\xe2\x80\xaeb"),
        ("Set-Cookie", "control=a\x1b[31mb"),
        ("Set-Cookie", "wide=.test; Domain=test"),
        ("Set-Cookie", "__Host-strict=1; Domain=shop.test; Secure; Path=/"),
        ("Set-Cookie", "gone=; Max-Age=0"),
        ("Set-Cookie", "empty="),
    ),
    _body(1, '\n=HYPERLINK("http://x|y"), <b>`Hello`</b>\r\nsecond line\n', "text/html"),
    # A request as the jar predicts it, seen by the server, with a redirect as the response.
    _request(
        2,
        "https://shop.test/caf%C3%A9?user=Alice&q=a+b#top",
        *NAVIGATION,
        ("Cookie", "user=Alice; pipe|name=a|b\\c; cmd=2+5"),
        ("Cookie", 'quoted="x, \\"y\\""; stranger=unseen-before'),
        ("Authorization", "Basic dXNlcjpwYXNzd29yZA=="),
        method="POST",
    ),
    Body(
        exchange_id="x2",
        at=BEGAN + 2.1,
        of="request",
        content_type="application/x-www-form-urlencoded",
        size=29,
        content="user=Alice&next=unseen-before",
        base64=None,
        truncated=False,
    ),
    Server(
        exchange_id="x2",
        at=BEGAN + 2.2,
        function="view",
        file="app.py",
        first_line=10,
        source="def view():\n    user = request.cookies['user']\n    return redirect('/')\n",
        lines=(10, 11, 12),
        reads=(CookieRead(name="user", value="Alice", where="view", line=11),),
        writes=(CookieWrite(name="user", value="Bob & Co", where="view", line=12),),
        locals=(Local(name="user", value="'Alice'", line=11, text="Alice"),),
        error=ServerError(kind="KeyError", message="'unseen-before'", line=12),
    ),
    _response(
        2,
        ("Location", "https://shop.test/?back=unseen-before"),
        ("Set-Cookie", "user=Bob & Co; Path=/"),
        status=302,
    ),
    # An image, a failure, a response that never came, another client.
    _request(
        3, "https://shop.test/logo.png", ("Cookie", "user=Bob & Co"), ("Sec-Fetch-Mode", "cors")
    ),
    _response(3, ("Content-Type", "image/png")),
    _body(3, None, "image/png", b"\x89PNG unseen-before\x00\xff"),
    _request(4, "http://[::1]:5000/stream", ("Cookie", "")),
    Failure(
        exchange_id="x4",
        client_id="c1",
        at=BEGAN + 4.5,
        host="[::1]:5000",
        kind="connect",
        message="connection refused | <try again>",
    ),
    Client(client_id="c2", at=BEGAN, listen="127.0.0.1:8080", peer="127.0.0.1", user_agent=None),
    Request(
        exchange_id="x5",
        client_id="c2",
        at=BEGAN + 5,
        method="GET",
        url="http://b\xfccher.test/\xff?x",
        upstream=None,
        http_version="HTTP/2.0",
        headers=(),
    ),
    Recorder(at=BEGAN + 6, state="gap", message="the disk was full"),
    Recorder(at=BEGAN + 7, state="stopped"),
)
