"""Each check, from facts to findings: when it speaks, how sure it is, and what fixes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cookietrace.cookies import parse_target
from cookietrace.doctor import CHECKS, Facts, Sure, diagnose
from cookietrace.doctor.facts import (
    Attempt,
    Authority,
    Browser,
    Extension,
    Holds,
    Passed,
    Proxy,
    Recorder,
    Route,
    Seen,
    SeenClient,
    StrictHost,
    SystemProxy,
    TrustStore,
    Unseen,
    Variable,
)
from cookietrace.events import Listener

NOW = 1_800_000_000.0
ADDRESS = "127.0.0.1:8080"
PROXY = Listener(mode="regular", address=ADDRESS)
REVERSE = Listener(mode="reverse", address="127.0.0.1:8081", target="http://localhost:3000")
RECORDER = Recorder("shop.cookietrace", True, (PROXY,))
BESIDE_APP = Recorder("shop.cookietrace", True, (PROXY, REVERSE))
CA = Authority("/home/ann/.mitmproxy/mitmproxy-ca-cert.pem", exists=True, expires_at=NOW + 1)
FIREFOX_OPENED = SeenClient("firefox", "Firefox", refused=(("a.test", 2),), opened=True)
HERE, ELSEWHERE = Proxy(ADDRESS), Proxy("proxy.corp.example:3128")
ONLY_SHOP = msgspec.structs.replace(RECORDER, only=("shop.example",), started_by="proxy")
NAMED = Recorder(None, True, (PROXY,), given=ADDRESS)
CLOSED = msgspec.structs.replace(NAMED, closed=frozenset({ADDRESS}))
NO_PROXY = Attempt(ADDRESS, Passed.NO_PROXY, "501 Unsupported method")
ANOTHER = Seen(requests=3, clients=(SeenClient("chromium", "Chromium", 3),))
"""A capture with requests, none of them for the URL's host."""
SEEN = Seen(requests=9, of_host=5, by_its_url=5, clients=ANOTHER.clients)
"""The URL's host was recorded: nothing of it is missing."""
RUNNING = Browser("chromium", "Chromium", True, HERE, proxies_loopback=True)
CHROME = Browser("chromium", "Chrome", True)


def of(url: str | None = None, **fields: Any) -> Facts:
    """Return facts about a recorder that runs."""
    target = None if url is None else parse_target(url)
    return Facts(**{"now": NOW, "url": target, "recorder": RECORDER, **fields})


def variable(name: str, value: str) -> dict[str, Any]:
    """Return the facts' field with one variable."""
    return {"variables": (Variable(name, value),)}


def gnome(proxy: Proxy) -> dict[str, Any]:
    """Return the facts' field with GNOME's settings."""
    return {"system_proxies": (SystemProxy("GNOME", proxy, proxy),)}


def clients(*found: SeenClient) -> dict[str, Any]:
    """Return the facts' field with clients."""
    return {"seen": Seen(requests=sum(each.requests for each in found), clients=found)}


def store(program: str, holds: Holds = Holds.NOTHING, **fields: Any) -> dict[str, Any]:
    """Return the facts' fields with one store of certificates."""
    name = {"java": "Java", "curl": "curl", "firefox": "Firefox (work)"}[program]
    return {"authority": CA, "stores": (TrustStore(program, name, "/place", holds, **fields),)}


