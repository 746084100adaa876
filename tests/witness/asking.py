"""How a test asks the witness: a marked request, and the report in its response."""

from __future__ import annotations

from flask import Flask
from werkzeug.test import TestResponse

from cookietrace.events import Server
from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark
from cookietrace.witness.report import REPORT_HEADER

SECRET = "a-secret-of-the-tests"

MARKED = {MARK_HEADER: mark("e1", SECRET)}
"""The headers of a request whose mark the witness trusts."""


def ask(
    app: Flask, path: str, cookie: str = "", method: str = "GET"
) -> tuple[TestResponse, Server]:
    """Return the response to one marked request, and the report in it."""
    headers = {**MARKED, **({"Cookie": cookie} if cookie else {})}
    response = app.test_client(use_cookies=False).open(path, method=method, headers=headers)
    return response, reported(response.headers[REPORT_HEADER])


def reported(value: str) -> Server:
    """Return the report in a header value; fail if it is not one."""
    server = decode(value, "e1", 1.0)
    assert server is not None
    return server
