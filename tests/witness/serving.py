"""Drives WSGI and ASGI apps in this process: one request in, its response out."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextvars import Context
from typing import Any, NamedTuple
from wsgiref.util import setup_testing_defaults

from cookietrace.events import Server
from cookietrace.witness.report import REPORT_HEADER
from tests.witness.asking import marked, reported

PORT = 8000
"""Where the apps seem to listen."""


class Response(NamedTuple):
    """What a client sees, and whether the app raised instead of responding."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    raised: str = ""

    @property
    def report(self) -> Server:
        """The one report in the headers."""
        (value,) = self.all(REPORT_HEADER)
        return reported(value)

    def all(self, name: str) -> list[str]:
        """Return the values of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def bare(self) -> Response:
        """The response without its report."""
        kept = [pair for pair in self.headers if pair[0].lower() != REPORT_HEADER.lower()]
        return self._replace(headers=kept)


Ask = Callable[[str, str, str, dict[str, str]], Response]
"""Asks an app: method, path, Cookie header, further headers."""


def asking_wsgi(app: Any, peer: str = "127.0.0.1") -> Ask:
    """Return what asks a WSGI app."""

    def ask(method: str, path: str, cookie: str, headers: dict[str, str]) -> Response:
        # A server's thread begins with a context of its own; asgiref leaves things in it.
        return Context().run(ask_here, method, path, cookie, headers)

    def ask_here(method: str, path: str, cookie: str, headers: dict[str, str]) -> Response:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ |= {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "REMOTE_ADDR": peer,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(PORT),
            "HTTP_HOST": f"localhost:{PORT}",
            "wsgi.errors": io.StringIO(),
        }
        given = {**headers, **({"Cookie": cookie} if cookie else {})}
        environ |= {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()
        }
        started: list[Any] = []

        def start(status: str, fields: list[tuple[str, str]], _error: Any = None) -> Any:
            started[:] = [int(status[:3]), list(fields)]
            return lambda _data: None

        try:
            body = app(environ, start)
            data = b"".join(body)
            getattr(body, "close", lambda: None)()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is a result)
            return Response(0, [], b"", type(error).__name__)
        return Response(started[0], started[1], data)

    return ask


def asking_asgi(app: Any, peer: str = "127.0.0.1") -> Ask:
    """Return what asks an ASGI app, each request in an event loop of its own."""

    def ask(method: str, path: str, cookie: str, headers: dict[str, str]) -> Response:
        return Context().run(asyncio.run, ask_asgi(app, method, path, cookie, headers, peer))

    return ask


async def ask_asgi(
    app: Any,
    method: str,
    path: str,
    cookie: str,
    headers: dict[str, str],
    peer: str = "127.0.0.1",
) -> Response:
    """Return an ASGI app's response to one request."""
    given = {"host": f"localhost:{PORT}", **headers, **({"cookie": cookie} if cookie else {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in given.items()],
        "client": (peer, 50000),
        "server": ("127.0.0.1", PORT),
        "state": {},
    }
    received = 0
    status, fields, body = 0, [], b""

    async def receive() -> dict[str, Any]:
        nonlocal received
        received += 1
        if received == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()  # the client stays
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, fields, body
        if message["type"] == "http.response.start":
            status = message["status"]
            fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in message["headers"]]
        elif message["type"] == "http.response.body":
            body += message.get("body", b"")

    raised = ""
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a result)
        raised = type(error).__name__
    return Response(status, fields, body, raised)


def marks() -> dict[str, str]:
    """Return the headers of a request whose mark the witness trusts, once."""
    return marked(PORT)