SAYS = [
    # check, facts, how sure, a part of what it says, a part of a fix
    ("recorder", of(recorder=None, folder="/c"), Sure.KNOWN, "No recorder", "cookietrace watch"),
    (
        "recorder",
        of("http://a.test/", recorder=None, listening=(ADDRESS,)),
        Sure.PROBABLY,
        "No recorder",
        "cookietrace doctor http://a.test --proxy 127.0.0.1:8080 --capture FILE",
    ),
    (
        "recorder",
        of("http://a.test/", recorder=None, several=("/a b.cookietrace", "/c.cookietrace")),
        Sure.KNOWN,
        "Several recorders run.",
        "cookietrace doctor http://a.test --capture '/a b.cookietrace'",
    ),
    (
        "recorder",
        of(recorder=msgspec.structs.replace(RECORDER, live=False)),
        Sure.KNOWN,
        "not being recorded",
        "cookietrace watch",
    ),
    (
        "recorder",
        of(recorder=msgspec.structs.replace(RECORDER, closed=frozenset({ADDRESS}))),
        Sure.KNOWN,
        "Nothing accepts connections on 127.0.0.1:8080",
        "cookietrace watch",
    ),
    (
        "recorder",
        of("http://a.test/", recorder=CLOSED),
        Sure.KNOWN,
        "Nothing accepts connections on 127.0.0.1:8080",
        "cookietrace doctor http://a.test",
    ),
    (
        "attempt",
        of("http://a.test/", recorder=NAMED, attempt=NO_PROXY),
        Sure.PROBABLY,
        "127.0.0.1:8080 is not a recorder",
        "cookietrace watch http://a.test",
    ),
    (
        "attempt",
        of("http://a.test/", attempt=Attempt(ADDRESS, Passed.PASSED, "200 OK", recorded=False)),
        Sure.KNOWN,
        "was not recorded",
        "cookietrace captures",
    ),
    (
        "attempt",
        of("http://a.test/", attempt=Attempt(ADDRESS, Passed.REFUSED, "502 Bad Gateway")),
        Sure.KNOWN,
        "cannot get http://a.test",
        "curl -v http://a.test/",
    ),
    (
        "attempt",
        of("https://a.test/", attempt=Attempt(ADDRESS, Passed.UNTRUSTED, "self-signed")),
        Sure.KNOWN,
        "a different CA",
        "--confdir FOLDER",
    ),
    (
        "attempt",
        of("https://a.test/", attempt=Attempt(ADDRESS, Passed.BROKEN, "timed out")),
        Sure.KNOWN,
        "got no response",
        "curl -v -x 127.0.0.1:8080 https://a.test/",
    ),
    (
        "attempt",
        of("https://a.test/", attempt=Attempt(ADDRESS, Passed.NOT_CONNECTED, "refused")),
        Sure.KNOWN,
        "accepts no connection",
        "cookietrace watch https://a.test",
    ),
    (
        "scope",
        of("http://x.a.test/", recorder=msgspec.structs.replace(RECORDER, ignore=("a.test",))),
        Sure.KNOWN,
        "leaves out x.a.test",
        "cookietrace config",
    ),
    (
        "scope",
        of(
            "http://x.a.test/",
            recorder=msgspec.structs.replace(
                RECORDER, ignore=("b.test", "a.test"), only=("test",), started_by="proxy"
            ),
        ),
        Sure.KNOWN,
        "leaves out x.a.test",
        "cookietrace proxy --only test --ignore b.test",
    ),
    (
        "scope",
        of("http://b.test/", recorder=msgspec.structs.replace(RECORDER, only=("a.test",))),
        Sure.KNOWN,
        "leaves out b.test",
        "cookietrace watch --only a.test --only b.test",
    ),
    (
        "scope",
        of("http://127.0.0.1:9101/", recorder=ONLY_SHOP),
        Sure.KNOWN,
        "leaves out 127.0.0.1",
        "cookietrace proxy --only shop.example --only 127.0.0.1",
    ),
    (
        "refused-tls",
        of(authority=CA, **clients(SeenClient("curl", "curl", refused=(("a.test", 2),)))),
        Sure.KNOWN,
        "curl ends its TLS connections to the proxy",
        f"export CURL_CA_BUNDLE={CA.path}",
    ),
    *(
        (
            "refused-tls",
            of(**clients(FIREFOX_OPENED), authority=CA, system=system),
            Sure.KNOWN,
            "The Firefox that cookietrace opened refuses the proxy's certificate",
            fix,
        )
        for system, fix in (
            ("linux", "sudo apt install libnss3-tools"),
            ("macos", "brew install nss"),
        )
    ),
    (
        "refused-tls",
        of(**clients(SeenClient(None, "Thing/1", refused=(("a.test", 2),)))),
        Sure.KNOWN,
        "Thing/1 ends its TLS connections to the proxy",
        "cookietrace ca",
    ),
    (
        "refused-tls",
        of(**clients(SeenClient("node", "Node.js", 9, frozenset({"b.test"}), (("pin.test", 4),)))),
        Sure.PROBABLY,
        "only certain certificates for pin.test",
        "cookietrace watch --ignore pin.test",
    ),
    (
        "refused-tls",
        of(**clients(SeenClient("node", "Node.js", 9, frozenset({"b.test"}), (("a;rm x", 4),)))),
        Sure.PROBABLY,
        "only certain certificates for a;rm x",
        "cookietrace watch --ignore 'a;rm x'",
    ),
    (
        "not-seen",
        of(unseen=(Unseen("Chromium", "GET", "http://localhost:3000/a"),)),
        Sure.KNOWN,
        "1 request that Chromium made was not recorded",
        "cookietrace watch --browser chromium",
    ),
    (
        "app-itself",
        of("http://127.0.0.1:3000/cart", recorder=BESIDE_APP),
        Sure.PROBABLY,
        "is the app itself",
        "open http://localhost:8081/cart",
    ),
    (
        "loopback",
        of("http://localhost:3000/", seen=ANOTHER),
        Sure.PROBABLY,
        "do not send requests for localhost",
        "cookietrace watch http://localhost:3000",
    ),
    (
        "loopback",
        of("https://app.localhost/", browsers=(Browser("chromium", "Chromium", True, HERE),)),
        Sure.KNOWN,
        "Chromium does not send requests for app.localhost",
        "--proxy-bypass-list='<-loopback>'",
    ),
    (
        "loopback",
        of("http://[::1]:5000/", browsers=(Browser("firefox", "Firefox (x)", False, HERE),)),
        Sure.KNOWN,
        "Firefox (x) does not send",
        "network.proxy.allow_hijacking_localhost = true",
    ),
    ("loopback", of(), Sure.GUESS, "If your app is on localhost", "http://localhost:PORT"),
    ("hsts", of("http://shop.dev/a"), Sure.KNOWN, "never request http://shop.dev", "https://"),
    (
        "hsts",
        of("http://x.bank.test/", strict=(StrictHost("bank.test", True, "Chromium (Default)"),)),
        Sure.KNOWN,
        "Browsers that know bank.test",
        "cookietrace doctor https://x.bank.test/",
    ),
    (
        "hsts",
        of("http://a.test/", seen=Seen(strict=(StrictHost("a.test", False, "the capture"),))),
        Sure.PROBABLY,
        "Browsers that know a.test",
        "chrome://net-internals/#hsts",
    ),
    ("unused", of(), Sure.PROBABLY, "Nothing here is set to use", "export http_proxy=http://"),
    (
        "unused",
        of(recorder=BESIDE_APP),
        Sure.PROBABLY,
        "Nothing here",
        "open http://localhost:8081/",
    ),
    (
        "unused",
        of("http://shop.test/", recorder=BESIDE_APP, seen=ANOTHER),
        Sure.PROBABLY,
        "Nothing here is set to use",
        "export http_proxy=http://127.0.0.1:8080",
    ),
    (
        "unused",
        of("http://127.0.0.1:9101/", seen=ANOTHER),
        Sure.PROBABLY,
        "Nothing here is set to use",
        "export http_proxy=http://127.0.0.1:8080",
    ),
    (
        "browsers",
        of(browsers=(Browser("chromium", "Chrome", True, None),)),
        Sure.PROBABLY,
        "Chrome does not use the recorder",
        "--proxy-server=127.0.0.1:8080",
    ),
    (
        "browsers",
        of(browsers=(Browser("firefox", "Firefox (w)", True, ELSEWHERE),), system="macos"),
        Sure.PROBABLY,
        "Firefox (w) does not use",
        "Manual proxy configuration: 127.0.0.1, port 8080",
    ),
    (
        "browsers",
        of("http://a.test/", seen=SEEN, browsers=(RUNNING, CHROME)),
        Sure.GUESS,
        "Chrome does not use the recorder",
        "cookietrace watch --browser chromium",
    ),
    (
        "browsers",
        of(seen=ANOTHER, browsers=(Browser("firefox", "Firefox", True), CHROME)),
        Sure.GUESS,
        "Firefox does not use the recorder",
        "cookietrace watch --browser firefox",
    ),
    (
        "system-proxy",
        of("http://a.test/", **gnome(Proxy(None, "http://wpad/wpad.dat"))),
        Sure.PROBABLY,
        "PAC script",
        "gsettings set org.gnome.system.proxy",
    ),
    (
        "system-proxy",
        of("http://a.test/", **gnome(ELSEWHERE)),
        Sure.PROBABLY,
        "another proxy",
        "http port 8080",
    ),
    (
        "system-proxy",
        of("http://localhost:1/", **gnome(Proxy(ADDRESS, None, ("127.0.0.0/8",)))),
        Sure.KNOWN,
        "keep requests for localhost",
        "ignore-hosts",
    ),
    (
        "variables",
        of(
            "https://api.a.test/",
            variables=(
                Variable("https_proxy", "http://localhost:8080"),
                Variable("no_proxy", "x, .a.test"),
            ),
        ),
        Sure.KNOWN,
        "no_proxy keeps requests for api.a.test",
        "unset no_proxy",
    ),
    (
        "variables",
        of("http://a.test/", **variable("NO_PROXY", "*")),
        Sure.GUESS,
        "NO_PROXY keeps",
        "unset NO_PROXY",
    ),
    (
        "variables",
        of(**variable("HTTPS_PROXY", "http://proxy.corp.example:3128")),
        Sure.PROBABLY,
        "HTTPS_PROXY leads to another proxy",
        "--upstream http://proxy.corp.example:3128",
    ),
    (
        "variables",
        of("http://a.test/", **variable("HTTP_PROXY", "http://127.0.0.1:8080/")),
        Sure.PROBABLY,
        "curl ignores HTTP_PROXY",
        "export http_proxy=http://127.0.0.1:8080",
    ),
    (
        "variables",
        of("http://127.0.0.1:9101/", browsers=(Browser("chromium", "Chrome", True),)),
        Sure.GUESS,
        "Programs that are started from this shell do not use the recorder",
        "export http_proxy=http://127.0.0.1:8080",
    ),
    (
        "without-variables",
        of(**variable("http_proxy", "http://127.0.0.1:8080"), **store("java")),
        Sure.GUESS,
        "Java ignores",
        "-Dhttps.proxyPort=8080",
    ),
    (
        "service-worker",
        of("https://a.test/", seen=Seen(of_host=4, workers=frozenset({"https://a.test"}))),
        Sure.PROBABLY,
        "service worker of https://a.test",
        "Bypass for network",
    ),
    (
        "authority",
        of(authority=Authority("/x/ca.pem", exists=False)),
        Sure.PROBABLY,
        "was not found where it was expected",
        "--confdir FOLDER",
    ),
    (
        "authority",
        of(authority=Authority("/x/ca.pem", exists=True, expires_at=NOW - 1)),
        Sure.KNOWN,
        "has expired",
        "mv /x/ca.pem",
    ),
    (
        "trust",
        of("https://a.test/", **store("java", other=True)),
        Sure.GUESS,
        "not trusted by Java",
        "keytool -importcert",
    ),
    (
        "trust",
        of(
            "https://a.test/",
            browsers=(Browser("firefox", "Firefox (work)", proxy=HERE),),
            **store("firefox", Holds.UNTRUSTED),
        ),
        Sure.PROBABLY,
        "not trusted by Firefox (work)",
        "Authorities > Import",
    ),
    (
        "trust",
        of(**store("curl", Holds.NO_FILE, variable="CURL_CA_BUNDLE")),
        Sure.KNOWN,
        "CURL_CA_BUNDLE names a file that cannot be read",
        f"export CURL_CA_BUNDLE={CA.path}",
    ),
    (
        "extensions",
        of(extensions=(Extension("Firefox (w)", "FoxyProxy", moves=True),)),
        Sure.PROBABLY,
        "FoxyProxy (Firefox (w)) may send",
        "about:addons",
    ),
    (
        "extensions",
        of(extensions=(Extension("Chrome (Default)", "Blocker", moves=False),)),
        Sure.GUESS,
        "Blocker (Chrome (Default)) may block",
        "chrome://extensions",
    ),
    (
        "quic",
        of("https://a.test/", seen=Seen(http3=frozenset({"a.test"}))),
        Sure.GUESS,
        "a.test offers HTTP/3",
        "--disable-quic",
    ),
    ("vpn", of(routes=(Route("utun4"),), system="macos"), Sure.GUESS, "A VPN may", "netstat -rn"),
    ("vpn", of("http://a.test/", routes=(Route("tun0"),)), Sure.GUESS, "A VPN may", "ip route"),
]


