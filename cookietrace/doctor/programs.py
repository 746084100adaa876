"""The programs that the doctor knows: by their User-Agent, and how each is made to trust the CA."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cookietrace.doctor.finding import Fix


class Program(NamedTuple):
    """A program, or a family of them."""

    title: str
    agents: tuple[str, ...]
    """Parts of a User-Agent, any of which tells that it is this one."""
    trust: Callable[[str, str], tuple[Fix, ...]]
    """Returns what makes it trust a certificate, from its path (as a shell takes it) and the
    system."""


def _system(ca: str, system: str) -> tuple[Fix, ...]:
    if system == "macos":
        keychain = "/Library/Keychains/System.keychain"
        return (Fix(f"sudo security add-trusted-cert -d -p ssl -k {keychain} {ca}", "macOS"),)
    if system == "windows":
        return (Fix(f"certutil -addstore Root {ca}", "Windows"),)
    return (
        Fix(
            f"sudo cp {ca} /usr/local/share/ca-certificates/mitmproxy.crt"
            " && sudo update-ca-certificates",
            "Debian, Ubuntu",
        ),
        Fix(f"sudo trust anchor {ca}", "Fedora, Arch"),
    )


def _chromium(ca: str, system: str) -> tuple[Fix, ...]:
    if system != "linux":
        return _system(ca, system)
    return (Fix(f'certutil -d "sql:$HOME/.pki/nssdb" -A -t C,, -n mitmproxy -i {ca}', "Chromium"),)


def _firefox(ca: str, system: str) -> tuple[Fix, ...]:
    del system
    path = "Settings > Privacy & Security > View Certificates > Authorities > Import"
    return (Fix(f"{path}: {ca}", "Firefox"),)


def _variable(name: str, title: str) -> Callable[[str, str], tuple[Fix, ...]]:
    return lambda ca, _: (Fix(f"export {name}={ca}", title),)


def _java(ca: str, system: str) -> tuple[Fix, ...]:
    del system
    return (
        Fix(
            f"sudo keytool -importcert -cacerts -storepass changeit -noprompt"
            f" -alias mitmproxy -file {ca}",
            "Java",
        ),
    )


PROGRAMS: Final[Mapping[str, Program]] = {
    "firefox": Program("Firefox", ("Firefox/",), _firefox),
    "chromium": Program("Chromium", ("Chrome/", "Chromium/", "CriOS/"), _chromium),
    "safari": Program("Safari", ("Safari/",), _system),
    "curl": Program("curl", ("curl/",), _variable("CURL_CA_BUNDLE", "curl")),
    "requests": Program(
        "Python requests", ("python-requests/",), _variable("REQUESTS_CA_BUNDLE", "Python requests")
    ),
    "python": Program(
        "Python",
        ("Python-urllib/", "python-httpx/", "aiohttp/", "python-urllib3/"),
        _variable("SSL_CERT_FILE", "Python"),
    ),
    "node": Program(
        "Node.js",
        ("node", "axios/", "undici", "got ("),
        _variable("NODE_EXTRA_CA_CERTS", "Node.js"),
    ),
    "java": Program("Java", ("Java/", "okhttp/", "Java-http-client/", "Apache-HttpClient/"), _java),
    "system": Program(
        "programs that use the system's store", ("Wget/", "git/", "Go-http-client/"), _system
    ),
}
"""By their key in facts. Of a User-Agent that several would match, the first one decides."""


def chromium_through(proxy: str, system: str, *options: str) -> str:
    """Return the command that starts a Chromium of the user's own that uses a proxy for everything.

    It has a profile of its own: a browser that runs already would open a window, and ignore flags.
    """
    program = {
        "macos": "open -na 'Google Chrome' --args",
        "windows": "start chrome",
    }.get(system, "chromium")
    folder = "%TEMP%\\cookietrace" if system == "windows" else "$(mktemp -d)"
    return " ".join(
        (
            program,
            f"--user-data-dir={folder}",
            f"--proxy-server={proxy}",
            "--proxy-bypass-list='<-loopback>'",
            *options,
        )
    )


def program_of(user_agent: str | None) -> str | None:
    """Return the key of the program that sends a User-Agent; None if it is not known."""
    if not user_agent:
        return None
    return next(
        (
            key
            for key, program in PROGRAMS.items()
            if any(
                agent in user_agent if agent[-1] == "/" else user_agent.startswith(agent)
                for agent in program.agents
            )
        ),
        None,
    )


def program_opened(label: str | None) -> str | None:
    """Return the key of the browser that cookietrace opened, by its listener's name.

    None if it opened none there. Such a name begins with the browser's kind: ``firefox 2``.
    """
    kind = re.split(r"[ ,]", label or "", maxsplit=1)[0]
    return kind if kind in ("firefox", "chromium") else None


def trusting_opened(program: str | None, system: str) -> tuple[Fix, ...]:
    """Return what lets a browser that cookietrace opens trust the CA; nothing if it does anyway."""
    if program != "firefox":
        return ()
    if system == "macos":
        return (Fix("brew install nss", "certutil, with Homebrew"),)
    return (
        Fix("sudo apt install libnss3-tools", "certutil on Debian, Ubuntu"),
        Fix("sudo dnf install nss-tools", "certutil on Fedora"),
    )


def trusting(program: str | None, ca: str, system: str) -> tuple[Fix, ...]:
    """Return what makes a program trust the certificate at a path; of an unknown one, advice."""
    if program is None:
        return (Fix("cookietrace ca"),)
    return PROGRAMS[program].trust(shlex.quote(ca), system)
