"""The CA certificate: its path, its SPKI hash, and the errors for a broken one."""

from __future__ import annotations

import base64
import datetime
import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from cookietrace.ca import ca_certificate, spki_hash, trust_advice
from cookietrace.errors import LaunchError


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Return a self-signed certificate for the key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_the_hash_is_that_of_the_public_key(tmp_path: Path, kind: str) -> None:
    """It is base64(SHA-256(SubjectPublicKeyInfo)), as Chromium computes it."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    path = tmp_path / "ca.pem"
    path.write_bytes(b"a comment before it\n" + certificate(key))
    info = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert spki_hash(path) == base64.b64encode(hashlib.sha256(info).digest()).decode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a certificate",
        b"\xff\xfe",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_file_that_is_not_a_certificate(tmp_path: Path, content: bytes) -> None:
    """The error is one line that says what to do."""
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    with pytest.raises(LaunchError, match=r"^[^\n]*is not a PEM certificate: remove it[^\n]*$"):
        spki_hash(path)


def test_a_certificate_that_does_not_exist(tmp_path: Path) -> None:
    """The error is one line that names the file."""
    with pytest.raises(LaunchError, match=r"cannot read .*none\.pem"):
        spki_hash(tmp_path / "none.pem")


def test_the_advice_names_the_certificate(tmp_path: Path) -> None:
    """The path is in every instruction, with a remark if the file does not exist yet."""
    path = ca_certificate(tmp_path)
    assert path.parent == tmp_path
    assert "created when the proxy first starts" in trust_advice(path)
    path.write_text("")
    assert "created when the proxy first starts" not in trust_advice(path)
    assert trust_advice(path).count(str(path)) > 5
    assert "--proxy-bypass-list='<-loopback>'" in trust_advice(path)
    assert "network.proxy.allow_hijacking_localhost" in trust_advice(path)
