"""What is looked at on a machine: files and the output of programs, as they really are."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import ssl
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.cookies import parse_target
from cookietrace.doctor.facts import (
    Browser,
    Extension,
    Holds,
    NotLooked,
    Proxy,
    Route,
    StrictHost,
    SystemProxy,
    TrustStore,
    Variable,
)
from cookietrace.doctor.looking.certificates import Certificate, in_file, read_authority
from cookietrace.doctor.looking.gather import Wanted, gather, of_machine
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.nss import in_database
from cookietrace.doctor.looking.processes import command_of, running_browsers, started_by
from cookietrace.doctor.looking.profiles import (
    extensions,
    find_profiles,
    firefox_settings,
    strict_hosts,
)
from cookietrace.doctor.looking.recorders import captures_elsewhere
from cookietrace.doctor.looking.routes import routes
from cookietrace.doctor.looking.system_proxies import system_proxies
from cookietrace.doctor.looking.trust_stores import trust_stores
from cookietrace.doctor.looking.variables import variables
from cookietrace.events import Listener, Recorder
from cookietrace.stores import create_capture


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with an empty home, no programs, and a root of its own."""
    for name in ("home", "bin", "root"):
        (tmp_path / name).mkdir()
    return Machine(
        "linux", tmp_path / "home", {"PATH": str(tmp_path / "bin")}, root=tmp_path / "root"
    )


def on(machine: Machine, system: str = "linux", **environment: str) -> Machine:
    """Return the same machine with another system or more variables."""
    return Machine(system, machine.home, {**machine.environment, **environment}, machine.root)


def put(path: Path, content: str | bytes) -> Path:
    """Write a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def program(machine: Machine, name: str, prints: str = "", status: int = 0) -> None:
    """Install a program that prints what the real one was seen to print."""
    printed = put(machine.home / f"{name}.out", prints)
    script = f"#!/bin/sh\nwhile IFS= read -r line; do echo \"$line\"; done < '{printed}'\n"
    file = put(Path(machine.environment["PATH"]) / name, f"{script}exit {status}\n")
    file.chmod(0o755)


# Proxies of systems -----------------------------------------------------------------------------

GNOME = """\
org.gnome.system.proxy autoconfig-url '{pac}'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']
org.gnome.system.proxy mode '{mode}'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http authentication-password 'hunter2'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host '127.0.0.1'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host ''
org.gnome.system.proxy.https port 0
org.gnome.system.proxy.socks host ''
"""
MACOS = """\
<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 0
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : 127.0.0.1
  HTTPSEnable : 0
  HTTPSPort : 9999
  HTTPSProxy : old.example
}
"""
WINDOWS = """\

HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings
    User Agent    REG_SZ    Mozilla/4.0 (compatible; MSIE 8.0; Win32)
    ProxyEnable    REG_DWORD    0x1
    ProxyServer    REG_SZ    http=127.0.0.1:8080;https=proxy.example:3128
    ProxyOverride    REG_SZ    *.corp;<local>