@pytest.mark.parametrize(("check", "facts", "sure", "what", "fix"), SAYS)
def test_what_it_says(check: str, facts: Facts, sure: Sure, what: str, fix: str) -> None:
    """The check names the cause, no surer than the facts allow, and the exact fix."""
    (found,) = CHECKS[check](facts)
    assert found.sure is sure
    assert what in found.what
    assert any(fix in each.do for each in found.fixes), found.fixes
    assert found.what.endswith(".")
    assert found.why.endswith(".")


SILENT = [
    ("recorder", of()),
    ("attempt", of("http://a.test/", attempt=Attempt(ADDRESS, Passed.PASSED, "200", True))),
    ("attempt", of("http://a.test/", attempt=Attempt(ADDRESS, Passed.PASSED, "200"))),
    (
        "attempt",  # the scope says why
        of("http://a/", recorder=ONLY_SHOP, attempt=Attempt(ADDRESS, Passed.PASSED, "200", False)),
    ),
    ("scope", of("http://a.test/", recorder=msgspec.structs.replace(RECORDER, only=("a.test",)))),
    ("scope", of("http://a.test/", recorder=msgspec.structs.replace(RECORDER, ignore=("b.test",)))),
    (
        "refused-tls",
        of(**clients(SeenClient("curl", "curl", 1, frozenset({"a.test"}), (("a.test", 1),)))),
    ),
    (
        "not-seen",
        of(
            unseen=(Unseen("Chromium", "GET", "https://ads.test/"),),
            recorder=msgspec.structs.replace(RECORDER, ignore=("ads.test",)),
        ),
    ),
    ("app-itself", of("http://localhost:8081/", recorder=BESIDE_APP)),
    ("app-itself", of("https://localhost:3000/", recorder=BESIDE_APP)),
    ("app-itself", of("http://localhost:3000/", recorder=BESIDE_APP, seen=SEEN)),
    ("loopback", of("http://localhost:3000/", seen=SEEN)),
    ("loopback", of("http://a.test/")),
    ("loopback", of("http://localhost:3000/", recorder=BESIDE_APP)),
    ("loopback", of("http://localhost.a.test/")),
    ("loopback", of(seen=ANOTHER)),
    ("hsts", of("https://shop.dev/")),
    ("hsts", of("http://dev/")),
    ("hsts", of("http://shop.test/")),
    ("hsts", of("http://x.a.test/", strict=(StrictHost("a.test", False, "Chromium"),))),
    ("hsts", of("http://nota.test/", strict=(StrictHost("a.test", True, "Chromium"),))),
    ("unused", of(seen=ANOTHER)),
    ("unused", of("http://a.test/", seen=SEEN)),
    ("unused", of("http://localhost:8081/", recorder=BESIDE_APP, seen=ANOTHER)),
    ("unused", of("https://a.test/", **clients(SeenClient(None, "x", refused=(("a.test", 1),))))),
    ("unused", of(**variable("ALL_PROXY", "socks5://localhost:8080"))),
    ("unused", of(**gnome(HERE))),
    ("unused", of(browsers=(Browser("firefox", "Firefox", proxy=HERE),))),
    ("browsers", of(browsers=(RUNNING,))),
    ("browsers", of("http://a.test/", seen=SEEN, browsers=(CHROME,))),
    ("browsers", of(browsers=(Browser("chromium", "Chromium", True, ELSEWHERE, opened=True),))),
    ("browsers", of(browsers=(Browser("firefox", "Firefox", False, ELSEWHERE),))),
    ("browsers", of(browsers=(Browser("chromium", "Chrome", True),), **gnome(HERE))),
    *(
        (check, of(recorder=msgspec.structs.replace(RECORDER, live=False), browsers=(CHROME,)))
        for check in ("browsers", "unused", "loopback")
    ),
    *((check, of(recorder=CLOSED)) for check in ("unused", "loopback")),
    *(
        (check, of("http://localhost/", recorder=NAMED, attempt=NO_PROXY))
        for check in ("unused", "loopback")
    ),
    ("system-proxy", of("http://a.test/", **gnome(Proxy(ADDRESS, None, ("b.test",))))),
    ("system-proxy", of(**gnome(Proxy()))),
    ("variables", of("http://a.test/", **variable("no_proxy", "b.test,10.0.0.0/8"))),
    ("variables", of("http://a.test/", seen=SEEN, browsers=(CHROME,))),
    ("variables", of("http://localhost:8081/", recorder=BESIDE_APP, browsers=(CHROME,))),
    ("variables", of(**variable("https_proxy", "127.0.0.1:8080"))),
    ("variables", of("https://a.test/", **variable("HTTP_PROXY", "http://127.0.0.1:8080"))),
    ("without-variables", of(**store("java"))),
    (
        "service-worker",
        of("https://b.test/", seen=Seen(workers=frozenset({"https://a.test"}))),
    ),
    ("authority", of(authority=CA)),
    ("authority", of("http://a.test/", authority=Authority("/x", exists=False))),
    ("trust", of("https://a.test/", **store("java", Holds.OURS))),
    ("trust", of("http://a.test/", **store("java"))),
    ("trust", of(**store("curl"), **clients(SeenClient("curl", "c", 1, frozenset({"a.test"}))))),
    ("trust", of("https://a.test/", seen=SEEN, **store("java"))),
    ("extensions", of("http://a.test/", seen=SEEN, extensions=(Extension("F", "X", True),))),
    ("quic", of("https://b.test/", seen=Seen(http3=frozenset({"a.test"})))),
    ("quic", of("https://a.test/", seen=Seen(of_host=1, http3=frozenset({"a.test"})))),
    (
        "quic",
        of(
            "https://a.test/",
            seen=Seen(http3=frozenset({"a.test"})),
            browsers=(Browser("chromium", "Chromium", True, HERE, quic=False),),
        ),
    ),
    ("vpn", of(routes=(Route("eth0"), Route("wlan0"), Route("wlp2s0"), Route("en0")))),
    ("vpn", of("http://localhost/", routes=(Route("tun0"),))),
]


