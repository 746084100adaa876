"""The server of the screen in browser tabs: it and its screens end with whoever started them."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cookietrace.supervision.web_listening import WebAddress, read_certificate
from cookietrace.supervision.web_terminal import WebTerminal
from tests.processes import running_with, wait_until
from tests.tui import captures


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seed trace; every process of this test has its folder in its environment."""
    monkeypatch.setenv("COOKIETRACE_TEST_FOLDER", str(tmp_path))
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    return path


@pytest.fixture
def terminal(capture: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebTerminal]:
    """A server of the capture, in a process of its own.

    Its token begins with a dash, as one of 64 does.
    """
    token = "-" + secrets.token_urlsafe()
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: token)
    with WebTerminal(WebAddress()) as made:
        made.load()
        made.serve(capture)
        yield made


async def drawn_then(
    terminal: WebTerminal, wanted: str, end: int, trusted: ssl.SSLContext | bool = True
) -> tuple[str, int | None]:
    """Open a tab, wait until a text is drawn, and send the server a signal.

    Returns what was drawn, and the WebSocket's close code.
    """
    page, _, token = terminal.address.partition("#token=")
    seen = b""
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(
            f"{page}terminal?width=80&height=24",
            protocols=("cookietrace.terminal", f"token.{token}"),
            headers={"Origin": page.removesuffix("/")},
            max_msg_size=0,
            ssl=trusted,
        ) as socket,
    ):
        connection = socket.get_extra_info("socket")
        while wanted.encode() not in seen:
            seen += await socket.receive_bytes(timeout=120)
        os.kill(terminal.child.process.pid, end)
        while (message := await socket.receive(120)).type is aiohttp.WSMsgType.BINARY:
            seen += message.data
        is_told = message.type is aiohttp.WSMsgType.CLOSE
        code = message.data if is_told else socket.close_code
    # The session has asked for its end, which takes some more turns of the loop.
    while connection.fileno() != -1:
        await asyncio.sleep(0.01)
    return seen.decode(), code


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param(signal.SIGTERM, 1001, id="asked to"),
        pytest.param(signal.SIGKILL, 1006, id="killed"),
    ],
)
def test_every_screen_ends_with_the_server(
    capture: Path, terminal: WebTerminal, end: int, code: int
) -> None:
    """However the server ends, no screen is left; if it can, it tells the page."""
    assert asyncio.run(drawn_then(terminal, "Alice", end))[1] == code
    wait_until(lambda: running_with(str(capture.parent)) == [], "all of it ended")


def test_the_server_ends_with_its_parent(capture: Path, terminal: WebTerminal) -> None:
    """The end of the lifeline ends it, as a SIGKILL of the command would; no argument is secret."""
    token = terminal.address.partition("#token=")[2]
    pid = terminal.child.process.pid
    line = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    assert token.encode() not in line
    assert str(capture).encode() not in line
    terminal._lifeline.cut()
    wait_until(lambda: running_with(str(capture.parent)) == [], "all of it ended")


def test_an_encrypted_page_with_hidden_values(capture: Path, tmp_path: Path) -> None:
    """With a certificate the page is served with https; values that are to stay hidden do."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    trusted = self_signed(certificate, key)
    where = WebAddress(certificate=read_certificate(certificate, key))
    with WebTerminal(where) as terminal:
        terminal.load()
        terminal.serve(capture, values_stay_hidden=True)
        assert terminal.address.startswith("https://127.0.0.1:")
        drawn, code = asyncio.run(drawn_then(terminal, "Hello", signal.SIGTERM, trusted))
    assert "•••" in drawn
    assert "'Alice'" not in drawn
    assert code == 1001


def self_signed(certificate: Path, key: Path) -> ssl.SSLContext:
    """Write a certificate for 127.0.0.1 and its key; return a context that trusts it."""
    made = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cookietrace tests")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(made, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(made.private_bytes(serialization.Encoding.PEM, form, plain))
    return ssl.create_default_context(cafile=certificate)