"""
IGNORED = ("localhost", "127.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("system", "name", "prints", "found"),
    [
        (
            "linux",
            "gsettings",
            GNOME.format(mode="manual", pac=""),
            SystemProxy(
                "GNOME", Proxy("127.0.0.1:8080", None, IGNORED), Proxy(None, None, IGNORED)
            ),
        ),
        ("linux", "gsettings", GNOME.format(mode="none", pac=""), SystemProxy("GNOME")),
        (
            "linux",
            "gsettings",
            GNOME.format(mode="auto", pac="http://u:p@pac.example/p.pac?key=1"),
            SystemProxy(
                "GNOME",
                Proxy(None, "http://pac.example/p.pac"),
                Proxy(None, "http://pac.example/p.pac"),
            ),
        ),
        ("linux", "gsettings", "nonsense\norg.gnome.system.proxy mode [[", SystemProxy("GNOME")),
        (
            "macos",
            "scutil",
            MACOS,
            SystemProxy("macOS", Proxy("127.0.0.1:8080", None, ("*.local", "169.254/16"))),
        ),
        (
            "macos",
            "scutil",
            MACOS.replace(
                "FTPPassive : 1",
                "ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : file:///p.pac",
            ),
            SystemProxy("macOS", Proxy(None, "file:///p.pac"), Proxy(None, "file:///p.pac")),
        ),
        (
            "windows",
            "reg",
            WINDOWS,
            SystemProxy(
                "Windows",
                Proxy("127.0.0.1:8080", None, ("*.corp", "<local>")),
                Proxy("proxy.example:3128", None, ("*.corp", "<local>")),
            ),
        ),
        ("windows", "reg", WINDOWS.replace("0x1", "0x0"), SystemProxy("Windows")),
    ],
)
def test_system_proxies(
    machine: Machine, system: str, name: str, prints: str, found: SystemProxy
) -> None:
    """What the systems' own programs print is read; passwords are left out."""
    program(machine, name, prints)
    assert list(system_proxies(on(machine, system))) == [found]


@pytest.mark.parametrize(
    ("system", "name"), [("linux", "gsettings"), ("macos", "scutil"), ("windows", "reg")]
)
def test_programs_that_are_not_there(machine: Machine, system: str, name: str) -> None:
    """Without the program, or if it fails, the report says what was not looked at."""
    for _ in range(2):
        (left_out,) = system_proxies(on(machine, system))
        assert isinstance(left_out, NotLooked)
        program(machine, name, "org.gnome.system.proxy mode 'manual'", status=1)


def test_windows_settings_within_linux(machine: Machine) -> None:
    """In WSL, the browsers are those of Windows, whose settings are read as well."""
    program(machine, "reg.exe", WINDOWS)
    gnome, windows = system_proxies(machine)
    assert isinstance(gnome, NotLooked)
    assert isinstance(windows, SystemProxy)
    assert windows.http.address == "127.0.0.1:8080"


def test_variables(machine: Machine) -> None:
    """Variables for proxies are read without passwords; others not at all."""
    found = variables(
        on(machine, HTTPS_PROXY="http://ann:secret@p.example:1/", no_proxy="a", SECRET="s")
    )
    assert list(found) == [
        Variable("HTTPS_PROXY", "http://p.example:1/"),
        Variable("no_proxy", "a"),
    ]


# Certificates -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA as mitmproxy makes it, and another one."""
    from mitmproxy.certs import CertStore

    folder = tmp_path_factory.mktemp("ca")
    for name in ("ours", "other"):
        CertStore.from_store(folder / name, "mitmproxy", 2048)
    return folder


def certificate(made: Path, name: str = "ours") -> tuple[Path, Certificate]:
    """Return the path of one of the certificates, and the certificate."""
    path = made / name / "mitmproxy-ca-cert.pem"
    return path, Certificate(ssl.PEM_cert_to_DER_cert(path.read_text()))


def test_the_authority(machine: Machine, made: Path, tmp_path: Path) -> None:
    """The certificate's end is known; what is no certificate counts as missing."""
    path, known = certificate(made)
    authority, found = read_authority(machine, path)
    assert authority.exists
    assert authority.expires_at is not None
    assert found == known
    for text in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        authority, found = read_authority(machine, put(tmp_path / "x.pem", text))
        assert (authority.exists, found) == (False, None)