@pytest.mark.parametrize(("check", "facts"), SILENT)
def test_near_misses(check: str, facts: Facts) -> None:
    """The check says nothing where it does not explain anything."""
    assert list(CHECKS[check](facts)) == []


def test_each_check_is_tested() -> None:
    """Every check of the table has facts that make it speak, and facts that must not."""
    assert {row[0] for row in SAYS} == set(CHECKS)
    assert {row[0] for row in SILENT} == set(CHECKS)


def test_the_surest_comes_first() -> None:
    """Findings are in the order of how sure they are, then of the table."""
    facts = of(
        "https://localhost:3000/",
        routes=(Route("tun0"),),
        attempt=Attempt(ADDRESS, Passed.REFUSED, "502"),
        **store("java"),
    )
    found = diagnose(facts)
    assert [each.finding.sure for each in found] == sorted(
        (each.finding.sure for each in found), key=list(Sure).index
    )
    assert [each.check for each in found] == ["attempt", "loopback", "unused", "trust"]


def test_a_recorder_that_sees_the_host_leaves_nothing_to_say() -> None:
    """If requests for the host are recorded, no check finds fault with this machine."""
    facts = of(
        "https://a.test/",
        seen=SEEN,
        attempt=Attempt(ADDRESS, Passed.PASSED, "200 OK", recorded=True),
        browsers=(Browser("chromium", "Chrome", True),),
        extensions=(Extension("Firefox", "X", moves=True),),
        routes=(Route("tun0"),),
        **store("java"),
        **variable("https_proxy", "http://proxy.corp.example:3128"),
        **gnome(ELSEWHERE),
    )
    assert diagnose(facts) == ()
