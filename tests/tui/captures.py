"""Captures built by hand, event by event, and written by the real store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path

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
)
from cookietrace.stores import CaptureStore, create_capture

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
START = 1_767_261_600.0
"""2026-01-01 10:00:00 UTC, when every capture here starts."""

PROXY = Listener(mode="regular", address="127.0.0.1:8080")
REVERSE = Listener(mode="reverse", address="127.0.0.1:8081", target="http://127.0.0.1:5000")

HELLO_SOURCE = """\
@app.get("/")
def hello():
    user = request.cookies.get("user")
    response = make_response(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response
"""


def client(client_id: str = "c1", user_agent: str | None = CHROME, listen: str = "") -> Client:
    """A client of the proxy listener."""
    return Client(
        client_id=client_id,
        at=START,
        listen=listen or PROXY.address,
        peer="127.0.0.1",
        user_agent=user_agent,
    )


def started(*listeners: Listener) -> Recorder:
    """The recorder starts."""
    return Recorder(at=START - 1, state="started", listeners=listeners or (PROXY, REVERSE))


def stopped(at: float = START + 600) -> Recorder:
    """The recorder stops."""
    return Recorder(at=at, state="stopped")


def visit(
    number: int,
    url: str,
    *,
    cookie: str | None = None,
    set_cookies: Sequence[str] = (),
    client_id: str = "c1",
    method: str = "GET",
    status: int = 200,
    content: str | None = None,
    content_type: str = "text/html; charset=utf-8",
    headers: Headers = (),
    response_headers: Headers = (),
    seconds: float | None = None,
    server: Server | None = None,
    responded: bool = True,
) -> list[Event]:
    """One exchange: request, witness report, response and body."""
    at = START + (seconds if seconds is not None else float(number))
    exchange_id = f"x{number}"
    host = url.split("/")[2]
    sent: Headers = (
        ("Host", host),
        ("User-Agent", CHROME),
        ("Accept", "text/html,*/*;q=0.8"),
        ("Sec-Fetch-Site", "none"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    )
    own = {name.lower() for name, _ in headers}
    sent = (*(pair for pair in sent if pair[0].lower() not in own), *headers)
    if cookie is not None:
        sent = (*sent, ("Cookie", cookie))
    events: list[Event] = [
        Request(
            exchange_id=exchange_id,
            client_id=client_id,
            at=at,
            method=method,
            url=url,
            upstream="http://127.0.0.1:5000",
            http_version="HTTP/1.1",
            headers=sent,
        )
    ]
    if not responded:
        return events
    if server is not None:
        events.append(server)
    events.append(
        Response(
            exchange_id=exchange_id,
            at=at + 0.02,
            status_code=status,
            reason=HTTPStatus(status).phrase.upper(),
            http_version="HTTP/1.1",
            headers=(
                ("Content-Type", content_type),
                *response_headers,
                *(("Set-Cookie", line) for line in set_cookies),
            ),
        )
    )
    if content is not None:
        events.append(
            Body(
                exchange_id=exchange_id,
                at=at + 0.03,
                of="response",
                content_type=content_type,
                size=len(content.encode()),
                content=content,
                base64=None,
                truncated=False,
            )
        )
    return events


def hello(number: int, value: str | None) -> Server:
    """The witness report of the seed's view, which reads ``user`` and sets it to Alice."""
    return Server(
        exchange_id=f"x{number}",
        at=START + number + 0.01,
        function="hello",
        file="demo_app/hello.py",
        first_line=12,
        source=HELLO_SOURCE,
        lines=(14, 15, 16, 17),
        reads=(CookieRead(name="user", value=value, where="view", line=14),),
        writes=(CookieWrite(name="user", value="Alice", where="view", line=16),),
        locals=(
            Local(name="user", value=repr(value), line=14, text=value),
            Local(name="response", value="<Response 10 bytes [200 OK]>", line=15),
        ),
    )


def seed() -> list[Event]:
    """The seed trace: two visits to ``/``."""
    url = "http://127.0.0.1:8081/"
    return [
        started(),
        client(),
        *visit(
            1, url, set_cookies=["user=Alice; Path=/"], content="Hello None", server=hello(1, None)
        ),
        *visit(
            2,
            url,
            cookie="user=Alice",
            set_cookies=["user=Alice; Path=/"],
            content="Hello Alice",
            server=hello(2, "Alice"),
        ),
    ]


CROSS: Headers = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
    ("Referer", "http://ads.test/"),
)
SAME: Headers = (("Sec-Fetch-Site", "same-origin"), ("Referer", "http://shop.test/"))


