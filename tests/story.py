"""Captures written as a browser's story: each call adds one thing seen on the wire."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace import events as ev
from cookietrace.trace import Trace

CHROMIUM = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)

TYPED = (
    ("Sec-Fetch-Site", "none"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-User", "?1"),
)
"""The headers of a navigation typed into the address bar."""

START = 1_750_000_000.0


class Story:
    """A growing list of events, with a clock that moves 10 s per request by default."""

    def __init__(
        self, base: str = "http://127.0.0.1:5000", *, user_agent: str | None = CHROMIUM
    ) -> None:
        self.base = base
        self.now = START
        self.events: list[ev.Event] = [
            ev.Capture(
                capture_id="c0ffee", schema=ev.SCHEMA, at=START, producer="story", sensitive=False
            )
        ]
        self._user_agent = user_agent
        self._clients: set[str] = set()
        self._exchanges = 0

    def client(self, client_id: str, user_agent: str | None = CHROMIUM) -> None:
        """A client appears."""
        self._clients.add(client_id)
        self.events.append(
            ev.Client(
                client_id=client_id,
                at=self.now,
                listen="127.0.0.1:8080",
                peer="127.0.0.1",
                user_agent=user_agent,
            )
        )

    def fresh(self, client_id: str, follows: str = "c1") -> None:
        """From here on, a fresh browser takes over from a client."""
        self.client(client_id, self._user_agent)
        self.events.append(ev.Session(client_id=client_id, at=self.now, follows=follows))

    def ask(
        self,
        url: str = "/",
        cookie: str | None = None,
        *,
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = TYPED,
        client_id: str = "c1",
        connection: str | None = None,
        after: float = 10.0,
    ) -> str:
        """A request reaches the proxy after ``after`` seconds; return its exchange id."""
        self.now += after
        if client_id not in self._clients:
            self.client(client_id, self._user_agent)
        self._exchanges += 1
        exchange_id = f"x{self._exchanges}"
        full = url if "://" in url else self.base + url
        cookies = () if cookie is None else (("Cookie", cookie),)
        self.events.append(
            ev.Request(
                exchange_id=exchange_id,
                client_id=client_id,
                connection=connection,
                at=self.now,
                method=method,
                url=full,
                upstream=None,
                http_version="HTTP/1.1",
                headers=(*headers, *cookies),
            )
        )
        return exchange_id

    def respond(
        self,
        exchange_id: str,
        *set_cookies: str,
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (("Content-Type", "text/html"),),
        body: str | None = "ok",
        server: ev.Server | None = None,
        after: float = 0.01,
    ) -> None:
        """The response to a request is committed, then its body."""
        self.now += after
        if server is not None:
            self.events.append(server)
        self.events.append(
            ev.Response(
                exchange_id=exchange_id,
                at=self.now,
                status_code=status,
                reason="OK" if status == 200 else "",
                http_version="HTTP/1.1",
                headers=(*headers, *(("Set-Cookie", line) for line in set_cookies)),
            )
        )
        if body is not None:
            self.events.append(
                ev.Body(
                    exchange_id=exchange_id,
                    at=self.now,
                    of="response",
                    content_type="text/html",
                    size=len(body),
                    content=body,
                    base64=None,
                    truncated=False,
                )
            )

    def visit(self, url: str = "/", cookie: str | None = None, *set_cookies: str) -> str:
        """A typed navigation and its response."""
        exchange_id = self.ask(url, cookie)
        self.respond(exchange_id, *set_cookies)
        return exchange_id

    def trace(self, browser: str = "auto") -> Trace:
        """Return the trace of the events so far."""
        trace = Trace(browser)
        for event in self.events:
            trace.apply(event)
        return trace


HOME_SOURCE = """@home.get("/")
def index() -> Response:
    user = request.cookies.get("user")
    response = make_response(f"Hello {user}")
    response.set_cookie("user", "Alice")
    return response
"""


def witness(exchange_id: str, user: str | None, at: float = START) -> ev.Server:
    """The witness's report on the demo's ``/``."""
    return ev.Server(
        exchange_id=exchange_id,
        at=at,
        function="index",
        file="home.py",
        first_line=10,
        source=HOME_SOURCE,
        lines=(12, 13, 14, 15),
        reads=(ev.CookieRead(name="user", value=user, where="view", line=12),),
        writes=(ev.CookieWrite(name="user", value="Alice", where="view", line=14),),
        locals=(
            ev.Local(name="user", value=repr(user), line=12, text=user),
            ev.Local(name="response", value="<Response 11 bytes [200 OK]>", line=13),
        ),
    )


def seed_story() -> Story:
    """The seed trace: two visits to the demo's ``/``."""
    story = Story()
    for user in (None, "Alice"):
        exchange_id = story.ask("/", None if user is None else f"user={user}")
        story.respond(
            exchange_id,
            "user=Alice; Path=/",
            body=f"Hello {user}",
            server=witness(exchange_id, user, story.now),
        )
    return story
