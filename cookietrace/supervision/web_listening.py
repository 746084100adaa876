"""Where the live page listens, and with which certificate."""

from __future__ import annotations

import errno
import importlib.util
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cookietrace.addresses import Address, from_here, is_this_machine, parse_address
from cookietrace.errors import LaunchError
from cookietrace.extras import missing_extra
from cookietrace.safe_text import safe
from cookietrace.supervision.ports import cannot_listen, next_free, require_free

DEFAULT_LISTEN = Address("127.0.0.1", 8090)
PAGE_FLAG, TERMINAL_FLAG = "--web", "--web-terminal"
LISTEN_FLAG, CERTIFICATE_FLAG, KEY_FLAG = "--web-listen", "--web-cert", "--web-key"

_NEEDED = {
    PAGE_FLAG: ("starlette", "uvicorn"),
    TERMINAL_FLAG: ("starlette", "aiohttp", "textual_serve"),
}
"""What each of the two imports; all of it is in the extra ``web``."""
_BACKLOG = 128
_SUBJECT_ALT_NAME = "2.5.29.17"


class Certificate(msgspec.Struct, frozen=True):
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path
    names: tuple[str, ...] = ()
    """The names and addresses that it is for."""


class WebAddress(msgspec.Struct, frozen=True):
    """Where the page is, checked."""

    listen: Address | None = None
    """None for the usual port of this machine, or the next one that is free."""
    certificate: Certificate | None = None

    @property
    def is_open(self) -> bool:
        """Whether other machines can connect."""
        return self.listen is not None and not is_this_machine(self.listen.host)

    def url(self, listening: Address) -> str:
        """Return the page's URL for a browser, without the token; ``listening`` has the port."""
        scheme, where = "http", from_here(str(listening))
        if self.certificate is not None:
            scheme = "https"
            named = [name for name in self.certificate.names if not name.startswith("*")]
            if self.is_open and named:
                where = str(Address(named[0], listening.port))
        return f"{scheme}://{where}/"

    def own(self, listening: Address) -> tuple[str, ...]:
        """Return every ``host:port`` at which a browser on this machine may open the page."""
        names = ["localhost", "127.0.0.1", "::1", listening.host]
        if self.certificate is not None:
            names += [name.removeprefix("*.") for name in self.certificate.names]
        return tuple(dict.fromkeys(str(Address(name, listening.port)) for name in names))


def require_extra(flag: str = PAGE_FLAG) -> None:
    """Raise ``LaunchError`` if the packages of the extra ``web`` are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED[flag]):
        raise LaunchError(missing_extra(f"{flag} needs", "web"))


def chosen_address(listen: str | None, certificate: Path | None, key: Path | None) -> WebAddress:
    """Return where the user wants the page. Raises ``LaunchError``.

    Another machine gets it with a certificate only: what the page shows must not be readable on
    the way.
    """
    if (certificate is None) != (key is None):
        given, other = CERTIFICATE_FLAG, KEY_FLAG
        if certificate is None:
            given, other = other, given
        raise LaunchError(f"{given} needs {other}: give the files of a certificate and of its key")
    address = None if listen is None else parse_address(listen, LISTEN_FLAG)
    read = None
    if certificate is not None and key is not None:
        read = read_certificate(certificate, key)
    made = WebAddress(address, read)
    if made.is_open and read is None:
        raise LaunchError(
            f"{LISTEN_FLAG} {address}: other machines can connect there, so it needs a certificate "
            f"({CERTIFICATE_FLAG}, {KEY_FLAG}); or listen on 127.0.0.1 and use ssh -L"
        )
    return made


def read_certificate(certificate: Path, key: Path) -> Certificate:
    """Return a certificate that fits its key. Raises ``LaunchError``."""

    def no_password() -> str:
        raise LaunchError(
            f"{KEY_FLAG} {safe(str(key))}: the key has a password; give a file without one"
        )

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password=no_password)
        return Certificate(certificate, key, tuple(_names(certificate)))
    except FileNotFoundError as error:
        missing = key if certificate.exists() else certificate
        flag = KEY_FLAG if missing is key else CERTIFICATE_FLAG
        raise LaunchError(f"{flag}: there is no file {safe(str(missing))}") from error
    except ssl.SSLError as error:
        raise LaunchError(
            f"{CERTIFICATE_FLAG} {safe(str(certificate))} and {KEY_FLAG} {safe(str(key))} are not "
            "a certificate and its key: give two PEM files that belong together"
        ) from error
    except OSError as error:
        raise LaunchError(
            f"{CERTIFICATE_FLAG}: cannot read {safe(str(certificate))} or {safe(str(key))}: "
            f"{error.strerror}"
        ) from error


def _names(certificate: Path) -> Iterator[str]:
    """Yield the names and IP addresses in the first certificate of a file."""
    # Imported here because only a page for other machines needs it.
    from OpenSSL import crypto

    first = crypto.load_certificate(crypto.FILETYPE_PEM, certificate.read_bytes())
    for extension in first.to_cryptography().extensions:
        if extension.oid.dotted_string == _SUBJECT_ALT_NAME:
            for name in extension.value:
                yield str(name.value)


def listening_socket(listen: Address | None) -> socket.socket:
    """Return a socket that listens at an address. Raises ``LaunchError``."""
    while True:
        wanted = (
            next_free(DEFAULT_LISTEN, LISTEN_FLAG)
            if listen is None
            else require_free(listen, LISTEN_FLAG)
        )
        try:
            return _bound(wanted)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and listen is None:
                continue  # taken a moment ago
            raise cannot_listen(wanted, LISTEN_FLAG, error.errno) from error


def _bound(address: Address) -> socket.socket:
    found = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, protocol, _, where = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made
