"""Recognises requests that a browser makes by itself, not for the user."""

from __future__ import annotations

from functools import lru_cache

BROWSER_HOSTS = frozenset(
    {
        "accounts.google.com",
        "android.clients.google.com",
        "clients1.google.com",
        "clients2.google.com",
        "clients3.google.com",
        "clients4.google.com",
        "clientservices.googleapis.com",
        "content-autofill.googleapis.com",
        "contile.services.mozilla.com",
        "detectportal.firefox.com",
        "edgedl.me.gvt1.com",
        "normandy.cdn.mozilla.net",
        "ocsp.digicert.com",
        "optimizationguide-pa.googleapis.com",
        "redirector.gvt1.com",
        "safebrowsing.googleapis.com",
        "update.googleapis.com",
    }
)
"""Hosts that a fresh browser contacts by itself."""

BROWSER_DOMAINS = (
    ".cdn.mozilla.net",
    ".gvt1.com",
    ".gvt2.com",
    ".services.mozilla.com",
    ".telemetry.mozilla.org",
)
"""Suffixes of more such hosts."""

BROWSER_PATHS = frozenset(
    {
        "/apple-touch-icon-precomposed.png",
        "/apple-touch-icon.png",
        "/favicon.ico",
        "/.well-known/appspecific/com.chrome.devtools.json",
    }
)
"""Paths that browsers request from every host."""


def is_housekeeping(host: str, path: str) -> bool:
    """Return whether browsers request this by themselves: icons, updates, probes."""
    return path in BROWSER_PATHS or _is_of_browsers(host)


@lru_cache(1024)
def _is_of_browsers(host: str) -> bool:
    return host in BROWSER_HOSTS or host.endswith(BROWSER_DOMAINS)
