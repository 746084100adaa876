"""Recognises requests that a browser makes by itself, not for the user; so does the doctor."""

from __future__ import annotations

from functools import lru_cache

from cookietrace.cookies import Target
from cookietrace.events import Headers, Request
from cookietrace.fold.headers import header

BROWSER_HOSTS = frozenset(
    {
        # Chromium: the account, components, updates, suggestions, safe browsing
        "accounts.google.com",
        "android.clients.google.com",
        "clients1.google.com",
        "clients2.google.com",
        "clients3.google.com",
        "clients4.google.com",
        "clientservices.googleapis.com",
        "content-autofill.googleapis.com",
        "edgedl.me.gvt1.com",
        "optimizationguide-pa.googleapis.com",
        "redirector.gvt1.com",
        "safebrowsing.googleapis.com",
        "update.googleapis.com",
        # Firefox: captive portals, updates, codecs, add-ons, crash reports, the new tab's tiles
        "ads.mozilla.org",
        "archive.mozilla.org",
        "aus4.mozilla.org",
        "aus5.mozilla.org",
        "ciscobinary.openh264.org",
        "crash-reports.mozilla.com",
        "detectportal.firefox.com",
        "download.mozilla.org",
        "mozilla-ohttp.fastly-edge.com",
        "mozilla.cloudflare-dns.com",
        "services.addons.mozilla.org",
        "spocs.getpocket.com",
        "versioncheck-bg.addons.mozilla.org",
        "versioncheck.addons.mozilla.org",
        # both: whether a certificate was revoked
        "ocsp.digicert.com",
        "ocsp.globalsign.com",
        "ocsp.pki.goog",
        "ocsp.sectigo.com",
    }
)
"""Hosts that a fresh browser contacts by itself."""

BROWSER_DOMAINS = (
    ".amazontrust.com",
    ".cdn.mozilla.net",
    ".gvt1.com",
    ".gvt2.com",
    ".o.lencr.org",
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


DOCTOR_AGENT = "cookietrace-doctor/"
"""How the User-Agent of the doctor's own requests begins."""


def is_doctor(user_agent: str | None) -> bool:
    """Return whether a client is our own doctor, which tries a URL through the recorder."""
    return user_agent is not None and user_agent.startswith(DOCTOR_AGENT)


def is_of_doctor(event: Request) -> bool:
    """Return whether a request is our own doctor's."""
    return event.method == "HEAD" and is_doctor(header(event.headers, "user-agent"))


def is_housekeeping(event: Request, target: Target) -> bool:
    """Return whether browsers request this by themselves: icons, updates, probes; or our doctor.

    To one of the browsers' own hosts, a navigation is the user's request anyway, and one
    with a Referer is a page's: a user may be working on those very sites.
    """
    if target.path in BROWSER_PATHS:
        return True
    if event.method == "HEAD" and is_of_doctor(event):
        return True
    return is_of_browsers(target.host or "") and not _is_of_a_page(event.headers)


def _is_of_a_page(headers: Headers) -> bool:
    return (
        header(headers, "referer") is not None
        or header(headers, "sec-fetch-mode") == "navigate"
        or header(headers, "upgrade-insecure-requests") is not None
    )


@lru_cache(1024)
def is_of_browsers(host: str) -> bool:
    """Return whether a host is one of those that browsers contact by themselves."""
    return host in BROWSER_HOSTS or host.endswith(BROWSER_DOMAINS)