def test_bundles_and_java_stores(machine: Machine, made: Path, tmp_path: Path) -> None:
    """A certificate is found in PEM bundles, and by its bytes in Java's stores."""
    path, ours = certificate(made)
    other, another = certificate(made, "other")
    broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"
    rows: list[tuple[str | bytes, tuple[Holds, bool]]] = [
        (f"# comment\n{other.read_text()}\n{broken}{path.read_text()}", (Holds.OURS, False)),
        (other.read_text(), (Holds.NOTHING, True)),
        (broken, (Holds.NOTHING, False)),
        (b"\xfe\xed\xfe\xed\0\0\0\2X.509" + ours.der + b"\0", (Holds.OURS, False)),
        (b"\xfe\xed\xfe\xed\0\0\0\2X.509" + another.der, (Holds.NOTHING, True)),
    ]
    for content, expected in rows:
        assert in_file(machine, put(tmp_path / "store", content), ours) == expected
    assert in_file(machine, tmp_path / "missing", ours) is None
    assert in_file(machine, tmp_path, ours) is None


def nss(folder: Path, rows: Iterable[dict[str, bytes]]) -> Path:
    """Make a database as NSS does: a column per attribute, a row per object."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("a0", "a3", "a11", "a62c", "a635", "ace536358", "ace5363b4")
    with closing(sqlite3.connect(folder / "cert9.db")) as database, database:
        database.execute(f"CREATE TABLE nssPublic (id PRIMARY KEY, {', '.join(names)})")
        for row in rows:
            columns = ", ".join(row)
            marks = ", ".join("?" * len(row))
            database.execute(
                f"INSERT INTO nssPublic ({columns}) VALUES ({marks})", tuple(row.values())
            )
    return folder


def test_nss_databases(made: Path, tmp_path: Path) -> None:
    """Trust for websites is read in both forms that NSS writes, as they were seen."""
    _, ours = certificate(made)
    _, other = certificate(made, "other")
    there = {"a0": b"\0\0\0\1", "a3": b"mitmproxy", "a11": ours.der}
    rows: list[tuple[list[dict[str, bytes]], tuple[Holds, bool]]] = [
        ([], (Holds.NOTHING, False)),
        ([{**there, "a11": other.der}], (Holds.NOTHING, True)),
        ([there], (Holds.UNTRUSTED, False)),
        ([there, {"ace5363b4": ours.sha1, "ace536358": b"\xceSCR"}], (Holds.OURS, False)),
        ([there, {"ace5363b4": ours.sha1, "ace536358": b"\xceSCS"}], (Holds.UNTRUSTED, False)),
        ([there, {"a635": ours.sha256, "a62c": b"\0\0\0\2"}], (Holds.OURS, False)),
        ([there, {"a635": ours.sha256, "a62c": b"\0\0\0\4"}], (Holds.UNTRUSTED, False)),
        ([there, {"a635": other.sha256, "a62c": b"\0\0\0\2"}], (Holds.UNTRUSTED, False)),
    ]
    for number, (content, expected) in enumerate(rows):
        assert in_database(nss(tmp_path / str(number), content), ours) == expected
    put(tmp_path / "broken" / "cert9.db", b"no database")
    assert in_database(tmp_path / "broken", ours) is None
    assert in_database(tmp_path / "missing", ours) is None


def test_trust_stores(machine: Machine, made: Path) -> None:
    """Each program's store is the one that it goes by: a variable, the system's, or its own."""
    path, ours = certificate(made)
    bundle = machine.root / "etc/ssl/certs/ca-certificates.crt"
    put(bundle, certificate(made, "other")[0].read_text())
    for name in ("curl", "node", "python3"):
        program(machine, name)
    java = put(machine.home / "jdk/bin/java", "#!/bin/sh\n")
    java.chmod(0o755)
    (Path(machine.environment["PATH"]) / "java").symlink_to(java)
    cacerts = put(machine.home / "jdk/lib/security/cacerts", b"\xfe\xed\xfe\xed" + ours.der)
    place = "/etc/ssl/certs/ca-certificates.crt"
    here = on(machine, REQUESTS_CA_BUNDLE=str(path), SSL_CERT_FILE="/nowhere.pem")
    assert list(trust_stores(here, path, ours, ())) == [
        TrustStore("curl", "curl", "/nowhere.pem", Holds.NO_FILE, variable="SSL_CERT_FILE"),
        TrustStore("python", "Python", "/nowhere.pem", Holds.NO_FILE, variable="SSL_CERT_FILE"),
        TrustStore(
            "requests", "Python requests", str(path), Holds.OURS, variable="REQUESTS_CA_BUNDLE"
        ),
        TrustStore("node", "Node.js", "its own list", Holds.NOTHING),
        TrustStore("java", "Java", str(cacerts), Holds.OURS),
        TrustStore(
            "system", "programs that use the system's store", place, Holds.NOTHING, other=True
        ),
    ]
    found = {
        each.program: each
        for each in trust_stores(on(machine, NODE_OPTIONS="--use-system-ca"), path, ours, ())
        if isinstance(each, TrustStore)
    }
    assert found["curl"] == TrustStore("curl", "curl", place, Holds.NOTHING, other=True)
    assert found["requests"].place == "its own list"
    bundle.write_text(path.read_text())
    found = {
        each.program: each
        for each in trust_stores(on(machine, NODE_OPTIONS="--use-system-ca"), path, ours, ())
        if isinstance(each, TrustStore)
    }
    assert {each.holds for each in found.values()} == {Holds.OURS, Holds.NOTHING}
    assert found["node"].holds is Holds.OURS


# Browsers ---------------------------------------------------------------------------------------

PROFILES_INI = """\
[Install4F96D1932A9F858E]
Default=w.work

