"""The certificates that a user imported in Chromium's own settings, one file per profile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cookietrace.doctor.looking.certificates import Certificate

DATABASE = "ServerCertificate"

_BUSY_SECONDS = 0.2


def in_profile(folder: Path, certificate: Certificate) -> bool:
    """Return whether the file of a profile holds a certificate; False if it cannot be read.

    Whoever imports one there chooses whether to trust it; to distrust it on purpose is rare.
    """
    path = folder / DATABASE
    try:
        if not path.is_file():
            return False
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
            found = database.execute(
                "SELECT 1 FROM certificates WHERE der_cert = ?", (certificate.der,)
            )
            return found.fetchone() is not None
    except (OSError, sqlite3.Error):
        return False
