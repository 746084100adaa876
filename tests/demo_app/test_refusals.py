"""The refusals: each is what it claims to be, in the engine and on the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from cookietrace.cookies import (
    PROFILES,
    TABLE,
    Code,
    CookieJar,
    Credentials,
    Outcome,
    RequestContext,
    Site,
    default_public_suffixes,
    parse_target,
)
from demo_app import create_app
from demo_app.lessons.refusals import PATH, REFUSALS, Refusal
from demo_app.server import DemoServer

HOME = RequestContext(
    site=Site.SAME,
    top_level=True,
    unsafe=False,
    credentials=Credentials.INCLUDE,
    top_level_site=None,
    certain=True,
    sources=(),
)
ABROAD = RequestContext(
    site=Site.CROSS,
    top_level=False,
    unsafe=False,
    credentials=Credentials.INCLUDE,
    top_level_site="https://ads.test",
    certain=True,
    sources=(),
)

NOT_BY_SERVERS = {
    Code.HTTP_ONLY_FROM_SCRIPT,
    Code.WOULD_OVERWRITE_HTTP_ONLY,
    Code.CLIENT_POLICY,
}
"""Refusals that need a script or a setting."""

TRIES = [
    (refusal, scheme)
    for refusal in REFUSALS.values()
    for scheme in ((refusal.scheme,) if refusal.scheme else ("http", "https"))
]


@pytest.mark.parametrize(
    ("refusal", "scheme"), TRIES, ids=lambda value: getattr(value, "code", value)
)
def test_refused(refusal: Refusal, scheme: str) -> None:
    """With Chromium's profile the line is refused for the reason that the row names."""
    jar = CookieJar(PROFILES["chromium"], default_public_suffixes())
    secure = parse_target(f"https://shop.test{PATH}/{refusal.code}")
    if refusal.first is not None:
        assert jar.store(refusal.first, secure, HOME, 0.0).outcome is Outcome.CREATED
    target = parse_target(f"{scheme}://shop.test{PATH}/{refusal.code}")
    context = ABROAD if refusal.cross_site else HOME
    result = jar.store(refusal.line, target, context, 1.0)
    assert result.outcome is Outcome.REJECTED
    assert [finding.code for finding in result.reasons][:1] == [refusal.code]


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=lambda refusal: refusal.code)
def test_mended(refusal: Refusal) -> None:
    """The fixed line is kept, over https."""
    jar = CookieJar(PROFILES["chromium"], default_public_suffixes())
    target = parse_target(f"https://shop.test{PATH}/{refusal.code}/fixed")
    assert jar.store(refusal.fixed, target, HOME, 0.0).outcome is Outcome.CREATED


def test_no_refusal_is_missing() -> None:
    """Every refusal that a server can cause is in the lesson."""
    refused = {code for code, reason in TABLE.items() if "rejected" in reason.where}
    assert set(REFUSALS) == refused - NOT_BY_SERVERS


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a running demo app."""
    server = DemoServer(create_app())
    thread = Thread(target=server.run)
    thread.start()
    yield int(server.url.rpartition(":")[2])
    server.stop()
    thread.join()


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=lambda refusal: refusal.code)
def test_on_the_wire(port: int, refusal: Refusal) -> None:
    """The server sends the line byte for byte, unusual bytes included."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        request = (
            f"GET {PATH}/{refusal.code} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(request.encode())
        response = b"".join(iter(lambda: connection.recv(65536), b""))
    head = response.partition(b"\r\n\r\n")[0]
    assert b"Set-Cookie: " + refusal.line.encode("latin-1") in head.split(b"\r\n")