def rich() -> list[Event]:
    """Three hosts, two clients, every kind of verdict, and hostile text."""
    shop, ads = "https://shop.test", "https://ads.test"
    return [
        started(),
        client(),
        client("c2", FIREFOX),
        *visit(
            1,
            f"{shop}/",
            content="<h1>Shop</h1>",
            set_cookies=["seen=1; Max-Age=86400; Path=/", "theme=dark; Path=/"],
        ),
        *visit(
            2, f"{shop}/login", cookie="seen=1; theme=dark", content="Please sign in", headers=SAME
        ),
        *visit(
            3,
            f"{shop}/login",
            method="POST",
            cookie="seen=1; theme=dark",
            status=302,
            headers=SAME,
            response_headers=(("Location", "/account"),),
            set_cookies=[
                "session=eyJ1c2VyIjoiYWxpY2UifQ.Z3x9; HttpOnly; Secure; SameSite=Lax; Path=/",
                "theme=light; Path=/",
            ],
        ),
        *visit(
            4,
            f"{shop}/account",
            headers=SAME,
            content="Hello Alice",
            cookie="seen=1; theme=light; session=eyJ1c2VyIjoiYWxpY2UifQ.Z3x9",
        ),
        *visit(
            5,
            f"{shop}/api/basket",
            cookie="seen=1; theme=light",
            headers=SAME,
            content='{"items": []}',
            content_type="application/json",
            set_cookies=["basket=42; Path=/api", "wide=1; Domain=test"],
        ),
        *visit(
            6,
            f"{ads}/pixel.gif",
            content_type="image/gif",
            headers=CROSS,
            set_cookies=["track=u-771; SameSite=None", "uid=9; SameSite=None; Secure"],
        ),
        *visit(
            7,
            f"{shop}/account",
            cookie="seen=1; theme=light; session=eyJ1c2VyIjoiYWxpY2UifQ.Z3x9; debug=on",
            headers=SAME,
            content="Hello Alice",
        ),
        *visit(
            8,
            f"{shop}/evil?q=[red]x[/red]",
            headers=SAME,
            client_id="c2",
            content="[bold]\x1b[31mred\x1b[0m \u202egnp.exe[/bold] $(rm -rf)\nline two",
            set_cookies=["evil=[reverse]\x1b]0;owned\x07[/]; Path=/", "__Host-id=1; Path=/"],
        ),
        *visit(
            9,
            f"{shop}/logout",
            headers=SAME,
            cookie="seen=1; theme=light; session=eyJ1c2VyIjoiYWxpY2UifQ.Z3x9",
            set_cookies=["session=; Max-Age=0; Path=/"],
            content="Bye",
        ),
        *visit(
            10,
            f"{shop}/missing",
            status=404,
            cookie="theme=light",
            headers=SAME,
            content="Not here",
        ),
        *visit(11, "https://api.test/slow", responded=False, cookie="a=b"),
        *visit(12, "https://gone.test/", responded=False),
        Failure(
            exchange_id="x12",
            client_id="c1",
            at=START + 12.5,
            host="gone.test",
            kind="connect",
            message="cannot connect to gone.test:443",
        ),
        Failure(
            exchange_id=None,
            client_id=None,
            at=START + 13,
            host="bank.test",
            kind="tls-client",
            message="The client does not trust the proxy's certificate for bank.test.",
        ),
    ]


def many(count: int) -> Iterable[list[Event]]:
    """``count`` visits in batches, with a cookie that changes at every tenth."""
    yield [started(), client()]
    batch: list[Event] = []
    for number in range(1, count + 1):
        value = f"v{(number - 1) // 10}"
        sets = [f"user={value}; Path=/"] if number % 10 == 1 else []
        cookie = f"user={value if number % 10 != 1 else f'v{(number - 11) // 10}'}"
        batch += visit(
            number,
            "http://127.0.0.1:8081/",
            cookie=cookie if number > 1 else None,
            set_cookies=sets,
            content=f"Hello {number}",
            seconds=number / 100,
        )
        if number % 1000 == 0:
            yield batch
            batch = []
    yield batch


def write(path: Path, events: Iterable[Event]) -> CaptureStore:
    """Write a capture with the real store, which stays open."""
    info = Capture(
        capture_id="0" * 32,
        schema=SCHEMA,
        at=START - 2,
        producer="cookietrace tests",
        sensitive=False,
    )
    store = create_capture(path, info=info)
    store.append(list(events))
    return store


def login_bug() -> list[Event]:
    """A sign-in whose session cookie the browser refuses, so that the next page asks again."""
    site = "http://shop.test"
    form = (("Sec-Fetch-Site", "same-origin"),)
    return [
        started(),
        client(),
        *visit(1, f"{site}/login", set_cookies=["theme=dark; Path=/"], content="Sign in"),
        *visit(
            2,
            f"{site}/login",
            method="POST",
            cookie="theme=dark",
            status=302,
            headers=form,
            response_headers=(("Location", "/account"),),
            set_cookies=["session=9f2c71; Path=/; HttpOnly; SameSite=None"],
        ),
        *visit(
            3,
            f"{site}/account",
            cookie="theme=dark",
            status=302,
            headers=form,
            response_headers=(("Location", "/login"),),
        ),
        *visit(4, f"{site}/login", cookie="theme=dark", headers=form, content="Sign in"),
        stopped(),
    ]