[Profile1]
Name=work
IsRelative=1
Path=w.work

[Profile0]
Name=evil\x1b[31m
Default=1
IsRelative=0
Path={absolute}
"""


def firefox(machine: Machine, preferences: str = "") -> Path:
    """Make a profile of Firefox's, and return its folder."""
    base = machine.home / ".mozilla/firefox"
    absolute = machine.home / "elsewhere"
    absolute.mkdir(exist_ok=True)
    put(base / "profiles.ini", PROFILES_INI.format(absolute=absolute))
    put(base / "w.work/prefs.js", preferences)
    return base / "w.work"


@pytest.mark.parametrize(
    ("preferences", "settings"),
    [
        ("", Browser("firefox", "Firefox (work)")),
        (
            'user_pref("network.proxy.type", 1);\nuser_pref("network.proxy.ssl", "127.0.0.1");\n'
            'user_pref("network.proxy.ssl_port", 8080);\n'
            'user_pref("network.proxy.no_proxies_on", "localhost, 127.0.0.1");\n',
            Browser(
                "firefox",
                "Firefox (work)",
                proxy=Proxy("127.0.0.1:8080", None, ("localhost", "127.0.0.1")),
            ),
        ),
        (
            'user_pref("network.proxy.type", 2);\n'
            'user_pref("network.proxy.autoconfig_url", "http://p.example/x.pac?u=1");\n'
            'user_pref("network.proxy.allow_hijacking_localhost", true);\n'
            'user_pref("network.http.http3.enable", false);\n',
            Browser(
                "firefox",
                "Firefox (work)",
                proxy=Proxy(None, "http://p.example/x.pac"),
                proxies_loopback=True,
                quic=False,
            ),
        ),
        (
            'user_pref("network.proxy.type", 0);\n',
            Browser("firefox", "Firefox (work)", proxy=Proxy()),
        ),
        ('user_pref("network.proxy.type", broken);\n', Browser("firefox", "Firefox (work)")),
    ],
)
def test_firefox_profiles(machine: Machine, preferences: str, settings: Browser) -> None:
    """A profile's own settings are read; names are safe to show."""
    firefox(machine, preferences)
    work, evil = find_profiles(machine)
    assert firefox_settings(machine, work) == settings
    assert evil.name == "Firefox (evil\\x1b[31m)"


def test_trust_of_browsers(machine: Machine, made: Path) -> None:
    """Firefox goes by its profile, or by the system's store if it is told so; Chromium by NSS."""
    path, ours = certificate(made)
    folder = firefox(machine)
    put(machine.home / ".config/chromium/Default/Preferences", "{}")
    put(machine.root / "etc/ssl/certs/ca-certificates.crt", path.read_text())
    trusted = [{"a11": ours.der}, {"a635": ours.sha256, "a62c": b"\0\0\0\2"}]

    def held() -> dict[str, Holds]:
        stores = trust_stores(machine, path, ours, find_profiles(machine))
        return {
            each.name: each.holds
            for each in stores
            if isinstance(each, TrustStore) and each.program in ("chromium", "firefox")
        }

    assert set(held().values()) == {Holds.NOTHING}
    nss(folder, trusted)
    assert held()["Firefox (work)"] is Holds.OURS
    nss(machine.home / ".pki/nssdb", trusted)
    assert held()["Chromium"] is Holds.OURS
    (machine.home / ".pki/nssdb/cert9.db").unlink()
    imported = machine.home / ".config/chromium/Default/ServerCertificate"
    with closing(sqlite3.connect(imported)) as database, database:
        database.execute(
            "CREATE TABLE certificates (sha256hash_hex TEXT PRIMARY KEY, der_cert BLOB NOT NULL, "
            "trust_settings BLOB NOT NULL)"
        )
        assert held()["Chromium"] is Holds.NOTHING
        row = (ours.sha256.hex(), ours.der, b"\x08\3")
        database.execute("INSERT INTO certificates VALUES (?, ?, ?)", row)
    assert held()["Chromium"] is Holds.OURS
    put(machine.home / "snap/chromium/common/chromium/Default/Preferences", "{}")
    assert held()["Chromium (snap)"] is Holds.NOTHING
    nss(machine.home / "snap/chromium/current/.pki/nssdb", trusted)
    assert held()["Chromium (snap)"] is Holds.OURS
    (folder / "cert9.db").unlink()
    firefox(machine, 'user_pref("security.enterprise_roots.enabled", true);\n')
    assert held()["Firefox (work)"] is Holds.OURS


def test_extensions(machine: Machine) -> None:
    """Only extensions that are on and may keep requests are told; parts of a browser are none."""
    addons = [
        {
            "id": f"{number}@x",
            "type": "extension",
            "location": "app-profile" if number != 3 else "app-builtin",
            "active": number != 2,
            "defaultLocale": {"name": f"F{number}"},
            "userPermissions": {"permissions": ["proxy", 7] if number else ["tabs"]},
        }
        for number in range(4)
    ]
    put(firefox(machine) / "extensions.json", json.dumps({"addons": [*addons, "x"]}))
    settings = {
        "a": {"manifest": {"name": "Block\u202e", "permissions": ["declarativeNetRequest"]}},
        "b": {"manifest": {"name": "Off", "permissions": ["proxy"]}, "disable_reasons": [1]},
        "c": {"manifest": {"name": "Part", "permissions": ["proxy"]}, "location": 5},
        "d": {"manifest": {"name": "Move"}, "active_permissions": {"api": ["proxy"]}},
        "e": {},
    }
    chromium = machine.home / ".config/google-chrome/Profile 1"
    put(chromium / "Preferences", json.dumps({"extensions": {"settings": settings}}))
    put(chromium / "Secure Preferences", "[")
    assert list(extensions(machine, find_profiles(machine))) == [
        Extension("Chrome (Profile 1)", "Block\\u202e", moves=False),
        Extension("Chrome (Profile 1)", "Move", moves=True),
        Extension("Firefox (work)", "F1", moves=True),
    ]


def test_hsts_of_a_profile(machine: Machine) -> None:
    """Chromium's file has hashes of names in their form in DNS; parents are looked up, too."""

    def hashed(name: bytes) -> str:
        return base64.b64encode(hashlib.sha256(name).digest()).decode()

    seen_in_chromium = "RKTgZwp9m+BmIa3FD95cU3e+Jgi75HBK9ZGg4LCYS7I="
    assert hashed(b"\4shop\4test\0") == seen_in_chromium
    entries = [
        {"host": hashed(b"\4bank\4test\0"), "mode": "force-https", "sts_include_subdomains": True},
        {"host": hashed(b"\1x\4bank\4test\0"), "mode": "default"},
    ]
    folder = machine.home / ".config/chromium/Default"
    put(folder / "Preferences", "{}")
    put(folder / "TransportSecurity", json.dumps({"sts": entries, "version": 2}))
    profiles = find_profiles(machine)
    assert list(strict_hosts(machine, profiles, parse_target("http://x.bank.test/"))) == [
        StrictHost("bank.test", subdomains=True, where="Chromium (Default)")
    ]
    assert list(strict_hosts(machine, profiles, parse_target("http://other.test/"))) == []


def test_running_browsers(machine: Machine) -> None:
    """Browsers are found by their command lines, with their proxy; their children are not."""
    firefox(machine, 'user_pref("network.proxy.type", 0);\n')
    commands = [
        "/usr/lib/chromium/chromium\0--proxy-server=http://u:p@127.0.0.1:8080\0"
        "--proxy-bypass-list=<-loopback>\0--disable-quic\0",
        "/usr/lib/chromium/chromium --type=renderer --lang=en\0",
        "/opt/google/chrome/chrome\0",
        "/usr/bin/brave\0--proxy-pac-url=http://p.example/x.pac\0",
        "/usr/bin/msedge\0--no-proxy-server\0https://a.test/?secret\0",
        f"/usr/lib/firefox/firefox\0-profile\0{machine.home / 'elsewhere'}\0",
        "/usr/lib/firefox/firefox\0-contentproc\0-parentPid\x001\0",
        "/usr/lib/firefox/firefox\0",
        "/usr/bin/chromium\0--user-data-dir=/tmp/cookietrace-browser-x\0",
        "/bin/sh\0chromium\0",
        "",
    ]
    for number, command in enumerate(commands, 100):
        put(machine.root / "proc" / str(number) / "cmdline", command)
    (machine.root / "proc/self").mkdir()
    found = set(running_browsers(machine, find_profiles(machine)))
    assert found == {
        Browser(
            "chromium",
            "Chromium",
            True,
            Proxy("127.0.0.1:8080", None, ("<-loopback>",)),
            proxies_loopback=True,
            quic=False,
        ),
        Browser("chromium", "Chromium", True, opened=True),
        Browser("chromium", "Chrome", True),
        Browser("chromium", "Brave", True, Proxy(None, "http://p.example/x.pac")),
        Browser("chromium", "Edge", True, Proxy()),
        Browser("firefox", "Firefox (elsewhere)", True),
        Browser("firefox", "Firefox (work)", True, Proxy()),
    }
    assert command_of(machine, 103) == ("/usr/bin/brave", "--proxy-pac-url=http://p.example/x.pac")
    assert command_of(machine, 9999) == ()


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("/usr/bin/python3\0/usr/bin/cookietrace\0proxy\0--only=a.test\0", "proxy"),
        ("/usr/bin/cookietrace\0watch\0", "watch"),
        ("/usr/bin/cookietrace\0--x\0", None),
        ("bash\0", None),
    ],
)
def test_what_started_a_recorder(machine: Machine, command: str, found: str | None) -> None:
    """The parent of the recording process is the command that the user typed."""
    assert started_by(machine, 9999) is None
    put(machine.root / "proc/200/status", "Name:\tpython\nPPid:\t100\n")
    put(machine.root / "proc/100/cmdline", command)
    assert started_by(machine, 200) == found


