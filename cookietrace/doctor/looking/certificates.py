"""The proxy's CA certificate, and whether a store of certificates holds it."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import msgspec

from cookietrace.doctor.facts import Authority, Holds
from cookietrace.doctor.looking.machine import Machine
from cookietrace.safe_text import safe

_OTHER = b"mitmproxy"
"""The common name of every CA that mitmproxy makes; it is in the certificate as it is here."""


class Certificate(msgspec.Struct, frozen=True):
    """A certificate, as stores hold it."""

    der: bytes

    @property
    def sha1(self) -> bytes:
        """The hash by which older NSS databases name it."""
        return hashlib.sha1(self.der, usedforsecurity=False).digest()

    @property
    def sha256(self) -> bytes:
        """The hash by which newer ones do."""
        return hashlib.sha256(self.der).digest()


def read_authority(machine: Machine, path: Path) -> tuple[Authority, Certificate | None]:
    """Return what is known about the CA at a path, and the certificate if it can be read."""
    shown = safe(str(path))
    text = machine.text(path)
    if text is None:
        return Authority(shown, exists=False), None
    try:
        der = ssl.PEM_cert_to_DER_cert(text[text.index(ssl.PEM_HEADER) :].strip())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=der)
        found = context.get_ca_certs()
        expires = found[0]["notAfter"] if found else None
        expires_at = ssl.cert_time_to_seconds(expires) if isinstance(expires, str) else None
    except (ValueError, ssl.SSLError):
        return Authority(shown, exists=False), None
    return Authority(shown, exists=True, expires_at=expires_at), Certificate(der)


def in_file(machine: Machine, path: Path, certificate: Certificate) -> tuple[Holds, bool] | None:
    """Return what a file of certificates holds, and whether it has another CA of mitmproxy's.

    PEM bundles are parsed. Java's stores (JKS, and PKCS #12 without encryption) hold certificates
    as they are, so their bytes are looked for. None if the file cannot be read.
    """
    content = machine.content(path)
    if content is None:
        return None
    ders = _pem_ders(content) if b"-----BEGIN CERTIFICATE" in content else [content]
    ours = any(certificate.der in der for der in ders)
    other = any(_OTHER in der and certificate.der not in der for der in ders)
    return (Holds.OURS if ours else Holds.NOTHING), other and not ours


def _pem_ders(content: bytes) -> list[bytes]:
    """Return the certificates of a bundle; those that cannot be read are left out."""
    found = []
    for block in content.decode("latin-1").split(ssl.PEM_HEADER)[1:]:
        body, end, _ = block.partition(ssl.PEM_FOOTER)
        try:
            if end:
                found.append(ssl.PEM_cert_to_DER_cert(f"{ssl.PEM_HEADER}{body}{ssl.PEM_FOOTER}"))
        except ValueError:
            continue
    return found
