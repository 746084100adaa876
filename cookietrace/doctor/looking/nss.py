"""The certificate database of Firefox and, on Linux, Chromium: NSS's ``cert9.db``.

It is an SQLite file, which is read as it is: ``certutil`` is not needed. A certificate is a row
with its bytes (``a11``). Whether it is trusted for websites is another row, in one of two forms:
that of PKCS #11 3.2, which names the certificate by SHA-256, or NSS's own before it, by SHA-1.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cookietrace.doctor.facts import Holds
from cookietrace.doctor.looking.certificates import Certificate

DATABASE = "cert9.db"

_CERTIFICATE = "a11"
_STANDARD = ("a635", "a62c", b"\x00\x00\x00\x02")
"""The certificate's SHA-256, its trust for servers, and the value for a CA that is trusted."""
_OWN = ("ace5363b4", "ace536358", b"\xceSCR")
"""The same in NSS's own form, by SHA-1."""

_BUSY_SECONDS = 0.2


def in_database(folder: Path, certificate: Certificate) -> tuple[Holds, bool] | None:
    """Return what the database in a folder holds, and whether it has another CA of mitmproxy's.

    None if there is none that can be read.
    """
    path = folder / DATABASE
    try:
        if not path.is_file():
            return None
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
            return _looked_up(database, certificate)
    except (OSError, sqlite3.Error):
        return None


def _looked_up(database: sqlite3.Connection, certificate: Certificate) -> tuple[Holds, bool]:
    columns = {row[1] for row in database.execute("PRAGMA table_info(nssPublic)")}
    everything = [
        bytes(row[0])
        for row in database.execute(
            f"SELECT {_CERTIFICATE} FROM nssPublic WHERE {_CERTIFICATE} IS NOT NULL"  # noqa: S608
        )
        if isinstance(row[0], bytes)
    ]
    if certificate.der not in everything:
        return Holds.NOTHING, any(b"mitmproxy" in each for each in everything)
    for (named, trust, trusted), digest in (
        (_STANDARD, certificate.sha256),
        (_OWN, certificate.sha1),
    ):
        if {named, trust} <= columns:
            found = database.execute(
                f"SELECT {trust} FROM nssPublic WHERE {named} = ?",  # noqa: S608 (ours)
                (digest,),
            ).fetchall()
            if any(row[0] == trusted for row in found):
                return Holds.OURS, False
    return Holds.UNTRUSTED, False
