"""``--web`` of watch, demo and view: every mistake is one line, and what is printed is enough."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cookietrace.addresses import Address
from cookietrace.commands.web_page import PageWanted
from cookietrace.secret_names import TABLE_ONLY
from cookietrace.stores import create_capture
from cookietrace.supervision.web_listening import (
    Certificate,
    WebAddress,
    chosen_address,
    listening_socket,
    read_certificate,
)
from cookietrace.web.options import PageOptions, Tokens
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.story import seed_story

COMMANDS = (("watch",), ("demo",), ("view", "seed.cookietrace"))


def made(password: bytes | None) -> tuple[bytes, bytes]:
    """Return a certificate and its key, as PEM; the key may have a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lab.test")])
    names: list[x509.GeneralName] = [x509.DNSName("lab.test"), x509.DNSName("*.lab.test")]
    names += [x509.IPAddress(ip_address("10.0.0.7")), x509.IPAddress(ip_address("::1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        hidden = serialization.BestAvailableEncryption(password)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return certificate.public_bytes(pem), key.private_bytes(pem, form, hidden)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys: good ones, another key, one with a password, and none."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, password in (("lab", None), ("other", None), ("locked", b"secret")):
        certificate, key = made(password)
        (folder / f"{name}.pem").write_bytes(certificate)
        (folder / f"{name}.key").write_bytes(key)
    (folder / "text.pem").write_text("not a certificate\n")
    with closing(create_capture(folder / "seed.cookietrace", sensitive=False)) as store:
        store.append(seed_story().events[1:])
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--web-listen", "127.0.0.1:1"), ("--web-listen", "add --web")),
        (("--web-cert", "lab.pem"), ("--web-cert", "add --web")),
        (("--web-key", "lab.key"), ("--web-key", "add --web")),
        (("--show-values",), ("--show-values", "add --web")),
        (("--web", "--web-cert", "lab.pem"), ("--web-cert needs --web-key",)),
        (("--web", "--web-key", "lab.key"), ("--web-key needs --web-cert",)),
        (("--web", "--web-listen", "0.0.0.0:1"), ("needs a certificate", "ssh -L")),
        (("--web", "--web-listen", "[::]:1"), ("needs a certificate",)),
        (("--web", "--web-listen", "lab.test:1"), ("needs a certificate",)),
        (("--web", "--web-listen", "::1"), ("--web-listen", "in brackets")),
        (("--web", "--web-listen", "127.0.0.1:x"), ("write it as HOST:PORT",)),
        (
            ("--web", "--web-cert", "no.pem", "--web-key", "lab.key"),
            ("--web-cert", "there is no file", "no.pem"),
        ),
        (
            ("--web", "--web-cert", "lab.pem", "--web-key", "no.key"),
            ("--web-key", "there is no file", "no.key"),
        ),
        (
            ("--web", "--web-cert", "lab.pem", "--web-key", "other.key"),
            ("not a certificate and its key",),
        ),
        (
            ("--web", "--web-cert", "text.pem", "--web-key", "lab.key"),
            ("not a certificate and its key",),
        ),
        (
            ("--web", "--web-cert", "locked.pem", "--web-key", "locked.key"),
            ("the key has a password",),
        ),
        (("--web", "--web-cert", ".", "--web-key", "lab.key"), ("--web-cert",)),
    ],
    ids=lambda value: " ".join(value),
)
def test_options_that_do_not_fit(
    run: Run,
    files: Path,
    command: Sequence[str],
    options: Sequence[str],
    words: Sequence[str],
) -> None:
    """Each mistake is one line that says what to do, with exit status 2; nothing is started."""
    names = {path.name for path in files.iterdir()} | {"no.pem", "no.key", "."}
    given = [str(files / each) if each in names else each for each in (*command, *options)]
    refused(run(*given), *words)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_the_extra(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, command: Sequence[str]
) -> None:
    """Without its packages, the line says how to install them."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    given = [str(files / each) if "." in each else each for each in command]
    refused(run(*given, "--web"), "--web needs the extra web, which is not installed", "[web]'")


def test_a_file_that_is_no_capture(run_process: Run, files: Path) -> None:
    """A file that cannot be read is one line, and no address is printed."""
    refused(
        run_process("view", files / "text.pem", "--web", "--web-listen", "127.0.0.1:0"),
        "neither a capture nor in a known format",
    )


def test_a_port_that_is_taken(run: Run, files: Path) -> None:
    """A port that is in use is named, with the option that chooses another."""
    with listening_socket(Address("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run("view", files / "seed.cookietrace", "--web", "--web-listen", where)
    refused(result, "already in use", "--web-listen")


def test_the_names_of_a_certificate(files: Path) -> None:
    """The names and addresses that a certificate is for are those of the page."""
    read = read_certificate(files / "lab.pem", files / "lab.key")
    assert read.names == ("lab.test", "*.lab.test", "10.0.0.7", "::1")


LAB = Certificate(Path("c"), Path("k"), ("*.lab.test", "lab.test"))


@pytest.mark.parametrize(
    ("listen", "certificate", "url", "is_open"),
    [
        (None, None, "http://127.0.0.1:8090/", False),
        (Address("localhost", 0), None, "http://localhost:8090/", False),
        (Address("::1", 0), None, "http://[::1]:8090/", False),
        (Address("127.0.0.1", 0), LAB, "https://127.0.0.1:8090/", False),
        (Address("0.0.0.0", 0), LAB, "https://lab.test:8090/", True),
        (Address("0.0.0.0", 0), Certificate(Path(), Path()), "https://127.0.0.1:8090/", True),
        (Address("::", 0), Certificate(Path(), Path()), "https://[::1]:8090/", True),
    ],
)
def test_the_address_that_is_printed(
    listen: Address | None, certificate: Certificate | None, url: str, is_open: bool
) -> None:
    """The address is one that a browser can open; for other machines it has the certificate's name.

    All names that a browser on this machine may use are known to the recorder.
    """
    where = WebAddress(listen, certificate)
    listening = Address(listen.host if listen is not None else "127.0.0.1", 8090)
    assert (where.url(listening), where.is_open) == (url, is_open)
    own = where.own(listening)
    assert {"localhost:8090", "127.0.0.1:8090", "[::1]:8090"} <= set(own)
    assert all(re.fullmatch(r".+:8090", each) for each in own)
    assert ("lab.test:8090" in own) is (certificate is LAB)


@pytest.mark.parametrize(
    ("listen", "hide", "show", "redacts"),
    [
        ("127.0.0.1:0", False, False, False),
        ("127.0.0.1:0", True, False, True),
        ("127.0.0.1:0", True, True, False),
        ("0.0.0.0:0", False, False, True),
        ("0.0.0.0:0", False, True, False),
    ],
)
def test_when_values_are_hidden(
    files: Path, listen: str, hide: bool, show: bool, redacts: bool
) -> None:
    """Other machines see tokens, and so does this one if the settings say so; an option wins."""
    wanted = PageWanted(
        where=chosen_address(listen, files / "lab.pem", files / "lab.key"),
        hide_values=hide,
        show_values=show,
        names=TABLE_ONLY,
    )
    assert wanted.options(Path("a")).redact is redacts


def test_tokens_are_new_each_time() -> None:
    """Nobody can guess a token, and none is used twice."""
    tokens = [Tokens.new() for _ in range(50)]
    every = {token for each in tokens for token in (each.viewer, each.presenter)}
    assert len(every) == 100
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in every)
    assert PageOptions(capture="x").tokens == Tokens("", "")
