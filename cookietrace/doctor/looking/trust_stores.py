"""The stores of certificates of this machine's programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cookietrace.doctor.facts import Holds, NotLooked, TrustStore
from cookietrace.doctor.looking.certificates import Certificate, in_file
from cookietrace.doctor.looking.chromium_store import in_profile
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.nss import in_database
from cookietrace.doctor.looking.profiles import Profile
from cookietrace.doctor.programs import PROGRAMS
from cookietrace.safe_text import safe

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
"""Where systems keep the certificates that OpenSSL's programs trust; the first one counts."""

_PROGRAMS = {
    "curl": ("curl", ("CURL_CA_BUNDLE", "SSL_CERT_FILE"), True),
    "python": ("python3", ("SSL_CERT_FILE",), True),
    "requests": ("python3", ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), False),
    "node": ("node", ("NODE_EXTRA_CA_CERTS",), False),
}
"""Program -> its command, the variables that name its certificates (the first that is set
counts), and whether it takes the system's store otherwise."""

_NODE_SYSTEM = ("--use-system-ca", "--use-openssl-ca")

Found = Iterator[TrustStore | NotLooked]


def trust_stores(
    machine: Machine, path: Path, certificate: Certificate, profiles: Sequence[Profile]
) -> Found:
    """Yield what each store holds of the certificate that is at ``path``, and what was not read."""
    system = _system(machine, path, certificate)
    found = system
    if not isinstance(found, TrustStore):
        found = TrustStore("system", "", "the system's store", Holds.NOTHING)
    for program, (command, names, falls_back) in _PROGRAMS.items():
        if machine.program(command) is not None:
            otherwise = found if falls_back else None
            yield _of_variables(machine, certificate, program, names, otherwise)
    yield from _java(machine, certificate)
    yield from _browsers(machine, certificate, profiles, found.holds)
    yield system


def _system(machine: Machine, path: Path, certificate: Certificate) -> TrustStore | NotLooked:
    name = PROGRAMS["system"].title
    if machine.system == "macos":
        if machine.program("security") is None:
            return NotLooked("the system's certificates", "there is no `security`")
        trusted = machine.output(["security", "verify-cert", "-L", "-c", str(path)]) is not None
        held = Holds.OURS if trusted else Holds.NOTHING
        return TrustStore("system", name, "the keychain", held)
    for bundle in BUNDLES:
        found = in_file(machine, machine.at(bundle), certificate)
        if found is not None:
            return TrustStore("system", name, bundle, *found)
    return NotLooked("the system's certificates", "none of the usual files is there")


def _of_variables(
    machine: Machine,
    certificate: Certificate,
    program: str,
    names: Sequence[str],
    system: TrustStore | None,
) -> TrustStore:
    """Return what a program goes by that takes certificates from variables."""
    title = PROGRAMS[program].title
    for name in names:
        value = machine.environment.get(name)
        if value:
            found = in_file(machine, Path(value), certificate)
            held, other = found if found is not None else (Holds.NO_FILE, False)
            return TrustStore(program, title, safe(value), held, other, name)
    if program == "node":
        options = machine.environment.get("NODE_OPTIONS", "").split()
        if any(option in _NODE_SYSTEM for option in options):
            return TrustStore(program, title, "the system's store", Holds.OURS)
    if system is None:
        return TrustStore(program, title, "its own list", Holds.NOTHING)
    return TrustStore(program, title, system.place, system.holds, system.other)


def _java(machine: Machine, certificate: Certificate) -> Found:
    title = PROGRAMS["java"].title
    homes = []
    if machine.environment.get("JAVA_HOME"):
        homes.append(Path(machine.environment["JAVA_HOME"]))
    java = machine.program("java")
    if java is not None:
        homes.append(Path(java).resolve().parents[1])
    for home in homes:
        for folder in ("lib/security", "jre/lib/security"):
            found = in_file(machine, home / folder / "cacerts", certificate)
            if found is not None:
                yield TrustStore("java", title, safe(str(home / folder / "cacerts")), *found)
                return
    if homes:
        yield NotLooked("Java's certificates", "its file cacerts was not found")


def _browsers(
    machine: Machine, certificate: Certificate, profiles: Sequence[Profile], system: Holds
) -> Found:
    chromiums = [each.folder for each in profiles if each.family == "chromium"]
    if machine.system == "linux" and chromiums:
        folder = machine.home / ".pki" / "nssdb"
        found = in_database(folder, certificate) or (Holds.NOTHING, False)
        if any(in_profile(each, certificate) for each in chromiums):
            found = (Holds.OURS, False)
        yield TrustStore("chromium", PROGRAMS["chromium"].title, safe(str(folder)), *found)
    for profile in profiles:
        if profile.family == "firefox":
            found = in_database(profile.folder, certificate) or (Holds.NOTHING, False)
            if found[0] is not Holds.OURS and system is Holds.OURS and profile.takes_system_roots:
                found = (Holds.OURS, False)
            yield TrustStore("firefox", profile.name, safe(str(profile.folder)), *found)
