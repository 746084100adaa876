"""The made-up hosts of the demo, which the demo's proxy sends to this app without DNS."""

from __future__ import annotations

from flask import request

SHOP = "shop.test"
WWW = "www.shop.test"
API = "api.shop.test"
ADS = "ads.test"

NAMED = (SHOP, WWW, API, ADS)
"""Every host that is reached through the proxy only."""

ORIGINS = tuple(f"{scheme}://{host}" for host in NAMED for scheme in ("http", "https"))
"""The origins that the lessons' pages come from."""


def here() -> str | None:
    """Return which of the named hosts this request is for, or None (an address, localhost)."""
    host = request.host.partition(":")[0].lower()
    return host if host in NAMED else None
