"""Addresses to listen on: how they are written, and errors for those in use."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import pytest

from cookietrace.addresses import (
    Address,
    from_here,
    is_open,
    parse_address,
    parse_host,
    parse_target,
    port_here,
)
from cookietrace.errors import LaunchError
from cookietrace.supervision.ports import next_free, require_free, reserve_port
from tests.ports import FreePort


@pytest.mark.parametrize(
    ("text", "address", "shown", "mode"),
    [
        ("127.0.0.1:8080", Address("127.0.0.1", 8080), "127.0.0.1:8080", "regular@127.0.0.1:8080"),
        ("0.0.0.0:1", Address("0.0.0.0", 1), "0.0.0.0:1", "regular@0.0.0.0:1"),
        ("localhost:0", Address("localhost", 0), "localhost:0", "regular@localhost:0"),
        (":8080", Address("127.0.0.1", 8080), "127.0.0.1:8080", "regular@127.0.0.1:8080"),
        ("8080", Address("127.0.0.1", 8080), "127.0.0.1:8080", "regular@127.0.0.1:8080"),
        ("[::1]:8080", Address("::1", 8080), "[::1]:8080", "regular@::1:8080"),
    ],
)
def test_addresses(text: str, address: Address, shown: str, mode: str) -> None:
    """An address is parsed as written, and formatted for users and for the proxy."""
    parsed = parse_address(text, "--listen")
    assert (parsed, str(parsed), parsed.mode("regular")) == (address, shown, mode)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "here",
        "127.0.0.1:",
        "127.0.0.1:http",
        "h:65536",
        "::1:80",
        "\0:1",
        "a b:1",
        "h:" + "9" * 5000,
    ],
)
def test_an_invalid_address(text: str) -> None:
    """It is refused in one line that names the flag."""
    with pytest.raises(LaunchError, match=r"^--listen [^\n]*$"):
        parse_address(text, "--listen")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://localhost:3000/shop?x=1", "http://localhost:3000"),
        ("https://shop.example", "https://shop.example"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
    ],
)
def test_the_url_of_an_app(text: str, target: str) -> None:
    """The proxy needs the scheme, host and port of an app's URL."""
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "localhost:3000", "shop.example", "ftp://shop.example", "http://", "http://h:x", "/x",
        "localhost:3000/?token=SECRET", "ftp://me:SECRET@h/", "http://me:SECRET@h:99999/#SECRET",
        "http://[::1/?a=SECRET", "ftp://me:a?b/SECRET@h//x", "me:SECRET@h//x",
        "http://me:SECRET@h\u2100/",
    ],
)  # fmt: skip
def test_an_invalid_url(text: str) -> None:
    """It is refused in one line that shows an example, and without what may be a secret."""
    with pytest.raises(LaunchError, match=r"^[^\n]*$") as refused:
        parse_target(text)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    ("target", "host", "port"),
    [
        ("http://localhost:8081", "127.0.0.1", 8081),
        ("http://127.0.0.1:8081", "::1", 8081),
        ("http://[::1]:8081", "localhost", 8081),
        ("http://0.0.0.0:8081", "127.0.0.1", 8081),
        ("http://localhost:8081", "0.0.0.0", 8081),
        ("http://localhost", "127.0.0.1", 80),
        ("https://localhost", "127.0.0.1", 443),
        ("http://box.example:8081", "Box.example", 8081),
        ("http://shop.example:8081", "127.0.0.1", None),
        ("http://127.0.0.2:8081", "127.0.0.1", None),
    ],
)
def test_the_port_of_an_app_on_this_machine(target: str, host: str, port: int | None) -> None:
    """All names of this machine are equal, and a URL without a port has its scheme's."""
    assert port_here(target, host) == port


@pytest.fixture
def taken() -> Iterator[Address]:
    """An address in use."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Address("127.0.0.1", server.getsockname()[1])


def test_a_port_in_use_names_the_port_and_the_flag(taken: Address) -> None:
    """A requested port that is in use is an error that names both."""
    with pytest.raises(LaunchError, match=rf"port {taken.port} .* in use: .* --listen$"):
        require_free(taken, "--listen")


def test_the_next_free_port(taken: Address) -> None:
    """The search skips ports in use and reserved ports."""
    first = next_free(taken, "--listen")
    assert first.port > taken.port
    second = next_free(taken, "--listen", frozenset({first.port}))
    assert second.port > taken.port
    assert second.port != first.port


def test_a_free_port_is_accepted(free_port: FreePort) -> None:
    """A free address is returned as it is."""
    free = Address("127.0.0.1", free_port())
    assert require_free(free, "--listen") == next_free(free, "--listen") == free


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a bound port cannot be used")
def test_a_reserved_port_is_free_only_for_those_who_know_it() -> None:
    """No process that asks for any port gets it; a server that is given it can listen there."""
    reserved = Address("127.0.0.1", reserve_port())
    others = [socket.create_server(("127.0.0.1", 0)) for _ in range(200)]
    given = [server.getsockname()[1] for server in others]
    for server in others:
        server.close()
    assert reserved.port not in given
    with pytest.raises(OSError, match="in use"), socket.socket() as plain:
        plain.bind((reserved.host, reserved.port))
    assert require_free(reserved, "--listen") == reserved


def test_an_address_of_another_machine() -> None:
    """It is refused in one line that names the flag."""
    with pytest.raises(LaunchError, match=r"--reverse-listen$"):
        require_free(Address("192.0.2.1", 8080), "--reverse-listen")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Shop.example", "shop.example"),
        (" shop.example. ", "shop.example"),
        ("*.shop.example", "shop.example"),
        (".shop.example:8443", "shop.example:8443"),
        ("localhost:3000", "localhost:3000"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("::1", "::1"),
        ("[::1]:3000", "[::1]:3000"),
        ("my_host", "my_host"),
    ],
)
def test_a_host_to_record(text: str, host: str) -> None:
    """It is taken as users write it, and returned as it is sent."""
    assert parse_host(text, "--only") == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "*",
        ".",
        "[(*",
        "https://shop.example/",
        "shop.example/x",
        "a b",
        "a..b",
        "h:x",
    ],
)
def test_no_host_to_record(text: str) -> None:
    """It is refused in one line that names the flag: it would never match, or match everything."""
    with pytest.raises(LaunchError, match=r"^--only '[^\n]*$"):
        parse_host(text, "--only")


@pytest.mark.parametrize(
    ("listening", "here", "opened"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080", False),
        ("localhost:8080", "localhost:8080", False),
        ("[::1]:8080", "[::1]:8080", False),
        ("0.0.0.0:8080", "127.0.0.1:8080", True),
        ("[::]:8080", "[::1]:8080", True),
        ("192.0.2.1:8080", "192.0.2.1:8080", True),
        ("box.example:8080", "box.example:8080", True),
    ],
)
def test_who_can_connect(listening: str, here: str, opened: bool) -> None:
    """A browser here gets an address that it can open; what is not loopback is open to others."""
    assert (from_here(listening), is_open(listening)) == (here, opened)
