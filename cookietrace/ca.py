"""The proxy's certificate authority: where it is, its hash, and how to trust it.

The proxy creates its CA when it first starts. This module only reads the certificate
file, so it works without mitmproxy.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
import tempfile
from pathlib import Path

from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe

CERTIFICATE_NAME = "mitmproxy-ca-cert.pem"

_SEQUENCE = 0x30
_EXPLICIT_VERSION = 0xA0


def default_confdir() -> Path:
    """Return the folder in which mitmproxy keeps its CA by default."""
    return Path.home() / ".mitmproxy"


def ca_certificate(confdir: Path | None = None) -> Path:
    """Return the path of the CA certificate, which may not exist yet."""
    return (confdir or default_confdir()).expanduser() / CERTIFICATE_NAME


def require_confdir(confdir: Path | None = None) -> None:
    """Raise ``LaunchError`` if there is no CA yet, and its folder cannot be written to."""
    certificate = ca_certificate(confdir)
    try:
        if not certificate.exists():
            certificate.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=certificate.parent):
                pass
    except FileExistsError as error:
        raise LaunchError(
            f"{safe(str(certificate.parent))} is a file: choose a folder for --confdir"
        ) from error
    except OSError as error:
        raise LaunchError(
            f"cannot make the proxy's CA in {safe(str(certificate.parent))} ({error.strerror}): "
            "choose a folder that you can write to for --confdir"
        ) from error


def spki_hash(certificate: Path) -> str:
    """Return base64(SHA-256(SubjectPublicKeyInfo)) of a PEM certificate.

    Chromium's ``--ignore-certificate-errors-spki-list`` takes this form. Raises
    ``LaunchError`` if the file cannot be read or is not a certificate.
    """
    try:
        der = ssl.PEM_cert_to_DER_cert(_first_certificate(certificate.read_text("ascii")))
        key_info = _subject_public_key_info(der)
    except OSError as error:
        raise LaunchError(
            f"cannot read the proxy's CA certificate {certificate}: {error.strerror}"
        ) from error
    except (ValueError, IndexError) as error:
        raise LaunchError(
            f"{certificate} is not a PEM certificate: remove it, and the proxy creates a new one"
        ) from error
    return base64.b64encode(hashlib.sha256(key_info).digest()).decode("ascii")


def trust_advice(certificate: Path) -> str:
    """Return instructions for trusting the CA in a browser, a system or a program."""
    state = "" if certificate.exists() else " (created when the proxy first starts)"
    return f"""\
The proxy's CA certificate: {certificate}{state}

You do not need this for a browser that cookietrace opens (--browser, or b on the screen),
for plain http, or for the reverse listener. A Firefox is opened with the CA if certutil is
installed (libnss3-tools or nss-tools). For your own browser on https:

  through the proxy     open http://mitm.it there, and follow its instructions
  Firefox               Settings > Privacy & Security > View Certificates > Authorities > Import
  Chromium on Linux     certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n mitmproxy -i {certificate}
  Debian, Ubuntu        sudo cp {certificate} /usr/local/share/ca-certificates/mitmproxy.crt
                        sudo update-ca-certificates
  Fedora                sudo trust anchor {certificate}
  macOS                 sudo security add-trusted-cert -d -p ssl \\
                          -k /Library/Keychains/System.keychain {certificate}
  curl                  curl --cacert {certificate} --proxy http://127.0.0.1:8080 ...
  Python requests       REQUESTS_CA_BUNDLE={certificate}
  Node.js               NODE_EXTRA_CA_CERTS={certificate}

For localhost, Chromium and Firefox bypass a proxy, with https or without. To record an app
there, use `cookietrace watch http://localhost:PORT` or a browser that cookietrace opens. Your
own browser needs a setting:

  Chromium              --proxy-server=127.0.0.1:8080 --proxy-bypass-list='<-loopback>'
  Firefox               about:config > network.proxy.allow_hijacking_localhost = true

Anyone who has the private key beside it can read the https traffic of everything that
trusts the CA: keep that folder private, and remove the trust when you are done.
"""


def _first_certificate(pem: str) -> str:
    """Return the first certificate block of a PEM text; raises ValueError if there is none."""
    start = pem.index(ssl.PEM_HEADER)
    end = pem.index(ssl.PEM_FOOTER, start) + len(ssl.PEM_FOOTER)
    return pem[start:end]


def _subject_public_key_info(der: bytes) -> bytes:
    """Return the whole SubjectPublicKeyInfo element (RFC 5280, 4.1) of a certificate."""
    tag, start, _ = _element(der, 0)
    _expect(tag, _SEQUENCE)
    tag, at, _ = _element(der, start)
    _expect(tag, _SEQUENCE)
    tag, _, end = _element(der, at)
    if tag == _EXPLICIT_VERSION:
        at = end
    for _field in ("serialNumber", "signature", "issuer", "validity", "subject"):
        _, _, at = _element(der, at)
    tag, _, end = _element(der, at)
    _expect(tag, _SEQUENCE)
    return der[at:end]


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag at ``at``, and where its content starts and ends."""
    tag, length, content = der[at], der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(der[content : content + size], "big")
        content += size
    if content + length > len(der):
        raise ValueError("an element runs past the end")
    return tag, content, content + length


def _expect(tag: int, wanted: int) -> None:
    """Raise ValueError if the element has another tag."""
    if tag != wanted:
        raise ValueError(f"found tag {tag:#x} instead of {wanted:#x}")
