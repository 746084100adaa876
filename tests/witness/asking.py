"""How a test asks the witness: a marked request, and the report in its response."""

from __future__ import annotations

import secrets
import time

from flask import Flask
from werkzeug.test import TestResponse

from cookietrace.events import Server
from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.report import REPORT_HEADER

SECRET = "a-secret-of-the-tests"

KEY = mark_key(SECRET)

PORT = 80
"""The port at which a request of Flask's test client arrives, unless it says otherwise."""


def marked(port: int = PORT) -> dict[str, str]:
    """Return the headers of a request whose mark the witness trusts, once."""
    return {MARK_HEADER: mark(secrets.token_hex(8), f"localhost:{port}", time.time(), KEY)}


def ask(
    app: Flask, path: str, cookie: str = "", method: str = "GET"
) -> tuple[TestResponse, Server]:
    """Return the response to one marked request, and the report in it."""
    headers = {**marked(), **({"Cookie": cookie} if cookie else {})}
    response = app.test_client(use_cookies=False).open(path, method=method, headers=headers)
    return response, reported(response.headers[REPORT_HEADER])


def reported(value: str) -> Server:
    """Return the report in a header value; fail if it is not one."""
    server = decode(value, "e1", 1.0)
    assert server is not None
    return server
