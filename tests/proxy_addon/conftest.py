"""Fixtures of the proxy's tests: a shared CA, proxies, and apps."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.proxy_addon.nursery import Nursery
from tests.proxy_addon.proxies import SECRET, Proxy
from tests.proxy_addon.upstream import Answer, Upstream

with warnings.catch_warnings():
    # mitmproxy 12 uses old names of the pyparsing that it is installed with.
    warnings.simplefilter("ignore", DeprecationWarning)
    import mitmproxy.flowfilter  # noqa: F401

from mitmproxy.certs import CertStore

StartProxy = Callable[..., Proxy]
StartUpstream = Callable[[dict[str, Answer]], Upstream]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep tests away from the user's own data."""
    monkeypatch.setenv("COOKIETRACE_SECRET", SECRET)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared configuration folder of mitmproxy, since creating the CA takes a second."""
    return tmp_path_factory.mktemp("confdir")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """The path of the test's capture."""
    return tmp_path / "test.cookietrace"


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """The process that proxies are forked from."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def start_proxy(nursery: Nursery, confdir: Path, capture: Path) -> Iterator[StartProxy]:
    """Start proxies that stop after the test; by default a regular one on a free port."""
    with ExitStack() as stack:

        def start(*arguments: str, before: str = "", wait: bool = True) -> Proxy:
            if "--mode" not in arguments:
                arguments = ("--mode", "regular@127.0.0.1:0", *arguments)
            proxy = Proxy(nursery, capture, arguments, confdir=confdir, before=before)
            stack.enter_context(proxy)
            return proxy.started() if wait else proxy

        yield start


@pytest.fixture
def start_upstream() -> Iterator[StartUpstream]:
    """Start apps that stop after the test."""
    with ExitStack() as stack:
        yield lambda answers: stack.enter_context(Upstream(answers))


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """The TLS context of an app with a self-made certificate."""
    store = CertStore.from_store(tmp_path / "app-ca", "app", 2048)
    entry = store.get_cert("localhost", [])
    chain = tmp_path / "app.pem"
    key = (tmp_path / "app-ca" / "app-ca.pem").read_bytes()
    chain.write_bytes(entry.cert.to_pem() + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context