@pytest.mark.parametrize("named", ["shop.cookietrace", "{folder}/shop.cookietrace"])
def test_a_capture_elsewhere(machine: Machine, tmp_path: Path, named: str) -> None:
    """A recorder's command line says where its capture is, and that says where it listens."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / "shop.cookietrace"
    line = f"python\0-m\0proxy_addon\0--capture={named.format(folder=folder)}\0"
    put(machine.root / "proc/200/cmdline", line)
    (machine.root / "proc/200/cwd").symlink_to(folder)
    put(machine.root / "proc/201/cmdline", f"tar\0--capture={folder}/b.cookietrace\0")
    listener = Listener(mode="regular", address="127.0.0.1:1")
    with create_capture(path) as store:
        store.append([Recorder(at=store.info.at, state="started", listeners=(listener,))])
        assert captures_elsewhere(machine) == [path]
        found = gather(Wanted(), machine).recorder
        assert found is not None
        assert (found.capture, found.proxy) == (str(path), "127.0.0.1:1")
    assert not captures_elsewhere(machine), "a capture that nobody adds to"


def test_several_captures_elsewhere(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are named: the user says which one is meant."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    paths = [tmp_path / "a.cookietrace", tmp_path / "b.cookietrace"]
    for process, path in enumerate(paths, 200):
        put(
            machine.root / f"proc/{process}/cmdline", f"python\0-m\0proxy_addon\0--capture={path}\0"
        )
        (machine.root / f"proc/{process}/cwd").symlink_to(tmp_path)
    with create_capture(paths[0]), create_capture(paths[1]):
        facts = gather(Wanted(), machine)
    assert facts.recorder is None
    assert facts.several == tuple(map(str, paths))


def test_running_browsers_on_macos(machine: Machine) -> None:
    """There, ``ps`` prints the command lines, in which paths have spaces."""
    mac = on(machine, "macos")
    assert [type(each) for each in running_browsers(mac, ())] == [NotLooked]
    program(
        machine,
        "ps",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome --proxy-server=[::1]:8080\n"
        "/Applications/Firefox.app/Contents/MacOS/firefox\n/sbin/launchd\n",
    )
    assert list(running_browsers(mac, ())) == [
        Browser("chromium", "Chrome", True, Proxy("[::1]:8080")),
        Browser("firefox", "Firefox", True),
    ]


# Routes -----------------------------------------------------------------------------------------

HEADING = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"


def test_routes(machine: Machine) -> None:
    """The default route counts, and the two halves with which a VPN covers it."""
    assert [type(each) for each in routes(machine)] == [NotLooked]
    put(
        machine.root / "proc/net/route",
        HEADING
        + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        + "tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
        + "tun0\t00000080\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
        + "wg1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\nbroken\n",
    )
    assert list(routes(machine)) == [Route("eth0"), Route("tun0"), Route("tun0")]
    program(
        machine,
        "netstat",
        "Routing tables\n\nInternet:\nDestination  Gateway  Flags  Netif Expire\n"
        "default            10.8.0.1           UGScg                 utun4\n"
        "127                127.0.0.1          UCS                     lo0\n",
    )
    assert list(routes(on(machine, "macos"))) == [Route("utun4")]


def test_it_only_reads(machine: Machine, made: Path) -> None:
    """Nothing in the user's home is changed, made or removed, and no program is asked to."""
    path, ours = certificate(made)
    folder = firefox(machine, 'user_pref("network.proxy.type", 0);\n')
    nss(folder, [{"a11": ours.der}])
    nss(machine.home / ".pki/nssdb", [])
    put(machine.home / ".config/chromium/Default/Preferences", "{}")
    program(machine, "gsettings", GNOME.format(mode="manual", pac=""))

    def state() -> dict[Path, tuple[int, bytes]]:
        return {
            each: (each.stat().st_mtime_ns, each.read_bytes() if each.is_file() else b"")
            for each in sorted(machine.home.parent.rglob("*"))
        }

    before = state()
    facts = of_machine(machine, parse_target("http://a.test/"), None, path)
    assert {each.name for each in facts.browsers} == {"Firefox (work)", "Firefox (evil\\x1b[31m)"}
    assert state() == before
