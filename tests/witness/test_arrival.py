"""Where a request came from and arrived: what no header of the request can change."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import BaseWSGIServer, make_server

from cookietrace.witness.arrival import Arrival, asgi_arrival, wsgi_arrival
from cookietrace.witness.flask import witness
from cookietrace.witness.report import REPORT_HEADER
from tests.witness.asking import SECRET, marked
from tests.witness.flask_app import make_app

FORWARDED = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Host": "evil.test:9999",
    "X-Forwarded-Port": "9999",
    "X-Forwarded-Proto": "https",
    "Host": "evil.test:9999",
}


class Bound:
    """A server's socket that is bound to this name."""

    def __init__(self, name: object) -> None:
        self._name = name

    def getsockname(self) -> object:
        """Return the name, or fail with it."""
        if isinstance(self._name, Exception):
            raise self._name
        return self._name


HERE = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": "9999", "SERVER_NAME": "evil.test"}


@pytest.mark.parametrize(
    ("environ", "arrival"),
    [
        ({"REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": "80"}, ("127.0.0.1", True, "localhost:80")),
        ({"REMOTE_ADDR": "::1", "SERVER_PORT": "80"}, ("::1", True, "localhost:80")),
        ({"REMOTE_ADDR": "192.0.2.7", "SERVER_PORT": "80"}, ("192.0.2.7", False, "localhost:80")),
        ({"REMOTE_ADDR": "127.0.0.1"}, ("127.0.0.1", True, None)),
        ({**HERE, "SERVER_PORT": ""}, ("127.0.0.1", True, None)),
        ({**HERE, "SERVER_PORT": "\u0663"}, ("127.0.0.1", True, None)),
        ({}, ("", False, None)),
        (
            {**HERE, "werkzeug.socket": Bound(("127.0.0.1", 5000))},
            ("127.0.0.1", True, "localhost:5000"),
        ),
        (
            {**HERE, "werkzeug.socket": Bound(("::1", 5000, 0, 0))},
            ("127.0.0.1", True, "localhost:5000"),
        ),
        (
            {**HERE, "gunicorn.socket": Bound(("::ffff:127.0.0.2", 5000, 0, 0))},
            ("127.0.0.1", True, "127.0.0.2:5000"),
        ),
        (
            {**HERE, "werkzeug.socket": Bound(OSError("closed"))},
            ("127.0.0.1", True, None),
        ),
        # gunicorn at a Unix socket takes SERVER_PORT from the Host header.
        ({**HERE, "REMOTE_ADDR": "", "gunicorn.socket": Bound("/run/app")}, ("", True, None)),
        ({**HERE, "REMOTE_ADDR": "", "gunicorn.socket": Bound(b"\0app")}, ("", True, None)),
        # So does Apache, which tells the port that it listens at as well.
        ({**HERE, "mod_wsgi.listener_port": "8000"}, ("127.0.0.1", True, "localhost:8000")),
        (
            {
                "REMOTE_ADDR": "127.0.0.1",
                "SERVER_PORT": "9999",
                "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "192.0.2.7", "SERVER_PORT": "80"},
            },
            ("192.0.2.7", False, "localhost:80"),
        ),
    ],
)
def test_environs(environ: Mapping[str, Any], arrival: tuple[str, bool, str | None]) -> None:
    """The socket counts, then what the server says; what a proxy claimed never does."""
    assert wsgi_arrival(environ) == Arrival(*arrival)


@contextlib.contextmanager
def serving(app: Flask, **options: Any) -> Iterator[BaseWSGIServer]:
    """Serve an app with Flask's own development server."""
    server = make_server(app=app, threaded=True, **options)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("order", ["witness outside", "witness inside"])
def test_proxy_fix(order: str) -> None:
    """Behind ProxyFix the server's own port counts, not the one in the headers."""
    app = make_app()
    if order == "witness inside":
        witness(app, secret=SECRET)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_host=1, x_port=1)  # type: ignore[method-assign]
    if order == "witness outside":
        witness(app, secret=SECRET)
    with serving(app, host="127.0.0.1", port=0) as server:
        reports = []
        for port in (server.port, 9999):
            connection = HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/", headers={**FORWARDED, **marked(port)})
            reports.append(connection.getresponse().getheader(REPORT_HEADER))
            connection.close()
    assert [report is not None for report in reports] == [True, False]


def test_a_unix_socket(tmp_path: Path) -> None:
    """An app without a port answers for the ports that it names, and for no Host header."""
    app = make_app()
    witness(app, secret=SECRET, ports=[8000])
    path = tmp_path / "app"
    statuses = []
    with serving(app, host=f"unix://{path}", port=0):
        for port in (8000, 9999):
            lines = ["GET / HTTP/1.0", f"Host: localhost:{port}"]
            lines += [f"{name}: {value}" for name, value in marked(port).items()]
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                connection.sendall("\r\n".join([*lines, "", ""]).encode())
                with connection.makefile("rb") as stream:
                    statuses.append(REPORT_HEADER.encode() in stream.read())
    assert statuses == [True, False]


@pytest.mark.parametrize(
    ("client", "server", "is_local", "address"),
    [
        (("127.0.0.1", 5), ("127.0.0.1", 80), True, "localhost:80"),
        (("::1", 5), ("::1", 8000), True, "localhost:8000"),
        (("127.0.0.1", 5), ("127.0.0.9", 80), True, "127.0.0.9:80"),
        (("127.0.0.1", 5), ("app.example", 80), True, "localhost:80"),
        (("192.0.2.7", 5), ("192.0.2.1", 80), False, "localhost:80"),
        (None, ("/run/app.sock", None), True, None),
        (("192.0.2.7", 5), ("/run/app.sock", None), False, None),
        (None, None, False, None),
        (("127.0.0.1", 5), None, True, None),
    ],
)
def test_asgi(client: object, server: object, is_local: bool, address: str | None) -> None:
    """An ASGI server tells both ends of the connection; what it does not tell is not known."""
    arrived = asgi_arrival({"client": client, "server": server, "headers": []})
    assert (arrived.is_local, arrived.address) == (is_local, address)
