"""A real proxy, and clients that do not trust its CA, bypass it, or pass."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.addresses import parse_address
from cookietrace.doctor import Facts, Sure, Wanted, diagnose, gather
from cookietrace.doctor.facts import Attempt, Passed
from cookietrace.doctor.looking.machine import Machine
from cookietrace.events import Client, Failure, Request
from cookietrace.fold.housekeeping import DOCTOR_AGENT
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import Proxy, events_of, of_kind, wait_for
from tests.proxy_addon.upstream import plain


def quiet(tmp_path: Path, **environment: str) -> Machine:
    """A machine without browsers, so that only the recorder and its capture count."""
    return Machine("linux", tmp_path, {"PATH": "", **environment}, root=tmp_path)


def asked(proxy: Proxy, machine: Machine, url: str, ca: Path | None = None) -> Facts:
    """Return the facts about a running proxy, whose CA is looked for where it is, or elsewhere."""
    folder = Path(proxy.ca).parent if ca is None else ca.parent
    return gather(Wanted(url=url, capture=proxy.capture, confdir=folder), machine)


def get(proxy: str, host: str, ca: Path | str) -> None:
    """Request a page over https as curl does, through a proxy, with one CA that is trusted."""
    agent = {"User-Agent": "curl/8.5.0"}
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # as curl, unlike Python 3.13
    connection = http.client.HTTPSConnection(proxy, timeout=120, context=context)
    connection.set_tunnel(host, 443, headers=agent)
    with closing(connection):
        connection.request("GET", "/", headers=agent)
        connection.getresponse().read()


def test_clients_that_keep_traffic_away(
    start_proxy: StartProxy,
    start_upstream: StartUpstream,
    tmp_path: Path,
    made_elsewhere: Path,
) -> None:
    """One that bypasses the proxy, one that does not trust its CA, and the doctor's own request."""
    app = start_upstream({"/": plain(b"hi", b'Alt-Svc: h3=":443"')})
    proxy = start_proxy("--demo-app", app.url)
    address = proxy.addresses[0]
    machine = quiet(tmp_path, http_proxy=f"http://{address}", no_proxy="localhost,127.0.0.1")

    # It bypasses the proxy: the app has the request, the capture does not.
    with closing(http.client.HTTPConnection("127.0.0.1", app.port)) as direct:
        direct.request("GET", "/")
        direct.getresponse().read()
    facts = asked(proxy, machine, f"{app.url}/")
    assert facts.attempt == Attempt(address, Passed.PASSED, "200 OK", recorded=True)
    assert (facts.seen.requests, facts.seen.of_host, len(app.visits)) == (0, 0, 2)
    first = diagnose(facts)[0]
    assert (first.check, first.finding.sure) == ("variables", Sure.KNOWN)
    assert first.finding.fixes[0].do == "unset no_proxy"

    # It does not trust the CA: the recorder knows about the connection.
    with pytest.raises(ssl.SSLCertVerificationError):
        get(address, "shop.test", made_elsewhere)
    wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    facts = asked(proxy, quiet(tmp_path), "https://shop.test/")
    assert facts.attempt == Attempt(address, Passed.PASSED, "200 OK", recorded=True)
    first = diagnose(facts)[0]
    assert (first.check, first.finding.sure) == ("refused-tls", Sure.KNOWN)
    assert [fix.do for fix in first.finding.fixes] == [f"export CURL_CA_BUNDLE={proxy.ca}"]
    assert "quic" in [each.check for each in diagnose(facts)]

    # It trusts it now: nothing keeps its traffic away any more.
    get(address, "shop.test", proxy.ca)
    facts = asked(proxy, quiet(tmp_path), "https://shop.test/")
    assert diagnose(facts) == ()
    agents = [event.user_agent or "" for event in of_kind(events_of(proxy.capture), Client)]
    assert sum(agent.startswith(DOCTOR_AGENT) for agent in agents) == 1
    hosts = [event.url for event in of_kind(events_of(proxy.capture), Request)]
    assert hosts == [f"{app.url}/", *["https://shop.test/"] * 3]


def test_what_a_request_meets(
    start_proxy: StartProxy,
    start_upstream: StartUpstream,
    tmp_path: Path,
    made_elsewhere: Path,
) -> None:
    """A host that is left out, another CA, a server that is away, and a proxy that is away."""
    app = start_upstream({"/": plain(b"hi")})
    reverse = f"reverse:{app.url}@127.0.0.1:0"
    proxy = start_proxy(
        "--mode=regular@127.0.0.1:0", "--mode", reverse, "--demo-app", app.url, "--ignore=left.test"
    )
    machine = quiet(tmp_path)
    address = proxy.addresses[0]

    facts = asked(proxy, machine, f"{app.url}/")
    assert facts.attempt is not None
    assert (facts.attempt.through, facts.attempt.recorded) == (proxy.addresses[1], True)
    assert diagnose(facts)[0].check == "app-itself"

    facts = asked(proxy, machine, "https://shop.test/", made_elsewhere)
    assert diagnose(facts)[0].check == "attempt"
    assert facts.attempt is not None
    assert facts.attempt.outcome is Passed.UNTRUSTED

    for url in ("http://127.0.0.1:1/caf\u00e9?q=\u00fc b", "https://[::1]:1/"):
        facts = asked(proxy, machine, url)
        assert facts.attempt is not None
        assert (facts.attempt.outcome, facts.attempt.detail[:3]) == (Passed.REFUSED, "502")
    urls = [event.url for event in of_kind(events_of(proxy.capture), Request)]
    assert urls[-2:] == ["http://127.0.0.1:1/caf%C3%A9?q=%C3%BC%20b", "https://[::1]:1/"]

    # Only the user says where the recorder is: one responds as a proxy, a web server does not.
    for given, outcome in (
        (address, Passed.PASSED),
        (f"127.0.0.1:{app.port}", Passed.NO_PROXY),
    ):
        named = Wanted(url=f"{app.url}/", proxy=parse_address(given, ""))
        facts = gather(named, machine)
        assert facts.attempt is not None
        assert (facts.attempt.through, facts.attempt.outcome) == (given, outcome), facts.attempt

    proxy.stop()
    facts = asked(proxy, machine, "http://127.0.0.1:1/")
    assert diagnose(facts)[0].check == "recorder"
    facts = gather(Wanted(url="http://a.test/", proxy=parse_address(address, "")), quiet(tmp_path))
    assert facts.recorder is not None
    assert facts.recorder.closed == {address}


@pytest.fixture(scope="module")
def made_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CA of another proxy."""
    from mitmproxy.certs import CertStore

    folder = tmp_path_factory.mktemp("elsewhere")
    CertStore.from_store(folder, "mitmproxy", 2048)
    return folder / "mitmproxy-ca-cert.pem"
