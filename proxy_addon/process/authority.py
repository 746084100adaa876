"""The proxy's certificate authority: made by mitmproxy at the first start, and then kept."""

from __future__ import annotations

from pathlib import Path

from mitmproxy.certs import CertStore
from mitmproxy.options import CONF_BASENAME, KEY_SIZE

from cookietrace.ca import ca_certificate, require_confdir
from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe


def require_ca(confdir: Path | None) -> None:
    """Make the CA if there is none yet; raises ``LaunchError`` if it cannot be made or used.

    With a CA that cannot be read, mitmproxy itself would start, and fail at every site with https.
    """
    require_confdir(confdir)
    folder = ca_certificate(confdir).parent
    try:
        CertStore.from_store(folder, CONF_BASENAME, KEY_SIZE)
    except (OSError, ValueError, TypeError) as error:
        raise LaunchError(
            f"the proxy's CA in {safe(str(folder))} cannot be used: remove {CONF_BASENAME}-ca.pem "
            "there to get a new one, or choose another folder for --confdir"
        ) from error
